/** The bus took only a part of the events, or none: how many it did not take, and its first error. */
export class EventsLost extends Error {
  override readonly name = 'EventsLost';
  readonly events: number;

  constructor(events: number, reason: string, cause?: unknown) {
    super(`EventBridge did not take ${events} events: ${reason}`, { cause });
    this.events = events;
  }
}
