import type { StartResponse, WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import * as util from '@wsgiref/util';
import { type Rule, validator, type ValidatorOptions, type WSGIWarning } from '@wsgiref/validate';

/** What running an example has shown. */
export interface Outcome {
  /** The rules that were broken, each once, in the order in which they were. */
  broken: string[];
  /** What else went wrong; null if nothing did. */
  error: unknown;
}

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

/** A request and an application that break no rule. */
function validEnviron(rule: Rule): WSGIEnvironment {
  const { request = {}, body = '' } = rule.example;
  const environ: Partial<WSGIEnvironment> = {
    ...request,
    QUERY_STRING: '',
    'wsgi.input': new util.BytesIO(util.encodeLatin1(body)),
  };
  if (body) environ.CONTENT_LENGTH = String(body.length);
  util.setupTestingDefaults(environ);
  return environ;
}

const validApplication: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [util.encodeLatin1('hello')];
};

/** A server that breaks no rule, whatever the application does. */
class Server {
  #headersSent = false;
  #aborted: unknown = null;

  readonly startResponse: StartResponse = (_status, _headers, excInfo) => {
    if (this.#headersSent && excInfo) {
      this.#aborted = excInfo;
      throw excInfo;
    }
    return () => {
      this.#headersSent = true;
    };
  };

  async serve(application: WSGIApplication, environ: WSGIEnvironment): Promise<void> {
    try {
      const result = await application(environ, this.startResponse);
      try {
        for await (const block of result) this.#headersSent ||= block.length > 0;
      } finally {
        await result.close?.();
      }
    } catch (error) {
      // PEP 3333: "The server or gateway can then trap this (fatal) exception and abort the response."
      if (error !== this.#aborted) throw error;
    }
  }
}

/**
 * Runs the broken or the corrected example of a rule.
 *
 * @param rule the rule
 * @param code the example
 * @param given the options of the validator; by default warnings are collected, and this rule is one
 */
export async function runExample(
  rule: Rule,
  code: string,
  given?: ValidatorOptions,
): Promise<Outcome> {
  const warnings: WSGIWarning[] = [];
  const options: ValidatorOptions = given ?? {
    rules: { [rule.id]: 'warning' },
    onWarning: (warning) => warnings.push(warning),
  };
  const environ = validEnviron(rule);
  const server = new Server();
  const names = ['validator', ...Object.keys(util)];
  const values = [(app: WSGIApplication) => validator(app, options), ...Object.values(util)];
  let error: unknown = null;
  try {
    switch (rule.example.kind) {
      case 'application': {
        const make = new Function(...names, `return ${code};`);
        await server.serve(validator(make(...values), options), environ);
        break;
      }
      case 'environ': {
        await new AsyncFunction('environ', ...names, code)(environ, ...values);
        await server.serve(validator(validApplication, options), environ);
        break;
      }
      case 'server': {
        const run = new AsyncFunction('application', 'environ', 'startResponse', ...names, code);
        const application = validator(validApplication, options);
        await run(application, environ, server.startResponse, ...values);
        break;
      }
    }
  } catch (caught) {
    error = caught;
  }
  const broken = warnings.map((warning) => warning.ruleId);
  const id = (error as { ruleId?: string } | null)?.ruleId;
  if (id !== undefined) {
    broken.push(id);
    error = null;
  }
  return { broken: [...new Set(broken)], error };
}
