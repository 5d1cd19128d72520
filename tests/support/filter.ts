import type { Filter, RuleSpec } from '../../lib/core/model.ts';

/** A filter as EC2 describes it, empty: an empty filter mirrors nothing. */
export function aFilter(differences: Partial<Filter> = {}): Filter {
  return { filterId: 'tmf-0aaa1111bbbb2222c', networkServices: [], rules: [], tags: {}, ...differences };
}

/** A filter rule that accepts every inbound IPv4 packet. */
export function aRule(differences: Partial<RuleSpec> = {}): RuleSpec {
  return {
    direction: 'ingress',
    ruleNumber: 100,
    action: 'accept',
    sourceCidr: '0.0.0.0/0',
    destinationCidr: '0.0.0.0/0',
    ...differences,
  };
}
