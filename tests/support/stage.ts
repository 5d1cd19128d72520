import { EC2Client } from '@aws-sdk/client-ec2';
import { startRun } from '../../lib/call.ts';
import { handleChanges } from '../../lib/change.ts';
import type { Session } from '../../lib/emulator/account.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import type { AwsEvent } from '../../lib/emulator/notices.ts';
import { eventSchemas, type FleetEvent } from '../../lib/event-schemas.ts';
import { writeWork } from '../../lib/events.ts';
import { createMemory } from '../../lib/memory.ts';
import type { World } from '../../lib/ports.ts';
import type { Report } from '../../lib/reconcile.ts';
import { handleSweepRequests, sweep } from '../../lib/sweep.ts';
import { anEmulatedWorld, type EmulatedWorld, type EmulatedWorldOptions, policyOf } from './emulated-world.ts';
import { policyText } from './policy.ts';

/** What `policyText()` names: two load balancers as targets (any number of sources) and three filters. */
export const mirroring: FleetDocument = {
  loadBalancers: [{ name: 'waf-nlb' }, { name: 'sensors-nlb' }],
  targets: [
    { id: 'tmt-0aaa1111bbbb2222c', loadBalancer: 'waf-nlb' },
    { id: 'tmt-0ccc1111bbbb2222a', loadBalancer: 'sensors-nlb' },
  ],
  filters: [{ id: 'tmf-0aaa1111bbbb2222c' }, { id: 'tmf-0bbb1111bbbb2222c' }, { id: 'tmf-0ccc1111bbbb2222c' }],
};

/** An account, our functions and everybody else in it: what happens becomes events, and events become messages. */
export interface Stage extends EmulatedWorld {
  /** The calls of someone who is not us. */
  readonly operator: EC2Client;
  /** What AWS has put on the bus and nobody has taken yet, our own calls among it. */
  readonly events: AwsEvent[];
  /** The id behind a name of the fleet; throws when there is none. */
  readonly idOf: (name: string) => string;
  /** The ids of the interfaces of an instance, by its name in the fleet or its id. */
  readonly interfacesOf: (nameOrId: string) => readonly string[];
  /** Hands messages to `on-change` as one batch; answers which of them (by index) must come back. */
  readonly deliver: (bodies: readonly (string | object)[], options?: RunOptions) => Promise<readonly number[]>;
  /** Delivers what the bus holds, less our own calls, as one batch. */
  readonly deliverEvents: (options?: RunOptions) => Promise<readonly number[]>;
  /** Runs one sweep of another function, which remembers nothing. */
  readonly sweep: (options?: RunOptions & { readonly hop?: number }) => Promise<Report | undefined>;
  /** Lets events, delayed work and sweeps happen in their order until nothing is left to do; returns the rounds. */
  readonly rest: (options?: RestOptions) => Promise<number>;
}

export interface RunOptions {
  /** How long the run may take; 100 s when absent. */
  readonly timeMs?: number;
  readonly world?: Partial<World>;
}

export interface RestOptions {
  /** Throws after so many rounds: what does not come to rest is a bug. */
  readonly roundsMax?: number;
  /** Called after each round: someone else reacts. */
  readonly react?: () => Promise<void>;
}

export interface StageOptions extends EmulatedWorldOptions {
  readonly fleet?: string;
  readonly document?: FleetDocument;
  /** Differences from `policyText()`. */
  readonly differences?: Readonly<Record<string, unknown>>;
}

export function aStage({ document = {}, differences = {}, ...options }: StageOptions = {}): Stage {
  const events: AwsEvent[] = [];
  const policy = policyText(differences);
  // A policy that is invalid by mistake writes nothing, which many a test would take for success.
  policyOf(policy);
  const emulated = anEmulatedWorld({
    policy,
    ...options,
    emulator: { emit: (event) => events.push(event), ...options.emulator },
  });
  const { emulator, clock, world, work, sweepRequests } = emulated;
  const { account } = emulator;
  emulator.loadFleet(mirroring);
  const ids = emulator.loadFleet(document);
  const idOf = (name: string) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`The fleet has nothing named ${name}.`);
    return id;
  };
  const deliver: Stage['deliver'] = async (bodies, { timeMs = 100_000, world: differences = {} } = {}) => {
    const messages = bodies.map((body, index) => ({
      messageId: String(index),
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }));
    const failed = await handleChanges(startRun({ ...world, ...differences }, clock.now() + timeMs), messages);
    checkEvents(emulated.published);
    return failed.map(Number);
  };
  const deliverEvents: Stage['deliverEvents'] = async (runOptions) => {
    const taken = events.splice(0).filter((event) => !isOurCall(event));
    return taken.length === 0 ? [] : deliver(taken, runOptions);
  };
  const runSweep: Stage['sweep'] = async ({ timeMs = 800_000, world: differences = {}, hop = 0 } = {}) => {
    const report = await sweep(startRun({ ...world, memory: createMemory(), ...differences }, clock.now() + timeMs), {
      because: 'schedule',
      hop,
    });
    checkEvents(emulated.published);
    return report;
  };

  const rest: Stage['rest'] = async ({ roundsMax = 100, react } = {}) => {
    const delayed: { dueAtMs: number; body: string }[] = [];
    for (let round = 1; round <= roundsMax; round++) {
      for (const { work: item, delaySeconds } of work.splice(0)) {
        delayed.push({ dueAtMs: clock.now() + delaySeconds * 1000, body: writeWork(item) });
      }
      delayed.sort((one, other) => one.dueAtMs - other.dueAtMs);
      const isCalm = events.every(isOurCall);
      const request = isCalm ? sweepRequests.shift() : undefined;
      if (!isCalm) await deliverEvents();
      else if (request !== undefined) {
        const body = JSON.stringify({ source: 'fleetmirror', detail: request });
        await handleSweepRequests({ ...world, memory: createMemory() }, clock.now() + 800_000, [{ body }]);
        checkEvents(emulated.published);
      } else {
        const next = delayed.shift();
        if (next === undefined) return round;
        clock.advance(Math.max(0, next.dueAtMs - clock.now()));
        await deliver([next.body]);
      }
      await react?.();
    }
    throw new Error(`It did not come to rest in ${roundsMax} rounds.`);
  };

  return {
    ...emulated,
    operator: new EC2Client({
      region: 'us-east-1',
      credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
      maxAttempts: 1,
      requestHandler: emulator.requestHandler,
    }),
    events,
    idOf,
    interfacesOf: (nameOrId) => account.instances.get(ids.get(nameOrId) ?? nameOrId)?.interfaceIds ?? [],
    deliver,
    deliverEvents,
    sweep: runSweep,
    rest,
  };
}

/** Whatever a test is about: what it published is as `infra/events/` promises. */
function checkEvents(published: readonly FleetEvent[]): void {
  for (const { detailType, detail } of published) eventSchemas[detailType].parse(detail);
}

/** The event rules let no call of our own role through. */
function isOurCall({ detail }: AwsEvent): boolean {
  const identity = detail.userIdentity as { readonly accessKeyId?: string } | undefined;
  return identity?.accessKeyId === 'test';
}

/** The sessions of the account, or of one interface, in the order of interface and session number. */
export function sessionsIn({ emulator }: Stage, networkInterfaceId?: string): readonly Session[] {
  return [...emulator.account.sessions.rows()]
    .filter((session) => networkInterfaceId === undefined || session.networkInterfaceId === networkInterfaceId)
    .sort((one, other) =>
      one.networkInterfaceId === other.networkInterfaceId
        ? one.sessionNumber - other.sessionNumber
        : one.networkInterfaceId < other.networkInterfaceId
          ? -1
          : 1,
    );
}

/** The session numbers in use on an interface, ascending. */
export function numbersOn(stage: Stage, networkInterfaceId: string | undefined): readonly number[] {
  return sessionsIn(stage, networkInterfaceId ?? 'none').map(({ sessionNumber }) => sessionNumber);
}

/** Every call that changes something, by action, since the counts were cleared. */
export function writesOf({ emulator }: Stage): Readonly<Record<string, number>> {
  return Object.fromEntries([...emulator.calls].filter(([action]) => !action.startsWith('Describe')));
}

/** The reasons of the events of one type, sorted. */
export function reasonsOf({ published }: Stage, detailType: string): readonly unknown[] {
  return published
    .filter((event) => event.detailType === detailType)
    .map(({ detail }) => detail.because)
    .sort();
}

/** What `fleetmirror:*` tags a session of ours would carry. */
export function ourTags(differences: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    'fleetmirror:fleet': 'prod',
    'fleetmirror:instance': 'i-0aaa0000000000001',
    'fleetmirror:created-at': '2026-01-01T00:00:00.000Z',
    ...differences,
  };
}
