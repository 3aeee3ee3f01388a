import * as jest from '@jest/globals';
import { describeToPython } from './to-python-cases.ts';

// Python takes its time.
jest.jest.setTimeout(60_000);

describeToPython(jest, false);
