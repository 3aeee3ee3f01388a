// What a reply should look like, to the byte, made here without the code under test.

/** A reply without what differs from run to run: its date, and Node's version. */
export function withoutDate(reply: string): string {
  return reply
    .replace(/^Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r$/m, 'Date: -\r')
    .replace(/^(Server: \S+) Node\.js\/\d+\.\d+\.\d+\r$/m, '$1 Node.js/-\r');
}

/** The status line of a reply. */
export function statusLine(reply: string): string {
  return reply.slice(0, reply.indexOf('\r\n'));
}

/** The body of a reply. */
export function body(reply: string): string {
  const end = reply.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`no head in ${JSON.stringify(reply)}`);
  return reply.slice(end + 4);
}

/** What an error page says. */
export interface ErrorPage {
  code: number;
  message: string;
  explain: string;
  /** The server's name in the `Server` header; `WSGIServer/0.2` by default. */
  server?: string;
  /** The version in the status line; `HTTP/1.0` by default. */
  protocol?: string;
}

/** The whole reply that `sendError()` makes, as {@link withoutDate} leaves it. */
export function errorReply(page: ErrorPage): string {
  const { code, message, server = 'WSGIServer/0.2', protocol = 'HTTP/1.0' } = page;
  const text = errorPage(page);
  return (
    `${protocol} ${code} ${message}\r\nServer: ${server} Node.js/-\r\nDate: -\r\n` +
    'Connection: close\r\nContent-Type: text/html;charset=utf-8\r\n' +
    `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${Buffer.from(text).toString('latin1')}`
  );
}

/** The page itself. */
export function errorPage({ code, message, explain }: ErrorPage): string {
  const [shown, why] = [message, explain].map((text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  );
  return [
    '<!DOCTYPE HTML>',
    '<html lang="en">',
    '    <head>',
    '        <meta charset="utf-8">',
    '        <title>Error response</title>',
    '    </head>',
    '    <body>',
    '        <h1>Error response</h1>',
    `        <p>Error code: ${code}</p>`,
    `        <p>Message: ${shown}.</p>`,
    `        <p>Error code explanation: ${code} - ${why}.</p>`,
    '    </body>',
    '</html>',
    '',
  ].join('\n');
}
