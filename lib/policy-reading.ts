import type { ParsedPolicy } from './core/policy-meaning.ts';
import type { PolicyReading } from './ports.ts';

/** What was found at a place, as the policy of a run. */
export function readingOf(parsed: ParsedPolicy, where: string): PolicyReading {
  if (!parsed.ok) return { kind: 'invalid', where, issues: parsed.issues };
  return { kind: 'valid', policy: parsed.policy, warnings: parsed.warnings };
}
