import type { Session, SessionId } from './core/model.ts';
import type { Infrastructure } from './infrastructure.ts';

/** What a warm function remembers. Losing it costs reads, never correctness. */
export interface Memory {
  infrastructure: Infrastructure | undefined;
  /** `interface number` or filter id → when this function last repaired that session or filter. */
  readonly repairedAtMs: Map<string, number>;
  /** What this function created within the last minute; see `own-sessions.ts`. */
  readonly ownSessions: Map<SessionId, { readonly session: Session; readonly writtenAtMs: number }>;
  /** When this function last asked for a sweep because of tampering that it could not locate. */
  tamperingSweepAtMs: number | undefined;
}

export function createMemory(): Memory {
  return { infrastructure: undefined, repairedAtMs: new Map(), ownSessions: new Map(), tamperingSweepAtMs: undefined };
}
