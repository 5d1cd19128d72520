/** A template that the emulator cannot deploy; the message names the place. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** What `Ref` and `Fn::GetAtt` of a template's names answer. */
export interface Names {
  /** A parameter, a pseudo parameter or a resource's physical id. */
  readonly ref: (name: string) => unknown;
  readonly attribute: (resource: string, attribute: string) => unknown;
  readonly isTrue: (condition: string) => boolean;
}

type Resolver = (argument: unknown, names: Names) => unknown;

/** Stands for `AWS::NoValue`: the property or list element that carries it is left out. */
export const noValue: unique symbol = Symbol('AWS::NoValue');

/** The intrinsic functions that a packaged template of the Serverless Framework uses, each over its raw argument. */
const intrinsics: Readonly<Record<string, Resolver>> = {
  Ref: (name, names) => names.ref(String(name)),
  Condition: (name, names) => names.isTrue(String(name)),
  'Fn::GetAtt': (argument, names) => {
    const [resource = '', ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return names.attribute(resource, attribute.join('.'));
  },
  'Fn::Sub': substitute,
  'Fn::Join': (argument, names) => {
    const [separator, parts] = asList(resolveIntrinsics(argument, names), 'Fn::Join');
    return asList(parts, 'Fn::Join').join(String(separator));
  },
  'Fn::Split': (argument, names) => {
    const [separator, text] = asList(resolveIntrinsics(argument, names), 'Fn::Split');
    return String(text).split(String(separator));
  },
  'Fn::Select': (argument, names) => {
    const [index, list] = asList(resolveIntrinsics(argument, names), 'Fn::Select');
    return asList(list, 'Fn::Select')[Number(index)];
  },
  'Fn::If': (argument, names) => {
    const [condition, yes, no] = asList(argument, 'Fn::If');
    return resolveIntrinsics(names.isTrue(String(condition)) ? yes : no, names);
  },
  'Fn::Equals': (argument, names) => {
    const [a, b] = asList(resolveIntrinsics(argument, names), 'Fn::Equals');
    return String(a) === String(b);
  },
  'Fn::Not': (argument, names) => !asList(resolveIntrinsics(argument, names), 'Fn::Not')[0],
  'Fn::And': (argument, names) => asList(resolveIntrinsics(argument, names), 'Fn::And').every(Boolean),
  'Fn::Or': (argument, names) => asList(resolveIntrinsics(argument, names), 'Fn::Or').some(Boolean),
};

/** A value of a template with every intrinsic function answered. Throws TemplateError for one that is not known here. */
export function resolveIntrinsics(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => resolveIntrinsics(element, names)).filter((element) => element !== noValue);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [key = '', argument] = entries[0] ?? [];
  if (entries.length === 1 && (key.startsWith('Fn::') || key === 'Ref' || key === 'Condition')) {
    // `Condition` is an intrinsic only where it names one: IAM statements have a `Condition` of their own.
    if (key === 'Condition' && typeof argument !== 'string') return { Condition: resolveIntrinsics(argument, names) };
    const resolve = intrinsics[key];
    if (resolve === undefined) throw new TemplateError(`The intrinsic function ${key} is not supported.`);
    return resolve(argument, names);
  }
  return Object.fromEntries(
    entries.map(([name, child]) => [name, resolveIntrinsics(child, names)]).filter(([, child]) => child !== noValue),
  );
}

/** `${Name}`, `${Resource.Attribute}`, `${!Literal}` and the variables of the two-element form. */
function substitute(argument: unknown, names: Names): string {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = resolveIntrinsics(variables, names) as Readonly<Record<string, unknown>>;
  return String(text).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(own, name)) return String(own[name]);
    const dot = name.indexOf('.');
    return String(dot < 0 ? names.ref(name) : names.attribute(name.slice(0, dot), name.slice(dot + 1)));
  });
}

function asList(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TemplateError(`${name} needs a list.`);
  return value;
}
