import { instanceRules } from './instances.ts';
import type { Ec2, Rule } from './rule.ts';
import { sessionRules } from './sessions.ts';
import { filterRules, targetRules } from './targets-and-filters.ts';

/** Everything that any EC2 can be asked. */
export const contract: readonly Rule[] = [...sessionRules, ...targetRules, ...filterRules, ...instanceRules];

/** What an EC2 does on a rule, as plain data; an error that the rule did not expect is its code. */
export async function observe({ observe: look }: Rule, on: Ec2): Promise<unknown> {
  const seen = await look(on).catch((error: unknown) => `stops with ${error instanceof Error ? error.name : error}`);
  return JSON.parse(JSON.stringify(seen ?? null));
}
