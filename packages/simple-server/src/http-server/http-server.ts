import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { BlockList, isIP, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTLSServer,
  type Server as TLSServer,
} from 'node:tls';
import { type RequestHandlerClass, type TCPAddress, TCPServer } from '../socketserver/index.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** The protocols that a server over TLS offers. */
export const HTTP_1_1: readonly string[] = ['http/1.1'];

/** What a server that speaks TLS needs: the names are those of Python's `http.server.HTTPSServer`. */
export interface TLSOptions {
  /** The path of the certificate, or the chain of them, in PEM. */
  certfile: string;
  /** The path of the private key in PEM; by default it is in the `certfile`, too. */
  keyfile?: string | null;
  /** The password of the private key, if it has one. */
  password?: string | (() => string) | null;
  /** The protocols to offer (RFC 7301); HTTP/1.1 by default, and null for none. */
  alpnProtocols?: readonly string[] | null;
  /** Seconds that a client may take for the handshake: by default 60, as for the head of a request. */
  handshakeTimeout?: number;
}

/** Seconds that a client may take for the handshake. */
export const HANDSHAKE_TIMEOUT = 60;

/**
 * A TCP server that knows its name and port.
 *
 * Python counterpart: `http.server.HTTPServer`.
 */
export class HTTPServer extends TCPServer {
  override allowReuseAddress: boolean = true;
  /** The server's name; `''` until it is bound. */
  serverName: string = '';
  /** The server's port; 0 until it is bound. */
  serverPort: number = 0;
  /** Whether it speaks TLS. */
  readonly isSecure: boolean;

  /**
   * @param serverAddress where to listen; nothing is bound yet
   * @param RequestHandlerClass what to make for each connection
   * @param tls what TLS needs, to speak HTTPS; omitted, HTTP
   * @throws {Error} what the system reports if a file cannot be read; that it holds something else
   */
  constructor(
    serverAddress: TCPAddress,
    RequestHandlerClass: RequestHandlerClass,
    tls: TLSOptions | null = null,
  ) {
    super(serverAddress, RequestHandlerClass, tls ? createSecureServer(tls) : undefined);
    this.isSecure = tls !== null;
  }

  override async serverBind(): Promise<void> {
    const [host] = this.serverAddress;
    await super.serverBind();
    const [address, port] = this.serverAddress;
    // PEP 3333, "environ Variables": neither can be empty, also where there is no such thing.
    const isLocal = address.startsWith('unix:');
    this.serverName = isLocal ? 'localhost' : nameOf(host, address);
    this.serverPort = isLocal ? 80 : port;
  }

  /** Says that the server has too much to do (RFC 9110 §15.6.4); over TLS, closes without a word. */
  protected override refuseConnection(request: Socket): void {
    // A handshake costs more than most requests.
    if (this.isSecure) return super.refuseConnection(request);
    request.end(
      'HTTP/1.1 503 Service Unavailable\r\n' +
        'Retry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    );
    // What the client sends is read, lest a reset overtake the reply.
    request.setTimeout(this.lingerTimeout * 1000, () => request.destroy()).resume();
  }
}

function createSecureServer(options: TLSOptions): TLSServer {
  const { certfile, keyfile, password, alpnProtocols = HTTP_1_1 } = options;
  const server = createTLSServer({
    handshakeTimeout: (options.handshakeTimeout ?? HANDSHAKE_TIMEOUT) * 1000,
    ...loadCertificate(certfile, keyfile ?? certfile, password),
    ...(alpnProtocols ? { ALPNProtocols: [...alpnProtocols] } : {}),
  });
  // Whoever does not get through the handshake is no client yet.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  // As with TCP; before the handshake is through, a client that has closed its side is gone.
  server.on('secureConnection', (connection) => (connection.allowHalfOpen = true));
  return server;
}

/** Tries certificate and key one by one: OpenSSL's messages name no file. */
function loadCertificate(
  certfile: string,
  keyfile: string,
  password: TLSOptions['password'],
): { cert: Buffer; key: Buffer; passphrase: string } {
  const cert = readFileSync(certfile);
  const key = readFileSync(keyfile);
  attempt(`'${certfile}' holds no certificate`, () => createSecureContext({ cert }));
  const passphrase = (typeof password === 'function' ? password() : password) ?? '';
  const isLocked = /^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key.toString('latin1'));
  attempt(
    isLocked
      ? `the private key in '${keyfile}' has another password`
      : `'${keyfile}' holds no private key that goes with the certificate '${certfile}'`,
    () => createSecureContext({ cert, key, passphrase }),
  );
  return { cert, key, passphrase };
}

/** Says what is wrong if something fails. */
function attempt(complaint: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    throw new Error(`${complaint}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * DIFFERS(24): asks no name server. Python looks the address up, which can take half a minute.
 *
 * @param host the host as it was given
 * @param address the address that was bound
 */
function nameOf(host: string, address: string): string {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (LOOPBACK.check(address, family)) return 'localhost';
  const isWildcard = address === '0.0.0.0' || address === '::';
  if (isWildcard || host.startsWith('fd:')) return hostname();
  // RFC 3875 §4.1.14: an ipv6-literal stands in brackets; its zone means nothing to others.
  return isIP(host) === 6 ? `[${host.replace(/%.*$/s, '')}]` : host;
}
