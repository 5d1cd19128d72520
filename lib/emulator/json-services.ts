import { AwsError } from './aws-error.ts';
import type { HttpRequest, JsonAnswer } from './http.ts';

/** Actions of a service of the AWS JSON protocols by name: input to output, refusing with `AwsError`. */
export type JsonActions = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>>;

/** Refuses with `AwsError` what the bearer of an `Authorization` header may not do. */
export type AuthorizeJson = (
  target: string,
  input: Readonly<Record<string, unknown>>,
  authorization: string | undefined,
) => void;

/**
 * Answers requests of the AWS JSON protocols, by the prefix of `X-Amz-Target` (`AmazonSSM`, `AWSEvents`). Serves as the
 * `json` hook of `startServer`. `authorize`, when there is one, refuses a caller with `AwsError` before anything is done.
 */
export function createJsonServices(services: Readonly<Record<string, JsonActions>>, authorize?: AuthorizeJson) {
  return (target: string, input: unknown, headers: HttpRequest['headers'] = {}): JsonAnswer => {
    const [service = '', action = ''] = target.split('.');
    const actions = Object.hasOwn(services, service) ? services[service] : undefined;
    const perform = actions !== undefined && Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (perform === undefined) {
      return { status: 400, body: { __type: 'UnknownOperationException', message: `${target} is not emulated.` } };
    }
    try {
      authorize?.(target, input as Readonly<Record<string, unknown>>, headers.authorization);
      return { status: 200, body: perform(input as Readonly<Record<string, unknown>>) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { status: error.status, body: { __type: error.code, message: error.message } };
    }
  };
}
