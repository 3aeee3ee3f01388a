import * as jest from '@jest/globals';
import { describeApplications } from './application-cases.ts';

// Python takes its time.
jest.jest.setTimeout(120_000);

describeApplications(jest, false);
