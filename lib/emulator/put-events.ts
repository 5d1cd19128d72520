import { randomUUID } from 'node:crypto';
import { refuse } from './aws-error.ts';
import type { BusEvent } from './bus.ts';
import type { JsonActions } from './json-services.ts';

/** EventBridge's PutEvents, and what came in by it. */
export interface PutEvents {
  readonly actions: JsonActions;
  /** The accepted events, oldest first. */
  readonly accepted: readonly BusEvent[];
  /** The next entries, that many of them, fail with InternalFailure, as they may at AWS while others pass. */
  readonly failNext: (entries: number) => void;
}

export interface PutEventsOptions {
  readonly accountId: string;
  readonly region: string;
  readonly now: () => number;
  /** Receives the accepted events. */
  readonly emit: (event: BusEvent) => void;
}

interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Resources?: readonly string[];
  /** Seconds. */
  readonly Time?: number;
  readonly EventBusName?: string;
}

/** Entries and bytes in one call [EventBridge API reference, PutEvents; user guide, "Event size"]. */
const entriesMax = 10;
const requestBytesMax = 1_048_576;

/** PutEvents onto the default bus. */
export function createPutEvents({ accountId, region, now, emit }: PutEventsOptions): PutEvents {
  const accepted: BusEvent[] = [];
  let failuresLeft = 0;

  const putEntry = (entry: Entry) => {
    const problem = findProblem(entry);
    if (problem !== undefined) return problem;
    if (failuresLeft > 0) {
      failuresLeft -= 1;
      return { ErrorCode: 'InternalFailure', ErrorMessage: 'An internal error occurred.' };
    }
    const event: BusEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': entry.DetailType ?? '',
      source: entry.Source ?? '',
      account: accountId,
      time: new Date(entry.Time === undefined ? now() : entry.Time * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region,
      resources: entry.Resources ?? [],
      detail: JSON.parse(entry.Detail ?? '{}'),
    };
    accepted.push(event);
    emit(event);
    return { EventId: event.id };
  };

  return {
    accepted,
    failNext: (entries) => {
      failuresLeft = entries;
    },
    actions: {
      PutEvents: ({ Entries = [] }) => {
        const entries = Entries as readonly Entry[];
        if (entries.length === 0 || entries.length > entriesMax) {
          refuse('ValidationException', `PutEvents takes 1 to ${entriesMax} entries.`);
        }
        if (entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0) > requestBytesMax) {
          refuse('ValidationException', 'Total size of the entries in the request is over the limit.');
        }
        const answers = entries.map(putEntry);
        return { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers };
      },
    },
  };
}

/** Why EventBridge does not take the entry, in the form of its answer. */
function findProblem(entry: Entry): { ErrorCode: string; ErrorMessage: string } | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (entry[name]) continue;
    const reason = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage: reason };
  }
  if (entry.EventBusName !== undefined && !/(^|\/)default$/.test(entry.EventBusName)) {
    return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${entry.EventBusName} does not exist.` };
  }
  if (entry.Source?.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return isObjectJson(entry.Detail ?? '')
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function isObjectJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** As the user guide reckons an entry: 14 bytes for a time, the rest in UTF-8. */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return (Time === undefined ? 0 : 14) + texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}
