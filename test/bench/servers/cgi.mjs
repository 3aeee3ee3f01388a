// A CGI script.

import { CGIHandler } from '@wsgiref/handlers/cgi';

await new CGIHandler().run((environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from('Hello, World!')];
});
