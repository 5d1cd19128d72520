import { DeleteNetworkInterfaceCommand, StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { aCloudTrailEvent, aStateChange } from '../support/event.ts';
import { aStage, type Stage, type StageOptions, sessionsIn } from '../support/stage.ts';

const [first, second] = ['tmt-0000000000000000a', 'tmt-0000000000000000b'];

/** Four sources that mirror to two sensors, as a sweep has left them. */
async function aFleetWithSensors(options: StageOptions = {}): Promise<Stage> {
  const stage = aStage({
    emulator: { rules: { transitionMs: 40_000 } },
    ...options,
    document: {
      instances: [
        { name: 'sensor', count: 2 },
        { name: 'web', count: 4, tags: { Mirror: 'http' } },
      ],
      interfaces: [{ name: 'loose' }],
      targets: [
        { id: first, instance: 'sensor-0' },
        { id: second, instance: 'sensor-1' },
        { name: 'spare', interface: 'loose' },
      ],
    },
    differences: { targets: { waf: { ids: [first, second] }, sensors: { ids: [second] } }, ...options.differences },
  });
  await stage.sweep();
  stage.events.length = 0;
  return stage;
}

const targetsIn = (stage: Stage) => new Set(sessionsIn(stage).map(({ targetId }) => targetId));

async function terminate(stage: Stage, name: string): Promise<void> {
  await stage.operator.send(new TerminateInstancesCommand({ InstanceIds: [stage.idOf(name)] }));
}

describe('The end of a sensor', () => {
  test('target-gone: what is mirrored to it moves to another soon, by a sweep that is asked for', async () => {
    const stage = await aFleetWithSensors();
    expect(targetsIn(stage)).toEqual(new Set([first, second]));
    const startedAtMs = stage.clock.now();
    await terminate(stage, 'sensor-0');
    await stage.rest();
    expect(targetsIn(stage)).toEqual(new Set([second]));
    expect(sessionsIn(stage)).toHaveLength(4);
    expect(stage.clock.now() - startedAtMs).toBeLessThanOrEqual(90_000);
    const completed = stage.published.flatMap(({ detailType, detail }) =>
      detailType === 'Sweep Completed' ? [detail] : [],
    );
    expect(completed.map((detail) => (detail as { because: string }).because)).toEqual(['schedule', 'target-gone']);
  });

  test('is waited for while it shuts down, by looks at its interface', async () => {
    const stage = await aFleetWithSensors();
    const [eni] = stage.interfacesOf('sensor-0');
    await terminate(stage, 'sensor-0');
    await stage.deliverEvents();
    expect(stage.work).toMatchObject([
      { delaySeconds: 5, work: { departedNetworkInterfaceIds: [eni], instanceIds: [], attempt: 1 } },
    ]);
    expect(stage.sweepRequests).toEqual([]);
  });

  test('that shuts down for longer than events are waited for is left to the next sweep', async () => {
    const stage = await aFleetWithSensors({ emulator: { rules: { transitionMs: 3_600_000 } } });
    await terminate(stage, 'sensor-0');
    await stage.rest();
    expect([stage.work, stage.sweepRequests]).toEqual([[], []]);
    expect(targetsIn(stage)).toEqual(new Set([first, second]));
  });

  test('is no end where it stops: it keeps its interface, and nobody waits', async () => {
    const stage = await aFleetWithSensors();
    await stage.operator.send(new StopInstancesCommand({ InstanceIds: [stage.idOf('sensor-0')] }));
    await stage.deliverEvents();
    expect([stage.work, stage.sweepRequests]).toEqual([[], []]);
  });

  test('target-gone: an interface of a target that is deleted alone asks for a sweep at once', async () => {
    const stage = await aFleetWithSensors();
    await stage.operator.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: stage.idOf('loose') }));
    await stage.deliverEvents();
    expect(stage.sweepRequests).toEqual([{ because: 'target-gone', hop: 0 }]);
  });

  test('target-gone: in observe mode the sweep is asked for as well, which tells what would move', async () => {
    const stage = await aFleetWithSensors({ differences: { mode: 'observe' } });
    const [networkInterfaceId] = stage.interfacesOf('sensor-0');
    await terminate(stage, 'sensor-0');
    stage.clock.advance(600_000);
    await stage.deliver([aCloudTrailEvent('DeleteNetworkInterface', { requestParameters: { networkInterfaceId } })]);
    expect(stage.sweepRequests).toEqual([{ because: 'target-gone', hop: 0 }]);
  });

  test('of an instance that is no sensor asks for no sweep', async () => {
    const stage = await aFleetWithSensors();
    await terminate(stage, 'web-0');
    await stage.deliverEvents();
    stage.clock.advance(60_000);
    await stage.deliver([aStateChange(stage.idOf('web-0'), 'terminated')]);
    expect([stage.work, stage.sweepRequests]).toEqual([[], []]);
  });
});
