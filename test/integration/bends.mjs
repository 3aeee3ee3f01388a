// What web servers make of a case that is not as the application meant it, and why. Reviewed by hand;
// a bend that does not occur any more fails its test.

const LONG_HEAD =
  'nginx takes the head of a response up to the size of a page of memory, here 4 KiB; `fastcgi_buffer_size` and its likes allow more';
const LENGTH_OF_304 = 'Content-Length is left out of a 304 response, as RFC 9110 §8.6 lets it';

const NGINX = { 'a long header comes whole': LONG_HEAD };

const APACHE = {
  'a 304 response may have the Content-Length that a 200 would have': LENGTH_OF_304,
};

const PHRASE = "lighttpd puts its own reason phrase, or none, in the place of the application's";

const LIGHTTPD = {
  'QUERY_STRING is what follows the first question mark, as it came':
    'lighttpd writes percent-encoding in capitals (`url-normalize`)',
  'a header without a value is an empty variable':
    'lighttpd leaves out headers without a value, of requests and of responses',
  'an empty header comes empty':
    'lighttpd leaves out headers without a value, of requests and of responses',
  'with the caught error, and nothing sent, a second call replaces status and headers': PHRASE,
  'the status is the one that the application has given, phrase included': PHRASE,
  'a 304 response may have the Content-Length that a 200 would have': LENGTH_OF_304,
};

const UNDERSCORE = {
  'a header with an underscore in its name does not pass for the one with a hyphen':
    'lighttpd joins `X_Real_Ip` to `X-Real-Ip`: what only a web server can know must not be read from a header behind it',
};

const LENGTH_OF_NOTHING =
  'HAProxy adds a Content-Length of 0 to a 304 response without one that comes by FastCGI';

/** By deployment, a heading of docs/deploying.md, and by the name of the case. */
export const bends = {
  'nginx, HTTP': {
    ...NGINX,
    "the application's own Date and Server stand alone, in any case of letters":
      "nginx puts its own Date and Server in the place of a proxied server's; `proxy_pass_header` lets them through",
  },
  'nginx, FastCGI': NGINX,
  'nginx, SCGI': NGINX,
  'nginx, uwsgi': NGINX,
  'nginx, CGI': {
    ...NGINX,
    'a header that is there several times has its values joined by commas, in order':
      'nginx before 1.23 sends each of them, and of variables of a process only the first can be seen',
  },
  'Apache, HTTP': {
    ...APACHE,
    'whether a part of the body is sent is left to the application':
      'Apache sends the part that the client has asked for of a whole response that it is given',
  },
  'Apache, FastCGI': APACHE,
  'Apache, SCGI': APACHE,
  'Apache, uwsgi': APACHE,
  'Apache, CGI': {
    ...APACHE,
    "the application's own Date and Server stand alone, in any case of letters":
      "Apache puts its own Date and Server in the place of a script's",
  },
  'lighttpd, FastCGI': { ...LIGHTTPD, ...UNDERSCORE },
  'lighttpd, SCGI': { ...LIGHTTPD, ...UNDERSCORE },
  'lighttpd, CGI': {
    ...LIGHTTPD,
    "the validator's rule env-content-header-key holds":
      'lighttpd gives a script HTTP_CONTENT_TYPE beside CONTENT_TYPE',
  },
  'HAProxy, HTTP': {},
  'HAProxy, FastCGI': {
    'a 304 response has no body, and no Content-Length is made up for it': LENGTH_OF_NOTHING,
    'a body that the application gives a 304 response is not sent': LENGTH_OF_NOTHING,
  },
};
