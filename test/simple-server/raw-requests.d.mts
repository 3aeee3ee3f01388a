/** Text, or a text so many times over. */
export type Part = string | [text: string, times: number];

/** The request reaches the application. */
export interface Served {
  /** What is in the environ besides what is in that of `GET / HTTP/1.0`, or instead of it. */
  environ: Record<string, string>;
  /** What the application reads from `wsgi.input`. */
  body: string;
}

/** The request is answered with an error page. */
export interface Refused {
  code: number;
  message: string;
  /** Where it is not that of the status code. */
  explain: string | undefined;
}

/** A request, and what is to come of it. */
export interface RawRequest {
  name: string;
  request: string | Part[];
  /** Whether the client closes its side after the request. */
  halfClose?: boolean;
  /** Null, the connection is closed without a word. */
  answer: Served | Refused | null;
}

export const rawRequests: readonly RawRequest[];

export function bytesOf(request: string | readonly Part[]): string;
