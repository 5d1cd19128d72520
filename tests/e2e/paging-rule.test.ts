import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BusEvent } from '../../lib/emulator/bus.ts';
import { compilePattern } from '../../lib/emulator/patterns.ts';
import { aDeployedFleet, buildFunctions, type DeployedFleet } from '../support/deployed-fleet.ts';
import { eventually } from '../support/eventually.ts';
import { policyText } from '../support/policy.ts';
import { ourTags } from '../support/stage.ts';

const http = { target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', description: 'tier http' };

/** A dozen sources that opted out while nobody looked: more than the guards let go at once. */
const document = {
  instances: [{ name: 'off', count: 12, tags: { Mirror: 'off' } }],
  sessions: Array.from({ length: 12 }, (_, index) => {
    return { ...http, source: `off-${index}`, number: 10, tags: ourTags() };
  }),
};

let functions: Awaited<ReturnType<typeof buildFunctions>>;
let fleet: DeployedFleet;
const pages: BusEvent[] = [];

/** The pattern as the README prints it, on the account's bus, and someone who is paged. */
beforeAll(async () => {
  functions = await buildFunctions();
  fleet = await aDeployedFleet(functions.taskRoot, { document });
  const readme = await readFile('README.md', 'utf8');
  const [, printed = ''] = /A rule that pages on a halted sweep:\n\n```json\n([\s\S]*?)```/.exec(readme) ?? [];
  const pattern: unknown = JSON.parse(printed);
  const name = 'page-on-halted-sweep';
  const arn = `arn:aws:events:us-east-1:123456789012:rule/${name}`;
  const target = { id: 'pager', arn: 'arn:aws:sns:us-east-1:123456789012:pager', formatInput: JSON.stringify };
  const rule = { name, arn, isEnabled: true, seesReadOnlyCalls: false, pattern, targets: [target] };
  fleet.aws.bus.addRules([{ ...rule, matches: compilePattern(pattern) }], async (_target, input) => {
    pages.push(JSON.parse(input));
  });
}, 120_000);

afterAll(async () => {
  await fleet.close();
  await functions.remove();
});

const published = (detailType: string) => fleet.events.filter((event) => event['detail-type'] === detailType);

test('Sweep Halted: the rule of the README pages once for a sweep that a guard holds, and for nothing else', async () => {
  await fleet.deployment.fire('SweepSchedule');
  const [page] = await eventually('the page', () => (pages.length > 0 ? pages : undefined), 60_000);
  expect(page).toMatchObject({
    source: 'fleetmirror',
    'detail-type': 'Sweep Halted',
    detail: { fleet: 'prod', because: 'held-by-guard', guarded: 12, ourSessions: 12 },
  });
  expect(published('Sweep Completed')).toHaveLength(1);
  const near = { ...page } as BusEvent;
  for (const differences of [
    { source: 'someone' },
    { 'detail-type': 'Sweep Completed' },
    { detail: { ...(near.detail as object), fleet: 'prod-2' } },
    { detail: {} },
  ]) {
    fleet.aws.bus.publish({ ...near, ...differences });
  }
  await fleet.aws.bus.settle();
  expect(pages).toHaveLength(1);
});

test('a sweep whose deletions are allowed by the policy pages nobody', async () => {
  const before = published('Sweep Completed').length;
  fleet.pushPolicy(policyText({ guards: { maxDeletes: 100, maxDeletePercent: 100 } }));
  await eventually('the next sweep', () => published('Sweep Completed')[before], 60_000);
  await fleet.aws.bus.settle();
  expect([...fleet.aws.emulator.account.sessions.rows()]).toEqual([]);
  expect(pages).toHaveLength(1);
});
