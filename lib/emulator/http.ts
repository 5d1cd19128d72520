/** Requests and answers of the emulator, over HTTP or in the process. */

/** A request as it comes, over HTTP or in the process. Header names are in lower case. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** The answer as it goes back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The connection breaks: the caller gets no answer, whether or not the change was made. */
export const CONNECTION_RESET = 'connection reset';

/** What a service of the JSON protocols answers (SSM, EventBridge, SQS beside EC2). */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}
