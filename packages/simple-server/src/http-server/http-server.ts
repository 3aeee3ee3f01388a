import { hostname } from 'node:os';
import { BlockList, isIP } from 'node:net';
import { TCPServer } from '../socketserver/index.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

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

  override async serverBind(): Promise<void> {
    const [host] = this.serverAddress;
    await super.serverBind();
    const [address, port] = this.serverAddress;
    this.serverName = nameOf(host, address);
    this.serverPort = port;
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
  return address === '0.0.0.0' || address === '::' ? hostname() : host;
}
