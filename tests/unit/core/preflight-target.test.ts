import { describe, expect, test } from '@jest/globals';
import type { NetworkInterface } from '../../../lib/core/model.ts';
import type { Destination, LoadBalancer, PreflightFacts } from '../../../lib/core/preflight-facts.ts';
import { checkTarget } from '../../../lib/core/preflight-target.ts';
import { anInstance } from '../../support/instance.ts';
import { aLoadBalancer, anApplianceInterface, anNlbDestination, preflightFacts } from '../../support/preflight.ts';
import { aTarget } from '../../support/target.ts';

/** What is told of one target, each check as `[verdict, name, detail, remedy]`. */
function tell(destination: Destination, differences: Partial<PreflightFacts> = {}): readonly (readonly string[])[] {
  const facts = preflightFacts({ destinations: new Map([[destination.targetId, destination]]), ...differences });
  return checkTarget(destination.targetId, facts).map(({ verdict, check, detail, remedy }) => [
    verdict,
    check,
    detail,
    ...(remedy === undefined ? [] : [remedy]),
  ]);
}
const owned = ['pass', 'target-owner', 'This account owns it.'];

test('a target that EC2 does not show fails, and nothing else is asked of it', () => {
  expect(checkTarget('tmt-0none', preflightFacts())).toEqual([
    {
      verdict: 'fail',
      check: 'target-exists',
      subject: 'tmt-0none',
      detail: 'EC2 shows no such target, neither of this account nor shared with it.',
      remedy: 'Create it, have its owner share it by AWS RAM, or take its id out of the pool.',
    },
  ]);
});

test('of a target of another account it is told only that what stands behind it cannot be seen', () => {
  expect(tell(aTarget({ ownerId: '999988887777' }))).toEqual([
    ['pass', 'target-exists', 'A network-interface target.'],
    [
      'warn',
      'target-owner',
      'Account 999988887777 shares it; what stands behind it cannot be seen from here.',
      'Ask its owner to run the checks of this target.',
    ],
  ]);
});

test('behind the endpoint of a gateway load balancer nothing is looked at', () => {
  expect(tell(aTarget({ kind: 'gateway-load-balancer-endpoint' }))).toEqual([
    ['pass', 'target-exists', 'A gateway-load-balancer-endpoint target.'],
    owned,
  ]);
});

describe('behind an interface target', () => {
  const exists = ['pass', 'target-exists', 'A network-interface target.'];
  const on = (...interfaces: readonly NetworkInterface[]) => ({
    interfaces: new Map(interfaces.map((each) => [each.networkInterfaceId, each])),
  });
  const appliance = anApplianceInterface();
  const { networkInterfaceId: _, ...unnamed } = aTarget();
  const attached = ['pass', 'target-attached', 'Its interface eni-0ddd0000000000001 is on i-0ddd0000000000001.'];
  const loose = [
    'fail',
    'target-attached',
    'Its interface eni-0ddd0000000000001 is attached to no instance.',
    'Attach it to the appliance.',
  ];
  const remake = 'Make a target of another interface and put its id into the pool.';

  test.each<[string, Destination, Partial<PreflightFacts>, readonly string[]]>([
    ['a running appliance passes', aTarget(), {}, attached],
    ['an appliance whose instance cannot be seen passes', aTarget(), { instances: new Map() }, attached],
    [
      'an appliance that does not run fails',
      aTarget(),
      { instances: new Map([['i-0ddd0000000000001', anInstance({ state: 'stopped' })]]) },
      ['fail', 'target-attached', 'The appliance i-0ddd0000000000001 is stopped.', 'Start the appliance.'],
    ],
    [
      'no interface of this id fails',
      aTarget(),
      on(),
      [
        'fail',
        'target-attached',
        'Its interface eni-0ddd0000000000001 does not exist; AWS has stopped mirroring to it.',
        remake,
      ],
    ],
    [
      'no interface at all fails',
      unnamed,
      {},
      ['fail', 'target-attached', 'Its interface does not exist; AWS has stopped mirroring to it.', remake],
    ],
    ['an interface that is available fails', aTarget(), on({ ...appliance, status: 'available' }), loose],
    [
      'an interface that a service carries fails',
      aTarget(),
      on({ ...appliance, attachment: { status: 'attached', deviceIndex: 1, networkCardIndex: 0 } }),
      loose,
    ],
  ])('%s', (_, destination, differences, told) => {
    expect(tell(destination, differences)).toEqual([exists, owned, told]);
  });

  test('an interface that was never attached fails', () => {
    const { attachment: __, ...bare } = appliance;
    expect(tell(aTarget(), on(bare))).toEqual([exists, owned, loose]);
  });
});

describe('behind a load balancer', () => {
  const exists = ['pass', 'target-exists', 'A network-load-balancer target.'];
  const seen = (differences: Partial<LoadBalancer>) => ({
    loadBalancers: new Map([['arn:nlb', { kind: 'seen', value: aLoadBalancer(differences) }]] as const),
  });
  const listening = (protocol: string, port: number, ...states: readonly string[]) =>
    seen({
      listeners: [{ protocol, port, targets: states.map((state, index) => ({ id: `10.0.8.${index}`, state })) }],
    });
  const hears = ['pass', 'listener', 'UDP 4789.'];
  const allHealthy = ['pass', 'health', '2 of 2 registered appliances are healthy.'];
  const isCrossZone = ['pass', 'cross-zone', 'Cross-zone load balancing is on.'];
  const deaf = [
    'fail',
    'listener',
    'No listener for UDP 4789: mirroring fails without any error.',
    'Add a UDP listener on port 4789 that forwards to the appliances.',
  ];
  const sick = 'Register appliances, or repair what their health check asks.';
  const remake = 'Make a target of another load balancer and put its id into the pool.';
  const { loadBalancerArn: _, ...unnamed } = anNlbDestination();

  test.each<[string, Destination, Partial<PreflightFacts>, readonly (readonly string[])[]]>([
    ['everything is well', anNlbDestination(), {}, [hears, allHealthy, isCrossZone]],
    [
      'a listener for TCP and UDP hears VXLAN too',
      anNlbDestination(),
      listening('TCP_UDP', 4789, 'healthy', 'healthy'),
      [['pass', 'listener', 'TCP_UDP 4789.'], allHealthy, isCrossZone],
    ],
    ['a listener for TCP hears nothing', anNlbDestination(), listening('TCP', 4789, 'healthy'), [deaf, isCrossZone]],
    ['nor does one on another port', anNlbDestination(), listening('UDP', 4790, 'healthy'), [deaf, isCrossZone]],
    [
      'some appliances are not healthy',
      anNlbDestination(),
      listening('UDP', 4789, 'unhealthy', 'healthy', 'healthy'),
      [
        hears,
        [
          'warn',
          'health',
          '2 of 3 registered appliances are healthy.',
          'Look at the target group for the reason of the others.',
        ],
        isCrossZone,
      ],
    ],
    [
      'none is healthy',
      anNlbDestination(),
      listening('UDP', 4789, 'initial'),
      [hears, ['fail', 'health', '0 of 1 registered appliances are healthy.', sick], isCrossZone],
    ],
    [
      'none is registered',
      anNlbDestination(),
      listening('UDP', 4789),
      [hears, ['fail', 'health', '0 of 0 registered appliances are healthy.', sick], isCrossZone],
    ],
    [
      'each zone is on its own',
      anNlbDestination(),
      seen({ isCrossZone: false }),
      [
        hears,
        allHealthy,
        [
          'warn',
          'cross-zone',
          'Off: each zone is served by its own appliances only, and a zone added later by none (zones: us-east-1a, us-east-1b).',
          'Turn on cross-zone load balancing, or keep healthy appliances in every zone with sources.',
        ],
      ],
    ],
    [
      'it does not exist',
      anNlbDestination(),
      { loadBalancers: new Map() },
      [['fail', 'listener', 'The load balancer arn:nlb does not exist; AWS has stopped mirroring to it.', remake]],
    ],
    [
      'the target names none',
      unnamed,
      {},
      [['fail', 'listener', 'The load balancer does not exist; AWS has stopped mirroring to it.', remake]],
    ],
    [
      'it may not be looked at',
      anNlbDestination(),
      {
        loadBalancers: new Map([['arn:nlb', { kind: 'denied', permission: 'elasticloadbalancing:DescribeListeners' }]]),
      },
      [
        [
          'warn',
          'listener',
          'Listener, health and cross-zone setting are not checked: elasticloadbalancing:DescribeListeners is missing.',
          'Allow elasticloadbalancing:DescribeListeners and run this again.',
        ],
      ],
    ],
  ])('%s', (_, destination, differences, told) => {
    expect(tell(destination, differences)).toEqual([exists, owned, ...told]);
  });
});
