import { type GatewayHandler, type ParamList } from '@wsgiref/gateway';
import type { SocketWriter } from '@wsgiref/simple-server/socketserver';
import { concatBytes } from '@wsgiref/util';
import { FastCGIInput } from './fastcgi-input.ts';
import { FastCGIOutput } from './fastcgi-output.ts';
import { decodePairs } from './pairs.ts';
import { type BeginRequest, recordType } from './record.ts';

/** A request that has begun and has not ended. */
export class FastCGIRequest {
  /** Its number on the connection. */
  readonly id: number;
  /** Whether the connection stays open after it. */
  readonly keepConnection: boolean;
  /** FCGI_STDIN. */
  readonly stdin: FastCGIInput;
  /** FCGI_STDOUT. */
  readonly stdout: FastCGIOutput;
  /** FCGI_STDERR, if it is used. */
  stderr: FastCGIOutput | null = null;
  /** What runs the application; null until all parameters have come. */
  handler: GatewayHandler | null = null;
  /** Settles when the application is done, and the request ended; null before it has begun. */
  running: PromiseLike<void> | null = null;

  readonly #wfile: SocketWriter;
  #params: Uint8Array[] = [];
  #paramsSize = 0;

  /**
   * @param id its number on the connection
   * @param begin how it has begun
   * @param wfile where records go
   * @param readTimeout seconds to wait for the request body; null, for ever
   */
  constructor(
    id: number,
    { keepConnection }: BeginRequest,
    wfile: SocketWriter,
    readTimeout: number | null,
  ) {
    this.id = id;
    this.keepConnection = keepConnection;
    this.stdin = new FastCGIInput(readTimeout);
    this.stdout = new FastCGIOutput(wfile, id);
    this.#wfile = wfile;
  }

  /** Makes {@link stderr}. */
  openStderr(): FastCGIOutput {
    return (this.stderr = new FastCGIOutput(this.#wfile, this.id, recordType.stderr));
  }

  /**
   * Takes what a FCGI_PARAMS record holds.
   *
   * @param content its content; empty, the parameters are complete
   * @returns how many bytes of parameters there are by now
   */
  addParams(content: Uint8Array): number {
    this.#params.push(content);
    return (this.#paramsSize += content.length);
  }

  /**
   * Takes the parameters apart.
   *
   * @throws {ProtocolError} if they are malformed
   */
  takeParams(): ParamList {
    const params = decodePairs(concatBytes(this.#params));
    this.#params = [];
    return params;
  }

  /** Gives the request up: nothing more is read or written, and the application is told. */
  abort(): void {
    this.stdin.abort();
    this.stdout.abort();
    this.stderr?.abort();
    this.handler?.abort();
  }
}
