import { compileFilterPattern } from './filter-pattern.ts';
import { TemplateError } from './intrinsics.ts';

/** One statement of a role's policy as a template writes it, its intrinsic functions resolved. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** One thing that a call does to one resource: each must be allowed, or the call is refused. */
export interface Access {
  /** `ec2:CreateTags`. */
  readonly action: string;
  /** An ARN, with `*` for the id of what does not exist yet; `*` alone for an action that knows no resources. */
  readonly resource: string;
  /** Condition keys in lower case, since IAM does not tell their case; a key that is not there has no value. */
  readonly context: Context;
}

export type Context = Readonly<Record<string, readonly string[]>>;

/** Whether a policy allows an access. */
export type Decision = (access: Access) => boolean;

const elements = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Condition']);

/**
 * Reads the statements of a policy (IAM/latest/UserGuide/reference_policies_evaluation-logic): a Deny that fits decides,
 * else an Allow that fits, else the answer is no. Throws TemplateError for what is not emulated, so that no element of
 * a policy is ever passed over.
 */
export function compileStatements(statements: readonly Statement[]): Decision {
  const compiled = statements.map((statement) => ({ effect: statement.Effect, fits: compileStatement(statement) }));
  const denying = compiled.filter(({ effect }) => effect === 'Deny');
  const allowing = compiled.filter(({ effect }) => effect === 'Allow');
  return (access) => !denying.some(({ fits }) => fits(access)) && allowing.some(({ fits }) => fits(access));
}

function compileStatement(statement: Statement): Decision {
  const { Sid = 'a statement', Effect, Action, Resource, Condition = {} } = statement;
  const unknown = Object.keys(statement).filter((element) => !elements.has(element));
  if (unknown.length > 0) throw new TemplateError(`${Sid}: IAM's ${unknown.join(', ')} is not emulated.`);
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new TemplateError(`${Sid}: there is no effect ${Effect}.`);
  const isAction = compileAny([Action].flat().map((name) => name.toLowerCase()));
  const isResource = compileAny([Resource].flat());
  const tests = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => compileCondition(operator, key, [wanted].flat())),
  );
  return ({ action, resource, context }) =>
    isAction(action.toLowerCase()) && isResource(resource) && tests.every((test) => test(context));
}

/** `*` and `?` stand for what they stand for in EC2's filters (IAM/latest/UserGuide/reference_policies_elements_resource). */
function compileAny(patterns: readonly string[]): (text: string) => boolean {
  for (const pattern of patterns) {
    // A policy variable such as the caller's name has no value here.
    if (pattern.includes('${')) throw new TemplateError(`The policy variable in ${pattern} is not emulated.`);
  }
  const tests = patterns.map(compileFilterPattern);
  return (text) => tests.some((test) => test(text));
}

function isOneOf(wanted: readonly string[]): (text: string) => boolean {
  return (text) => wanted.includes(text);
}

function not(compile: typeof isOneOf): typeof isOneOf {
  return (wanted) => {
    const test = compile(wanted);
    return (text) => !test(text);
  };
}

/** IAM/latest/UserGuide/reference_policies_elements_condition_operators; a negated operator holds for an absent key. */
const operators: Readonly<Record<string, { readonly compile: typeof isOneOf; readonly holdsForAbsent: boolean }>> = {
  StringEquals: { compile: isOneOf, holdsForAbsent: false },
  StringNotEquals: { compile: not(isOneOf), holdsForAbsent: true },
  StringLike: { compile: compileAny, holdsForAbsent: false },
  StringNotLike: { compile: not(compileAny), holdsForAbsent: true },
  ArnEquals: { compile: compileAny, holdsForAbsent: false },
  ArnLike: { compile: compileAny, holdsForAbsent: false },
  ArnNotLike: { compile: not(compileAny), holdsForAbsent: true },
  Bool: { compile: isOneOf, holdsForAbsent: false },
};

function compileCondition(operator: string, key: string, wanted: readonly string[]): (context: Context) => boolean {
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator) ?? [];
  const valuesOf = (context: Context) => context[key.toLowerCase()] ?? [];
  if (name === 'Null') return (context) => wanted.includes(String(valuesOf(context).length === 0));
  const known = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (known === undefined) throw new TemplateError(`IAM's condition operator ${operator} is not emulated.`);
  const test = known.compile(wanted);
  // "ForAllValues returns true if there are no keys in the request" (…/reference_policies_condition-single-vs-multi-valued).
  const absent = set === undefined ? known.holdsForAbsent || ifExists !== undefined : set === 'ForAllValues';
  return (context) => {
    const values = valuesOf(context);
    if (values.length === 0) return absent;
    return set === 'ForAnyValue' ? values.some(test) : values.every(test);
  };
}
