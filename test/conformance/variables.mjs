// What the servers of this repository put into an environ, for the page that documents it.

/** The meaning of each variable; those of request headers, `HTTP_…`, speak for themselves. */
export const variables = {
  REQUEST_METHOD: 'The method of the request, as it came.',
  SCRIPT_NAME: 'The part of the path that leads to the application; empty at the root.',
  PATH_INFO: 'The rest of the path, percent-decoded into bytes.',
  QUERY_STRING: 'What follows the first question mark, as it came; empty if there is none.',
  CONTENT_TYPE: 'The Content-Type of the request; absent if it has none.',
  CONTENT_LENGTH: 'The length of the request body in bytes; empty or absent if it has none.',
  SERVER_NAME: 'The name of the server.',
  SERVER_PORT: 'The port that the request came in on.',
  SERVER_PROTOCOL: 'The version of HTTP that the request came in.',
  SERVER_SOFTWARE: 'Name and version of the server.',
  GATEWAY_INTERFACE: 'The version of CGI that these variables follow.',
  REMOTE_ADDR: 'The address of the client.',
  'wsgi.version': 'The version of WSGI, `[1, 0]`.',
  'wsgiref.signal':
    'An `AbortSignal` that fires when the client goes away: an extension, where the server can tell.',
  'wsgi.url_scheme': '`http` or `https`; `https` if HTTPS is `on`, `yes` or `1`.',
  'wsgi.input': 'The request body, to be read; it ends where the body does.',
  'wsgi.errors': "The error log; standard error, unless a subclass's `getStderr()` says otherwise.",
  'wsgi.multithread': 'Whether another thread may call the application at the same time.',
  'wsgi.multiprocess': 'Whether another process may call the application at the same time.',
  'wsgi.run_once': 'Whether the application will be called only once in this process.',
  'wsgi.file_wrapper': 'Makes a result of a file.',
};
