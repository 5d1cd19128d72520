import { type EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { FleetEvent } from '../event-schemas.ts';
import { EventsLost } from '../events-lost.ts';
import { backoffMs } from '../pace.ts';
import type { Bus, Clock } from '../ports.ts';

/** Entries in one PutEvents call [D: EventBridge quotas]. */
const entriesPerCallMax = 10;

/** Bytes in one call. AWS takes 1 MB since 2026 and took 256 KB before [D: PutEvents event entry size]: Regions may differ. */
const bytesPerCallMax = 256 * 1024;

/**
 * Calls at the same time: a first sweep of 3,000 sources publishes 275 calls' worth of events in the seconds that are left
 * of its function. EventBridge takes hundreds of calls a second in every Region [D: EventBridge quotas, PutEvents].
 */
const callsAtOnceMax = 5;

/** How often entries that EventBridge could not take are sent again before they are given up. */
const triesMax = 3;

/** Codes of entries that may pass another time [D: PutEvents API reference]; the others are refused for good. */
const transientCodes: ReadonlySet<string | undefined> = new Set([
  'InternalFailure',
  'InternalException',
  'ThrottlingException',
]);

interface Entry {
  readonly Source: 'fleetmirror';
  readonly DetailType: string;
  readonly Detail: string;
}

/** Of the entries of one call, how many were not taken, and why. */
interface Loss {
  readonly entries: number;
  readonly reason: string;
  readonly cause?: unknown;
}

/**
 * The default event bus. A call that EventBridge refuses does not keep the next one from being made; one that it leaves
 * without an answer does, since the others would wait as long and the function has no time for that. What was not taken in
 * the end is thrown as one `EventsLost`.
 */
export function createBus(client: EventBridgeClient, clock: Clock, random: () => number): Bus {
  return {
    async publish(events) {
      const calls = chunkEntries(events.map(entryOf));
      const losses: Loss[] = [];
      for (let start = 0; start < calls.length; start += callsAtOnceMax) {
        const batch = calls.slice(start, start + callsAtOnceMax);
        losses.push(...(await Promise.all(batch.map((entries) => put(client, entries, clock, random)))));
        if (!losses.some(isSilence)) continue;
        const unsent = calls.slice(start + callsAtOnceMax).flat();
        losses.push({ entries: unsent.length, reason: 'not sent' });
        break;
      }
      const [first] = losses.filter(({ entries }) => entries > 0);
      const lost = losses.reduce((sum, { entries }) => sum + entries, 0);
      if (first !== undefined) throw new EventsLost(lost, first.reason, first.cause);
    },
  };
}

/** True when nobody answered in time, as often as the SDK has tried. */
function isSilence({ cause }: Loss): boolean {
  return cause instanceof Error && cause.name === 'TimeoutError';
}

function entryOf({ detailType, detail }: FleetEvent): Entry {
  return { Source: 'fleetmirror', DetailType: detailType, Detail: JSON.stringify(detail) };
}

/** Entries in order, as few calls as the limits allow. An entry that is too large stands alone: EventBridge says what it thinks of it. */
export function chunkEntries(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const chunks: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const chunk = chunks.at(-1);
    const size = sizeOf(entry);
    if (chunk === undefined || chunk.length === entriesPerCallMax || bytes + size > bytesPerCallMax) {
      chunks.push([entry]);
      bytes = size;
    } else {
      chunk.push(entry);
      bytes += size;
    }
  }
  return chunks;
}

/** As EventBridge reckons an entry without a time: its texts in UTF-8 [D: Calculating PutEvents event entry size]. */
function sizeOf({ Source, DetailType, Detail }: Entry): number {
  return [Source, DetailType, Detail].reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}

/** Sends entries, and those again that may pass another time. */
async function put(
  client: EventBridgeClient,
  entries: readonly Entry[],
  clock: Clock,
  random: () => number,
): Promise<Loss> {
  const refused: string[] = [];
  let left = entries;
  for (let attempt = 1; ; attempt++) {
    let results: readonly PutEventsResultEntry[];
    try {
      ({ Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: [...left] })));
    } catch (cause) {
      return { entries: refused.length + left.length, reason: refused[0] ?? String(cause), cause };
    }
    const again: Entry[] = [];
    for (const [index, entry] of left.entries()) {
      const code = results[index]?.ErrorCode;
      if (code === undefined) continue;
      if (transientCodes.has(code) && attempt < triesMax) again.push(entry);
      else refused.push(code);
    }
    if (again.length === 0) return { entries: refused.length, reason: refused[0] ?? '' };
    left = again;
    await clock.sleep(backoffMs(attempt, random));
  }
}
