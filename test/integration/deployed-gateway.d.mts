import type { Gateway } from '@wsgiref/conformance';
import type { Deployment } from './deployments.mjs';

export function deployedGateway(
  deployment: Deployment,
  exceptions?: Readonly<Record<string, string>>,
): Gateway;
export function makeFolder(): string;
export function installPackages(folder: string, names: readonly string[]): void;
