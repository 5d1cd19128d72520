/** What a rule's target receives for an event. */
export type RuleInput = (event: object) => string;

interface InputSettings {
  readonly Input?: unknown;
  readonly InputPath?: unknown;
  readonly InputTransformer?: unknown;
}

interface RuleNames {
  readonly ruleName: string;
  readonly ruleArn: string;
}

/**
 * How a target of a rule turns an event into its input: the event itself, a constant, a part of it, or a template with
 * variables (EventBridge user guide, "Input transformation"). A variable that finds nothing becomes the empty string.
 */
export function compileRuleInput(target: InputSettings, names: RuleNames): RuleInput {
  const { Input: constant, InputPath: path, InputTransformer: transformer } = target;
  if (typeof constant === 'string') return () => constant;
  if (typeof path === 'string') return (event) => JSON.stringify(readPath(event, path) ?? {});
  if (transformer === undefined) return (event) => JSON.stringify(event);
  const { InputPathsMap: paths = {}, InputTemplate: template } = transformer as {
    InputPathsMap?: Readonly<Record<string, string>>;
    InputTemplate: string;
  };
  return (event) => fillTemplate(template, (name) => readVariable(name, event, paths, names));
}

function readVariable(
  name: string,
  event: object,
  paths: Readonly<Record<string, string>>,
  { ruleName, ruleArn }: RuleNames,
): unknown {
  if (name === 'aws.events.rule-name') return ruleName;
  if (name === 'aws.events.rule-arn') return ruleArn;
  if (name === 'aws.events.event.json' || name === 'aws.events.event') return event;
  // An event reaches the bus at once here.
  if (name === 'aws.events.event.ingestion-time') return (event as { time?: string }).time;
  const path = paths[name];
  return path === undefined ? undefined : readPath(event, path);
}

/** Text stands in quotes of its own where the template gives none, as EventBridge does; inside quotes it stands bare. */
function fillTemplate(template: string, read: (name: string) => unknown): string {
  let isQuoted = false;
  return template.replace(/\\.|"|<([^<>\s]+)>/g, (token: string, name: string | undefined) => {
    if (token === '"') isQuoted = !isQuoted;
    if (name === undefined) return token;
    const json = JSON.stringify(read(name) ?? '');
    return isQuoted && json.startsWith('"') ? json.slice(1, -1) : json;
  });
}

/** `$.detail.name`, `$.resources[0]` */
function readPath(event: object, path: string): unknown {
  const steps = path.match(/[^.[\]$]+/g) ?? [];
  return steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], event);
}
