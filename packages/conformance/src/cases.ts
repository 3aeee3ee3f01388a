import type { ConformanceCase } from './case.ts';
import { bodyCases } from './cases/body.ts';
import { callingCases } from './cases/calling.ts';
import { closingCases } from './cases/closing.ts';
import { contentLengthCases } from './cases/content-length.ts';
import { environCases } from './cases/environ.ts';
import { errorsCases } from './cases/errors.ts';
import { fileWrapperCases } from './cases/file-wrapper.ts';
import { headersCases } from './cases/headers.ts';
import { httpCases } from './cases/http.ts';
import { inputCases } from './cases/input.ts';
import { startResponseCases } from './cases/start-response.ts';

/** The cases by what they are about, in the order in which a request meets it. */
export const caseGroups: Readonly<Record<string, readonly ConformanceCase[]>> = {
  'Calling the application': callingCases,
  'The environ': environCases,
  'The input and error streams': inputCases,
  'startResponse()': startResponseCases,
  'The headers': headersCases,
  'The body': bodyCases,
  'Content-Length': contentLengthCases,
  'Closing the result': closingCases,
  'Applications that fail': errorsCases,
  Files: fileWrapperCases,
  'What HTTP asks': httpCases,
};

/** Every case, in that order. */
export const cases: readonly ConformanceCase[] = Object.values(caseGroups).flat();
