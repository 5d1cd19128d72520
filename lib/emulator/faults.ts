import type { StaleReads } from './call.ts';
import type { Prng } from './prng.ts';

/** One thing that goes wrong: an error code, a connection that breaks, or an empty page that is not the last. */
export interface Fault {
  /** The action it strikes; every action when absent. */
  readonly action?: string;
  /** `after`: the change has been made, only the answer is lost or wrong. */
  readonly when: 'before' | 'after';
  /** How many calls it strikes; 1 when absent. */
  readonly times?: number;
  /** Strikes only calls with such an input. */
  readonly matches?: (input: Readonly<Record<string, unknown>>) => boolean;
  readonly error?: FaultError;
  /** The connection breaks and no answer comes. */
  readonly reset?: true;
  /** A Describe answers no rows and a token: lawful, and not the end. */
  readonly emptyPage?: true;
}

/** The error a fault answers with. */
export interface FaultError {
  readonly code: string;
  readonly message?: string;
  /** 400 for `Client` errors when absent, 503 for those that EC2 lists as server errors. */
  readonly status?: number;
}

/** How often the weather strikes, each from 0 to 1 of all calls. */
export interface Weather {
  readonly errorRate: number;
  /** Errors and resets after the change was made. */
  readonly lostAnswerRate: number;
  readonly resetRate: number;
  readonly emptyPageRate: number;
  readonly codes: readonly string[];
}

/** What the tests and the simulation turn: planned faults, weather by seed, late reads. */
export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly setWeather: (weather: Partial<Weather>) => void;
  readonly setStaleReads: (stale: Partial<StaleReads>) => void;
  /** Ends everything: plans, weather, late reads. */
  readonly calm: () => void;
  readonly staleReads: () => StaleReads;
  /** Takes the fault that strikes this call now, if any; plans come first, in the order in which they were added. */
  readonly take: (when: Fault['when'], action: string, input: Readonly<Record<string, unknown>>) => Fault | undefined;
}

const FRESH: StaleReads = { instancesMs: 0, interfacesMs: 0, mirroringMs: 0, tagsMs: 0 };
const CLEAR: Weather = { errorRate: 0, lostAnswerRate: 0, resetRate: 0, emptyPageRate: 0, codes: [] };
/** ec2/devguide/errors-overview, "Server error codes" that any call may meet. */
const CODES_DEFAULT = ['InternalError', 'Unavailable', 'ServiceUnavailable', 'RequestLimitExceeded'];

/** Starts calm. Weather draws on `random` only where its rates are above zero, so planned faults never shift it. */
export function createFaults(random: Prng): Faults {
  const planned: { fault: Fault; left: number }[] = [];
  let weather = CLEAR;
  let stale = FRESH;

  function takePlanned(when: Fault['when'], action: string, input: Readonly<Record<string, unknown>>) {
    const at = planned.findIndex(
      ({ fault }) =>
        fault.when === when &&
        (fault.action === undefined || fault.action === action) &&
        (fault.matches?.(input) ?? true),
    );
    const found = planned[at];
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) planned.splice(at, 1);
    return found.fault;
  }

  function takeWeather(when: Fault['when'], action: string): Fault | undefined {
    if (when === 'after') return strikes(weather.lostAnswerRate) ? blow(when) : undefined;
    if (strikes(weather.resetRate)) return { when, reset: true };
    if (strikes(weather.errorRate)) return { when, error: { code: chooseCode() } };
    return action.startsWith('Describe') && strikes(weather.emptyPageRate) ? { when, emptyPage: true } : undefined;
  }

  const strikes = (rate: number): boolean => rate > 0 && random.next() < rate;
  const chooseCode = (): string => {
    const codes = weather.codes.length === 0 ? CODES_DEFAULT : weather.codes;
    return codes[random.integer(codes.length)] ?? 'InternalError';
  };
  const blow = (when: Fault['when']): Fault =>
    random.next() < 0.5 ? { when, reset: true } : { when, error: { code: chooseCode() } };

  return {
    add: (fault) => {
      planned.push({ fault, left: fault.times ?? 1 });
    },
    setWeather: (change) => {
      weather = { ...weather, ...change };
    },
    setStaleReads: (change) => {
      stale = { ...stale, ...change };
    },
    calm: () => {
      planned.length = 0;
      weather = CLEAR;
      stale = FRESH;
    },
    staleReads: () => stale,
    take: (when, action, input) => takePlanned(when, action, input) ?? takeWeather(when, action),
  };
}

/** Server errors answer with a 5xx status (ec2/devguide/errors-overview); 503 is what clients see of throttling. */
const SERVER_STATUS: Readonly<Record<string, number>> = {
  InternalError: 500,
  InternalFailure: 500,
  RequestLimitExceeded: 503,
  ServerInternal: 500,
  ServiceUnavailable: 503,
  Unavailable: 503,
  UnauthorizedOperation: 403,
  AuthFailure: 401,
};

/** The HTTP status that goes with an error code. */
export function statusOfCode(code: string): number {
  return SERVER_STATUS[code] ?? 400;
}
