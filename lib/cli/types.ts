/** `types`: which instance types AWS can mirror, by which edition of its list. */
import type { Command } from 'commander';
import { judgeInstanceType, listKnownTypes } from '../core/instance-types.ts';
import type { Edition } from '../core/model.ts';
import { addGlobalOptions, type GlobalOptions, readPolicyFile } from './context.ts';
import { paint, renderTable, stdout } from './render.ts';
import { endHelp, UsageError } from './usage.ts';

interface TypesOptions extends GlobalOptions {
  readonly edition?: string;
  readonly differences?: boolean;
}

const editions: readonly Edition[] = ['2025-08', '2023-06'];

export function registerTypes(program: Command): void {
  addGlobalOptions(program.command('types'))
    .argument('[type...]', 'instance types, for example m5.large; default: one of each family that the lists know')
    .description('say which instance types AWS can mirror, and by which source; needs no account')
    .option('--edition <edition>', 'edition of the list: 2025-08 (AWS now) or 2023-06 (default: 2025-08)')
    .option(
      '--differences',
      'list the types on which the two editions disagree; of the types given, what each edition says',
    )
    .addHelpText('after', endHelp({}, 'fleetmirror types m5.large c6i.xlarge t2.micro --edition 2023-06'))
    .action(runTypes);
}

function runTypes(types: readonly string[], options: TypesOptions): void {
  if (options.differences) {
    printDifferences(types, options);
    return;
  }
  const edition = editionOf(options.edition);
  // With --policy the policy's allow, deny and edition count; without, the list alone.
  const policy = options.policy === undefined ? undefined : readPolicyFile(options.policy).instanceTypes;
  const settings = {
    unknown: 'skip',
    allow: [],
    deny: [],
    ...policy,
    ...(edition !== undefined && { edition }),
  } as const;
  const judged = (types.length > 0 ? types : listKnownTypes()).map((instanceType) => {
    const { verdict, edition: by, because } = judgeInstanceType(instanceType, { edition: '2025-08', ...settings });
    return { instanceType, verdict, edition: by, because };
  });
  if (options.json) {
    stdout.print(JSON.stringify(judged, null, 2));
    return;
  }
  const colours = { supported: 'green', unsupported: 'red', unknown: 'yellow' } as const;
  const rows = judged.map(({ instanceType, verdict, edition: by, because }) => [
    instanceType,
    paint(stdout, colours[verdict], verdict),
    by,
    because,
  ]);
  stdout.print(renderTable(stdout, ['type', 'verdict', 'edition', 'because'], rows));
}

function printDifferences(types: readonly string[], { json }: TypesOptions): void {
  const judge = (instanceType: string, edition: Edition) =>
    judgeInstanceType(instanceType, { edition, unknown: 'skip', allow: [], deny: [] }).verdict;
  const rows = (types.length > 0 ? types : listKnownTypes())
    .map((instanceType) => [instanceType, judge(instanceType, '2023-06'), judge(instanceType, '2025-08')] as const)
    // Who names a type asks what is said of it, also when both say the same.
    .filter(([, then, now]) => types.length > 0 || then !== now);
  if (json) {
    const documents = rows.map(([instanceType, then, now]) => ({ instanceType, '2023-06': then, '2025-08': now }));
    stdout.print(JSON.stringify(documents, null, 2));
  } else {
    stdout.print(renderTable(stdout, ['type', '2023-06', '2025-08'], rows));
  }
}

function editionOf(text: string | undefined): Edition | undefined {
  if (text === undefined) return undefined;
  const edition = editions.find((known) => known === text);
  if (edition === undefined) throw new UsageError(`--edition ${text}: the editions are ${editions.join(' and ')}.`);
  return edition;
}
