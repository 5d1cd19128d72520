/** `health`: whether the sessions that exist carry anything, and how much is dropped. */
import type { Command } from 'commander';
import { type HealthLine, type HealthVerdict, healthRemedies, isTroubled } from '../core/health.ts';
import { type HealthReading, readHealth } from '../health.ts';
import { describeBytes, describeCarried } from '../report/health-words.ts';
import { addGlobalOptions, type GlobalOptions, openContext } from './context.ts';
import { parseNumber } from './emulator.ts';
import { showProgress } from './progress.ts';
import { type Printer, paint, renderTable, stdout } from './render.ts';
import { describeEmptyFleet, endHelp, exitCodes } from './usage.ts';

interface HealthOptions extends GlobalOptions {
  readonly minutes: number;
  readonly all?: boolean;
}

/** How far back to look. CloudWatch's data points come every five minutes; a day of them says enough. */
export const healthMinutes = { min: 10, max: 1440, byDefault: 60 } as const;

export function registerHealth(program: Command): void {
  addGlobalOptions(program.command('health'))
    .description('say which mirrors carry nothing and which drop packets, by CloudWatch')
    .option('--minutes <n>', 'how far to look back', parseHealthMinutes('--minutes'), healthMinutes.byDefault)
    .option('--all', 'also show the mirrors that are well')
    .addHelpText(
      'after',
      [
        '\nNeeds cloudwatch:GetMetricData.',
        endHelp({ pending: 'mirrors carry nothing or drop packets' }, 'fleetmirror health --fleet prod --minutes 180'),
      ].join('\n'),
    )
    .action(runHealth);
}

/** Reads the minutes of an option; fewer than CloudWatch can tell, or more than a day, is wrong usage. */
export function parseHealthMinutes(option: string): (text: string) => number {
  return parseNumber(option, healthMinutes.max, healthMinutes.min);
}

async function runHealth(options: HealthOptions): Promise<void> {
  const { account, world } = await openContext(options);
  const metrics = await account.openMetrics();
  const reading = await showProgress('Reading CloudWatch', () =>
    readHealth(world, { metrics, windowMs: options.minutes * 60_000 }),
  );
  stdout.print(
    options.json
      ? JSON.stringify(healthDocument(reading, world.fleet), null, 2)
      : renderHealth(reading, stdout, options.all ?? false),
  );
  if (reading.lines.length === 0) process.stderr.write(`${describeEmptyFleet(world.fleet)}\n`);
  process.exitCode = reading.lines.some(isTroubled) ? exitCodes.pending : exitCodes.ok;
}

const colours: Readonly<Record<HealthVerdict, 'red' | 'yellow' | 'dim' | 'green'>> = {
  silent: 'red',
  congested: 'yellow',
  young: 'dim',
  unmeasured: 'dim',
  carrying: 'green',
};

/** A table of what is not well, the remedies, and how many are. */
function renderHealth({ lines, window }: HealthReading, printer: Printer, showsAll: boolean): string {
  const shown = lines.filter((line) => showsAll || line.verdict !== 'carrying');
  const minutes = Math.round((window.toMs - window.fromMs) / 60_000);
  const verdicts = [...new Set(shown.map(({ verdict }) => verdict))];
  const table = renderTable(
    printer,
    ['verdict', 'instance', 'interfaces', 'sessions', 'mirrored', 'packets', 'dropped', 'share'],
    shown.map((line) => rowOf(line, printer)),
  );
  return [
    ...(shown.length > 0 ? [table, ''] : []),
    ...verdicts.map((verdict) => `  ${verdict}: ${healthRemedies[verdict]}`),
    ...(shown.length > 0 ? [''] : []),
    describeCarried(lines, minutes),
  ].join('\n');
}

function rowOf(line: HealthLine, printer: Printer): string[] {
  const { verdict, hasData } = line;
  const figure = (text: string) => (hasData ? text : 'no data');
  return [
    paint(printer, colours[verdict], verdict),
    line.instanceId ?? '',
    line.networkInterfaceIds.join(' '),
    String(line.sessions),
    figure(describeBytes(line.mirroredBytes)),
    figure(String(line.mirroredPackets)),
    figure(describeBytes(line.skippedBytes)),
    figure(`${line.skippedPercent} %`),
  ];
}

function healthDocument({ lines, window }: HealthReading, fleet: string): object {
  return {
    fleet,
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
    instances: lines,
    troubled: lines.filter(isTroubled).length,
  };
}
