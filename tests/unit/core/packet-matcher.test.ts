import { describe, expect, test } from '@jest/globals';
import type { RuleSpec } from '../../../lib/core/model.ts';
import {
  type EvaluationSetting,
  type PacketSession,
  skipReasons,
  unmirroredReasons,
} from '../../../lib/core/packet.ts';
import { compileMatcher } from '../../../lib/core/packet-matcher.ts';
import { aRule } from '../../support/filter.ts';
import { aFrame, type FrameShape } from '../../support/frame.ts';
import { aPacketSession, readPacket } from '../../support/packet.ts';

const addressOf = (text: string) => readPacket(`proto 47 ${text} > ${text}`).source;
const own = [addressOf('10.0.1.5'), addressOf('2001:db8::5')];
const setting: EvaluationSetting = { rejectFallsThrough: true, resolvers: [addressOf('10.0.0.2')] };

interface Given {
  readonly addresses?: readonly { readonly family: 4 | 6; readonly value: bigint }[];
  readonly setting?: EvaluationSetting;
  readonly shape?: FrameShape;
}

/** What becomes of a packet that stands amid other bytes of its capture: the session's name, or why there is none. */
function fateOf(text: string, sessions: readonly PacketSession[], given: Given = {}): string {
  return fateOfFrame(aFrame(readPacket(text), given.shape), sessions, given);
}
function fateOfFrame(frame: Buffer, sessions: readonly PacketSession[], given: Given = {}): string {
  const matcher = compileMatcher(sessions, given.addresses ?? own, given.setting ?? setting);
  const bytes = Buffer.concat([Buffer.alloc(3, 0xff), frame, Buffer.alloc(40, 0xff)]);
  const outcome = matcher.outcomes[matcher.match(bytes, 3, 3 + frame.length, given.shape?.linkType ?? 1)];
  return outcome?.kind === 'mirrored' ? outcome.session.name : (outcome?.because ?? 'nothing');
}
/** One session that has these rules only, in this order. */
function sessionWith(rules: readonly Partial<RuleSpec>[], differences: Partial<PacketSession> = {}): PacketSession {
  const numbered = rules.map((rule, index) => aRule({ ruleNumber: index + 1, ...rule }));
  return aPacketSession({ filter: { networkServices: [], rules: numbered }, ...differences });
}

test('everything that can come of a frame is a session, in ascending number, or a reason for none, or a skip code', () => {
  const [late, early] = [aPacketSession({ sessionNumber: 20 }), aPacketSession({ sessionNumber: 3 })];
  expect(compileMatcher([late, early], own).outcomes).toEqual([
    { kind: 'mirrored', session: early },
    { kind: 'mirrored', session: late },
    ...Object.keys(unmirroredReasons).map((because) => ({ kind: 'unmirrored', because })),
    ...Object.keys(skipReasons).map((because) => ({ kind: 'skipped', because })),
  ]);
});

describe('a rule matches what it describes, to the last address and port', () => {
  const ports = { sourcePorts: { from: 1024, to: 2048 }, destinationPorts: { from: 80, to: 88 } };
  const v4 = { protocol: 6, sourceCidr: '10.1.2.0/23', destinationCidr: '10.0.1.0/24', ...ports };
  const v6 = { ...v4, sourceCidr: '2001:db8:1::/47', destinationCidr: '2001:db8:ffff:ffff:ffff:ffff:ffff:fff0/124' };
  const last6 = '2001:db8:ffff:ffff:ffff:ffff:ffff';
  test.each([
    ['tcp 10.1.2.0:1024 > 10.0.1.0:80', 'tcp'],
    ['tcp 10.1.3.255:2048 > 10.0.1.255:88', 'tcp'],
    ['udp 10.1.2.0:1024 > 10.0.1.0:80', 'no-match'],
    ['tcp 10.1.1.255:1024 > 10.0.1.0:80', 'no-match'],
    ['tcp 10.1.4.0:1024 > 10.0.1.0:80', 'no-match'],
    ['tcp 10.1.2.0:1024 > 10.0.0.255:80', 'no-match'],
    ['tcp 10.1.2.0:1024 > 10.0.2.0:80', 'no-match'],
    ['tcp 10.1.2.0:1023 > 10.0.1.0:80', 'no-match'],
    ['tcp 10.1.2.0:2049 > 10.0.1.0:80', 'no-match'],
    ['tcp 10.1.2.0:1024 > 10.0.1.0:79', 'no-match'],
    ['tcp 10.1.2.0:1024 > 10.0.1.0:89', 'no-match'],
    ['tcp 10.1.2.0 > 10.0.1.0 fragment', 'no-match'],
    [`tcp [2001:db8::]:1024 > [${last6}:fff0]:80`, 'tcp'],
    [`tcp [2001:db8:1:ffff:ffff:ffff:ffff:ffff]:2048 > [${last6}:ffff]:88`, 'tcp'],
    [`tcp [2001:db8:2::]:1024 > [${last6}:fff0]:80`, 'no-match'],
    [`tcp [2001:db7:ffff:ffff::]:1024 > [${last6}:fff0]:80`, 'no-match'],
    [`tcp [2001:db8::]:1024 > [${last6}:ffef]:80`, 'no-match'],
    [`tcp [2001:db8::]:1024 > [2001:db8:ffff:ffff:ffff:fffe:ffff:fff0]:80`, 'no-match'],
    [`tcp [2001:db8::]:1024 > [2001:db8:ffff:fffe:ffff:ffff:ffff:fff0]:80`, 'no-match'],
    [`tcp [2001:db8::]:1024 > [2001:db9:ffff:ffff:ffff:ffff:ffff:fff0]:80`, 'no-match'],
  ])('%s: %s', (text, fate) => {
    expect(fateOf(text, [sessionWith([v4, v6])])).toBe(fate);
  });
  test('one that names no protocol and no ports matches what has none', () => {
    for (const text of [
      'icmp 10.0.0.1 > 10.0.0.2',
      'udp 10.0.0.1:1 > 10.0.0.2:65535',
      'tcp 1.1.1.1 > 2.2.2.2 fragment',
    ])
      expect(fateOf(text, [sessionWith([{}])])).toBe('tcp');
  });
  test('one that names only one of the ports', () => {
    const [from, to] = [{ sourcePorts: { from: 1, to: 9 } }, { destinationPorts: { from: 1, to: 9 } }];
    const fatesUnder = (rule: Partial<RuleSpec>) =>
      ['tcp 10.0.0.1:9 > 10.0.0.2:10', 'tcp 10.0.0.1:10 > 10.0.0.2:9', 'tcp 10.0.0.1 > 10.0.0.2 fragment'].map((text) =>
        fateOf(text, [sessionWith([{ protocol: 6, ...rule }])]),
      );
    expect([fatesUnder(from), fatesUnder(to)]).toEqual([
      ['tcp', 'no-match', 'no-match'],
      ['no-match', 'tcp', 'no-match'],
    ]);
  });
  test('one whose networks are of two families matches nothing', () => {
    const mixed = sessionWith([{ destinationCidr: '::/0' }, { sourceCidr: '::/0' }]);
    expect(fateOf('tcp 10.0.0.1:1 > 10.0.0.2:2', [mixed])).toBe('no-match');
    expect(fateOf('tcp [::1]:1 > [::2]:2', [mixed])).toBe('no-match');
  });
});

describe('the order of evaluation', () => {
  const web = { protocol: 6, destinationPorts: { from: 80, to: 80 } };
  const named = (name: string, sessionNumber: number, rules: readonly Partial<RuleSpec>[]) =>
    sessionWith(rules, { name, sessionNumber });
  const request = 'tcp 10.0.0.1:1 > 10.0.1.5:80';

  test('the session with the lowest number is asked first, whatever order they come in', () => {
    const sessions = [named('all', 20, [{}]), named('web', 10, [web])];
    const texts = [request, 'tcp 10.0.0.1:1 > 10.0.1.5:81'];
    expect(texts.map((text) => fateOf(text, sessions))).toEqual(['web', 'all']);
  });
  test('the rule with the lowest number decides, whatever order they come in', () => {
    const rules = [{ ruleNumber: 20 }, { ruleNumber: 10, action: 'reject' as const, ...web }];
    expect(fateOf(request, [named('all', 10, rules)])).toBe('rejected');
    expect(fateOf('tcp 10.0.0.1:1 > 10.0.1.5:81', [named('all', 10, rules)])).toBe('all');
  });
  test('of IPv6 as well', () => {
    const all = { sourceCidr: '::/0', destinationCidr: '::/0' };
    const sessions = [
      named('v6', 10, [
        { ...all, protocol: 17 },
        { ...all, ...web },
        { ...all, protocol: 58 },
      ]),
    ];
    const texts = ['udp [::1]:1 > [::2]:2', 'tcp [::1]:1 > [::2]:80', 'icmpv6 [::1] > [::2]', 'tcp [::1]:1 > [::2]:81'];
    expect(texts.map((text) => fateOf(text, sessions))).toEqual(['v6', 'v6', 'v6', 'no-match']);
  });
  test('rejected: a rejection skips the other rules of its session; whether the next is asked is a setting', () => {
    const first = named('first', 1, [{ ...web, action: 'reject' }, {}, {}]);
    const second = named('second', 2, [{ protocol: 17 }, { sourceCidr: '10.0.0.0/24' }]);
    const fatesUnder = (rejectFallsThrough: boolean, ...sessions: PacketSession[]) =>
      fateOf(request, sessions, { setting: { ...setting, rejectFallsThrough } });
    expect([fatesUnder(true, first), fatesUnder(true, first, second)]).toEqual(['rejected', 'second']);
    expect([fatesUnder(false, first), fatesUnder(false, first, second)]).toEqual(['rejected', 'rejected']);
    expect(fatesUnder(true, first, named('none', 2, [{ protocol: 17 }]))).toBe('rejected');
  });
  test('no-match: no session, no rule, or none of the direction', () => {
    expect(fateOf(request, [])).toBe('no-match');
    expect(fateOf(request, [named('none', 1, [])])).toBe('no-match');
    expect(fateOf(request, [named('out', 1, [{ direction: 'egress' }])])).toBe('no-match');
  });
});

describe('the direction of a packet', () => {
  const both = (sourceCidr: string) => [
    sessionWith([{ sourceCidr, destinationCidr: sourceCidr }], { name: 'ingress', sessionNumber: 1 }),
    sessionWith([{ direction: 'egress', sourceCidr, destinationCidr: sourceCidr }], {
      name: 'egress',
      sessionNumber: 2,
    }),
  ];
  test.each([
    ['10.0.1.5', 'egress'],
    ['10.0.1.4', 'ingress'],
    ['10.9.9.9', 'egress'],
  ])('with the addresses of the interface known, %s sends what is %s', (source, direction) => {
    const addresses = [...own, addressOf('10.9.9.9')];
    expect(fateOf(`tcp ${source}:1 > 10.0.1.5:2`, both('0.0.0.0/0'), { addresses })).toBe(direction);
  });
  test.each([
    ['2001:db8::5', 'egress'],
    ['2001:db8::4', 'ingress'],
    ['2001:db9::5', 'ingress'],
    ['2001:db8:0:1::5', 'ingress'],
    ['2001:db8::1:0:5', 'ingress'],
    ['fd00:1:2:3:4:5:6:7', 'egress'],
  ])('and %s sends what is %s', (source, direction) => {
    const addresses = [...own, addressOf('fd00:1:2:3:4:5:6:7')];
    expect(fateOf(`tcp [${source}]:1 > [2001:db8::5]:2`, both('::/0'), { addresses })).toBe(direction);
  });
  test('what the interface sends to another address of its own is egress', () => {
    const addresses = [...own, addressOf('10.9.9.9')];
    expect(fateOf('tcp 10.0.1.5:1 > 10.9.9.9:2', both('0.0.0.0/0'), { addresses })).toBe('egress');
  });
  test('an IPv6 address that ends in the bytes of an IPv4 address is not that address', () => {
    const addresses = [addressOf('2001:db8::a00:104')];
    expect(fateOf('tcp 10.0.1.4:1 > 10.0.1.5:2', both('0.0.0.0/0'), { addresses })).toBe('ingress');
  });
  test('known addresses beat what a Linux cooked capture says', () => {
    const shape = { linkType: 113, cookedType: 4 };
    expect(fateOf('tcp 10.0.1.4:1 > 10.0.1.5:2', both('0.0.0.0/0'), { shape })).toBe('ingress');
  });
  test('without addresses it is what a Linux cooked capture says of itself, else ingress', () => {
    const fates = [{ linkType: 113, cookedType: 4 }, { linkType: 113, cookedType: 0 }, { linkType: 1 }].map((shape) =>
      fateOf('tcp 10.0.1.5:1 > 10.0.1.4:2', both('0.0.0.0/0'), { shape, addresses: [] }),
    );
    expect(fates).toEqual(['egress', 'ingress', 'ingress']);
  });
});

describe('what rules have no say in', () => {
  const everything = sessionWith(
    ['0.0.0.0/0', '::/0'].flatMap((cidr) =>
      (['ingress', 'egress'] as const).map((direction) => ({ direction, sourceCidr: cidr, destinationCidr: cidr })),
    ),
  );
  const dns = { ...everything, name: 'dns', sessionNumber: 20, filter: { networkServices: ['amazon-dns'], rules: [] } };
  test.each([
    ['dhcp', 'udp 0.0.0.0:68 > 255.255.255.255:67'],
    ['dhcp', 'udp 10.0.0.1:67 > 10.0.1.5:67'],
    ['dhcp', 'udp 10.0.0.1:68 > 10.0.1.5:68'],
    ['dhcp', 'udp [fe80::1]:546 > [ff02::1:2]:546'],
    ['dhcp', 'udp [fe80::1]:547 > [ff02::1:2]:547'],
    ['instance-metadata', 'tcp 10.0.1.5:40000 > 169.254.169.254:80'],
    ['instance-metadata', 'tcp 169.254.169.254:80 > 10.0.1.5:40000'],
    ['instance-metadata', 'tcp [2001:db8::5]:40000 > [fd00:ec2::254]:80'],
    ['instance-metadata', 'icmpv6 [fd00:ec2::254] > [2001:db8::5]'],
    ['instance-metadata', 'tcp [fd00:ec2::1]:40000 > [fd00:ec2::254]:80'],
    ['ntp', 'udp 10.0.1.5:123 > 169.254.169.123:123'],
    ['windows-activation', 'tcp 169.254.169.251:1688 > 10.0.1.5:40000'],
    ['amazon-dns', 'udp 10.0.1.5:40000 > 169.254.169.253:53'],
    ['amazon-dns', 'udp 10.0.1.5:40000 > 10.0.0.2:53'],
    ['amazon-dns', 'udp 10.0.1.5:53 > 10.0.0.2:53'],
    ['amazon-dns', 'tcp 10.0.0.2:53 > 10.0.1.5:40000'],
  ])('%s: %s', (because, text) => {
    expect(fateOf(text, [everything])).toBe(because);
    for (const sessions of [[everything, dns], [dns]])
      expect(fateOf(text, sessions)).toBe(because === 'amazon-dns' ? 'dns' : because);
  });
  test.each([
    ['the ports of special services with others', 'udp 10.0.1.5:68 > 10.0.0.9:53'],
    ['other link-local addresses', 'tcp 169.254.0.1:1 > 169.254.255.255:2'],
    ['addresses that begin alike', 'tcp 169.253.169.254:1 > 168.254.169.254:2'],
    ['IPv6 addresses that begin alike', 'tcp [fd00:ec3::254]:1 > [fd00:ec2:1::254]:2'],
  ])('%s are ordinary traffic', (_what, text) => {
    expect(fateOf(text, [everything])).toBe('tcp');
  });
  test('arp and not-ip frames, and those that cannot be judged', () => {
    const frame = aFrame(readPacket('tcp 10.0.0.1:1 > 10.0.0.2:2'));
    const ofType = (...etherType: number[]) => {
      const copy = Buffer.from(frame);
      copy.set(etherType, 12);
      return copy;
    };
    const frames = [ofType(8, 6), ofType(0x88, 0xcc), frame.subarray(0, 9), frame.subarray(0, 0), ofType(0x86, 0xdd)];
    expect(frames.map((bytes) => fateOfFrame(bytes, [everything]))).toEqual([
      'arp',
      'not-ip',
      'link-header-cut',
      'zero-length',
      'ip-header-malformed',
    ]);
  });
});
