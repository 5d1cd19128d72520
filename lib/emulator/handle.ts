import type { Account } from './account.ts';
import { ACTIONS, isReading } from './actions/registry.ts';
import { AwsError, refuse } from './aws-error.ts';
import { type Call, viewAccount } from './call.ts';
import { checkClientToken, rememberClientToken } from './client-tokens.ts';
import { type Fault, type Faults, statusOfCode } from './faults.ts';
import { CONNECTION_RESET, type HttpAnswer, type HttpRequest } from './http.ts';
import type { Iam } from './iam.ts';
import { settleAccount } from './instance-states.ts';
import { answerLoadBalancing, LOAD_BALANCING_VERSION } from './load-balancing.ts';
import type { Notice } from './notices.ts';
import { findPrincipal, type Principals } from './principals.ts';
import type { Prng } from './prng.ts';
import type { Rules } from './rules.ts';
import { answerSts, STS_VERSION } from './sts.ts';
import type { Throttle } from './throttle.ts';
import { type QueryRequest, readInput, readQuery, requireMembers } from './wire-read.ts';
import { type ActionSchema, findActionSchema } from './wire-schema.ts';
import { writeError, writeOutput } from './wire-write.ts';

/** Everything that answering takes. */
export interface Machine {
  readonly account: Account;
  readonly rules: Rules;
  readonly random: Prng;
  /** Chance for the ids of requests and events, apart, so that reads and listeners never change the ids of resources. */
  readonly randomForMessages: Prng;
  readonly clock: { readonly now: () => number };
  readonly faults: Faults;
  readonly throttle: Throttle;
  readonly principals: Principals;
  readonly iam: Iam | undefined;
  /** Counts of calls by action, the throttled among them. */
  readonly calls: Map<string, number>;
  readonly notify: (notice: Notice) => void;
}

/** Answers one request as EC2 would, or STS for its own API version; changes the account, counts, tells. */
export function handleRequest(machine: Machine, request: HttpRequest): HttpAnswer | typeof CONNECTION_RESET {
  const requestId = machine.randomForMessages.uuid();
  settle(machine);
  try {
    const query = readQuery(request.body);
    machine.calls.set(query.action, (machine.calls.get(query.action) ?? 0) + 1);
    if (query.version === STS_VERSION) {
      const principal = findPrincipal(machine.principals, machine.account.accountId, request.headers.authorization);
      return answer(200, requestId, answerSts(query.action, principal, requestId));
    }
    if (query.version === LOAD_BALANCING_VERSION) {
      const principal = findPrincipal(machine.principals, machine.account.accountId, request.headers.authorization);
      const access = { action: `elasticloadbalancing:${query.action}`, resource: '*', context: {} };
      machine.iam?.authorize(principal, [access], 'AccessDenied');
      return answer(200, requestId, answerLoadBalancing(machine.account, query, requestId));
    }
    return answerEc2(machine, request, query, requestId);
  } catch (error) {
    if (error instanceof AwsError) return answer(error.status, requestId, writeError(error, requestId));
    throw error;
  } finally {
    settle(machine);
  }
}

/** Lets happen what time has brought: pending instances come up, terminated ones are forgotten. */
export function settle({ account, rules, clock, notify }: Machine): void {
  settleAccount({ account, rules, now: clock.now(), notify });
}

function answerEc2(
  machine: Machine,
  request: HttpRequest,
  query: QueryRequest,
  requestId: string,
): HttpAnswer | typeof CONNECTION_RESET {
  const { action } = query;
  const schema = findActionSchema(action);
  if (schema === undefined || ACTIONS[action] === undefined) {
    return refuse('InvalidAction', `The action ${action} is not valid for this web service.`);
  }
  const done = perform(machine, request, schema, query, requestId);
  if (done === CONNECTION_RESET) return CONNECTION_RESET;
  return answer(200, requestId, writeOutput(schema, done, requestId));
}

function perform(
  machine: Machine,
  request: HttpRequest,
  schema: ActionSchema,
  { action, parameters }: QueryRequest,
  requestId: string,
): object | typeof CONNECTION_RESET {
  const { account, faults, throttle } = machine;
  const now = machine.clock.now();
  const principal = findPrincipal(machine.principals, account.accountId, request.headers.authorization);
  let input: Record<string, unknown> = {};
  let output: object | undefined;
  let failure: AwsError | undefined;
  const notices: Notice[] = [];
  try {
    input = readInput(schema, parameters);
    requireMembers(schema, input);
    if (!throttle.take(action, input, now)) throw new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
    const before = faults.take('before', action, input);
    if (isReset(before)) return CONNECTION_RESET;
    machine.iam?.authorizeEc2(principal, { account, rules: machine.rules, action, input });
    let emptyPages = before?.emptyPage === true ? 1 : 0;
    const call: Call = {
      action,
      account,
      rules: machine.rules,
      random: machine.random,
      now,
      principal,
      requestId,
      view: viewAccount(account, now, faults.staleReads()),
      notify: (notice) => notices.push(notice),
      takeEmptyPage: () => emptyPages-- > 0,
    };
    output = change(call, input);
    const after = faults.take('after', action, input);
    if (isReset(after)) return CONNECTION_RESET;
    return output;
  } catch (error) {
    if (error instanceof AwsError) failure = error;
    throw error;
  } finally {
    const record: Notice = {
      kind: 'api-call',
      action,
      input,
      output: output as Record<string, unknown> | undefined,
      // A change that was made is recorded as made, though its caller was told otherwise.
      error: output === undefined && failure !== undefined ? failure : undefined,
      principal,
      requestId,
      userAgent: request.headers['user-agent'] ?? 'unknown',
    };
    if (!isReading(action) && (output !== undefined || failure !== undefined)) notices.push(record);
    for (const notice of notices) machine.notify(notice);
  }
}

/** Refuses or performs: a replayed token answers again, a dry run stops before the change. */
function change(call: Call, input: Record<string, unknown>): object {
  const replayed = checkClientToken(call, input);
  const isDryRun = input.DryRun === true;
  if (replayed !== undefined && !isDryRun) return replayed;
  const effect = replayed === undefined ? ACTIONS[call.action]?.(input, call) : undefined;
  if (isDryRun) throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  if (effect === undefined) throw new Error(`no effect for ${call.action}`);
  const output = effect();
  rememberClientToken(call, input, output);
  return output;
}

/** Throws the fault's error, if it has one; says whether the connection breaks instead. */
function isReset(fault: Fault | undefined): boolean {
  if (fault?.error !== undefined) {
    const { code, message = `${code}.`, status = statusOfCode(code) } = fault.error;
    throw new AwsError(code, message, status);
  }
  return fault?.reset === true;
}

function answer(status: number, requestId: string, body: string): HttpAnswer {
  const headers = { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId };
  return { status, headers, body };
}
