/**
 * A conformance suite for WSGI servers and gateways: one table of cases, run over every gateway.
 *
 * Python has no counterpart.
 *
 * @module
 */

export { applicationOf } from './application-of.ts';
export {
  completeRequest,
  type ConformanceCase,
  type Expected,
  type ExpectedHeader,
  type GatewayRequest,
  type GatewayResponse,
  type Pattern,
} from './case.ts';
export { caseGroups, cases } from './cases.ts';
export { checkResponse } from './check-response.ts';
export { checklist, type Clause, type Proof, proofsOf, type TestTitle } from './checklist.ts';
export { describeConformance, type TestFramework } from './describe-conformance.ts';
export type { Gateway } from './gateway.ts';
export { type MakeHandler, memoryGateway, type RequestHandler } from './memory-gateway.ts';
export { type Report, type Result, runCase, runConformance, type RunOptions } from './run.ts';
export { parseResponse, toEnviron, toRequestBytes } from './wire.ts';
