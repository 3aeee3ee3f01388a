// A CGI script: the application of the case that a variable names, as the query may be arguments.

import { applicationOf } from '@wsgiref/conformance';
import { CGIHandler } from '@wsgiref/handlers';

await new CGIHandler().run(applicationOf(process.env.CONFORMANCE_CASE));
