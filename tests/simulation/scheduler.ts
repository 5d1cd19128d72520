/** One thing that will happen, and when; the order of insertion breaks ties. */
interface Happening {
  readonly dueMs: number;
  readonly order: number;
  readonly happen: () => void;
}

/**
 * Virtual time: everything that waits in the simulation waits here, and one thing happens at a time. How long each wait
 * takes is drawn by the seed, so the seed decides how runs interleave.
 */
export interface Scheduler {
  readonly now: () => number;
  readonly after: (delayMs: number, happen: () => void) => void;
  /** Time passes at once: whatever was due meanwhile happens next, late. */
  readonly jump: (byMs: number) => void;
  /** Code that we do not schedule (the SDK) is at work from `begin` to `end`; nothing else happens meanwhile. */
  readonly begin: () => void;
  readonly end: () => void;
  /** Lets the next thing happen and everything that follows from it at once; false when nothing is left. */
  readonly step: () => Promise<boolean>;
}

export function createScheduler(startMs: number): Scheduler {
  const heap: Happening[] = [];
  let nowMs = startMs;
  let order = 0;
  let busy = 0;
  return {
    now: () => nowMs,
    after: (delayMs, happen) => {
      order += 1;
      push(heap, { dueMs: nowMs + Math.max(0, delayMs), order, happen });
    },
    jump: (byMs) => {
      nowMs += byMs;
    },
    begin: () => {
      busy += 1;
    },
    end: () => {
      busy -= 1;
    },
    step: async () => {
      const next = pop(heap);
      if (next === undefined) return false;
      nowMs = Math.max(nowMs, next.dueMs);
      next.happen();
      do await new Promise(setImmediate);
      while (busy > 0);
      return true;
    },
  };
}

function isBefore(one: Happening | undefined, other: Happening | undefined): boolean {
  if (one === undefined || other === undefined) return other === undefined && one !== undefined;
  return one.dueMs !== other.dueMs ? one.dueMs < other.dueMs : one.order < other.order;
}

/** A binary heap: the earliest is at the front. */
function push(heap: Happening[], added: Happening): void {
  let at = heap.length;
  heap.push(added);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(heap[at], heap[parent])) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function pop(heap: Happening[]): Happening | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  heap[0] = last;
  for (let at = 0; ; ) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) if (isBefore(heap[child], heap[least])) least = child;
    if (least === at) return first;
    swap(heap, at, least);
    at = least;
  }
}

function swap(heap: Happening[], one: number, other: number): void {
  const kept = heap[one] as Happening;
  heap[one] = heap[other] as Happening;
  heap[other] = kept;
}
