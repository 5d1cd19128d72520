import { refuse } from './aws-error.ts';
import type { Call } from './call.ts';

/** ec2/devguide/ec2-api-idempotency: "up to 64 ASCII characters", case-sensitive, per Region. */
const TOKEN_FORM = /^[\x21-\x7e]{1,64}$/;

/**
 * Answers again what a call with this token answered before; undefined for a new token or none.
 * The old success comes back even if its object is gone by now: clients must not read it as "exists".
 */
export function checkClientToken(call: Call, input: Readonly<Record<string, unknown>>): object | undefined {
  const token = input.ClientToken;
  if (typeof token !== 'string' || token === '') return undefined;
  if (!TOKEN_FORM.test(token)) refuse('InvalidClientToken', 'The client token must be up to 64 ASCII characters.');
  const use = call.account.clientTokens.get(`${call.action}/${token}`);
  if (use === undefined || call.now - use.usedAt >= call.rules.clientTokenKeptMs) return undefined;
  if (use.parameters !== parametersOf(input)) {
    const message = 'Parameters of the request do not match those of the first request with this client token.';
    refuse('IdempotentParameterMismatch', message);
  }
  return use.output;
}

/** Keeps what a call with a token answered, for as long as the rules say. */
export function rememberClientToken(call: Call, input: Readonly<Record<string, unknown>>, output: object): void {
  const token = input.ClientToken;
  if (typeof token !== 'string' || token === '') return;
  const use = { parameters: parametersOf(input), output, usedAt: call.now };
  call.account.clientTokens.set(`${call.action}/${token}`, use);
}

function parametersOf(input: Readonly<Record<string, unknown>>): string {
  const { DryRun: _, ...parameters } = input;
  return JSON.stringify(Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1)));
}
