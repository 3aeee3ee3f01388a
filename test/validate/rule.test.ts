import { describe, expect, test } from '@jest/globals';
import { rules, type Section, whereToRead } from '@wsgiref/validate';

/** The sections of PEP 3333 that rules may name, and their anchors on its page. */
const ANCHORS: Readonly<Record<Section, string>> = {
  'The Application/Framework Side': 'the-application-framework-side',
  'Specification Details': 'specification-details',
  'environ Variables': 'environ-variables',
  'Input and Error Streams': 'input-and-error-streams',
  'The start_response() Callable': 'the-start-response-callable',
  'Handling the Content-Length Header': 'handling-the-content-length-header',
  'The write() Callable': 'the-write-callable',
  'Unicode Issues': 'unicode-issues',
  'Error Handling': 'error-handling',
  'HTTP 1.1 Expect/Continue': 'http-1-1-expect-continue',
  'Other HTTP Features': 'other-http-features',
  'Optional Platform-Specific File Handling': 'optional-platform-specific-file-handling',
};

describe('whereToRead()', () => {
  test.each(Object.entries(ANCHORS))('%s is at #%s', (section, anchor) => {
    const rule = { ...rules[0]!, section: section as Section };
    expect(whereToRead(rule)).toBe(`https://peps.python.org/pep-3333/#${anchor}`);
  });

  test('each section has a rule', () => {
    const named = new Set(rules.map(({ section }) => section));
    expect([...named].sort()).toEqual(Object.keys(ANCHORS).sort());
  });
});
