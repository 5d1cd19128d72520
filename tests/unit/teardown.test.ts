import { CreateTrafficMirrorSessionCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { startRun } from '../../lib/call.ts';
import { createPacer } from '../../lib/pace.ts';
import { findBelongings, tearDown } from '../../lib/teardown.ts';
import { filterIdsOf, managed } from '../support/managed-filter.ts';
import { aStage, type Stage, sessionsIn } from '../support/stage.ts';

const sessionCount = 12;

/** A swept fleet of twelve mirrored interfaces on one managed filter, beside a session of someone else. */
async function aMirroredFleet(): Promise<Stage> {
  const stage = aStage({
    document: {
      instances: [{ name: 'web', count: sessionCount, tags: { Mirror: 'true' } }, { name: 'other' }],
      sessions: [{ source: 'other', target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', number: 7 }],
    },
    differences: managed,
  });
  await stage.sweep();
  return stage;
}

async function tearDownFleet({ world }: Stage) {
  return tearDown(await findBelongings(world), startRun(world, Number.POSITIVE_INFINITY));
}

function fatesOf({ sessions, filters }: Awaited<ReturnType<typeof tearDown>>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of [...sessions, ...filters]) {
    const fate = one.fate === 'left' ? `left ${one.code}` : one.fate;
    counts[fate] = (counts[fate] ?? 0) + 1;
  }
  return counts;
}

const foreign = (stage: Stage) => sessionsIn(stage).filter(({ sessionNumber }) => sessionNumber === 7);

test('everything of the fleet goes, and nothing of anybody else', async () => {
  const stage = await aMirroredFleet();
  expect(fatesOf(await tearDownFleet(stage))).toEqual({ removed: sessionCount + 1 });
  expect(sessionsIn(stage)).toEqual(foreign(stage));
  expect(foreign(stage)).toHaveLength(1);
  expect(filterIdsOf(stage)).toEqual([]);
  expect(stage.emulator.account.filters.get('tmf-0aaa1111bbbb2222c')).toBeDefined();
});

test('however long it takes', async () => {
  const stage = await aMirroredFleet();
  const pacer = createPacer({ rate: 0.01, rateMin: 0.01, rateMax: 0.01, burst: 1 }, stage.clock);
  const belongings = await findBelongings(stage.world);
  const run = startRun({ ...stage.world, pacer }, Number.POSITIVE_INFINITY);
  expect(fatesOf(await tearDown(belongings, run))).toEqual({ removed: sessionCount + 1 });
});

describe('what EC2 did not delete is left, with its code', () => {
  test.each([
    ['is unavailable', 'Unavailable'],
    ['keeps throttling', 'RequestLimitExceeded'],
    ['sees a conflict', 'IncorrectState'],
    ['denies', 'UnauthorizedOperation'],
    ['knows why and nobody else does', 'SomethingNew'],
  ])('when it %s (%s)', async (_, code) => {
    const stage = await aMirroredFleet();
    stage.emulator.faults.add({
      when: 'before',
      action: 'DeleteTrafficMirrorSession',
      times: Number.POSITIVE_INFINITY,
      error: { code },
    });
    const tornDown = await tearDownFleet(stage);
    expect(fatesOf(tornDown)).toEqual({ [`left ${code}`]: sessionCount, 'left TrafficMirrorFilterInUse': 1 });
    expect(sessionsIn(stage)).toHaveLength(sessionCount + 1);
  });

  test('while the others are told as removed', async () => {
    const stage = await aMirroredFleet();
    const stubborn = sessionsIn(stage).find(({ sessionNumber }) => sessionNumber === 20)?.sessionId;
    stage.emulator.faults.add({
      when: 'before',
      action: 'DeleteTrafficMirrorSession',
      matches: ({ TrafficMirrorSessionId }) => TrafficMirrorSessionId === stubborn,
      error: { code: 'IncorrectState' },
    });
    const tornDown = await tearDownFleet(stage);
    expect(fatesOf(tornDown)).toEqual({
      removed: sessionCount - 1,
      'left IncorrectState': 1,
      'left TrafficMirrorFilterInUse': 1,
    });
    expect(tornDown.sessions.find(({ fate }) => fate === 'left')?.session.sessionId).toBe(stubborn);
  });

  test("a filter that someone else's session uses (TrafficMirrorFilterInUse)", async () => {
    const stage = await aMirroredFleet();
    const [filterId] = filterIdsOf(stage);
    const [networkInterfaceId] = stage.interfacesOf('other');
    await stage.operator.send(
      new CreateTrafficMirrorSessionCommand({
        NetworkInterfaceId: networkInterfaceId,
        TrafficMirrorTargetId: 'tmt-0aaa1111bbbb2222c',
        TrafficMirrorFilterId: filterId,
        SessionNumber: 8,
      }),
    );
    expect(fatesOf(await tearDownFleet(stage))).toEqual({ removed: sessionCount, 'left TrafficMirrorFilterInUse': 1 });
    expect(filterIdsOf(stage)).toEqual([filterId]);
  });
});

test('what somebody else removed meanwhile is gone, not left', async () => {
  const stage = await aMirroredFleet();
  const { world } = stage;
  const belongings = await findBelongings(world);
  await tearDownFleet(stage);
  const run = startRun(world, Number.POSITIVE_INFINITY);
  expect(fatesOf(await tearDown(belongings, run))).toEqual({ gone: sessionCount + 1 });
});
