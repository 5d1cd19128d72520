import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Policy } from '../../../lib/core/model.ts';
import { type PolicyIssue, parsePolicy } from '../../../lib/core/policy.ts';
import { policyJsonSchema } from '../../../lib/core/policy-schema.ts';
import { aPolicy, policyText, smallPolicyText } from '../../support/policy.ts';
import { tellIssues } from '../../support/policy-issues.ts';

const issuesOf = (text: string, fleet?: string): readonly PolicyIssue[] => {
  const parsed = parsePolicy(text, { fleet });
  return parsed.ok ? parsed.warnings : parsed.issues;
};
const policyOf = (text: string): Policy => {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues, null, 1));
  return parsed.policy;
};
const tiers = (...differences: Record<string, unknown>[]) =>
  differences.map((difference, i) => ({
    name: `t${i}`,
    sessionNumber: 10 * (i + 1),
    target: 'waf',
    filter: 'http',
    ...difference,
  }));

test('the shortest policy gets every default', () => {
  expect(parsePolicy(policyText())).toEqual({ ok: true, policy: aPolicy(), warnings: [] });
});
test('JSON is read as well', () => {
  expect(policyOf(JSON.stringify(parse(policyText())))).toEqual(aPolicy());
});
test('every key takes effect', () => {
  const written = {
    mode: 'observe',
    optIn: { tagKey: 'mirror' },
    coverage: [
      { match: { vpcIds: ['vpc-1'], tags: { env: ['prod', 'prod-*'] } }, profile: 'default', mandatory: true },
    ],
    exclude: [{ tags: { role: ['sensor'] } }],
    interfaces: 'primary',
    whileStopped: 'keep',
    instanceTypes: { edition: '2023-06', unknown: 'try', allow: ['m8g.*'], deny: ['t3.*'] },
    virtualNetworkIdRange: { from: 100, to: 200 },
    guards: { maxDeletes: 1, maxDeletePercent: 2 },
  };
  expect(policyOf(policyText(written))).toEqual({ ...aPolicy(), ...written });
});
test('tiers and profiles come in ascending session number', () => {
  const policy = policyOf(
    policyText({
      tiers: tiers({ name: 'late', sessionNumber: 30 }, { name: 'soon', sessionNumber: 5 }),
      profiles: { default: ['late', 'soon'] },
      targets: { waf: { ids: ['tmt-0aaa1111bbbb2222c'] } },
      filters: { http: { id: 'tmf-0aaa1111bbbb2222c' } },
    }),
  );
  expect(policy.tiers.map(({ name }) => name)).toEqual(['soon', 'late']);
  expect(policy.profiles).toEqual({ default: ['soon', 'late'] });
});

test('the rules of a managed filter are resolved with its guards, a network service counts once', () => {
  const { filters } = policyOf(
    smallPolicyText({ filters: { web: { networkServices: ['amazon-dns', 'amazon-dns'], ingress: [], egress: [] } } }),
  );
  const guard = {
    ruleNumber: 1,
    action: 'reject',
    protocol: 17,
    sourceCidr: '0.0.0.0/0',
    destinationCidr: '0.0.0.0/0',
    destinationPorts: { from: 4789, to: 4789 },
    description: 'VXLAN guard: no mirror of a mirror',
  };
  expect(filters).toEqual({
    web: {
      kind: 'managed',
      networkServices: ['amazon-dns'],
      rules: [
        { direction: 'ingress', ...guard },
        { direction: 'egress', ...guard },
      ],
    },
  });
});

describe('text that is no policy', () => {
  const empty = 'error : the policy is empty. Begin with `version: 1` and `fleet: NAME`.';
  test.each(['', '  # only a comment\n', 'null'])('%j is empty', (text) => {
    expect(tellIssues(text)).toEqual([empty]);
    expect(parsePolicy(text).ok).toBe(false);
  });
  test('a list, and a text, are told as what they are and looked at no further', () => {
    const whole = 'Policy of Fleetmirror: which network interfaces are mirrored, by which sessions, to which targets.';
    expect(tellIssues('[1]')).toEqual([`error : a policy is a mapping of keys, this is a list. ${whole}`]);
    expect(tellIssues('hello')).toEqual([`error : a policy is a mapping of keys, this is "hello". ${whole}`]);
  });
  test('text that cannot be read is told by its faults of syntax alone', () => {
    expect(tellIssues('a: &a\nb: !code 1')).toEqual(['error : Unresolved tag: !code. Correct the YAML here.']);
  });
});

test('five problems at once are all told, with path, line and hint, in the order of the text', () => {
  const text = [
    'version: 1',
    'fleet: prod',
    'targets: { waf: { ids: [tmt-0aaa1111bbbb2222c] } }',
    'filters: { http: { id: tmf-0aaa1111bbbb2222c } }',
    'tiers:',
    '  - { name: http, sessionNumber: 10, target: wav, filter: http }',
    '  - { name: tcp, sessionNumber: 10, target: waf, filter: http, packetlength: 256 }',
    '  - name: full',
    '    sessionNumber: 32767',
    '    target: waf',
    '    filter: http',
    'profiles:',
    '  default: [http, tcp, fulll]',
  ].join('\n');
  expect(issuesOf(text).map(({ line, path, hint }) => [line, path, hint])).toEqual([
    [6, 'tiers[0].target', 'Did you mean `waf`?'],
    [7, 'tiers[1].packetlength', 'Did you mean `packetLength`?'],
    [7, 'tiers[1].sessionNumber', expect.stringContaining('its own number')],
    [9, 'tiers[2].sessionNumber', expect.stringContaining('1 to 32766')],
    [13, 'profiles.default[2]', 'Did you mean `full`?'],
  ]);
});
test('a policy of another fleet is refused, one without a fleet is told that fault alone', () => {
  expect(parsePolicy(policyText(), { fleet: 'staging' })).toEqual({
    ok: false,
    issues: [
      {
        path: 'fleet',
        line: 2,
        message: 'this is the policy of the fleet `prod`, not of `staging`',
        hint: 'Use the policy of `staging`, or name `prod` in the deployment or by --fleet.',
        severity: 'error',
      },
    ],
  });
  expect(parsePolicy(policyText(), { fleet: 'prod' }).ok).toBe(true);
  expect(issuesOf(policyText({ fleet: undefined }), 'prod').map(({ message }) => message)).toEqual([
    '`fleet` is missing',
  ]);
});
test('a key that stands twice makes the policy invalid, whatever its last value', () => {
  expect(tellIssues(`${policyText()}mode: observe\nmode: enforce\n`)).toEqual([
    'error mode: this key stands twice. Remove or rename one of them.',
  ]);
  expect(parsePolicy(`${policyText()}mode: observe\nmode: enforce\n`).ok).toBe(false);
});
test('an anchor and its alias are one text in two places', () => {
  const shared = policyText()
    .replace('default:', 'default: &both')
    .replace(/forensic:(\n +- .*)+/, 'forensic: *both');
  expect(policyOf(shared).profiles).toEqual({ default: ['http', 'tcp'], forensic: ['http', 'tcp'] });
});

test('doubts leave the policy valid', () => {
  const parsed = parsePolicy(policyText({ exclude: [{}] }));
  expect(parsed).toMatchObject({ ok: true, policy: { exclude: [{}] }, warnings: [{ severity: 'warning' }] });
});

describe('the JSON Schema for editors', () => {
  test('the committed file is current (else run node infra/write-policy-schema.ts)', () => {
    const file = new URL('../../../infra/policy.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
  });
  test('every field has a description', () => {
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string): void => {
      const { properties = {}, items, additionalProperties } = node as Record<string, Record<string, unknown>>;
      for (const [key, value] of Object.entries(properties)) {
        if (typeof (value as Record<string, unknown>).description !== 'string') undescribed.push(`${path}.${key}`);
        visit(value, `${path}.${key}`);
      }
      if (items) visit(items, `${path}[]`);
      if (additionalProperties) visit(additionalProperties, `${path}.*`);
    };
    visit(policyJsonSchema(), '');
    expect(undescribed).toEqual([]);
  });
});
