import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Bus, FleetEvent } from '../ports.ts';

/** Entries in one PutEvents call [D: EventBridge quotas]. */
const entriesPerCallMax = 10;

/** How often entries that EventBridge did not take are sent again before the rest is given up. */
const triesMax = 3;

/** The default event bus. Throws when EventBridge still refuses entries after three tries. */
export function createBus(client: EventBridgeClient): Bus {
  return {
    async publish(events) {
      for (let start = 0; start < events.length; start += entriesPerCallMax) {
        await put(client, events.slice(start, start + entriesPerCallMax));
      }
    },
  };
}

async function put(client: EventBridgeClient, events: readonly FleetEvent[]): Promise<void> {
  let left = events;
  for (let attempt = 1; left.length > 0; attempt++) {
    const Entries = left.map(({ detailType, detail }) => ({
      Source: 'fleetmirror',
      DetailType: detailType,
      Detail: JSON.stringify(detail),
    }));
    const answer = await client.send(new PutEventsCommand({ Entries }));
    const results = answer.Entries ?? [];
    const code = results.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode;
    left = left.filter((_, index) => results[index]?.ErrorCode !== undefined);
    if (left.length > 0 && attempt >= triesMax) throw new Error(`EventBridge refused ${left.length} events: ${code}`);
  }
}
