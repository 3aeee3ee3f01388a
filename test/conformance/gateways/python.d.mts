import type { Gateway } from '@wsgiref/conformance';
import type { Python } from '@wsgiref/python';

export function pythonGateway(python: Python): Gateway;
