import { parsePolicy } from './core/policy.ts';
import { readingOf } from './policy-reading.ts';
import type { PolicyReading } from './ports.ts';

/** Parses a policy text from anywhere, YAML or JSON, and turns the result into a reading. */
export function judgePolicy(text: string, where: string, fleet?: string): PolicyReading {
  return readingOf(parsePolicy(text, { fleet }), where);
}
