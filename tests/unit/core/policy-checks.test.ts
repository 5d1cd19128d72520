import { describe, expect, test } from '@jest/globals';
import type { Tier } from '../../../lib/core/model.ts';
import { aTier, smallPolicyText } from '../../support/policy.ts';
import { tellIssues } from '../../support/policy-issues.ts';

type Differences = Readonly<Record<string, unknown>>;

/** Each row: what is the matter, the policy's differences, and everything that is said of it. */
const says = (rows: readonly (readonly [string, Differences, readonly string[]])[]) =>
  test.each(rows)('%s', (_, differences, told) => {
    expect(tellIssues(smallPolicyText(differences))).toEqual(told);
  });

const pool = { ids: ['tmt-0aaa1111bbbb2222c'] };
const web = { id: 'tmf-0aaa1111bbbb2222c' };
const tier = (name: string, sessionNumber: number, differences: Partial<Tier> = {}) =>
  aTier({ filter: 'web', name, sessionNumber, ...differences });
const http = tier('http', 10);
const rule = (action: string) => ({ rule: 10, action, sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' });

const reserved = 'is reserved: as the value of the opt-in tag it means on or off. Choose another name.';
const faultyName = 'is no name: a lower-case letter, then up to 30 lower-case letters, digits or hyphens.';
const nameHint =
  'A lower-case letter, then up to 30 lower-case letters, digits or hyphens; not true, yes, on, false, no, off.';
const twins = 'differ only in case; tag values are read without case. Rename one of them.';
const unused = 'Use it in a tier, or remove it.';
const nothing =
  'warning filters.web: the filter accepts nothing, its tiers mirror nothing. Add a rule with action: accept.';

describe('names', () => {
  says([
    ['that are in order', {}, []],
    [
      'that mean on or off in the opt-in tag',
      {
        targets: { waf: pool, true: pool },
        filters: { web, off: web },
        tiers: [tier('yes', 20, { filter: 'off' }), tier('late', 30, { target: 'true' }), http],
        profiles: { default: ['http', 'yes'], no: ['late'] },
      },
      [
        `error targets.true: the name \`true\` ${reserved}`,
        `error filters.off: the name \`off\` ${reserved}`,
        `error tiers[0].name: the name \`yes\` ${reserved}`,
        `error profiles.no: the name \`no\` ${reserved}`,
      ],
    ],
    [
      'of tiers that are no names besides are told at the list',
      { tiers: [http, tier('On', 20)] },
      [`error tiers: the name \`On\` ${reserved}`, `error tiers[1].name: "On" ${faultyName} ${nameHint}`],
    ],
    [
      'that differ only in case',
      { targets: { waf: pool, WAF: pool }, tiers: [tier('HTTP', 20, { target: 'WAF' }), http] },
      [
        `error targets.WAF: "WAF" ${faultyName} A pool of mirror targets; each source is given one of them.`,
        `error targets.WAF: \`WAF\` and \`waf\` ${twins}`,
        `error tiers[0].name: "HTTP" ${faultyName} ${nameHint}`,
        `error tiers[1].name: \`http\` and \`HTTP\` ${twins}`,
      ],
    ],
    [
      'of tiers that stand twice, beside a tier that cannot be read',
      { tiers: [http, tier('tcp', 20), tier('http', 30), null] },
      [
        'error tiers[2].name: two tiers are named `http`. Rename one of them.',
        'error tiers[3]: `tiers[3]` is empty. One session specification: at most one session of it exists on each source.',
      ],
    ],
    [
      'that a profile and a tier share',
      { tiers: [http, tier('tcp', 20)], profiles: { default: ['http'], tcp: ['http'] } },
      [
        'warning profiles.tcp: a profile and a tier are named `tcp`; in the opt-in tag the profile is meant. Rename one of them.',
      ],
    ],
  ]);
});

describe('references', () => {
  says([
    [
      'that are slips name what was meant, others what is known',
      {
        tiers: [tier('http', 10, { target: 'waff', filter: 'nowhere' }), tier('tcp', 20)],
        profiles: { default: ['http', 'nothing', 'htp'] },
        coverage: [{ match: {}, profile: 'defualt' }],
      },
      [
        'error tiers[0].target: no pool under `targets` is named `waff`. Did you mean `waf`?',
        'error tiers[0].filter: no filter is named `nowhere`. Known: web.',
        'error profiles.default[1]: no tier is named `nothing`. Known: http, tcp.',
        'error profiles.default[2]: no tier is named `htp`. Did you mean `http`?',
        'error coverage[0].profile: no profile is named `defualt`. Did you mean `default`?',
      ],
    ],
    [
      'to what the policy has none of',
      { targets: {}, filters: {}, profiles: {}, coverage: [{ match: {}, profile: 'web' }] },
      [
        'error tiers[0].target: no pool under `targets` is named `waf`. None is defined.',
        'error tiers[0].filter: no filter is named `web`. None is defined.',
        'warning profiles: without a profile `default` the tag Mirror=true is an unknown profile. Add `default` under `profiles`, or tag with the names of profiles or tiers only.',
        'error coverage[0].profile: no profile is named `web`. None is defined.',
      ],
    ],
    [
      'are no names of what every object has',
      { profiles: { default: ['constructor'] } },
      ['error profiles.default[0]: no tier is named `constructor`. Known: http.'],
    ],
    [
      'to a tier with a fault are no fault of their own',
      { tiers: [{ ...http, sessionNumber: 0 }] },
      [
        'error tiers[0].sessionNumber: `tiers[0].sessionNumber` must be at least 1, not 0. Session number, 1 to 32766: sessions are evaluated in ascending order [AWS: CreateTrafficMirrorSession].',
      ],
    ],
    [
      'to pools, when there are none but a text',
      { targets: 'waf' },
      [
        'error targets: `targets` must be a mapping, not "waf". Pools of mirror targets by name.',
        'error tiers[0].target: no pool under `targets` is named `waf`. None is defined.',
      ],
    ],
    [
      'to tiers, when there are none',
      { tiers: undefined },
      [
        'error tiers: `tiers` is missing. Session specifications, one or more.',
        'error profiles.default[0]: no tier is named `http`. None is defined.',
      ],
    ],
  ]);
});

describe('tiers', () => {
  const hint = 'Give each tier its own number: on a source a number holds one session.';
  const { name: _, ...nameless } = http;
  says([
    [
      'of one session number all name the first of them',
      { tiers: [http, tier('tcp', 20), tier('udp', 20), tier('all', 20)] },
      [
        `error tiers[2].sessionNumber: session number 20 is also that of \`tcp\`. ${hint}`,
        `error tiers[3].sessionNumber: session number 20 is also that of \`tcp\`. ${hint}`,
      ],
    ],
    [
      'of one session number name the place of one that has no name',
      { tiers: [nameless, tier('tcp', 10)], profiles: { default: ['tcp'] } },
      [
        `error tiers[0].name: \`tiers[0].name\` is missing. ${nameHint}`,
        `error tiers[1].sessionNumber: session number 10 is also that of \`tiers[0]\`. ${hint}`,
      ],
    ],
    [
      'without readable session numbers share none',
      { tiers: [http, { ...tier('tcp', 20), sessionNumber: 'x' }, { ...tier('udp', 20), sessionNumber: 'x' }] },
      ['tiers[1].sessionNumber', 'tiers[2].sessionNumber'].map(
        (place) =>
          `error ${place}: \`${place}\` must be a whole number, not "x". Session number, 1 to 32766: sessions are evaluated in ascending order [AWS: CreateTrafficMirrorSession].`,
      ),
    ],
    [
      'with a packet length below what AWS takes for sure, 55',
      { tiers: [tier('http', 10, { packetLength: 54 }), tier('tcp', 20, { packetLength: 55 })] },
      [
        'warning tiers[0].packetLength: EC2 may refuse a packet length of 54: AWS also names minima of 35 (IPv4) and 55 (IPv6). Write 55 or more [AWS: Traffic Mirroring limitations].',
      ],
    ],
  ]);
});

describe('profiles and pools', () => {
  says([
    [
      'with a tier that stands twice',
      { tiers: [http, tier('tcp', 20)], profiles: { default: ['tcp', 'http', 'tcp'] } },
      ['error profiles.default[2]: `tcp` stands twice in the profile. Remove one of them.'],
    ],
    [
      'without `default` name the tag that asks for it',
      { profiles: { web: ['http'] }, optIn: { tagKey: 'mirror' } },
      [
        'warning profiles: without a profile `default` the tag mirror=true is an unknown profile. Add `default` under `profiles`, or tag with the names of profiles or tiers only.',
      ],
    ],
    [
      'without `default` name the usual tag when the policy names none that can be read',
      { profiles: { web: ['http'] }, optIn: 7 },
      [
        'warning profiles: without a profile `default` the tag Mirror=true is an unknown profile. Add `default` under `profiles`, or tag with the names of profiles or tiers only.',
        'error optIn: `optIn` must be a mapping, not 7. The tag that asks for mirroring; read on the interface first, then on its instance.',
      ],
    ],
    [
      'with a target that stands twice, and ids that are too short',
      { targets: { waf: { ids: ['tmt-0aaa1111bbbb2222c', 'tmt-0aaa1111', 'tmt-0aaa1111bbbb2222', 'tmt-0aaa1111'] } } },
      [
        'warning targets.waf.ids[2]: tmt-0aaa1111bbbb2222 is of length 16; ids of AWS have 17 digits (old ones 8). Copy the id again.',
        'error targets.waf.ids[3]: tmt-0aaa1111 stands twice in the pool. Remove one of them.',
      ],
    ],
    [
      'with faulty ids are not compared by what is left',
      { targets: { waf: { ids: [7, 8] } } },
      [
        'error targets.waf.ids[0]: `targets.waf.ids[0]` must be a text, not 7. Ids of mirror targets: interfaces, load balancers or endpoints; one or more.',
        'error targets.waf.ids[1]: `targets.waf.ids[1]` must be a text, not 8. Ids of mirror targets: interfaces, load balancers or endpoints; one or more.',
      ],
    ],
    [
      'that no tier uses',
      { targets: { waf: pool, spare: pool }, filters: { web, old: web } },
      [
        `warning targets.spare: no tier uses the pool \`spare\`. ${unused}`,
        `warning filters.old: no tier uses the filter \`old\`. ${unused}`,
      ],
    ],
    [
      'may be what a tier with a slip in its target means',
      { targets: { waf: pool, spare: pool }, tiers: [http, tier('tcp', 20, { target: 'wav' })] },
      ['error tiers[1].target: no pool under `targets` is named `wav`. Did you mean `waf`?'],
    ],
    [
      'may be what a tier with a slip in its filter means',
      { filters: { web, old: web }, tiers: [http, tier('tcp', 20, { filter: 'wed' })] },
      ['error tiers[1].filter: no filter is named `wed`. Did you mean `web`?'],
    ],
    [
      'may be what a tier means that cannot be read',
      { targets: { waf: pool, spare: pool }, tiers: [http, null] },
      [
        'error tiers[1]: `tiers[1]` is empty. One session specification: at most one session of it exists on each source.',
      ],
    ],
  ]);
});

describe('filters', () => {
  const unreadableIngress =
    'error filters.web.ingress: `filters.web.ingress` must be a list, not 7. Rules for packets that the source receives.';
  const neither =
    'error filters.web: the filter has neither an id nor rules. Write `id: tmf-…`, or `ingress` and `egress` rules.';
  says([
    [
      'with an id take no other key',
      { filters: { web: { id: 'tmf-1', ingress: [rule('accept')], egress: [], allowVxlan: true } } },
      [
        'error filters.web: a filter given by id is never changed, so that ingress, egress, allowVxlan cannot be set on it. Remove the id to have the filter managed, or the rest to use yours.',
        'warning filters.web.id: tmf-1 is of length 1; ids of AWS have 17 digits (old ones 8). Copy the id again.',
      ],
    ],
    [
      'with a faulty id are told that fault alone',
      { filters: { web: { id: 'tmt-1' } } },
      [
        'error filters.web.id: "tmt-1" is no id like tmf-0…. Id of a filter of yours: used, never changed. Alone, without rules.',
      ],
    ],
    [
      'with an id and rules that cannot be read are told that fault alone',
      { filters: { web: { ...web, ingress: 7 } } },
      [unreadableIngress],
    ],
    ['with nothing', { filters: { web: {} } }, [neither]],
    ['with nothing to accept by', { filters: { web: { allowVxlan: true } } }, [neither]],
    ['without any rule', { filters: { web: { ingress: [], egress: [] } } }, [nothing]],
    ['with rules that reject only what is sent', { filters: { web: { egress: [rule('reject')] } } }, [nothing]],
    ['with rules that reject only what is received', { filters: { web: { ingress: [rule('reject')] } } }, [nothing]],
    [
      'with a fault in a rule',
      { filters: { web: { ingress: [{ ...rule('accept'), sourceCidr: '10.0.0.0' }] } } },
      [
        'error filters.web.ingress[0].sourceCidr: "10.0.0.0" is no network. Write an address and a prefix length, such as 10.0.0.0/8.',
      ],
    ],
    ['without rules but with the network service', { filters: { web: { networkServices: ['amazon-dns'] } } }, []],
    [
      'that reject in one direction and accept in the other',
      { filters: { web: { ingress: [rule('reject')], egress: [rule('accept')] } } },
      [],
    ],
    [
      'with rules that cannot be read may accept something',
      { filters: { web: { ingress: 7, egress: [rule('reject')] } } },
      [unreadableIngress],
    ],
    [
      'with one rule that cannot be read may accept something',
      { filters: { web: { ingress: [rule('reject'), null] } } },
      [
        'error filters.web.ingress[1]: `filters.web.ingress[1]` is empty. A filter rule. The first rule of the direction that matches a packet decides [AWS: Traffic mirror filters].',
      ],
    ],
    [
      'that cannot be read at all',
      { filters: { web: null } },
      [
        'error filters.web: `filters.web` is empty. Either a filter of yours (id), or rules of a filter that Fleetmirror creates and keeps equal to them.',
      ],
    ],
  ]);
});

describe('the range of virtual network ids', () => {
  const hint = 'At least 3; better several times the sessions of the fleet.';
  says([
    ['of three numbers is enough for one source', { virtualNetworkIdRange: { from: 5, to: 7 } }, []],
    [
      'of two numbers is not',
      { virtualNetworkIdRange: { from: 5, to: 6 } },
      [`error virtualNetworkIdRange: the range has too few numbers (2). ${hint}`],
    ],
    [
      'of one number is not',
      { virtualNetworkIdRange: { from: 5, to: 5 } },
      [`error virtualNetworkIdRange: the range has too few numbers (1). ${hint}`],
    ],
    [
      'that runs backwards',
      { virtualNetworkIdRange: { from: 9, to: 6 } },
      [`error virtualNetworkIdRange: the range ends (6) before it begins (9). ${hint}`],
    ],
    [
      'without an end is not judged further',
      { virtualNetworkIdRange: { from: 9 } },
      ['error virtualNetworkIdRange.to: `virtualNetworkIdRange.to` is missing. Last, included.'],
    ],
    [
      'without a beginning is not judged further',
      { virtualNetworkIdRange: { to: 0 } },
      ['error virtualNetworkIdRange.from: `virtualNetworkIdRange.from` is missing. First, included.'],
    ],
  ]);
});

test('places left empty are told once each, and stand for nothing', () => {
  const differences = {
    targets: { waf: null },
    filters: { web: null },
    tiers: [null],
    profiles: { default: null },
    coverage: [null],
  };
  expect(tellIssues(smallPolicyText(differences)).map((line) => line.slice(0, line.indexOf('. ')))).toEqual([
    'error targets.waf: `targets.waf` is empty',
    'error filters.web: `filters.web` is empty',
    'error tiers[0]: `tiers[0]` is empty',
    'error profiles.default: `profiles.default` is empty',
    'error coverage[0]: `coverage[0]` is empty',
  ]);
});
