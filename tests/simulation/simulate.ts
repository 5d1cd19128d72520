import { createEmulator } from '../../lib/emulator/emulator.ts';
import { CONNECTION_RESET } from '../../lib/emulator/http.ts';
import type { Iam } from '../../lib/emulator/iam.ts';
import type { AwsEvent } from '../../lib/emulator/notices.ts';
import type { QueueSpec, Stack } from '../../lib/emulator/template.ts';
import { createChance } from './chance.ts';
import { createEventLines } from './event-lines.ts';
import { drawFleet } from './fleet.ts';
import { type Host, startHost } from './host.ts';
import { takeStep } from './operators.ts';
import { drawOptions } from './options.ts';
import { drawPolicy } from './policies.ts';
import { createPolicyShelf } from './policy-shelf.ts';
import { createQueue } from './queue.ts';
import { createSafety, type Violation } from './safety.ts';
import { createScheduler } from './scheduler.ts';
import type { Told } from './services.ts';
import { createTranscript, type Transcript } from './transcript.ts';
import { compareAccount } from './verdict.ts';
import { startWeather } from './weather.ts';
import { drawWorkload, type Step } from './workload.ts';

/** How one seed went. */
export interface Simulation {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly transcript: Transcript;
  /** The workload, as far as it was asked for. */
  readonly steps: readonly Step[];
}

const startMs = Date.parse('2026-03-01T12:00:00Z');
const accountId = '123456789012';
const minuteMs = 60_000;
const sweepEveryMs = 15 * minuteMs;
/** What has not come to rest by then never will. A crashed sweep blocks its queue for an hour, and may crash twice. */
const stepsMax = 20_000;
/** vpc/mirroring/traffic-mirroring-quotas; none of the fleet's appliances is of the large types. */
const sourcesPerTargetMax = 10;
const restMs = 12 * 60 * minuteMs;

/** The packaged template as the account has it. */
export interface Deployed {
  readonly stack: Stack;
  /** Holds the roles of the stack to their policies. */
  readonly iam: Iam;
}

/** Runs one seed: weather, then calm, then the verdict. `only`: the steps of its workload that are taken. */
export async function simulate(
  seed: number,
  { stack, iam }: Deployed,
  only?: ReadonlySet<number>,
): Promise<Simulation> {
  const options = drawOptions(seed);
  const steps = drawWorkload(seed, options).filter(({ index }) => only?.has(index) ?? true);
  const scheduler = createScheduler(startMs);
  const transcript = createTranscript(scheduler.now);
  let calmSinceMs = Number.POSITIVE_INFINITY;
  const isCalm = () => scheduler.now() >= calmSinceMs;
  let publish: (event: AwsEvent) => void = () => {};
  const emulator = createEmulator({
    seed,
    clock: scheduler,
    accountId,
    rules: options.rules,
    isThrottling: options.isThrottling,
    principals: principalsOf(stack),
    iam,
    emit: (event) => publish(event),
  });
  const { account } = emulator;
  const draw = createChance(seed, 'account');
  emulator.loadFleet(drawFleet(draw));
  const shelf = createPolicyShelf(drawPolicy(draw));
  const isPrompt = Object.values(options.staleMs).every((lateMs) => lateMs === 0);
  const safety = createSafety({
    account,
    now: scheduler.now,
    policy: shelf.latest,
    isPrompt,
    tagsLateMs: options.staleMs.tags,
    isGoneDenied: options.rules.missingResource === 'unauthorized',
  });
  safety.note();
  const queueNamed = (logicalId: string) => {
    const spec = stack.queues.find((queue) => queue.logicalId === logicalId) as QueueSpec;
    return { arn: spec.arn, queue: createQueue(spec, scheduler, transcript) };
  };
  const change = queueNamed('ChangeQueue');
  const sweep = queueNamed('SweepQueue');
  const lines = createEventLines({
    stack,
    queueOf: (arn) => [change, sweep].find((each) => each.arn === arn)?.queue,
    options,
    chance: createChance(seed, 'events'),
    transcript,
    isCalm,
  });
  publish = lines.publish;
  const weather = startWeather(emulator.faults, options, scheduler, createChance(seed, 'weather'), transcript);
  const start = (kind: 'change' | 'sweep'): Host => {
    const { arn, queue } = kind === 'change' ? change : sweep;
    const mapping = stack.mappings.find(({ queueArn }) => queueArn === arn);
    const fn = stack.functions.find(({ name }) => name === mapping?.functionName);
    if (mapping === undefined || fn === undefined) throw new Error(`The template feeds no function from ${arn}.`);
    const chance = createChance(seed, kind);
    const queues = { change: change.queue, sweep: sweep.queue };
    return startHost({
      kind,
      fn,
      mapping,
      queue,
      queues,
      emulator,
      scheduler,
      safety,
      transcript,
      shelf,
      chance,
      options,
      weather,
      isCalm,
    });
  };
  const hosts = [start('change'), start('sweep')];

  const requestSweep = () => {
    const schedule = stack.schedules[0];
    const time = new Date(scheduler.now()).toISOString();
    sweep.queue.send(schedule?.input.replace('<aws.scheduler.scheduled-time>', time) ?? '{}', 0);
  };
  const keepSchedule = () => {
    if (isCalm()) return;
    requestSweep();
    scheduler.after(sweepEveryMs, keepSchedule);
  };
  scheduler.after(createChance(seed, 'schedule').between(0, sweepEveryMs), keepSchedule);

  const tell = (event: Told) =>
    publish({
      version: '0',
      id: `told-${scheduler.now()}`,
      account: accountId,
      time: new Date(scheduler.now()).toISOString(),
      region: 'us-east-1',
      ...event,
    });
  const announcePolicy = () =>
    tell({
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      resources: [],
      detail: { name: '/fleetmirror/prod/policy', operation: 'Update' },
    });
  const operators = {
    account,
    shelf,
    announcePolicy,
    tell,
    jump: (byMs: number) => {
      // A run whose time is over at once does less than it should.
      for (const invocation of hosts.flatMap(({ running }) => [...running])) invocation.troubles += 1;
      scheduler.jump(byMs);
    },
    write: (what: string) => transcript.write('operator', what),
    call: (action: string, parameters: Readonly<Record<string, string>>) => {
      const body = new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }).toString();
      const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIAOPERATOR/x' };
      const answer = weather.shelter(() => emulator.handleRequest({ headers, body }));
      const text = answer === CONNECTION_RESET ? '' : answer.body;
      transcript.write(
        'operator',
        `${action} ${Object.values(parameters).join(' ')} → ${/<Code>([^<]+)</.exec(text)?.[1] ?? 'done'}`,
      );
      return text;
    },
  };
  let stepsTaken = 0;
  // One after the other, so that a jump of the clock does not press them into one moment.
  const takeNext = () => {
    const step = steps[stepsTaken];
    const last = steps[stepsTaken - 1];
    if (step === undefined) return;
    scheduler.after(step.atMs - (last?.atMs ?? 0), () => {
      stepsTaken += 1;
      takeStep(step, operators);
      safety.note();
      takeNext();
    });
  };
  takeNext();

  /** Lets time pass until the condition holds or a rule is broken. */
  const goOn = async (isDone: () => boolean, rule: string): Promise<void> => {
    const untilMs = scheduler.now() + restMs;
    for (let steps = 0; !isDone() && safety.violations.length === 0; steps++) {
      if (scheduler.now() > untilMs || steps > stepsMax || !(await scheduler.step())) {
        safety.violations.push({ rule, what: `after ${(scheduler.now() - untilMs + restMs) / minuteMs} minutes` });
        return;
      }
      const seen = transcript.lines.length;
      emulator.settle();
      if (transcript.lines.length > seen) safety.note();
    }
  };
  const isAtRest = () =>
    change.queue.messages.length +
      sweep.queue.messages.length +
      hosts.reduce((sum, { running }) => sum + running.size, 0) ===
    0;
  const rest = (rule: string) => goOn(isAtRest, rule);

  await goOn(() => stepsTaken === steps.length, 'time passes');
  const calmFromMs = scheduler.now() + createChance(seed, 'end').between(0, 5 * minuteMs);
  await goOn(() => scheduler.now() >= calmFromMs, 'time passes');

  calmSinceMs = scheduler.now();
  weather.calm();
  shelf.put({ ...shelf.latest(), mode: 'enforce', guards: { maxDeletes: 10_000, maxDeletePercent: 100 } });
  safety.note();
  announcePolicy();
  await rest('the queue comes to rest');
  scheduler.jump(16 * minuteMs);
  emulator.settle();
  const before = new Set([...account.sessions.rows()].map(({ sessionId }) => sessionId));
  requestSweep();
  await rest('the queue comes to rest after a sweep');
  if (safety.violations.length === 0) {
    const { sessionsPerTargetMax = Number.POSITIVE_INFINITY } = options.rules;
    const perTargetMax = Math.min(sourcesPerTargetMax, sessionsPerTargetMax);
    for (const what of compareAccount({ account, policy: shelf.latest(), before, perTargetMax }))
      safety.violations.push({ rule: 'one sweep makes it right', what });
  }
  const seen = transcript.lines.length;
  scheduler.jump(16 * minuteMs);
  requestSweep();
  await rest('the queue comes to rest after a second sweep');
  if (safety.violations.length === 0) {
    for (const { who, what } of transcript.lines.slice(seen)) {
      if (/#\d+$/.test(who) && isEffort(what))
        safety.violations.push({ rule: 'the second sweep writes nothing', what });
    }
  }
  return { seed, violations: safety.violations, transcript, steps };
}

/** A write; a target may be full sooner than we can know, and is asked again by each sweep. */
function isEffort(what: string): boolean {
  return /^(Create|Modify|Delete)/.test(what) && !/(Sources|Sessions)PerTargetLimitExceeded$/.test(what);
}

function principalsOf({ functions }: Stack) {
  const principalOf = (kind: string, part: string) => {
    const roleArn = functions.find(({ name }) => name.endsWith(part))?.roleArn ?? '';
    const arn = `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/run`;
    return [`AKIA${kind}`, { type: 'AssumedRole' as const, arn, roleArn }] as const;
  };
  return Object.fromEntries([principalOf('CHANGE', 'on-change'), principalOf('SWEEP', 'on-schedule')]);
}
