// What has come back, and what should have.

import { decodeLatin1, repr } from '@wsgiref/util';
import type { Expected, ExpectedHeader, GatewayResponse, Pattern } from './case.ts';
import { readNotes } from './notes.ts';

/** How much of a text a message shows. */
const MOST_SHOWN = 400;

/**
 * Compares a response with what was expected.
 *
 * @param response the response
 * @param expected what it should be
 * @returns what is wrong, a sentence for each thing; none if nothing is
 */
export function checkResponse(response: GatewayResponse, expected: Expected): string[] {
  const { notes, rest } = readNotes(response.errors);
  const complaints = [
    ...checkStatus(response.status, expected),
    ...Object.entries(expected.headers ?? {}).flatMap(([name, wanted]) =>
      checkHeader(name, valuesOf(response, name), wanted),
    ),
    ...checkText('the body', decodeLatin1(response.body), expected.body),
    ...checkNotes(notes, expected.notes ?? []),
    ...checkErrors(rest, expected.errors),
  ];
  // Why a gateway has failed stands in its log.
  if (complaints.length > 0 && rest !== '') {
    complaints.push(`it has logged:\n${shorten(rest.trimEnd())}`);
  }
  return complaints;
}

function checkStatus(status: string, { code, phrase }: Expected): string[] {
  const wanted = phrase === undefined ? String(code) : `${code} ${phrase}`;
  const isRight = phrase === undefined ? status.slice(0, 3) === wanted : status === wanted;
  return isRight ? [] : [`the status is ${repr(status)}; it should be ${wanted}`];
}

function valuesOf({ headers }: GatewayResponse, name: string): string[] {
  return headers
    .filter(([other]) => other.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
}

function checkHeader(name: string, values: string[], wanted: ExpectedHeader): string[] {
  if (wanted === null) {
    return values.length === 0 ? [] : [`there is a ${name}: ${list(values)}; there should be none`];
  }
  if (typeof wanted === 'object' && 'pattern' in wanted) {
    if (values.length === 0 && wanted.optional) return [];
    if (values.length > 1) return [`${name} is there ${values.length} times: ${list(values)}`];
    const [value] = values;
    return value === undefined
      ? [`there is no ${name}; it should match /${wanted.pattern}/`]
      : checkText(name, value, wanted);
  }
  const wantedValues = typeof wanted === 'string' ? [wanted] : wanted;
  const isRight = list(values) === list(wantedValues);
  return isRight
    ? []
    : [`${name} is ${list(values) || 'missing'}; it should be ${list(wantedValues)}`];
}

function checkText(what: string, text: string, wanted: string | Pattern | undefined): string[] {
  if (wanted === undefined || text === wanted) return [];
  if (typeof wanted === 'string') {
    return [`${what} is ${shorten(repr(text))}; it should be ${shorten(repr(wanted))}`];
  }
  return matches(text, wanted)
    ? []
    : [`${what} is ${shorten(repr(text))}; it should match /${wanted.pattern}/`];
}

function checkNotes(notes: readonly string[], wanted: readonly string[]): string[] {
  if (list(notes) === list(wanted)) return [];
  return [
    `the application noted ${list(notes) || 'nothing'}; it should note ${list(wanted) || 'nothing'}`,
  ];
}

function checkErrors(errors: string, wanted: Expected['errors']): string[] {
  if (wanted === null) return [];
  if (wanted === undefined) {
    return errors === '' ? [] : ['something was logged, though there is no error to log'];
  }
  const isThere = typeof wanted === 'string' ? errors.includes(wanted) : matches(errors, wanted);
  if (isThere) return [];
  const what = typeof wanted === 'string' ? repr(wanted) : `a text like /${wanted.pattern}/`;
  return [`${what} was not logged, but ${errors === '' ? 'nothing' : shorten(repr(errors))}`];
}

function matches(text: string, { pattern }: Pattern): boolean {
  return new RegExp(pattern, 's').test(text);
}

function list(texts: readonly string[]): string {
  return texts.map((text) => shorten(repr(text))).join(', ');
}

function shorten(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} in all)` : text;
}
