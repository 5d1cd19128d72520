import { randomUUID } from 'node:crypto';
import { refuse, requireParameter } from './aws-error.ts';
import type { BusEvent } from './bus.ts';
import type { JsonActions } from './json-services.ts';

/** The Parameter Store of the emulated account. */
export interface ParameterStore {
  /** The actions of `AmazonSSM` that read and write parameters. */
  readonly actions: JsonActions;
  /** Puts a value in place without an event, as a stack does with what it owns. */
  readonly seed: (name: string, value: string) => void;
}

export interface ParameterStoreOptions {
  readonly accountId: string;
  readonly region: string;
  readonly now: () => number;
  /** Receives the `Parameter Store Change` events. */
  readonly emit: (event: BusEvent) => void;
}

interface Version {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly Tier: Tier;
  readonly Description?: string;
  /** Seconds, as the JSON protocol writes times. */
  readonly LastModifiedDate: number;
  readonly LastModifiedUser: string;
  readonly ARN: string;
}

type Tier = 'Standard' | 'Advanced';
type Input = Readonly<Record<string, unknown>>;

/** Bytes of a value by tier [Systems Manager user guide, "Managing parameter tiers"]. */
const valueBytesMax: Readonly<Record<Tier, number>> = { Standard: 4096, Advanced: 8192 };
/** What PutParameter takes [its API reference]. */
const tiers: ReadonlySet<unknown> = new Set(['Standard', 'Advanced', 'Intelligent-Tiering']);
/** Older versions are dropped [Systems Manager user guide, "Working with parameter versions"]. */
const versionsMax = 100;
/** GetParametersByPath answers at most ten a page, GetParameterHistory fifty [their API references]. */
const pageRowsMax = { byPath: 10, history: 50 };

/** An empty Parameter Store. */
export function createParameterStore(options: ParameterStoreOptions): ParameterStore {
  const parameters = new Map<string, readonly Version[]>();
  const arnOf = (name: string) =>
    `arn:aws:ssm:${options.region}:${options.accountId}:parameter/${name.replace(/^\//, '')}`;
  const find = (name: string): readonly Version[] =>
    parameters.get(name) ?? refuse('ParameterNotFound', `Parameter ${name} not found.`);
  const latest = (name: string): Version =>
    find(name).at(-1) ?? refuse('ParameterNotFound', `Parameter ${name} not found.`);

  const emit = (operation: 'Create' | 'Update' | 'Delete', { Name, Type, Description }: Version) => {
    // {"detail-type":"Parameter Store Change","source":"aws.ssm","detail":{"operation":"Update","name":"/a","type":"String"}}
    options.emit({
      version: '0',
      id: randomUUID(),
      'detail-type': 'Parameter Store Change',
      source: 'aws.ssm',
      account: options.accountId,
      time: new Date(options.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region: options.region,
      resources: [arnOf(Name)],
      detail: { operation, name: Name, type: Type, ...(Description && { description: Description }) },
    });
  };

  const put = (input: Input): Version => {
    const name = requireParameter('Name', input.Name as string | undefined);
    const value = requireParameter('Value', input.Value as string | undefined);
    const known = parameters.get(name) ?? [];
    const before = known.at(-1);
    if (before !== undefined && input.Overwrite !== true) {
      refuse(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option.',
      );
    }
    const after: Version = {
      Name: name,
      Type: String(input.Type ?? before?.Type ?? refuse('ValidationException', 'A parameter needs a type.')),
      Value: value,
      Version: (before?.Version ?? 0) + 1,
      Tier: chooseTier(input.Tier, before?.Tier, Buffer.byteLength(value)),
      ...(typeof input.Description === 'string' && { Description: input.Description }),
      LastModifiedDate: options.now() / 1000,
      LastModifiedUser: `arn:aws:iam::${options.accountId}:user/operator`,
      ARN: arnOf(name),
    };
    parameters.set(name, [...known, after].slice(-versionsMax));
    return after;
  };

  return {
    seed: (name, value) => {
      put({ Name: name, Value: value, Type: 'String', Overwrite: true });
    },
    actions: {
      GetParameter: (input) => {
        const [, name = '', version] = /^(.+?)(?::(\d+))?$/.exec(String(input.Name)) ?? [];
        if (version === undefined) return { Parameter: shown(latest(name)) };
        const found = find(name).find(({ Version }) => Version === Number(version));
        return { Parameter: shown(found ?? refuse('ParameterVersionNotFound', `${input.Name} not found.`)) };
      },
      PutParameter: (input) => {
        const after = put(input);
        emit(after.Version === 1 ? 'Create' : 'Update', after);
        return { Version: after.Version, Tier: after.Tier };
      },
      DeleteParameter: (input) => {
        const gone = latest(String(input.Name));
        parameters.delete(gone.Name);
        emit('Delete', gone);
        return {};
      },
      GetParametersByPath: (input) => {
        const folder = `${String(input.Path).replace(/\/$/, '')}/`;
        const isBelow = (name: string) =>
          name.startsWith(folder) && (input.Recursive === true || !name.slice(folder.length).includes('/'));
        const names = [...parameters.keys()].filter(isBelow).sort();
        const { rows, ...page } = paginate(names, input, pageRowsMax.byPath);
        return { Parameters: rows.map((name) => shown(latest(name))), ...page };
      },
      GetParameterHistory: (input) => {
        const { rows, ...page } = paginate(find(String(input.Name)), input, pageRowsMax.history);
        return { Parameters: rows.map(({ ARN: _arn, ...version }) => version), ...page };
      },
    },
  };
}

/** What the readers of values answer: no tier, no author. */
function shown({ Name, Type, Value, Version, LastModifiedDate, ARN }: Version) {
  return { Name, Type, Value, Version, LastModifiedDate, ARN, DataType: 'text' };
}

/**
 * The tier of a parameter after it was put: the one that was asked for, which is Standard where nobody has changed the
 * account's default. `Intelligent-Tiering` is Standard as long as the value fits. An advanced parameter never becomes a
 * standard one again: to ask for it is an error, and `Intelligent-Tiering` leaves it as it is [Systems Manager user
 * guide, "Managing parameter tiers"]. What AWS does where no tier is given is not documented; here it stays.
 */
function chooseTier(asked: unknown, before: Tier | undefined, bytes: number): Tier {
  if (asked !== undefined && !tiers.has(asked)) refuse('ValidationException', `There is no parameter tier ${asked}.`);
  if (before === 'Advanced' && asked === 'Standard') {
    refuse(
      'ValidationException',
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
    );
  }
  const needsAdvanced = asked === 'Intelligent-Tiering' && bytes > valueBytesMax.Standard;
  const tier: Tier = before === 'Advanced' || asked === 'Advanced' || needsAdvanced ? 'Advanced' : 'Standard';
  if (bytes > valueBytesMax[tier]) {
    refuse(
      'ValidationException',
      `${tier} tier parameters support a maximum parameter value of ${valueBytesMax[tier]} characters.`,
    );
  }
  return tier;
}

function paginate<Row>(rows: readonly Row[], input: Input, rowsMax: number) {
  const from = Number(input.NextToken ?? 0);
  const to = from + Math.min(Number(input.MaxResults ?? rowsMax), rowsMax);
  return { rows: rows.slice(from, to), ...(to < rows.length && { NextToken: String(to) }) };
}
