import type { Infrastructure } from './infrastructure.ts';

/** What a warm function remembers. Losing it costs reads, never correctness. */
export interface Memory {
  infrastructure: Infrastructure | undefined;
  /** `interface number` → when this function last repaired that session after a stranger touched it. */
  readonly repairedAtMs: Map<string, number>;
}

export function createMemory(): Memory {
  return { infrastructure: undefined, repairedAtMs: new Map() };
}
