import { describe, expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import type { NetworkInterface, RuleSpec } from '../../../lib/core/model.ts';
import { modify, remove, retain } from '../../../lib/core/plan-actions.ts';
import type { Destination, LoadBalancer, PreflightFacts } from '../../../lib/core/preflight-facts.ts';
import { checkLoops } from '../../../lib/core/preflight-loop.ts';
import { aFilter, aRule } from '../../support/filter.ts';
import { aDetachedInterface, anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import {
  aCoveredSource,
  aLoadBalancer,
  anApplianceInterface,
  anNlbDestination,
  preflightFacts,
} from '../../support/preflight.ts';
import { aSession } from '../../support/session.ts';
import { aTarget } from '../../support/target.ts';

const appliance = anApplianceInterface();
const sibling = anApplianceInterface({ networkInterfaceId: 'eni-0ddd0000000000002', privateIpAddress: '10.0.9.10' });
const unrelated = anInterface();
const index = (...each: readonly NetworkInterface[]) => new Map(each.map((one) => [one.networkInterfaceId, one]));

const guard = aRule({ ruleNumber: 1, action: 'reject', protocol: 17, destinationPorts: { from: 4789, to: 4789 } });
const filteredBy = (...rules: readonly RuleSpec[]) => ({
  policy: aPolicy({ filters: { ...aPolicy().filters, http: { kind: 'managed', networkServices: [], rules } } }),
});

/** What is told of loops through one target, each as `[verdict, detail, remedy]`. */
function tell(destination: Destination, differences: Partial<PreflightFacts>): readonly (readonly string[])[] {
  const facts = preflightFacts({
    destinations: new Map([[destination.targetId, destination]]),
    interfaces: index(unrelated, appliance, sibling),
    ...differences,
  });
  return checkLoops(destination.targetId, facts).map(({ verdict, check, subject, detail, remedy }) => {
    expect([check, subject]).toEqual(['mirror-loop', destination.targetId]);
    return [verdict, detail, ...(remedy === undefined ? [] : [remedy])];
  });
}
const remedyFor = (id: string) => `Put the appliance under \`exclude\`, by its tag or as networkInterfaceIds: [${id}].`;
const looping = (id = 'eni-0ddd0000000000002') => [
  'fail',
  `${id} of the appliance is mirrored, and what is mirrored to it as well: a loop.`,
  remedyFor(id),
];
const guarded = [
  'warn',
  'eni-0ddd0000000000002 of the appliance is mirrored; only its filters keep mirrored packets out.',
  remedyFor('eni-0ddd0000000000002'),
];
const selected = [
  'warn',
  'The policy selects eni-0ddd0000000000002 of the appliance, though it gets no session now.',
  remedyFor('eni-0ddd0000000000002'),
];
const uncovered = ['pass', 'No interface of its appliances is covered.'];
const stranger = ['pass', 'No appliance behind it is in this account.'];

describe('nothing is told of a target', () => {
  const mirrored = { decisions: [aCoveredSource(sibling)] };
  const { networkInterfaceId: _, ...endpoint } = aTarget({ kind: 'gateway-load-balancer-endpoint' });
  test.each<[string, Destination, Partial<PreflightFacts>]>([
    ['that does not exist', aTarget(), { destinations: new Map() }],
    ['of another account', aTarget({ ownerId: '999988887777' }), {}],
    ['that is the endpoint of a gateway load balancer', endpoint, {}],
    ['whose load balancer does not exist', anNlbDestination(), { loadBalancers: new Map() }],
    [
      'whose load balancer may not be looked at',
      anNlbDestination(),
      { loadBalancers: new Map([['arn:nlb', { kind: 'denied', permission: 'x' }]]) },
    ],
  ])('%s', (_, destination, differences) => {
    expect(tell(destination, { ...mirrored, ...differences })).toEqual([]);
  });
});

describe('a target passes', () => {
  test('when no appliance behind it is in this account', () => {
    expect(tell(aTarget(), { interfaces: index(unrelated) })).toEqual([stranger]);
  });
  test.each<[string, readonly SourceDecision[]]>([
    ['when no decision is about its appliance', []],
    ['when the policy selects other interfaces only', [aCoveredSource(unrelated)]],
    ['when the policy wants nothing of its appliance', [{ ...aCoveredSource(sibling), wanted: [] }]],
  ])('%s', (_, decisions) => {
    expect(tell(aTarget(), { decisions })).toEqual([uncovered]);
  });
});

describe('an appliance that the policy selects', () => {
  const covered = aCoveredSource(sibling);
  const { networkInterfaceId } = sibling;
  const session = aSession({ networkInterfaceId });
  const created = covered.actions.flatMap((action) => (action.kind === 'create' ? action.desired : []));
  const doing = (...actions: SourceDecision['actions']) => ({ decisions: [{ ...covered, actions }] });
  test.each<[string, Partial<PreflightFacts>, readonly string[]]>([
    ['loops when its filter accepts everything', filteredBy(aRule()), looping()],
    ['loops when nobody can see the rules of its filter', {}, looping()],
    ['loops by a session that stays', doing(retain(session, 'as-desired')), looping()],
    [
      'loops by a session that is put right',
      doing(...created.map((desired) => modify(session, desired, 'drifted'))),
      looping(),
    ],
    ['loops by one session of two', doing(remove(session, 'tier-withdrawn'), ...covered.actions), looping()],
    ['is guarded by a filter that rejects VXLAN first', filteredBy(guard, aRule()), guarded],
    ['is guarded by a filter that accepts only what leaves', filteredBy(aRule({ direction: 'egress' })), guarded],
    ['is guarded by a filter for TCP', filteredBy(aRule({ protocol: 6 })), guarded],
    [
      'is guarded by a filter for another destination port',
      filteredBy(aRule({ protocol: 17, destinationPorts: { from: 4790, to: 5000 } })),
      guarded,
    ],
    [
      'loops by a filter for the very address of the appliance',
      filteredBy(aRule({ destinationCidr: '10.0.9.10/32' })),
      looping(),
    ],
    ['is guarded by a filter for other addresses', filteredBy(aRule({ destinationCidr: '10.0.9.9/32' })), guarded],
    ['has no session as long as none is planned', { decisions: [aCoveredSource(sibling, false)] }, selected],
    ['has none while one waits for a correction', doing(retain(session, 'unknown-profile')), selected],
  ])('%s', (_, differences, told) => {
    expect(tell(aTarget(), { decisions: [covered], ...differences })).toEqual([told]);
  });

  test('is asked for the filters of its own tiers, given ones too', () => {
    const tiers = [aTier(), aTier({ name: 'tcp', sessionNumber: 20, filter: 'all-tcp' })];
    const policy = aPolicy({ tiers });
    const filters = (...rules: readonly RuleSpec[]) => {
      const described = rules.map((rule, number) => ({ ...rule, ruleId: `tmfr-${number}` as const }));
      const given = aFilter({ rules: described });
      return { policy, filters: new Map([[given.filterId, given]]), decisions: [covered] };
    };
    expect(tell(aTarget(), filters(guard, aRule()))).toEqual([guarded]);
    expect(tell(aTarget(), filters(aRule()))).toEqual([looping()]);
    expect(tell(aTarget(), { ...filters(guard), decisions: [{ ...covered, wanted: [10, 20] }] })).toEqual([looping()]);
  });

  test('loops when its address is unknown, since no filter can then be trusted', () => {
    const { privateIpAddress: _, ...unaddressed } = sibling;
    const differences = { ...filteredBy(guard, aRule()), interfaces: index(appliance, unaddressed) };
    expect(tell(aTarget(), { ...differences, decisions: [covered] })).toEqual([looping()]);
  });

  describe('gets mirrored packets from the addresses of their sources', () => {
    const path = { source: unrelated, destination: aTarget() };
    const { privateIpAddress: _, ...unaddressed } = unrelated;
    const fromNet = filteredBy(aRule({ sourceCidr: '10.0.1.0/24' }));
    test.each<[string, Partial<PreflightFacts>, readonly string[]]>([
      ['which its filter accepts', { paths: [path], ...fromNet }, looping()],
      [
        'one of which its filter accepts',
        { paths: [{ ...path, source: anInterface({ privateIpAddress: '10.0.2.5' }) }, path], ...fromNet },
        looping(),
      ],
      [
        'unless they go to another target',
        { paths: [{ ...path, destination: anNlbDestination() }], ...fromNet },
        guarded,
      ],
      [
        'or from anyone, when none is known',
        { paths: [{ ...path, source: unaddressed }], ...filteredBy(aRule()) },
        looping(),
      ],
      [
        'anyone being a stranger to every network in use',
        { paths: [], ...filteredBy(aRule({ sourceCidr: '192.0.2.1/32' })) },
        looping(),
      ],
    ])('%s', (_, differences, told) => {
      expect(tell(aTarget(), { decisions: [covered], ...differences })).toEqual([told]);
    });
  });
});

test('each interface of the appliance is told for itself', () => {
  const third = { ...sibling, networkInterfaceId: 'eni-0ddd0000000000003' } as const;
  const facts = {
    interfaces: index(unrelated, appliance, sibling, third),
    decisions: [unrelated, sibling, third].map((each) => aCoveredSource(each)),
  };
  expect(tell(aTarget(), facts)).toEqual([looping(), looping('eni-0ddd0000000000003')]);
});

test('the interface of a target counts although nothing carries it, and what else nothing carries does not', () => {
  const { attachment: _, ...loose } = appliance;
  const other = aDetachedInterface({ networkInterfaceId: 'eni-0ddd0000000000004' });
  const decisions = [aCoveredSource(loose), aCoveredSource(other)];
  expect(tell(aTarget(), { interfaces: index(loose, other), decisions })).toEqual([looping('eni-0ddd0000000000001')]);
});

describe('behind a load balancer an appliance is found', () => {
  const registering = (...ids: readonly string[]) => {
    const targets = ids.map((id) => ({ id, state: 'healthy' }));
    const listeners: LoadBalancer['listeners'] = [{ protocol: 'UDP', port: 4789, targets }];
    return new Map([['arn:nlb', { kind: 'seen', value: aLoadBalancer({ listeners }) }]] as const);
  };
  const { attachment: _, ...loose } = sibling;
  const addressed = { ...loose, addresses: ['10.0.9.20', '10.0.9.21'] };

  test.each<[string, string, NetworkInterface]>([
    ['by its instance', 'i-0ddd0000000000001', sibling],
    ['by its primary address', '10.0.9.10', loose],
    ['by one of its other addresses', '10.0.9.21', addressed],
  ])('%s', (_, id, found) => {
    const facts = {
      interfaces: index(unrelated, found),
      decisions: [found, unrelated].map((each) => aCoveredSource(each)),
    };
    expect(tell(anNlbDestination(), { ...facts, loadBalancers: registering('10.9.9.9', id) })).toEqual([looping()]);
  });

  test('and not when only others are registered', () => {
    const facts = { interfaces: index(unrelated, addressed), decisions: [aCoveredSource(addressed)] };
    expect(tell(anNlbDestination(), { ...facts, loadBalancers: registering('10.9.9.9') })).toEqual([stranger]);
  });
});
