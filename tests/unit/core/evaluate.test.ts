import { describe, expect, test } from '@jest/globals';
import { directionOf, evaluatePacket, rulesInOrder } from '../../../lib/core/evaluate.ts';
import { renderAccount } from '../../../lib/core/render-account.ts';
import { aRule } from '../../support/filter.ts';
import { aPacketSession, readPacket } from '../../support/packet.ts';

const http = aPacketSession({
  sessionNumber: 10,
  name: 'http',
  filter: {
    networkServices: [],
    rules: [
      aRule({ ruleNumber: 10, protocol: 6, destinationPorts: { from: 80, to: 80 } }),
      aRule({ direction: 'egress', ruleNumber: 10, protocol: 6, sourcePorts: { from: 80, to: 80 } }),
    ],
  },
});
const allTcp = aPacketSession({ sessionNumber: 20 });
const request = readPacket('tcp 192.168.7.7:50000 > 10.0.1.5:80');

describe('which session mirrors a packet', () => {
  test('HTTP goes to the higher-priority session, all other TCP to the lower one, whatever order they come in', () => {
    const takerOf = (text: string) => evaluatePacket(readPacket(text), [allTcp, http], 'ingress').verdict;
    expect(takerOf('tcp 192.168.7.7:50000 > 10.0.1.5:80')).toMatchObject({ sessionNumber: 10, name: 'http' });
    expect(takerOf('tcp 192.168.7.7:50000 > 10.0.1.5:22')).toMatchObject({ sessionNumber: 20, name: 'tcp' });
    expect(takerOf('udp 192.168.7.7:50000 > 10.0.1.5:22')).toEqual({ kind: 'unmirrored', because: 'no-match' });
  });

  test('no-match: a filter without outbound rules mirrors nothing outbound', () => {
    const inbound = aPacketSession({ filter: { networkServices: [], rules: [aRule()] } });
    const verdict = evaluatePacket(request, [inbound], 'egress').verdict;
    expect(verdict).toEqual({ kind: 'unmirrored', because: 'no-match' });
  });

  test('the rule with the lowest number that matches decides, whatever order they come in', () => {
    const rules = [
      aRule({ ruleNumber: 20 }),
      aRule({ ruleNumber: 10, action: 'reject', sourceCidr: '192.168.0.0/16' }),
    ];
    const session = aPacketSession({ filter: { networkServices: [], rules } });
    expect(evaluatePacket(request, [session], 'ingress').verdict).toEqual({ kind: 'unmirrored', because: 'rejected' });
    const other = readPacket('tcp 8.8.8.8:1 > 10.0.1.5:80');
    expect(evaluatePacket(other, [session], 'ingress').verdict.kind).toBe('mirrored');
  });

  test('a rule of the other family does not match', () => {
    const packet = readPacket('tcp [2001:db8::1]:1 > [2001:db8::2]:80');
    expect(evaluatePacket(packet, [allTcp], 'ingress').trials[0]?.rules[0]?.differs).toBe('source');
  });

  test('a later fragment matches no rule that names ports, but one that names none or all of them', () => {
    const fragment = readPacket('tcp 192.168.7.7 > 10.0.1.5 fragment');
    const all = aRule({ protocol: 6, destinationPorts: { from: 0, to: 65_535 } });
    const everyPort = aPacketSession({ sessionNumber: 15, filter: { networkServices: [], rules: [all] } });
    expect(evaluatePacket(fragment, [http, allTcp], 'ingress').verdict).toMatchObject({ sessionNumber: 20 });
    expect(evaluatePacket(fragment, [http, everyPort], 'ingress').verdict).toMatchObject({ sessionNumber: 15 });
  });

  test('what the interface sends is egress, everything else ingress', () => {
    expect(directionOf(request, [request.source])).toBe('egress');
    expect(directionOf(request, [request.destination])).toBe('ingress');
    expect(directionOf(request, [request.destination, request.source])).toBe('egress');
    expect(directionOf(request, [])).toBe('ingress');
    expect(directionOf(request, [{ family: 6, value: request.source.value }])).toBe('ingress');
  });
});

describe('rejectFallsThrough', () => {
  const reject = aRule({ action: 'reject', protocol: 6 });
  const rejecting = aPacketSession({
    sessionNumber: 5,
    name: 'none',
    filter: { networkServices: [], rules: [reject] },
  });

  test('true: what one session rejects is offered to the next, and the account says that this is assumed', () => {
    const account = evaluatePacket(request, [rejecting, allTcp], 'ingress', {
      rejectFallsThrough: true,
      resolvers: [],
    });
    expect(account.verdict).toMatchObject({ kind: 'mirrored', sessionNumber: 20 });
    expect(account.restsOnRejectFallsThrough).toBe(true);
    expect(renderAccount(account).join('\n')).toContain('rejectFallsThrough = true');
  });

  test('false: the rejection ends the search, and the account says that this is assumed', () => {
    const account = evaluatePacket(request, [rejecting, allTcp], 'ingress', {
      rejectFallsThrough: false,
      resolvers: [],
    });
    expect(account.verdict).toEqual({ kind: 'unmirrored', because: 'rejected' });
    expect(account.trials).toHaveLength(1);
    expect(account.restsOnRejectFallsThrough).toBe(true);
  });

  test('a rejection that no later session would make good rests on nothing', () => {
    const account = evaluatePacket(request, [allTcp, { ...rejecting, sessionNumber: 30 }], 'ingress');
    expect(account.restsOnRejectFallsThrough).toBe(false);
    const alone = evaluatePacket(request, [rejecting], 'ingress');
    expect(alone).toMatchObject({ verdict: { because: 'rejected' }, restsOnRejectFallsThrough: false });
  });
});

describe('traffic that AWS never mirrors', () => {
  const everything = aPacketSession({
    filter: {
      networkServices: [],
      rules: ['0.0.0.0/0', '::/0'].flatMap((cidr, i) =>
        (['ingress', 'egress'] as const).map((direction) =>
          aRule({ direction, ruleNumber: i + 1, sourceCidr: cidr, destinationCidr: cidr }),
        ),
      ),
    },
  });
  const never: [string, string][] = [
    ['dhcp', 'udp 0.0.0.0:68 > 255.255.255.255:67'],
    ['dhcp', 'udp 10.0.0.1:67 > 10.0.1.5:68'],
    ['dhcp', 'udp [fe80::1]:546 > [ff02::1:2]:547'],
    ['instance-metadata', 'tcp 10.0.1.5:40000 > 169.254.169.254:80'],
    ['instance-metadata', 'tcp [fd00:ec2::254]:80 > [2001:db8::5]:40000'],
    ['ntp', 'udp 10.0.1.5:123 > 169.254.169.123:123'],
    ['ntp', 'udp [fd00:ec2::123]:123 > [2001:db8::5]:40000'],
    ['windows-activation', 'tcp 10.0.1.5:40000 > 169.254.169.250:1688'],
    ['windows-activation', 'tcp 169.254.169.251:1688 > 10.0.1.5:40000'],
    ['amazon-dns', 'udp 10.0.1.5:40000 > 169.254.169.253:53'],
    ['amazon-dns', 'tcp [fd00:ec2::253]:53 > [2001:db8::5]:40000'],
    ['amazon-dns', 'udp 10.0.1.5:40000 > 10.0.0.2:53'],
  ];
  const setting = { rejectFallsThrough: true, resolvers: [readPacket('icmp 10.0.0.2 > 10.0.0.2').source] };
  for (const [because, text] of never) {
    test(`${because}: ${text}`, () => {
      const { verdict } = evaluatePacket(readPacket(text), [everything], 'egress', setting);
      expect(verdict).toEqual({ kind: 'unmirrored', because });
    });
  }

  test('arp and not-ip packets are mirrored by no filter', () => {
    expect(evaluatePacket({ kind: 'arp' }, [everything], 'ingress').verdict).toMatchObject({ because: 'arp' });
    const lldp = { kind: 'not-ip', etherType: 0x88cc } as const;
    expect(evaluatePacket(lldp, [everything], 'ingress').verdict).toMatchObject({ because: 'not-ip' });
  });

  test('NTP with other servers and DNS with other resolvers are ordinary traffic', () => {
    for (const text of ['udp 10.0.1.5:123 > 17.253.4.125:123', 'udp 10.0.1.5:40000 > 8.8.8.8:53']) {
      expect(evaluatePacket(readPacket(text), [everything], 'egress', setting).verdict.kind).toBe('mirrored');
    }
  });

  test('Amazon DNS goes to the first session with the network service, in both directions and against its rules', () => {
    const withDns = { ...allTcp, filter: { networkServices: ['amazon-dns'], rules: [] } };
    for (const text of ['udp 10.0.1.5:40000 > 169.254.169.253:53', 'udp 169.254.169.253:53 > 10.0.1.5:40000']) {
      const account = evaluatePacket(readPacket(text), [everything, withDns], 'egress');
      expect(account.verdict).toMatchObject({ sessionNumber: 20 });
      expect(account.trials.map(({ outcome }) => outcome)).toEqual(['service-absent', 'service-accepted']);
    }
  });
});

test('the account as text shows every session asked and every rule tried', () => {
  const ssh = readPacket('tcp 192.168.7.7:50000 > 10.0.1.5:22');
  expect(renderAccount(evaluatePacket(ssh, [http, allTcp], 'ingress'))).toEqual([
    'tcp 192.168.7.7:50000 > 10.0.1.5:22 (ingress)',
    '  session 10 (http): no rule matches',
    '    ingress 10 accept tcp 0.0.0.0/0 > 0.0.0.0/0:80: other destination port',
    '  session 20 (tcp): accepts it',
    '    ingress 100 accept tcp 0.0.0.0/0 > 0.0.0.0/0: matches',
    'mirrored by session 20 (tcp)',
  ]);
});

describe('the account of a packet', () => {
  const setting = { rejectFallsThrough: true, resolvers: [] };
  const rejecting = aRule({ ruleNumber: 5, action: 'reject', protocol: 6, destinationPorts: { from: 80, to: 80 } });
  const accepting = aRule({ ruleNumber: 7, protocol: 6 });
  const sent = aRule({ direction: 'egress' });
  const refusing = aPacketSession({
    sessionNumber: 5,
    name: 'no-http',
    filter: { networkServices: [], rules: [accepting, sent, rejecting] },
  });
  const udp = aRule({ ruleNumber: 1, protocol: 17 });
  const dns = aPacketSession({
    sessionNumber: 6,
    name: 'dns',
    filter: { networkServices: ['amazon-dns'], rules: [udp] },
  });

  test('tells every session that was asked with the rules that were tried, up to the one that decided', () => {
    expect(evaluatePacket(request, [allTcp, dns, refusing], 'ingress')).toStrictEqual({
      facts: request,
      direction: 'ingress',
      setting,
      verdict: { kind: 'mirrored', sessionNumber: 20, name: 'tcp' },
      trials: [
        { sessionNumber: 5, name: 'no-http', outcome: 'rejected', rules: [{ rule: rejecting }] },
        { sessionNumber: 6, name: 'dns', outcome: 'no-match', rules: [{ rule: udp, differs: 'protocol' }] },
        { sessionNumber: 20, name: 'tcp', outcome: 'accepted', rules: [{ rule: aRule({ protocol: 6 }) }] },
      ],
      restsOnRejectFallsThrough: true,
    });
  });

  test('rejected: a rule that rejected it beats sessions without a match', () => {
    expect(evaluatePacket(request, [dns, refusing], 'ingress')).toStrictEqual({
      facts: request,
      direction: 'ingress',
      setting,
      verdict: { kind: 'unmirrored', because: 'rejected' },
      trials: [
        { sessionNumber: 5, name: 'no-http', outcome: 'rejected', rules: [{ rule: rejecting }] },
        { sessionNumber: 6, name: 'dns', outcome: 'no-match', rules: [{ rule: udp, differs: 'protocol' }] },
      ],
      restsOnRejectFallsThrough: false,
    });
  });

  test('amazon-dns: rules are not tried, and sessions without the service are told', () => {
    const query = readPacket('udp 10.0.1.5:40000 > 169.254.169.253:53');
    const common = {
      facts: query,
      direction: 'egress',
      setting,
      special: 'amazon-dns',
      restsOnRejectFallsThrough: false,
    };
    expect(evaluatePacket(query, [allTcp, dns, refusing], 'egress')).toStrictEqual({
      ...common,
      verdict: { kind: 'mirrored', sessionNumber: 6, name: 'dns' },
      trials: [
        { sessionNumber: 5, name: 'no-http', outcome: 'service-absent', rules: [] },
        { sessionNumber: 6, name: 'dns', outcome: 'service-accepted', rules: [] },
      ],
    });
    expect(evaluatePacket(query, [refusing], 'egress')).toStrictEqual({
      ...common,
      verdict: { kind: 'unmirrored', because: 'amazon-dns' },
      trials: [{ sessionNumber: 5, name: 'no-http', outcome: 'service-absent', rules: [] }],
    });
  });

  test('ntp, arp: nobody is asked, and only the first is special traffic of IP', () => {
    const ntp = readPacket('udp 10.0.1.5:123 > 169.254.169.123:123');
    const nobody = { direction: 'egress', setting, trials: [], restsOnRejectFallsThrough: false };
    expect(evaluatePacket(ntp, [allTcp], 'egress')).toStrictEqual({
      ...nobody,
      facts: ntp,
      special: 'ntp',
      verdict: { kind: 'unmirrored', because: 'ntp' },
    });
    expect(evaluatePacket({ kind: 'arp' }, [allTcp], 'egress')).toStrictEqual({
      ...nobody,
      facts: { kind: 'arp' },
      verdict: { kind: 'unmirrored', because: 'arp' },
    });
  });

  test('lists the rules of one direction in ascending number, and leaves the filter as it is', () => {
    const rules = [accepting, sent, rejecting];
    expect(rulesInOrder(rules, 'ingress')).toEqual([rejecting, accepting]);
    expect(rulesInOrder(rules, 'egress')).toEqual([sent]);
    expect(rules).toEqual([accepting, sent, rejecting]);
  });
});
