import { readFile } from 'node:fs/promises';
import { ModifyTrafficMirrorSessionCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { type DetailType, eventJsonSchema, eventSchemas, fileNameOf } from '../../lib/event-schemas.ts';
import { handleSweepRequests } from '../../lib/sweep.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, ourTags, type Stage, sessionsIn } from '../support/stage.ts';

const detailTypes = Object.keys(eventSchemas) as DetailType[];
const ajv = new Ajv2020({ strict: true, allErrors: true });

async function readPublished(detailType: DetailType, kind: 'schema' | 'example') {
  const file = new URL(`../../infra/events/${fileNameOf(detailType)}.${kind}.json`, import.meta.url);
  return JSON.parse(await readFile(file, 'utf8'));
}

const mirrored = { Mirror: 'true' };
const http = { target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', number: 10, description: 'tier http' };

function unwanted(count: number): FleetDocument {
  return {
    instances: [{ name: 'off', count, tags: { Mirror: 'off' } }],
    sessions: Array.from({ length: count }, (_, index) => ({ source: `off-${index}`, ...http, tags: ourTags() })),
  };
}

async function aLaunch(document: FleetDocument): Promise<Stage> {
  const stage = aStage({ document });
  await stage.deliver([{ ...aStateChange(stage.idOf('web')), id: 'event-1' }]);
  return stage;
}

async function aSweep(document: FleetDocument): Promise<Stage> {
  const stage = aStage({ document });
  await stage.sweep();
  return stage;
}

/** What has to happen for an event of each type. */
const causes: Readonly<Record<DetailType, () => Promise<Stage>>> = {
  'Mirror Attached': () => aLaunch({ instances: [{ name: 'web', tags: mirrored }] }),
  'Mirror Detached': () => aSweep(unwanted(1)),
  'Mirror Refused': () => aLaunch({ instances: [{ name: 'web', instanceType: 't2.micro', tags: mirrored }] }),
  'Mirror Drift Repaired': async () => {
    const stage = await aLaunch({ instances: [{ name: 'web', tags: mirrored }] });
    const TrafficMirrorSessionId = sessionsIn(stage)[0]?.sessionId ?? '';
    stage.events.length = 0;
    await stage.operator.send(new ModifyTrafficMirrorSessionCommand({ TrafficMirrorSessionId, SessionNumber: 7 }));
    await stage.deliverEvents();
    return stage;
  },
  'Sweep Completed': () => aSweep({ instances: [{ name: 'web', tags: mirrored }] }),
  'Sweep Halted': () => aSweep(unwanted(51)),
};

describe.each(detailTypes)('%s', (detailType) => {
  test('has a published schema that is the one we publish by', async () => {
    expect(await readPublished(detailType, 'schema')).toEqual(JSON.parse(JSON.stringify(eventJsonSchema(detailType))));
  });

  test('has an example that the schema accepts, in the envelope of EventBridge', async () => {
    const example = await readPublished(detailType, 'example');
    expect(example).toMatchObject({ source: 'fleetmirror', 'detail-type': detailType });
    const validate = ajv.compile(await readPublished(detailType, 'schema'));
    expect([validate(example.detail), validate.errors]).toEqual([true, null]);
    expect(eventSchemas[detailType].parse(example.detail)).toEqual(example.detail);
  });

  test('is published when its cause occurs, and the published schema accepts it', async () => {
    const { published } = await causes[detailType]();
    const events = published.filter((event) => event.detailType === detailType);
    expect(events.length).toBeGreaterThan(0);
    const validate = ajv.compile(await readPublished(detailType, 'schema'));
    for (const { detail } of events) expect([validate(detail), validate.errors]).toEqual([true, null]);
  });

  test('is refused by its schema without its fleet', async () => {
    const { detail } = await readPublished(detailType, 'example');
    const { fleet: _fleet, ...rest } = detail;
    expect(ajv.compile(await readPublished(detailType, 'schema'))(rest)).toBe(false);
  });
});

describe('Sweep Completed says what asked for the sweep', () => {
  const ownRequest = (detail: object) => JSON.stringify({ source: 'fleetmirror', detail });
  test.each<[string, object]>([
    [ownRequest({ because: 'schedule' }), { because: 'schedule', hop: 0 }],
    [ownRequest({ because: 'continue', hop: 3 }), { because: 'continue', hop: 3 }],
    [ownRequest({ because: 'detached', hop: 0 }), { because: 'detached', hop: 0 }],
    [ownRequest({ because: 'target-gone', hop: 0 }), { because: 'target-gone', hop: 0 }],
    [ownRequest({ because: 'tampered' }), { because: 'tampered' }],
    [ownRequest({ because: 'handed-on' }), { because: 'handed-on' }],
    [ownRequest({ because: 'boredom' }), { because: 'asked' }],
    [
      '{"source":"aws.ssm","id":"event-7","detail":{"hop":9}}',
      { because: 'policy-changed', hop: 0, eventIds: ['event-7'] },
    ],
    ['{}', { because: 'asked' }],
    ['nonsense', { because: 'asked' }],
  ])('%s', async (body, expected) => {
    const stage = aStage();
    await handleSweepRequests(stage.world, stage.clock.now() + 800_000, [{ body }]);
    expect(stage.published.map(({ detail }) => detail)).toEqual([expect.objectContaining(expected)]);
  });
});
