import { describe, expect, test } from '@jest/globals';
import type { NetworkInterfaceId, Policy } from '../../../lib/core/model.ts';
import type { Destination, MirrorPath, PreflightFacts } from '../../../lib/core/preflight-facts.ts';
import { checkMtu } from '../../../lib/core/preflight-mtu.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { anNlbDestination, preflightFacts } from '../../support/preflight.ts';
import { aTarget } from '../../support/target.ts';

const endpoint: Destination = { ...aTarget({ kind: 'gateway-load-balancer-endpoint' }) };
const cutting = (packetLength: number): Policy => aPolicy({ tiers: [aTier({ packetLength })] });

function check(destination: Destination, differences: Partial<PreflightFacts> = {}) {
  const facts = preflightFacts({ destinations: new Map([[destination.targetId, destination]]), ...differences });
  return checkMtu(destination.targetId, facts);
}
const pass = (destination: Destination, detail: string) => [
  { verdict: 'pass', check: 'mtu', subject: destination.targetId, detail },
];
const warn = (limit: number, tiers = 'http', far = '') => [
  {
    verdict: 'warn',
    check: 'mtu',
    subject: 'tmt-0aaa1111bbbb2222c',
    detail: `Not checked, since no API tells the MTU of a source: packets of tier ${tiers} above ${limit} bytes are truncated.${far}`,
    remedy: `On the sources \`ip link\` must show an MTU of ${limit} or less; or set packetLength.`,
  },
];

test('nothing is told of a target that does not exist', () => {
  expect(checkMtu('tmt-0none', preflightFacts())).toEqual([]);
});

test('a load balancer passes: AWS cuts what goes there', () => {
  expect(check(anNlbDestination())).toEqual(
    pass(anNlbDestination(), 'AWS cuts what goes to a load balancer to 8500 bytes unless the policy cuts more.'),
  );
});

test.each([
  ['an interface takes 8947 bytes', aTarget(), 8947],
  ['the endpoint of a gateway load balancer takes 8446 bytes', endpoint, 8446],
])('%s', (_, destination, limit) => {
  expect(check(destination, { policy: cutting(limit) })).toEqual(
    pass(destination, `Every tier that comes here cuts packets below ${limit} bytes (packetLength).`),
  );
  expect(check(destination, { policy: cutting(limit + 1) })).toEqual(warn(limit));
  expect(check(destination)).toEqual(warn(limit));
});

test('the tiers that come here whole are named, and no others', () => {
  const tiers = [
    aTier(),
    aTier({ name: 'cut', sessionNumber: 15, packetLength: 256 }),
    aTier({ name: 'tcp', sessionNumber: 20 }),
    aTier({ name: 'elsewhere', sessionNumber: 30, target: 'sensors' }),
  ];
  expect(check(aTarget(), { policy: aPolicy({ tiers }) })).toEqual(warn(8947, 'http, tcp'));
});

describe('a transit gateway carries less, which is told', () => {
  const near: MirrorPath = { source: anInterface(), destination: aTarget() };
  const far: MirrorPath = { ...near, source: anInterface({ vpcId: 'vpc-other' }) };
  const elsewhere: MirrorPath = { ...far, destination: anNlbDestination() };
  const told = ' Some sources are in another VPC; a transit gateway carries 8500 bytes at most.';

  test.each<[string, readonly MirrorPath[], string]>([
    ['when one source is in another VPC', [near, far], told],
    ['not when all are in the same', [near], ''],
    ['not when one in another VPC goes elsewhere', [near, elsewhere], ''],
  ])('%s', (_, paths, added) => {
    expect(check(aTarget(), { paths })).toEqual(warn(8947, 'http', added));
  });

  test('not when the VPC of the target cannot be known', () => {
    const { networkInterfaceId: _, ...unnamed } = endpoint;
    expect(check(unnamed, { paths: [{ ...far, destination: unnamed }] })).toEqual(warn(8446));
    expect(check(aTarget(), { paths: [far], interfaces: new Map<NetworkInterfaceId, never>() })).toEqual(warn(8947));
  });
});
