// A CGI script: the application of the case that its argument names.

import { applicationOf } from '@wsgiref/conformance';
import { CGIHandler } from '@wsgiref/handlers';

await new CGIHandler().run(applicationOf(process.argv[2]));
