import type { GatewayOutput } from '@wsgiref/gateway';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import type { SocketWriter } from '@wsgiref/simple-server/socketserver';
import type { Awaitable, ErrorStream } from '@wsgiref/types';
import { encodeHeader, MAX_CONTENT, type RecordType, recordType } from './record.ts';

/** The response of a request: what it is given goes out in FCGI_STDOUT records. */
export class FastCGIOutput implements GatewayOutput {
  /** Whether anything has been written. */
  used: boolean = false;

  readonly #wfile: SocketWriter;
  readonly #requestId: number;
  readonly #type: RecordType;
  /** What has been written and not been flushed: one record at most. */
  #blocks: (string | Uint8Array)[] = [];
  #size = 0;
  #closed = false;

  /**
   * @param wfile where records go
   * @param requestId the request
   * @param type which of its streams this is
   */
  constructor(wfile: SocketWriter, requestId: number, type: RecordType = recordType.stdout) {
    this.#wfile = wfile;
    this.#requestId = requestId;
    this.#type = type;
  }

  /**
   * Keeps bytes for {@link flush}; what is more than a record holds goes out.
   *
   * @param data the bytes
   * @throws {ClientDisconnected} if the web server has given the request up
   */
  write(data: Uint8Array): void {
    if (this.#closed) throw new ClientDisconnected('the web server has given the request up');
    this.used ||= data.length > 0;
    let rest = data;
    while (this.#size + rest.length > MAX_CONTENT) {
      const room = MAX_CONTENT - this.#size;
      this.#keep(rest.subarray(0, room));
      this.#send();
      rest = rest.subarray(room);
    }
    this.#keep(rest);
  }

  /** As {@link write} of the bytes of a native string. */
  writeLatin1(text: string): void {
    if (this.#closed || this.#size + text.length > MAX_CONTENT) {
      this.write(Buffer.from(text, 'latin1'));
      return;
    }
    this.used ||= text !== '';
    this.#keep(text);
  }

  /**
   * Sends what has been kept.
   *
   * @returns nothing, or a promise that resolves when the system has taken it
   * @throws {ClientDisconnected} if the web server is gone
   */
  flush(): Awaitable<void> {
    this.#send();
    return this.#wfile.flush();
  }

  /** As {@link flush}, together with what is written before this turn of the event loop ends. */
  flushSoon(): Awaitable<void> {
    this.#send();
    return this.#wfile.flushSoon();
  }

  /** Sends what has been kept, and the end of the stream (§3.3); nothing is flushed. */
  end(): void {
    this.#send();
    void this.#wfile.writeLatin1(encodeHeader(this.#type, this.#requestId, 0));
  }

  /** Refuses what is written from here on. */
  abort(): void {
    this.#closed = true;
    this.#blocks = [];
    this.#size = 0;
  }

  #keep(block: string | Uint8Array): void {
    this.#blocks.push(block);
    this.#size += block.length;
  }

  /** All in one turn, so that no other request's record comes between. */
  #send(): void {
    // §3.3: an empty record would end the stream.
    if (this.#size === 0) return;
    void this.#wfile.writeLatin1(encodeHeader(this.#type, this.#requestId, this.#size));
    for (const block of this.#blocks) {
      void (typeof block === 'string' ? this.#wfile.writeLatin1(block) : this.#wfile.write(block));
    }
    this.#blocks = [];
    this.#size = 0;
  }
}

/** A `wsgi.errors` that goes to the web server, too, in FCGI_STDERR records. */
export class FastCGIErrors implements ErrorStream {
  readonly #log: ErrorStream;
  readonly #output: FastCGIOutput;

  /**
   * @param log where errors go besides
   * @param output the request's FCGI_STDERR
   */
  constructor(log: ErrorStream, output: FastCGIOutput) {
    this.#log = log;
    this.#output = output;
  }

  write(s: string): Awaitable<void> {
    try {
      this.#output.write(Buffer.from(s));
    } catch {
      // The web server does not want to know; the log does.
    }
    return this.#log.write(s) as Awaitable<void>;
  }

  async writelines(lines: Iterable<string>): Promise<void> {
    for (const line of lines) await this.write(line);
  }

  flush(): Awaitable<void> {
    return this.#log.flush();
  }
}
