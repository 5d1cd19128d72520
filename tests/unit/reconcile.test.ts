import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  CreateTagsCommand,
  DeleteNetworkInterfaceCommand,
  DetachNetworkInterfaceCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { startRun } from '../../lib/call.ts';
import type { Policy } from '../../lib/core/model.ts';
import { reportCoverage } from '../../lib/coverage-report.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { createMemory } from '../../lib/memory.ts';
import { reconcile } from '../../lib/reconcile.ts';
import { policyOf } from '../support/emulated-world.ts';
import { aStateChange } from '../support/event.ts';
import { policyText } from '../support/policy.ts';
import { aStage, numbersOn, ourTags, reasonsOf, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const waf = 'tmt-0aaa1111bbbb2222c';
const http = { target: waf, filter: 'tmf-0aaa1111bbbb2222c', number: 10, description: 'tier http' };

const launch = (stage: Stage, name = 'web') => stage.deliver([aStateChange(stage.idOf(name))]);
const numbers = (stage: Stage, name = 'web') => numbersOn(stage, stage.interfacesOf(name)[0]);

function retag(stage: Stage, name: string, value: string) {
  return stage.operator.send(
    new CreateTagsCommand({ Resources: [stage.idOf(name)], Tags: [{ Key: 'Mirror', Value: value }] }),
  );
}

/** A run that writes nothing, of a function that remembers nothing. */
async function observe(stage: Stage) {
  const run = startRun({ ...stage.world, memory: createMemory() }, stage.clock.now() + 60_000);
  const { policy } = (await stage.world.readPolicy()) as { readonly policy: Policy };
  return reconcile(run, policy, { kind: 'fleet' }, { writes: false });
}

describe('A plan without writes', () => {
  const document: FleetDocument = {
    instances: [
      { name: 'web', tags: mirrored },
      { name: 'off', tags: { Mirror: 'off' } },
    ],
    sessions: [{ source: 'off', ...http, tags: ourTags() }],
  };

  test('shows what would be done and does nothing of it', async () => {
    const stage = aStage({ document });
    const run = startRun(stage.world, stage.clock.now() + 60_000);
    const report = await reconcile(run, policyOf(policyText()), { kind: 'fleet' }, { writes: false });
    expect(report.isObserved).toBe(true);
    expect(report.outcomes.map(({ action, outcome }) => `${outcome} ${action.kind} ${action.because}`).sort()).toEqual([
      'observed create opted-in',
      'observed create opted-in',
      'observed delete opted-out',
    ]);
    expect(writesOf(stage)).toEqual({});
  });

  test('type-unknown: what `unknown: try` has not tried yet is no gap that a run closes for certain', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'new', instanceType: 'zz9.large', tags: mirrored }] },
      differences: { instanceTypes: { unknown: 'try' } },
    });
    const report = await observe(stage);
    expect(report.coverage).toMatchObject({ wanted: 1, eligible: 0, percent: 100 });
    expect(reportCoverage(stage.world, report)).toMatchObject({
      coverage: report.coverage,
      gaps: [
        { kind: 'impossible', because: 'type-unknown', remedy: expect.stringContaining('the next sweep tries it') },
      ],
    });
    await stage.sweep();
    const tried = await observe(stage);
    expect(tried.coverage).toMatchObject({ wanted: 1, eligible: 1, complete: 1 });
    expect(reportCoverage(stage.world, tried).gaps).toEqual([]);
  });

  test('is the same plan, byte for byte, when it is made again', async () => {
    const stage = aStage({ document });
    const planOnce = async () => {
      const run = startRun({ ...stage.world, memory: createMemory() }, stage.clock.now() + 60_000);
      return JSON.stringify((await reconcile(run, policyOf(policyText()), { kind: 'fleet' }, { writes: false })).plan);
    };
    expect(await planOnce()).toBe(await planOnce());
  });

  test('held-by-guard: `allowDeletes` lets so many guarded deletions pass and no more', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'off', count: 12, tags: { Mirror: 'off' } }],
        sessions: Array.from({ length: 12 }, (_, index) => ({ source: `off-${index}`, ...http, tags: ourTags() })),
      },
    });
    const apply = (allowDeletes: number) =>
      reconcile(
        startRun(stage.world, stage.clock.now() + 60_000),
        policyOf(policyText()),
        { kind: 'fleet' },
        {
          writes: true,
          allowDeletes,
        },
      );
    await apply(11);
    expect(sessionsIn(stage)).toHaveLength(12);
    await apply(12);
    expect(sessionsIn(stage)).toEqual([]);
  });
});

describe('What the tags say', () => {
  test('unknown-profile: existing sessions stay and the user is told once the source has none', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }, { name: 'new' }] } });
    await launch(stage);
    await retag(stage, 'web', 'gold');
    await retag(stage, 'new', 'gold');
    await stage.deliverEvents();
    expect(numbers(stage)).toEqual([10, 20]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['unknown-profile']);
  });

  test('a profile, then tier names: sessions come, go and move without a gap', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'forensic' } }] } });
    await launch(stage);
    expect(numbers(stage)).toEqual([10, 20, 30]);
    await retag(stage, 'web', 'http+full');
    await stage.deliverEvents();
    expect(numbers(stage)).toEqual([10, 30]);
    const [, full] = sessionsIn(stage);
    await retag(stage, 'web', 'http, tcp');
    await stage.deliverEvents();
    // The session of `full` became that of `tcp`: renumbered in place.
    expect(sessionsIn(stage).map(({ sessionId, sessionNumber }) => [sessionId, sessionNumber])[1]).toEqual([
      full?.sessionId,
      20,
    ]);
    expect(reasonsOf(stage, 'Mirror Drift Repaired')).toEqual(['renumbered']);
  });

  test('a renumbered tier keeps its session and its VXLAN network identifier', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'http' } }] } });
    await launch(stage);
    const [before] = sessionsIn(stage);
    const tiers = [{ name: 'http', sessionNumber: 77, target: 'waf', filter: 'http' }];
    stage.setPolicy(policyText({ tiers, profiles: { default: ['http'] } }));
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([{ ...before, sessionNumber: 77 }]);
  });

  test('the interface’s own tag beats that of its instance', async () => {
    const interfaces = [{ tags: { Mirror: 'off' } }, { tags: { Mirror: 'full' } }];
    const stage = aStage({ document: { instances: [{ name: 'web', interfaces, tags: mirrored }] } });
    await launch(stage);
    expect(stage.interfacesOf('web').map((eni) => numbersOn(stage, eni))).toEqual([[], [30]]);
  });

  test('covered: a coverage rule needs no tag, and mandatory coverage beats a tag that says off', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'web', tags: { env: 'prod-eu' } },
          { name: 'off', tags: { env: 'prod-eu', Mirror: 'off' } },
        ],
      },
      differences: {
        coverage: [{ match: { tags: { env: ['prod-*'] } }, profile: 'default', mandatory: true }],
        exclude: [{ tags: { role: ['sensor'] } }],
      },
    });
    await launch(stage, 'web');
    await launch(stage, 'off');
    expect(reasonsOf(stage, 'Mirror Attached')).toEqual(['covered', 'covered', 'covered', 'covered']);
  });
});

describe('Interfaces that come and go', () => {
  test('an interface that is attached to a running instance is mirrored, and no longer when it is detached', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    const subnetId = [...stage.emulator.account.subnets.rows()][0]?.subnetId;
    const created = await stage.operator.send(new CreateNetworkInterfaceCommand({ SubnetId: subnetId }));
    const NetworkInterfaceId = created.NetworkInterface?.NetworkInterfaceId ?? '';
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual([]);
    const { AttachmentId } = await stage.operator.send(
      new AttachNetworkInterfaceCommand({ NetworkInterfaceId, InstanceId: stage.idOf('web'), DeviceIndex: 1 }),
    );
    await stage.deliverEvents();
    expect(numbersOn(stage, NetworkInterfaceId)).toEqual([10, 20]);
    await stage.operator.send(new DetachNetworkInterfaceCommand({ AttachmentId }));
    await stage.rest();
    expect(numbersOn(stage, NetworkInterfaceId)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['interface-detached', 'interface-detached']);
    await stage.operator.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    await stage.rest();
    expect(stage.counts.get('HintsDropped')).toBeUndefined();
  });

  test('instance-stopped does not count under `whileStopped: keep`', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', state: 'stopped', tags: mirrored }] },
      differences: { whileStopped: 'keep' },
    });
    await stage.sweep();
    expect(numbers(stage)).toEqual([10, 20]);
  });
});

describe('Two functions at work at the same time', () => {
  test('on the same launches: each session is made once, and nobody fails for good', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 20, tags: mirrored }] } });
    const bodies = Array.from({ length: 20 }, (_, index) => aStateChange(stage.idOf(`web-${index}`)));
    const failed = await Promise.all(
      [createMemory(), createMemory()].map((memory) => stage.deliver(bodies, { world: { memory } })),
    );
    expect(failed).toEqual([[], []]);
    expect(sessionsIn(stage)).toHaveLength(40);
  });

  test('on one number: what takes it in between is looked at again, and one session is there in the end', async () => {
    const here = { source: 'web', target: 'tmt-0ccc1111bbbb2222a', filter: 'tmf-0bbb1111bbbb2222c', tags: ourTags() };
    const document = { instances: [{ name: 'web', tags: { Mirror: 'tcp' } }] };
    const stage = aStage({ document: { ...document, sessions: [{ ...here, number: 30, description: 'tier tcp' }] } });
    let hasHappened = false;
    stage.emulator.faults.add({
      when: 'before',
      action: 'ModifyTrafficMirrorSession',
      matches: () => {
        const sessions = [{ ...here, source: stage.interfacesOf('web')[0]!, number: 20 }];
        if (!hasHappened) stage.emulator.loadFleet({ sessions });
        hasHappened = true;
        return false;
      },
    });
    expect(await stage.deliver([aStateChange(stage.idOf('web'))])).toEqual([]);
    expect(hasHappened).toBe(true);
    expect(numbers(stage)).toEqual([20]);
  });

  test('as-desired: what another run made meanwhile counts as mirrored', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    let hasHappened = false;
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      matches: () => {
        const here = { source: stage.interfacesOf('web')[0]!, tags: ourTags() };
        const http = { ...here, number: 10, target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c' };
        const tcp = { ...here, number: 20, target: 'tmt-0ccc1111bbbb2222a', filter: 'tmf-0bbb1111bbbb2222c' };
        if (!hasHappened) stage.emulator.loadFleet({ sessions: [http, tcp] });
        hasHappened = true;
        return false;
      },
    });
    const report = await stage.sweep();
    expect(report?.outcomes.map(({ outcome }) => outcome)).not.toContain('failed');
    expect(report?.coverage).toMatchObject({ eligible: 1, complete: 1, percent: 100 });
  });

  test('on the first need of a managed filter: in the end there is one, and every session uses it', async () => {
    const ingress = [{ rule: 10, action: 'accept', sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' }];
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 2, tags: mirrored }] },
      differences: { filters: { http: { ingress }, 'all-tcp': { ingress }, everything: { ingress } } },
    });
    await Promise.all(
      ['web-0', 'web-1'].map((name) =>
        stage.deliver([aStateChange(stage.idOf(name))], { world: { memory: createMemory() } }),
      ),
    );
    expect(sessionsIn(stage)).toHaveLength(4);
    await stage.sweep();
    stage.clock.advance(16 * 60_000);
    await stage.sweep();
    expect(new Set(sessionsIn(stage).map(({ filterId }) => filterId)).size).toBe(2);
    const { tags } = stage.emulator.account;
    const ours = [...tags.rows()].filter(({ tags: each }) => each['fleetmirror:filter'] !== undefined);
    expect(ours).toHaveLength(2);
  });
});

describe('What a guard has held', () => {
  const names = Array.from({ length: 12 }, (_, index) => `web-${index}`);

  /** Mirrored by two tiers, of which the policy wants the second only; EC2 refuses to change the first four of these. */
  async function aHaltedFleet(): Promise<Stage> {
    const stage = aStage({ document: { instances: [{ name: 'web', count: names.length, tags: mirrored }] } });
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(24);
    const tcp = { name: 'tcp', sessionNumber: 20, target: 'sensors', filter: 'all-tcp', packetLength: 128 };
    stage.setPolicy(
      policyText({ tiers: [tcp], profiles: { default: ['tcp'] }, guards: { maxDeletes: 11, maxDeletePercent: 100 } }),
    );
    const error = { code: 'IncorrectState' };
    stage.emulator.faults.add({ when: 'before', action: 'ModifyTrafficMirrorSession', times: 4, error });
    return stage;
  }

  test('held-by-guard: stays held when the run looks again at a few of the sources', async () => {
    const stage = await aHaltedFleet();
    const report = await stage.sweep();
    expect(report?.plan.halted).toMatchObject({ guarded: 12 });
    expect(sessionsIn(stage)).toHaveLength(24);
    expect(sessionsIn(stage).filter(({ packetLength }) => packetLength === 128)).toHaveLength(12);
  });

  test('left-to-sweep: as well in a batch of changes', async () => {
    const stage = await aHaltedFleet();
    await stage.deliver(names.map((name) => aStateChange(stage.idOf(name))));
    expect(sessionsIn(stage)).toHaveLength(24);
  });
});
