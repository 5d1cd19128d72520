/** The parts of osls that a plugin meets here: the resolved service and its kind of error. */
interface Serverless {
  readonly service: {
    readonly custom: { readonly fleetmirror: { readonly fleet: string; readonly sweepEvery: string } };
  };
  readonly processedInput: { readonly commands: readonly string[] };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

/** As the policy's `fleet`; longer names would not fit into the names of AWS's resources. */
const fleetPattern = /^[a-z][a-z0-9-]{0,30}$/;
/** The rate grammar of EventBridge Scheduler (User Guide, "Schedule types"): singular for one. */
const ratePattern = /^(1 (minute|hour|day)|([2-9]|[1-9]\d{1,3}) (minutes|hours|days))$/;
const placeholder = 'unnamed';

/** Commands that look at no stack, so that they need no fleet of somebody's. */
const offlineCommands = new Set(['package', 'print']);

/** What is wrong with the params of a command, one sentence each; nothing when it may go on. */
export function findParamProblems(params: { fleet: string; sweepEvery: string }, command: string): string[] {
  const problems: string[] = [];
  if (params.fleet === placeholder && !offlineCommands.has(command)) {
    problems.push(`Name the fleet that the stack owns, for instance \`npm run ${command} -- --param fleet=prod\`.`);
  }
  if (!fleetPattern.test(params.fleet)) {
    problems.push(`The fleet "${params.fleet}" is no name: use ${fleetPattern.source}.`);
  }
  if (!ratePattern.test(params.sweepEvery)) {
    problems.push(`sweepEvery "${params.sweepEvery}" is no rate: use for instance "15 minutes" or "1 hour".`);
  }
  return problems;
}

const unitSeconds = { minute: 60, hour: 3600, day: 86_400 } as const;

/** No alarm looks back further than seven days [D: PutMetricAlarm], and ours looks at two periods. */
const periodSecondsMax = (7 * 86_400) / 2;

/** The seconds of a rate, as the alarms on sweeps need them; a rate that is none is refused elsewhere. */
export function periodSecondsOf(rate: string): number {
  const [, number, unit] = /^(\d+) (minute|hour|day)s?$/.exec(rate) ?? [];
  return Math.min(Number(number ?? 1) * unitSeconds[(unit ?? 'day') as keyof typeof unitSeconds], periodSecondsMax);
}

interface VariableRequest {
  readonly resolveVariable: (variable: string) => Promise<unknown>;
}

/** osls plugin: stops a command on params that AWS would refuse late, or that would name nobody's fleet. Gives `${sweepPeriod:seconds}`. */
export default function checkParams(serverless: Serverless) {
  const initialize = () => {
    const command = serverless.processedInput.commands[0] ?? '';
    const problems = findParamProblems(serverless.service.custom.fleetmirror, command);
    if (problems.length > 0) throw new serverless.classes.Error(problems.join('\n'), 'FLEETMIRROR_PARAMS');
  };
  const resolve = async ({ resolveVariable }: VariableRequest) => {
    return { value: periodSecondsOf(String(await resolveVariable('param:sweepEvery'))) };
  };
  return { hooks: { initialize }, configurationVariablesSources: { sweepPeriod: { resolve } } };
}
