import type { ErrorStream } from '@wsgiref/types';

/** The console as a `wsgi.errors`, line by line: what every runtime has for a log. */
export class ConsoleErrors implements ErrorStream {
  #line = '';

  write(s: string): void {
    const text = this.#line + s;
    const end = text.lastIndexOf('\n');
    if (end >= 0) console.error(text.slice(0, end));
    this.#line = text.slice(end + 1);
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    if (this.#line !== '') console.error(this.#line);
    this.#line = '';
  }
}
