import type { World } from './ports.ts';

/** Does a piece of work as one segment of the run's trace, where somebody traces. Never changes what the work returns or throws. */
export function trace<T>(world: World, name: 'read' | 'plan' | 'apply', work: () => Promise<T>): Promise<T> {
  return world.trace === undefined ? work() : world.trace(name, work);
}
