import { type Account, createAccount } from './account.ts';
import { createFaults, type Faults } from './faults.ts';
import { loadFleet } from './fleet.ts';
import type { FleetDocument } from './fleet-document.ts';
import { handleRequest, type Machine, settle } from './handle.ts';
import type { CONNECTION_RESET, HttpAnswer, HttpRequest } from './http.ts';
import type { Iam } from './iam.ts';
import { type AwsEvent, eventFromNotice } from './notices.ts';
import type { Principals } from './principals.ts';
import { createPrng } from './prng.ts';
import { RULES, type Rules } from './rules.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { createTransport, type SdkRequestHandler } from './transport.ts';

/** How an emulated account is to be; everything has a default. */
export interface EmulatorOptions {
  /** Same seed, same ids, same weather. */
  readonly seed?: number;
  readonly clock?: { readonly now: () => number };
  readonly accountId?: string;
  readonly region?: string;
  readonly rules?: Partial<Rules>;
  /** Whether EC2's token buckets apply; they do not by default. */
  readonly isThrottling?: boolean;
  readonly principals?: Principals;
  /** Decides what the roles of these principals may do; without it everybody may do everything. */
  readonly iam?: Iam;
  /** Receives the events that AWS would put on the default bus, in order. */
  readonly emit?: (event: AwsEvent) => void;
  readonly fleet?: FleetDocument;
}

/** An EC2 account with its own wire protocol, in the process or behind a port. */
export interface Emulator {
  readonly account: Account;
  readonly handleRequest: (request: HttpRequest) => HttpAnswer | typeof CONNECTION_RESET;
  /** For `new EC2Client({ requestHandler })`, and STS the same. */
  readonly requestHandler: SdkRequestHandler;
  readonly faults: Faults;
  readonly throttle: Throttle;
  /** Calls by action since the start or the last `clearCounts`, the throttled among them. */
  readonly calls: ReadonlyMap<string, number>;
  readonly clearCounts: () => void;
  /** Adds a fleet described as data and returns the ids behind its names; emits nothing. */
  readonly loadFleet: (document: FleetDocument) => ReadonlyMap<string, string>;
  /** Lets happen what the clock has brought since the last call. */
  readonly settle: () => void;
}

/** Opens an account: fresh, or with the fleet that is given. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { seed = 1, clock = { now: Date.now }, accountId = '123456789012', region = 'us-east-1' } = options;
  const random = createPrng(seed);
  const randomForMessages = createPrng(seed + 2);
  const account = createAccount({ accountId, region, random });
  const calls = new Map<string, number>();
  const rules = { ...RULES, ...options.rules };
  const throttle = createThrottle({ isEnabled: options.isThrottling ?? false, idsNarrow: rules.idsNarrowReads });
  const faults = createFaults(createPrng(seed + 1));
  const { emit } = options;
  const machine: Machine = {
    account,
    rules,
    random,
    randomForMessages,
    clock,
    faults,
    throttle,
    principals: options.principals ?? {},
    iam: options.iam,
    calls,
    notify: (notice) =>
      emit?.(eventFromNotice(notice, { accountId, region, random: randomForMessages, now: clock.now() })),
  };
  const handle = (request: HttpRequest) => handleRequest(machine, request);
  const load = (document: FleetDocument) => loadFleet(account, document, { random, now: clock.now() });
  if (options.fleet !== undefined) load(options.fleet);
  return {
    account,
    handleRequest: handle,
    requestHandler: createTransport(handle),
    faults,
    throttle,
    calls,
    clearCounts: () => {
      calls.clear();
      throttle.clearCounts();
    },
    loadFleet: load,
    settle: () => settle(machine),
  };
}
