import { BlockList, isIP, type Socket } from 'node:net';
import { GatewayServer } from '@wsgiref/gateway';
import type { ClientAddress } from '@wsgiref/simple-server/socketserver';
import type { Awaitable } from '@wsgiref/types';
import { repr } from '@wsgiref/util';

/** A server that a web server talks FastCGI to, with a WSGI application. */
export class FastCGIServer extends GatewayServer {
  /** The most requests that are served at a time; one more is refused with FCGI_OVERLOADED. */
  maxRequests: number = 1000;
  /**
   * Whether a connection may have several requests in flight; otherwise all but the first are refused
   * with FCGI_CANT_MPX_CONN. True by default; a request that does not read its body then holds up the
   * others of its connection.
   */
  multiplexing: boolean = true;
  /** Whether errors go to the web server, too, in FCGI_STDERR records; false by default. */
  sendErrors: boolean = false;
  /**
   * The addresses that a connection may come from; null, all. By default those that the process's
   * environment names in FCGI_WEB_SERVER_ADDRS, separated by commas (§3.2).
   */
  webServerAddrs: readonly string[] | null = readAddresses(process.env['FCGI_WEB_SERVER_ADDRS']);

  // The state of the server, which its request handlers keep.

  /** How many requests are being served. */
  requestCount: number = 0;
  /** Whether {@link shutdown} has been called. */
  isDraining: boolean = false;

  /** What a web server is told in answer to FCGI_GET_VALUES (§4.1). */
  values(): Record<string, string> {
    return {
      FCGI_MAX_CONNS: String(this.maxRequests),
      FCGI_MAX_REQS: String(this.maxRequests),
      FCGI_MPXS_CONNS: this.multiplexing ? '1' : '0',
    };
  }

  /** Closes a connection that comes from none of {@link webServerAddrs}, with a line in the log. */
  override verifyRequest(_request: Socket, clientAddress: ClientAddress): Awaitable<boolean> {
    if (!this.webServerAddrs || isAmong(clientAddress[0], this.webServerAddrs)) return true;
    this.logError(clientAddress, 'FastCGIServer: the address is not in FCGI_WEB_SERVER_ADDRS');
    return false;
  }

  /** Stops accepting, and closes each connection as soon as no request is in flight on it. */
  override async shutdown(): Promise<void> {
    this.isDraining = true;
    await super.shutdown();
  }
}

function readAddresses(list: string | undefined): readonly string[] | null {
  if (!list) return null;
  const addresses = list.split(',').map((address) => address.trim());
  for (const address of addresses) {
    if (isIP(address) === 0) {
      throw new RangeError(
        `FCGI_WEB_SERVER_ADDRS should be IP addresses, separated by commas; got ${repr(address)}`,
      );
    }
  }
  return addresses;
}

/** In whatever form they are written; an IPv4 address may come as one of IPv6. */
function isAmong(address: string, addresses: readonly string[]): boolean {
  const list = new BlockList();
  for (const one of addresses) list.addAddress(one, isIP(one) === 6 ? 'ipv6' : 'ipv4');
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
