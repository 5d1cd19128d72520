import type { Instance } from '../../lib/core/model.ts';

/** A running instance of a type that every edition knows as supported; it carries `anInterface()`. */
export function anInstance(differences: Partial<Instance> = {}): Instance {
  return { instanceId: 'i-0aaa0000000000001', instanceType: 'm5.large', state: 'running', tags: {}, ...differences };
}
