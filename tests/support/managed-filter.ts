import type { Stage } from './stage.ts';

/** Differences from `policyText()`: one tier, whose filter is ours to make and to repair. */
export const managed = {
  filters: {
    'all-tcp': {
      networkServices: ['amazon-dns'],
      ingress: [
        {
          rule: 10,
          action: 'accept',
          protocol: 'tcp',
          sourceCidr: '0.0.0.0/0',
          destinationCidr: '0.0.0.0/0',
          destinationPorts: '1-65535',
        },
      ],
      egress: [{ rule: 10, action: 'accept', protocol: 'tcp', sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' }],
    },
  },
  tiers: [{ name: 'tcp', sessionNumber: 20, target: 'sensors', filter: 'all-tcp' }],
  profiles: { default: ['tcp'] },
};

/** The filters of one name that we made, ascending. */
export function filterIdsOf({ emulator }: Stage, name = 'all-tcp'): string[] {
  const { filters, tags } = emulator.account;
  return [...filters.rows()]
    .map(({ filterId }) => filterId)
    .filter((filterId) => tags.get(filterId)?.tags['fleetmirror:filter'] === name)
    .sort();
}

/** The rules of a filter as text, in order. */
export function rulesOf({ emulator }: Stage, filterId: string | undefined): string[] {
  return [...emulator.account.rules.rows()]
    .filter((rule) => rule.filterId === filterId)
    .map(({ direction, ruleNumber, action, protocol, destinationPortRange: ports }) => {
      const range = ports === undefined ? '' : ` ${ports.FromPort}-${ports.ToPort}`;
      return `${direction} ${ruleNumber} ${action} ${protocol ?? 'all'}${range}`;
    })
    .sort();
}
