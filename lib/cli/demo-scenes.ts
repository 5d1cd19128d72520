/** The scenes of the demo: something happens in the account, and the packaged functions answer it. */
import type { Stage, StagedSession } from './demo-stage.ts';

export interface Scene {
  readonly title: string;
  /** Makes it happen, waits until it is answered, and returns what was seen, one line each. */
  play(stage: Stage): Promise<readonly string[]>;
}

/** From a launch to all sessions of one interface, in milliseconds. */
export type Latencies = number[];

/** No scene takes longer; a demo that hangs would be worse than one that fails. */
const sceneMaxMs = 30_000;
const lookEveryMs = 20;

async function waitUntil(what: string, isSo: () => boolean | Promise<boolean>): Promise<number> {
  const startedAtMs = Date.now();
  while (!(await isSo())) {
    if (Date.now() - startedAtMs > sceneMaxMs)
      throw new Error(`The demo waited ${sceneMaxMs} ms in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return Date.now() - startedAtMs;
}

function idOf(stage: Stage, name: string): string {
  const id = stage.aws.ids.get(name);
  if (id === undefined) throw new Error(`The demo's fleet has no ${name}.`);
  return id;
}

const oursOn = (stage: Stage, networkInterfaceId: string): StagedSession[] =>
  stage.sessions().filter((session) => session.isOurs && session.networkInterfaceId === networkInterfaceId);

function interfaceOf(stage: Stage, instanceName: string): string {
  const instance = stage.aws.emulator.account.instances.get(idOf(stage, instanceName));
  return instance?.interfaceIds[0] ?? '';
}

const sweepsOf = ({ deployment }: Stage): number =>
  deployment.invocations.filter(({ functionName }) => functionName.endsWith('on-schedule')).length;

const callsOf = ({ ownCalls }: Stage, action: string): number => ownCalls.get(action) ?? 0;

async function fireSweep(stage: Stage): Promise<void> {
  const before = sweepsOf(stage);
  const [schedule] = stage.deployment.stack.schedules;
  if (schedule === undefined) throw new Error('The packaged template has no schedule.');
  await stage.deployment.fire(schedule.name);
  await waitUntil('the sweep has run', () => sweepsOf(stage) > before);
}

const firstSweep: Scene = {
  title: 'The schedule fires for the first time: a sweep meets the account as it is.',
  async play(stage) {
    await fireSweep(stage);
    const created = callsOf(stage, 'CreateTrafficMirrorSession');
    const filters = callsOf(stage, 'CreateTrafficMirrorFilter');
    const deleted = callsOf(stage, 'DeleteTrafficMirrorSession');
    return [`${created} sessions and ${filters} filters created, ${deleted} orphan removed.`];
  },
};

const launches = (latencies: Latencies): Scene => ({
  title: 'Three instances launch with the tag Mirror=true.',
  async play(stage) {
    const startedAtMs = Date.now();
    const interfaces = await stage.operator.launch({
      count: 3,
      instanceType: 'm5.large',
      tags: { Name: 'new-web', Mirror: 'true' },
    });
    const waits = interfaces.map(async (networkInterfaceId) => {
      await waitUntil('the new instances are mirrored', () => oursOn(stage, networkInterfaceId).length === 2);
      latencies.push(Date.now() - startedAtMs);
    });
    await Promise.all(waits);
    return [`Each has its two sessions; the last one after ${(Math.max(...latencies) / 1000).toFixed(1)} s.`];
  },
});

const trouble: Scene = {
  title:
    'All at once: a tag is removed, an instance is terminated, a stranger deletes a session, another narrows a filter.',
  async play(stage) {
    const untagged = interfaceOf(stage, 'web-0');
    const terminated = interfaceOf(stage, 'web-1');
    const robbed = interfaceOf(stage, 'web-2');
    const victim = oursOn(stage, robbed)[0];
    const repairsBefore = callsOf(stage, 'ModifyTrafficMirrorFilterRule');
    await stage.operator.removeTag(idOf(stage, 'web-0'), 'Mirror');
    await stage.operator.terminate(idOf(stage, 'web-1'));
    if (victim !== undefined) await stage.operator.deleteSession(victim.sessionId);
    await stage.operator.narrowFilter('all-tcp');
    const told = [
      waitUntil('the untagged instance has no session', () => oursOn(stage, untagged).length === 0).then(
        (ms) => `The untagged instance lost its sessions after ${seconds(ms)}.`,
      ),
      waitUntil('the terminated instance has no session', () => oursOn(stage, terminated).length === 0).then(
        () => "The terminated instance's sessions went with its interface, as AWS does it.",
      ),
      waitUntil('the deleted session is back', () => oursOn(stage, robbed).length === 2).then(
        (ms) => `The deleted session was made again after ${seconds(ms)}.`,
      ),
      waitUntil('the filter is repaired', () => callsOf(stage, 'ModifyTrafficMirrorFilterRule') > repairsBefore).then(
        (ms) => `The narrowed rule of the managed filter was put right after ${seconds(ms)}.`,
      ),
    ];
    return Promise.all(told);
  },
};

const drain: Scene = {
  title: 'The policy drops the sensor of zone c; the changed parameter starts a sweep.',
  async play(stage) {
    const drained = 'tmt-0000000000000000c';
    const movedBefore = callsOf(stage, 'ModifyTrafficMirrorSession');
    const before = sweepsOf(stage);
    stage.pushPolicy(stage.policyText.replace(`, ${drained}`, ''));
    await waitUntil('the drained sensor has no session', () =>
      stage.sessions().every(({ isOurs, targetId }) => !isOurs || targetId !== drained),
    );
    await waitUntil('the sweep has ended', () => sweepsOf(stage) > before);
    const moved = callsOf(stage, 'ModifyTrafficMirrorSession') - movedBefore;
    return [`${moved} sessions moved in place to other sensors; none was interrupted.`];
  },
};

/** True when no message waits and none is being worked on. */
async function isAtRest({ deployment }: Stage): Promise<boolean> {
  const queues = await Promise.all(['ChangeQueue', 'SweepQueue'].map((queue) => deployment.inspectQueue(queue)));
  return queues.every(({ ready, inFlight }) => ready.length + inFlight.length === 0);
}

const lastSweep: Scene = {
  title: 'The schedule fires again: the fleet is as the policy wants it.',
  async play(stage) {
    await waitUntil('the queues are empty', () => isAtRest(stage));
    const writes = () => [...stage.ownCalls.values()].reduce((sum, number) => sum + number, 0);
    const before = writes();
    await fireSweep(stage);
    const made = writes() - before;
    return [made === 0 ? 'It found nothing to do.' : `It made ${made} changes.`];
  },
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export function listScenes(latencies: Latencies): readonly Scene[] {
  return [firstSweep, launches(latencies), trouble, drain, lastSweep];
}
