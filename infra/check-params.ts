import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../lib/core/did-you-mean.ts';

/** The parts of osls that a plugin meets here: the resolved service and its kind of error. */
interface Serverless {
  readonly serviceDir: string;
  readonly service: {
    readonly custom: {
      readonly options: unknown;
      readonly fleetmirror: { readonly fleet: string; readonly sweepEvery: string; readonly region: string | null };
    };
  };
  readonly configurationInput: { readonly params: { readonly default: object } };
  readonly processedInput: {
    readonly commands: readonly string[];
    readonly options: { readonly param?: readonly string[] | null };
  };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

/** What a command is about to use, and where each option comes from. */
export interface Params {
  readonly fleet: string;
  readonly sweepEvery: string;
  /** Null when neither an option, nor the environment, nor the fleet's file names one. */
  readonly region: string | null;
  /** The names on the command line. */
  readonly given: readonly string[];
  /** The names in the fleet's file, which may name a Region as well; undefined without a file. */
  readonly inFile: readonly string[] | undefined;
  /** The names that serverless.yml knows. */
  readonly known: readonly string[];
}

/** As the policy's `fleet`; longer names would not fit into the names of AWS's resources. */
const fleetPattern = /^[a-z][a-z0-9-]{0,30}$/;
/** The rate grammar of EventBridge Scheduler (User Guide, "Schedule types"): singular for one. */
const ratePattern = /^(1 (minute|hour|day)|([2-9]|[1-9]\d{1,3}) (minutes|hours|days))$/;
const placeholder = 'unnamed';

/** Commands that look at no stack, so that they need neither a fleet of somebody's nor a Region. */
const offlineCommands = new Set(['package', 'print']);

/** What is wrong with the params of a command, one sentence each; nothing when it may go on. */
export function findParamProblems(params: Params, command: string): string[] {
  const { fleet, sweepEvery, given, inFile = [], known } = params;
  const file = `fleets/${fleet}.yml`;
  const problems = offlineCommands.has(command) ? [] : findPlaceProblems(params, command);
  if (!fleetPattern.test(fleet)) {
    problems.push(`The fleet "${fleet}" is no name: use ${fleetPattern.source}.`);
  }
  if (!ratePattern.test(sweepEvery)) {
    problems.push(`sweepEvery "${sweepEvery}" is no rate: use for instance "15 minutes" or "1 hour".`);
  }
  // The file is named after its fleet, and Regions have an option of their own on the command line.
  const knownInFile = [...known.filter((name) => name !== 'fleet'), 'region'];
  return [
    ...problems,
    ...given.filter((name) => !known.includes(name)).map((name) => tellUnknown('--param', name, known)),
    ...inFile.filter((name) => !knownInFile.includes(name)).map((name) => tellUnknown(file, name, knownInFile)),
  ];
}

/** A stack is one fleet in one Region, with the options of its file: none of the three may be a guess. */
function findPlaceProblems({ fleet, region, inFile }: Params, command: string): string[] {
  const problems: string[] = [];
  if (fleet === placeholder) {
    return [`Name the fleet that the stack owns, for instance \`npm run ${command} -- --param fleet=prod\`.`];
  }
  if (region === null) {
    problems.push(`Name the Region: --region, \`region\` in fleets/${fleet}.yml, or AWS_REGION.`);
  }
  if (inFile === undefined && command === 'deploy') {
    problems.push(
      `There is no fleets/${fleet}.yml with the options of the fleet. What a deployment is not told it sets to the default: write the file, with \`{}\` alone if all defaults will do.`,
    );
  }
  return problems;
}

function tellUnknown(where: string, name: string, known: readonly string[]): string {
  const meant = didYouMean(name, known);
  return `${where}: there is no option "${name}"; ${meant ? `did you mean ${meant}?` : `there are ${known.join(', ')}.`}`;
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

/**
 * osls plugin: stops a command on params that AWS would refuse late, that nobody reads, or that would name nobody's fleet.
 * Gives `${sweepPeriod:seconds}`.
 */
export default function checkParams(serverless: Serverless) {
  const initialize = () => {
    const command = serverless.processedInput.commands[0] ?? '';
    const problems = findParamProblems(readParams(serverless), command);
    if (problems.length > 0) throw new serverless.classes.Error(problems.join('\n'), 'FLEETMIRROR_PARAMS');
  };
  const resolve = async ({ resolveVariable }: VariableRequest) => {
    return { value: periodSecondsOf(String(await resolveVariable('self:custom.fleetmirror.sweepEvery'))) };
  };
  return { hooks: { initialize }, configurationVariablesSources: { sweepPeriod: { resolve } } };
}

function readParams({ serviceDir, service, configurationInput, processedInput }: Serverless): Params {
  const { options, fleetmirror } = service.custom;
  const hasFile = existsSync(join(serviceDir, 'fleets', `${fleetmirror.fleet}.yml`));
  return {
    ...fleetmirror,
    given: (processedInput.options.param ?? []).map((param) => param.replace(/=.*$/s, '')),
    inFile: hasFile ? Object.keys(options ?? {}) : undefined,
    known: Object.keys(configurationInput.params.default),
  };
}
