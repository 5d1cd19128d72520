import { describe, expect, test } from '@jest/globals';
import { readShape } from '../../../lib/core/policy-shape.ts';
import { smallPolicyText } from '../../support/policy.ts';
import { tellIssues } from '../../support/policy-issues.ts';

type Differences = Readonly<Record<string, unknown>>;

/** Each row: what a policy has instead, and everything that is said of it. */
const says = (rows: readonly (readonly [string, Differences, readonly unknown[]])[]) =>
  test.each(rows)('%s', (_, differences, told) => {
    expect(tellIssues(smallPolicyText(differences))).toEqual(told);
  });

const http = { name: 'http', sessionNumber: 10, target: 'waf', filter: 'web' };
const ids = ['tmt-0aaa1111bbbb2222c'];
const everything = { sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' };
const fault = (place: string, what: string, hint: string) => `error ${place}: \`${place}\` ${what}. ${hint}`;

const sessionNumberHint =
  'Session number, 1 to 32766: sessions are evaluated in ascending order [AWS: CreateTrafficMirrorSession].';
const packetLengthHint =
  'Bytes of each packet to mirror, 1 to 8500; without it the whole packet [AWS: CreateTrafficMirrorSession].';
const virtualNetworkIdHint =
  'VXLAN network identifier, 0 to 16777215 [RFC 7348], or per-source; without it AWS chooses one.';
const profileHint =
  'Names of one to three tiers: AWS allows three sessions on a source [AWS: Traffic Mirroring quotas].';
const portsHint =
  'A port (443) or a range (1-65535), 0 to 65535; with protocol tcp or udp only [AWS: Traffic mirror filters].';
const tagsHint =
  'Tag key to a list of values with the wildcards * and ?; every key must match. Interface before instance.';
const filterHint =
  'Either a filter of yours (id), or rules of a filter that Fleetmirror creates and keeps equal to them.';
const typeHint = 'Types to mirror whatever the edition says; * and ?.';
const modeHint = 'enforce (default), or observe: plan, report and emit events, write nothing.';

describe('keys', () => {
  says([
    [
      'that are unknown are told with the key that was meant, wherever they stand',
      {
        modes: 'observe',
        targets: { waf: { ids, sprad: 'same-zone' } },
        tiers: [{ ...http, packetlength: 256 }],
        exclude: [{ tag: { role: ['x'] } }],
      },
      [
        'error targets.waf.sprad: unknown key `sprad`. Did you mean `spread`?',
        'error tiers[0].packetlength: unknown key `packetlength`. Did you mean `packetLength`?',
        'error modes: unknown key `modes`. Did you mean `mode`?',
        'error exclude[0].tag: unknown key `tag`. Did you mean `tags`?',
      ],
    ],
    [
      'that nobody could have meant are told with those that are known',
      { tiers: [{ ...http, colour: 'red' }], sensors: [] },
      [
        'error tiers[0].colour: unknown key `colour`. Known here: name, sessionNumber, target, filter, packetLength, virtualNetworkId, description.',
        'error sensors: unknown key `sensors`. Known here: version, fleet, mode, optIn, targets, filters, tiers, profiles, coverage, exclude, interfaces, whileStopped, instanceTypes, virtualNetworkIdRange, guards, cost.',
      ],
    ],
    [
      'that are missing or empty',
      { fleet: undefined, coverage: null, guards: { maxDeletes: null } },
      [
        fault('fleet', 'is missing', 'Owner of the sessions; equals the fleet that the stack (or --fleet) names.'),
        fault(
          'coverage',
          'is empty',
          'Automatic coverage without tags: the first rule that matches wins, mandatory ones before the others.',
        ),
        fault(
          'guards.maxDeletes',
          'is empty',
          'Most deletions of one run that tags, coverage, exclusion, tiers, types or targets cause: 0 to 10000 (default 50).',
        ),
      ],
    ],
    [
      'that are no names',
      { targets: { waf: { ids }, Waf_1: { ids } } },
      [
        'error targets.Waf_1: "Waf_1" is no name: a lower-case letter, then up to 30 lower-case letters, digits or hyphens. A pool of mirror targets; each source is given one of them.',
        'warning targets.Waf_1: no tier uses the pool `Waf_1`. Use it in a tier, or remove it.',
      ],
    ],
    [
      'that are no tag keys',
      { exclude: [{ tags: { '': ['x'], [`k${'e'.repeat(128)}`]: ['y'] } }] },
      [
        `error exclude[0].tags.: "" is no tag key: 1 to 128 characters. ${tagsHint}`,
        `error exclude[0].tags.k${'e'.repeat(128)}: "k${'e'.repeat(55)}… is no tag key: 1 to 128 characters. ${tagsHint}`,
      ],
    ],
    [
      'that every object has are names as well',
      { profiles: { default: ['http'], constructor: 7 } },
      [fault('profiles.constructor', 'must be a list, not 7', profileHint)],
    ],
  ]);
  test('that are `__proto__` are unknown where keys are known', () => {
    expect(tellIssues(`${smallPolicyText()}__proto__: { x: 1 }\n`)).toEqual([
      expect.stringMatching(/^error __proto__: unknown key `__proto__`\. Known here: version, /),
    ]);
    expect(tellIssues(`${smallPolicyText()}cost: { __proto__: null }\n`)).toEqual([
      'error cost.__proto__: unknown key `__proto__`. Known here: sessionHourUsd, source.',
    ]);
  });
  const proto = (value: unknown) => Object.fromEntries([['__proto__', value]]);
  const lost = (place: string) => `error ${place}.__proto__: \`__proto__\` can be no key. Choose another.`;
  says([
    [
      'that are `__proto__` are told where keys are names, alone',
      { profiles: { default: ['http'], ...proto(['http']) } },
      [lost('profiles')],
    ],
    [
      'that are `__proto__` would leave a match without its tag',
      { exclude: [{ tags: { role: ['x'] } }, { tags: proto(['x']) }] },
      [lost('exclude[1].tags')],
    ],
    [
      'that are `__proto__` are told beside faults, and cause no others',
      {
        filters: { web: { id: 'tmf-0aaa1111bbbb2222c' }, ...proto(null), '': null },
        tiers: [{ ...http, colour: proto(proto(1)) }],
      },
      [
        lost('filters'),
        'warning filters.__proto__: no tier uses the filter `__proto__`. Use it in a tier, or remove it.',
        `error filters.: "" is no name: a lower-case letter, then up to 30 lower-case letters, digits or hyphens. ${filterHint}`,
        'warning filters.: no tier uses the filter ``. Use it in a tier, or remove it.',
        expect.stringMatching(/^error tiers\[0\]\.colour: unknown key `colour`\. Known here: name, /),
      ],
    ],
  ]);
  test('that are `__proto__` are told once of a mapping in two places, and of one within itself', () => {
    const twice = '[{ tags: &tags { __proto__: [x] } }, { tags: *tags }]';
    expect(tellIssues(`${smallPolicyText()}exclude: ${twice}\n`)).toEqual([lost('exclude[0].tags')]);
    expect(tellIssues(`${smallPolicyText()}exclude: [{ tags: &tags { __proto__: *tags } }]\n`)).toEqual([
      lost('exclude[0].tags'),
    ]);
  });
});

describe('values', () => {
  says([
    [
      'that are none of those allowed',
      { mode: 'dry', version: 2, filters: { web: { networkServices: ['dns'] } } },
      [
        fault('version', 'must be 1, not 2', 'Version of this format: 1.'),
        fault(
          'filters.web.networkServices[0]',
          'must be amazon-dns, not "dns"',
          'Mirror queries to the Amazon DNS server as well; only amazon-dns exists.',
        ),
        fault('mode', 'must be enforce or observe, not "dry"', modeHint),
      ],
    ],
    [
      'of another type',
      {
        optIn: 7,
        tiers: [{ ...http, sessionNumber: '10', packetLength: 1.5, target: true }],
        coverage: [{ match: {}, profile: 'default', mandatory: 'yes' }],
        exclude: {},
        guards: [],
        cost: { sessionHourUsd: '1' },
      },
      [
        fault('tiers[0].sessionNumber', 'must be a whole number, not "10"', sessionNumberHint),
        fault('tiers[0].target', 'must be a text, not true', 'Name of a pool under `targets`.'),
        fault('tiers[0].packetLength', 'must be a whole number, not 1.5', packetLengthHint),
        fault(
          'optIn',
          'must be a mapping, not 7',
          'The tag that asks for mirroring; read on the interface first, then on its instance.',
        ),
        fault(
          'coverage[0].mandatory',
          'must be true or false, not "yes"',
          'true: the opt-in tag may add tiers but not remove any (default false).',
        ),
        fault('exclude', 'must be a list, not a mapping', 'Interfaces that are never mirrored; beats everything else.'),
        fault(
          'guards',
          'must be a mapping, not a list',
          'Above either figure none of these deletions is made, and an alarm says so.',
        ),
        fault(
          'cost.sessionHourUsd',
          'must be a number, not "1"',
          'US dollars for one session and hour, 0 or more (default 0.015).',
        ),
      ],
    ],
    [
      'beyond the upper bound',
      {
        tiers: [{ ...http, sessionNumber: 32_767, packetLength: 8501, description: 'x'.repeat(201) }],
        profiles: { default: ['http', 'http', 'http', 'http'] },
        guards: { maxDeletePercent: 101 },
      },
      [
        fault('tiers[0].sessionNumber', 'must be at most 32766, not 32767', sessionNumberHint),
        fault('tiers[0].packetLength', 'must be at most 8500, not 8501', packetLengthHint),
        fault(
          'tiers[0].description',
          'must have at most 200 characters, not 201',
          'Free text of at most 200 characters.',
        ),
        fault('profiles.default', 'must have at most 3 entries, not 4', profileHint),
        fault(
          'guards.maxDeletePercent',
          'must be at most 100, not 101',
          'Most of these in percent of our sessions, 0 to 100 (default 20); counts from 10 deletions on.',
        ),
      ],
    ],
    [
      'beyond the lower bound',
      {
        tiers: [{ ...http, sessionNumber: 0, packetLength: 0, virtualNetworkId: -1 }],
        profiles: { default: [] },
        optIn: { tagKey: '' },
      },
      [
        fault('tiers[0].sessionNumber', 'must be at least 1, not 0', sessionNumberHint),
        fault('tiers[0].packetLength', 'must be at least 1, not 0', packetLengthHint),
        fault('tiers[0].virtualNetworkId', 'must be at least 0, not -1', virtualNetworkIdHint),
        fault('profiles.default', 'must have at least 1 entry, not 0', profileHint),
        fault(
          'optIn.tagKey',
          'must have at least 1 character, not 0',
          'Key of the opt-in tag, 1 to 127 characters, case-sensitive (default Mirror).',
        ),
      ],
    ],
    [
      'that may be of two types',
      {
        tiers: [
          { ...http, virtualNetworkId: 'each' },
          { ...http, name: 'tcp', sessionNumber: 20, virtualNetworkId: 16_777_216 },
        ],
        filters: {
          web: {
            ingress: [
              {
                rule: 10,
                action: 'accept',
                protocol: 'tpc',
                sourcePorts: '80,81',
                destinationPorts: true,
                ...everything,
              },
            ],
          },
        },
      },
      [
        `error filters.web.ingress[0].protocol: "tpc" is no protocol. all, icmp, igmp, tcp, udp, ipv6, gre, esp, ah, icmpv6, ospf, sctp, or a number from 0 to 255 [IANA protocol numbers]. Without it: all.`,
        `error filters.web.ingress[0].sourcePorts: "80,81" is neither a port nor a range of ports. ${portsHint}`,
        `error filters.web.ingress[0].destinationPorts: true is neither a port nor a range of ports. ${portsHint}`,
        `error tiers[0].virtualNetworkId: "each" is neither a VXLAN network identifier (0 to 16777215) nor per-source. ${virtualNetworkIdHint}`,
        fault('tiers[1].virtualNetworkId', 'must be at most 16777215, not 16777216', virtualNetworkIdHint),
      ],
    ],
    [
      'of a form that means nothing',
      { targets: { waf: { ids: ['tmf-0aaa1111bbbb2222c'] } }, instanceTypes: { allow: ['M5'] } },
      [
        'error targets.waf.ids[0]: "tmf-0aaa1111bbbb2222c" is no id like tmt-0…. Ids of mirror targets: interfaces, load balancers or endpoints; one or more.',
        `error instanceTypes.allow[0]: "M5" is no instance type or pattern such as m8g.*. ${typeHint}`,
      ],
    ],
    [
      'that are long are told by their beginning, from 61 characters on',
      { mode: 'x'.repeat(58), interfaces: 'y'.repeat(59) },
      [
        fault('mode', `must be enforce or observe, not "${'x'.repeat(58)}"`, modeHint),
        fault(
          'interfaces',
          `must be all or primary, not "${'y'.repeat(56)}…`,
          'all (default), or primary: only the first interface of each instance.',
        ),
      ],
    ],
  ]);
});

test.each([
  ['[1]', 'a list'],
  ['hello', '"hello"'],
  ['7', '7'],
  ['true', 'true'],
])('%s is no policy, which is a mapping', (text, shown) => {
  expect(tellIssues(text)).toEqual([
    `error : a policy is a mapping of keys, this is ${shown}. Policy of Fleetmirror: which network interfaces are mirrored, by which sessions, to which targets.`,
  ]);
});

test('numbers that are none for JSON are told as YAML means them', () => {
  expect(tellIssues(smallPolicyText().replace('sessionNumber: 10', 'sessionNumber: .inf'))).toEqual([
    fault('tiers[0].sessionNumber', 'must be a whole number, not Infinity', sessionNumberHint),
  ]);
});

test.each([7, null, undefined])('%s leaves nothing to look at further', (value) => {
  expect(readShape(value).draft).toStrictEqual({});
});

test('what has a fault is taken out of what is looked at further, and positions stay', () => {
  const { file, draft } = readShape({
    fleet: 'prod',
    mode: 'dry',
    tiers: [7, { name: 'tcp', sessionNumber: 'x', colour: 'red' }],
  });
  expect(file).toBeUndefined();
  expect(draft).toStrictEqual({
    version: undefined,
    fleet: 'prod',
    mode: undefined,
    targets: undefined,
    filters: undefined,
    tiers: [
      undefined,
      { name: 'tcp', sessionNumber: undefined, target: undefined, filter: undefined, colour: undefined },
    ],
  });
});
