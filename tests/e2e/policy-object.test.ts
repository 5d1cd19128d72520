import { afterAll, expect, test } from '@jest/globals';
import { policyParameter } from '../../lib/aws/policy-source.ts';
import { aDeployedFleet, buildFunctions, type DeployedFleet } from '../support/deployed-fleet.ts';
import { eventually } from '../support/eventually.ts';
import { policyText } from '../support/policy.ts';
import { heardOf, launch, patienceMs, sweep } from './causes/case.ts';

const functions = await buildFunctions();

afterAll(() => functions.remove());

const place = 's3://policies/fleets/prod.yml';

/** A policy of some 60 KB: no parameter holds it, packed or not. */
function aLargePolicy(): string {
  const tags = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key-${index}`, [`value-${index}`]]));
  return policyText({ exclude: [{ tags }] });
}

/** A stack that may read the bucket `policies`, a parameter that names an object there, and a source that waits. */
async function withFleet(PolicyBucketName: string, use: (fleet: DeployedFleet) => Promise<void>): Promise<void> {
  const document = { instances: [{ name: 'web', tags: { Mirror: 'true' } }] };
  const fleet = await aDeployedFleet(functions.taskRoot, { policy: null, document, parameters: { PolicyBucketName } });
  try {
    fleet.aws.objectStore.createBucket('policies');
    fleet.aws.parameterStore.seed(policyParameter('prod'), place);
    await use(fleet);
  } finally {
    await fleet.close();
  }
}

function putPolicy({ aws }: DeployedFleet, text: string): void {
  aws.objectStore.handle({ method: 'PUT', url: '/policies/fleets/prod.yml', headers: {}, body: Buffer.from(text) });
}

const sessionsOf = ({ aws }: DeployedFleet) => [...aws.emulator.account.sessions.rows()];

/** Both functions look at the policy and find that they must not write. */
async function expectNoWrite(fleet: DeployedFleet, message: string, facts: object): Promise<void> {
  const before = fleet.lines().length;
  await launch(fleet);
  await fleet.deployment.fire('SweepSchedule');
  const refusals = () =>
    fleet
      .lines()
      .slice(before)
      .filter((line) => line.message === message);
  const scopes = () =>
    new Set(
      fleet
        .lines()
        .slice(before)
        .map(({ scope }) => scope),
    );
  const both = () => (scopes().has('changed') && scopes().has('fleet') ? refusals() : undefined);
  for (const line of await eventually('both runs', both, patienceMs)) expect(line).toMatchObject(facts);
  expect(refusals().length).toBeGreaterThanOrEqual(2);
  const runs = fleet
    .lines()
    .slice(before)
    .filter((line) => line.message === 'run');
  for (const { sources, policy } of runs) expect([sources, policy]).toEqual([0, expect.any(String)]);
  await eventually(
    'the alarm',
    async () => (await fleet.redAlarms()).includes('policy-unusable') || undefined,
    patienceMs,
  );
}

test('both functions follow a policy in an object of S3, and write nothing once it is broken', async () => {
  await withFleet('policies', async (fleet) => {
    putPolicy(fleet, aLargePolicy());
    await sweep(fleet);
    expect(sessionsOf(fleet).map(({ sessionNumber }) => sessionNumber)).toEqual([10, 20]);
    await launch(fleet);
    await heardOf(fleet, 'TimeToMirrorMs');
    expect(sessionsOf(fleet)).toHaveLength(4);
    expect(await fleet.redAlarms()).toEqual([]);

    putPolicy(fleet, 'version: 7');
    const where = `${place} (named by ${policyParameter('prod')})`;
    await expectNoWrite(fleet, 'The policy is invalid; nothing is written.', { where });
    expect(sessionsOf(fleet)).toHaveLength(4);
  });
}, 180_000);

test.each([
  ['NoSuchKey', 'the object is not there', 'policies', 'does not exist', () => {}],
  [
    'AccessDenied',
    'the stack was deployed without the bucket',
    '',
    'not authorized to perform: s3:GetObject',
    (fleet: DeployedFleet) => putPolicy(fleet, aLargePolicy()),
  ],
])(
  '%s: %s, and no function writes anything',
  async (_code, _what, bucket, cause, prepare) => {
    await withFleet(bucket, async (fleet) => {
      prepare(fleet);
      const facts = { where: expect.stringContaining(place), cause: expect.stringContaining(cause) };
      await expectNoWrite(fleet, 'The policy cannot be read; nothing is written.', facts);
      expect(sessionsOf(fleet)).toEqual([]);
    });
  },
  180_000,
);
