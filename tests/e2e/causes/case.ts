import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import type { Template } from '../../../infra/packaged-template.ts';
import type { DetailType } from '../../../lib/event-schemas.ts';
import type { MetricName } from '../../../lib/metrics.ts';
import type { MetricSample } from '../../support/alarm.ts';
import type { DeployedFleet, DeployedFleetOptions } from '../../support/deployed-fleet.ts';
import { eventually } from '../../support/eventually.ts';

/** Something that happens in an account, and all that is heard of it. */
export interface Case {
  readonly what: string;
  readonly fleet?: DeployedFleetOptions;
  readonly happen: (fleet: DeployedFleet) => Promise<unknown>;
  /** The alarms that are red then, these and no other. */
  readonly red: readonly string[];
  readonly events?: readonly DetailType[];
  readonly metrics?: readonly MetricName[];
  /** Messages of log lines. */
  readonly lines?: readonly string[];
}

/** The machine may be busy, and a queue shows a message again after seconds. */
export const patienceMs = 60_000;

/** The lines of the sweeps that have ended. */
export function sweepsOf(fleet: DeployedFleet) {
  return fleet.lines().filter(({ message, scope }) => message === 'run' && scope === 'fleet');
}

/** Lets the schedule ask for a sweep, and waits for its end. */
export async function sweep(fleet: DeployedFleet): Promise<void> {
  const before = sweepsOf(fleet).length;
  await fleet.deployment.fire('SweepSchedule');
  await eventually('the sweep', () => sweepsOf(fleet)[before], patienceMs);
}

/** Lets a sweep happen in this period and one in the next. */
export async function sweepTwice(fleet: DeployedFleet): Promise<void> {
  await sweep(fleet);
  await heardOf(fleet, 'SweepDurationMs');
  fleet.letPass(15 * 60_000);
  await sweep(fleet);
}

/** Lets the schedule ask for a sweep that has no good end. */
export const askForSweep = (fleet: DeployedFleet) => fleet.deployment.fire('SweepSchedule');

/** Someone launches instances that ask to be mirrored. */
export async function launch(
  { operator }: DeployedFleet,
  count = 1,
  InstanceType: 'm5.large' | 't2.micro' = 'm5.large',
) {
  const Tags = [{ Key: 'Mirror', Value: 'true' }];
  const TagSpecifications = [{ ResourceType: 'instance' as const, Tags }];
  const ImageId = 'ami-00000000000000001';
  await operator.send(
    new RunInstancesCommand({ ImageId, InstanceType, MinCount: count, MaxCount: count, TagSpecifications }),
  );
}

/** Waits for the first value of a metric. */
export function heardOf(fleet: DeployedFleet, metric: MetricName): Promise<MetricSample> {
  return eventually(metric, () => fleet.samples().find((sample) => sample.metric === metric), patienceMs);
}

type Resources = Template['Resources'];
type FunctionName = 'on-change' | 'on-schedule';

/** Someone has changed properties of what we deploy. */
export const withProperties = (logicalId: string, differences: object) => (resources: Resources) => {
  Object.assign(resources[logicalId]?.Properties, differences);
};

/** Someone has taken a statement out of a function's role. */
export const withoutStatement = (name: FunctionName, sid: string) => (resources: Resources) => {
  const role = resources[name === 'on-change' ? 'OnChangeRole' : 'OnScheduleRole'];
  const [{ PolicyDocument }] = role?.Properties.Policies ?? [];
  const left = PolicyDocument.Statement.filter((statement: Conditional) => sidOf(statement) !== sid);
  if (left.length === PolicyDocument.Statement.length) throw new Error(`The role of ${name} has no statement ${sid}.`);
  PolicyDocument.Statement = left;
};

interface Conditional {
  readonly Sid?: string;
  readonly 'Fn::If'?: readonly [string, { readonly Sid: string }, unknown];
}

function sidOf({ Sid, 'Fn::If': conditional }: Conditional): string | undefined {
  return Sid ?? conditional?.[1].Sid;
}

/** A function is deployed without a variable that it needs, so that it cannot even be loaded. */
export const broken = (name: FunctionName) => (resources: Resources) => {
  delete functionIn(resources, name).Environment.Variables.FLEETMIRROR_FLEET;
};

/** Someone has disabled the event source mapping that feeds a function. */
export const unfed = (name: FunctionName) => (resources: Resources) => {
  const queue = name === 'on-change' ? 'ChangeQueue' : 'SweepQueue';
  const mapping = Object.values(resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::EventSourceMapping' && Properties.EventSourceArn['Fn::GetAtt'][0] === queue,
  );
  if (mapping === undefined) throw new Error(`Nothing feeds ${name}.`);
  mapping.Properties.Enabled = false;
};

/** Someone has set a function's reserved concurrency to nothing: Lambda's emergency stop. */
export const stopped = (name: FunctionName) => (resources: Resources) => {
  functionIn(resources, name).ReservedConcurrentExecutions = 0;
};

export function functionIn(resources: Resources, name: FunctionName) {
  const found = Object.values(resources).find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties.FunctionName.endsWith(name),
  );
  if (found === undefined) throw new Error(`The template has no function ${name}.`);
  return found.Properties;
}
