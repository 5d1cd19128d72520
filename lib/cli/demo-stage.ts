/** The stage of the demo: an emulated account with the packaged stack deployed into it, and what can be seen of both. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readPackagedTemplate } from '../../infra/packaged-template.ts';
import { createOperator, type Operator } from '../aws/operator.ts';
import { policyParameter } from '../aws/policy-source.ts';
import { ownerTagKeys } from '../core/ownership.ts';
import type { Account, Session } from '../emulator/account.ts';
import type { BusEvent } from '../emulator/bus.ts';
import { type Deployment, deployTemplate } from '../emulator/deploy.ts';
import { type AccessUse, createIam } from '../emulator/iam.ts';
import type { Principals } from '../emulator/principals.ts';
import { encodePolicy } from '../policy-code.ts';
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts';
import { projectFolder } from './project.ts';

/** The fleet of the demo's policy. */
export const demoFleet = 'demo';

export interface Stage {
  readonly aws: EmulatedAws;
  readonly deployment: Deployment;
  /** What the functions asked IAM for: they may do what the roles of the template allow, and nothing else. */
  readonly accesses: readonly AccessUse[];
  readonly operator: Operator;
  /** Successful changes of sessions and filters that the functions made, by EC2 action. */
  readonly ownCalls: ReadonlyMap<string, number>;
  /** Reasons of the sessions that were removed, from the events that Fleetmirror publishes. */
  readonly detachedBecause: readonly string[];
  sessions(): readonly StagedSession[];
  /** Replaces the policy, as `fleetmirror policy push` does. */
  pushPolicy(text: string): void;
  readonly policyText: string;
  /** Ends the functions and queues; the account stays when `keepsAccount` says so. */
  close(keepsAccount: boolean): Promise<void>;
}

export interface StagedSession {
  readonly sessionId: string;
  readonly networkInterfaceId: string;
  readonly targetId: string;
  readonly sessionNumber: number;
  readonly isOurs: boolean;
}

/**
 * Bundles and packages the stack, opens the account with the demo's fleet, and deploys the one into the other. With
 * `builtFolder` it takes the bundles that are in `dist` there and leaves those of the project alone; `params` are
 * parameters of the stack beside its fleet.
 */
export async function setStage(builtFolder?: string, params: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const taskRoot = builtFolder ?? projectFolder;
  const building =
    builtFolder === undefined && promisify(execFile)(process.execPath, ['build.ts'], { cwd: projectFolder });
  const [template] = await Promise.all([readPackagedTemplate(demoFleet, params), building]);
  const templateFile = join(taskRoot, 'dist/demo/template.json');
  await mkdir(join(taskRoot, 'dist/demo'), { recursive: true });
  await writeFile(templateFile, JSON.stringify(template));

  const principals: { -readonly [Key in keyof Principals]: Principals[Key] } = {};
  const accesses: AccessUse[] = [];
  const iam = await createIam((use) => accesses.push(use));
  const aws = await startEmulatedAws({ fleetFile: join(projectFolder, 'infra/demo/fleet.yml'), principals, iam });
  const ownCalls = new Map<string, number>();
  const detachedBecause: string[] = [];
  aws.bus.onEvent((event) => {
    noteOwnCall(event, ownCalls);
    if (event['detail-type'] === 'Mirror Detached') detachedBecause.push((event.detail as { because: string }).because);
  });
  const policyText = await readFile(join(projectFolder, 'infra/demo/policy.yml'), 'utf8');
  const encode = (text: string) => encodePolicy(text)?.value ?? '';
  aws.parameterStore.seed(policyParameter(demoFleet), encode(policyText));
  const deployment = await deployTemplate({
    templateFile,
    taskRoot,
    parameters: { HealthMinutes: '60' },
    stackName: `fleetmirror-${demoFleet}`,
    accountId: '123456789012',
    region: 'us-east-1',
    bus: aws.bus,
    parameterStore: aws.parameterStore,
    objectStore: aws.objectStore,
    endpoint: aws.endpoint,
    iam,
    environment: { POWERTOOLS_TRACE_ENABLED: 'false' },
  });
  // From here on the account knows who calls: the functions by their roles, everyone else as someone else.
  Object.assign(principals, deployment.principals);
  const operator = createOperator(aws.endpoint);
  return {
    aws,
    deployment,
    accesses,
    operator,
    ownCalls,
    detachedBecause,
    policyText,
    sessions: () => {
      const { account } = aws.emulator;
      return [...account.sessions.rows()].map((session) => stageSession(session, account));
    },
    pushPolicy: (text) => {
      const Name = policyParameter(demoFleet);
      aws.parameterStore.actions.PutParameter?.({ Name, Value: encode(text), Type: 'String', Overwrite: true });
    },
    close: async (keepsAccount) => {
      operator.leave();
      await deployment.close();
      if (!keepsAccount) await aws.close();
    },
  };
}

function stageSession(session: Session, account: Account): StagedSession {
  const { sessionId, networkInterfaceId, targetId, sessionNumber } = session;
  const tags = account.tags.get(sessionId)?.tags ?? {};
  const isOurs = tags[ownerTagKeys.fleet] === demoFleet;
  return { sessionId, networkInterfaceId, targetId, sessionNumber, isOurs };
}

interface CallRecord {
  readonly eventName: string;
  readonly errorCode?: string;
  readonly userIdentity?: { readonly sessionContext?: { readonly sessionIssuer?: object } };
}

/** Calls by an assumed role are the functions': nobody else on this stage assumes one. */
function noteOwnCall(event: BusEvent, ownCalls: Map<string, number>): void {
  if (event['detail-type'] !== 'AWS API Call via CloudTrail') return;
  const { eventName, errorCode, userIdentity } = event.detail as CallRecord;
  if (errorCode !== undefined || userIdentity?.sessionContext?.sessionIssuer === undefined) return;
  ownCalls.set(eventName, (ownCalls.get(eventName) ?? 0) + 1);
}
