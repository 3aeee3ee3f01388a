import type { ErrorStream } from '@wsgiref/types';

/**
 * The process's standard error as a `wsgi.errors`.
 *
 * Python counterpart: `sys.stderr`. Any Unicode may be written; it goes out as UTF-8. If nobody reads
 * standard error any more, what is written is lost, and the process goes on.
 */
export class StandardError implements ErrorStream {
  write(s: string): void {
    const { stderr } = process;
    // Without a listener an EPIPE would end the process in the middle of a response.
    if (stderr.listenerCount('error') === 0) stderr.on('error', ignore);
    stderr.write(s);
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    // Node writes standard error at once.
  }
}

function ignore(): void {}
