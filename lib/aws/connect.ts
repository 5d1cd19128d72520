/** The command line's way into AWS: one account and Region, or an emulator of them. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createMemory } from '../memory.ts';
import { createPacer, sweepPace } from '../pace.ts';
import type { EncodedPolicy } from '../policy-code.ts';
import type { Log, Metrics, Queues, World } from '../ports.ts';
import type { Surroundings } from '../probes.ts';
import { attempt } from './attempt.ts';
import { clientSettings } from './client-settings.ts';
import { createEc2 } from './ec2.ts';
import { createBus } from './event-bridge.ts';
import {
  type LastGoodPolicy,
  type ReadObject,
  readLastGoodPolicy,
  readPolicyParameter,
  writePolicyParameter,
} from './policy-source.ts';
import { ec2ClientSettings, ec2ReaderSettings, systemClock } from './world.ts';

export interface Connection {
  readonly region?: string | undefined;
  readonly awsProfile?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/** What the command line needs of AWS besides a `World`. */
export interface Account {
  /** The Region that is looked at: as told, else the environment's or the profile's. */
  readonly findRegion: () => Promise<string>;
  /** The world of one fleet; asks AWS who we are. */
  openWorld(fleet: string, log: Log): Promise<World>;
  /** Fleets that have a policy in the Parameter Store of this Region. */
  findFleets(): Promise<readonly string[]>;
  writePolicy(fleet: string, policy: EncodedPolicy): Promise<EncodedPolicy['tier']>;
  readPolicy: (fleet: string) => ReturnType<World['readPolicy']>;
  /** For commands that only read, while the current policy is broken. */
  readLastGoodPolicy(fleet: string): Promise<LastGoodPolicy | undefined>;
  /** The text of an object of S3. */
  readonly readObject: ReadObject;
  /** CloudWatch; its client is loaded when a command asks for it. */
  openMetrics(): Promise<Metrics>;
  /** The network around sources and targets; loaded in the same way. */
  openSurroundings(): Promise<Surroundings>;
}

/** The emulator takes any credentials; without any, the SDK would look for some on the network. */
const emulatorCredentials = { accessKeyId: 'emulator', secretAccessKey: 'emulator' };

/** Opens clients for a Region, a named profile of the shared AWS configuration, or an endpoint on this machine. */
export function connect({ region, awsProfile, endpointUrl }: Connection): Account {
  const isLocal = endpointUrl !== undefined && isLoopback(endpointUrl);
  const needsCredentials = isLocal && process.env.AWS_ACCESS_KEY_ID === undefined && awsProfile === undefined;
  const chosenRegion = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const settings = {
    ...(chosenRegion !== undefined ? { region: chosenRegion } : isLocal && { region: 'us-east-1' }),
    ...(awsProfile !== undefined && { profile: awsProfile }),
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
    ...(needsCredentials && { credentials: emulatorCredentials }),
  };
  const ssm = new SSMClient({ ...clientSettings, ...settings });
  const readObject: ReadObject = async (place) => {
    const { readPolicyObject } = await import('./policy-object.ts');
    // A local endpoint has no name for each bucket.
    return readPolicyObject(place, { ...settings, ...(endpointUrl !== undefined && { forcePathStyle: true }) });
  };
  return {
    findRegion: () => ssm.config.region(),
    async openWorld(fleet, log) {
      return {
        ec2: createEc2(new EC2Client({ ...ec2ClientSettings, ...settings }), systemClock, Math.random, {
          reader: new EC2Client({ ...ec2ReaderSettings, ...settings }),
        }),
        clock: systemClock,
        random: Math.random,
        bus: createBus(new EventBridgeClient({ ...clientSettings, ...settings }), systemClock, Math.random),
        queues: noQueues,
        log,
        pacer: createPacer(sweepPace, systemClock),
        memory: createMemory(),
        fleet,
        accountId: await identify(new STSClient({ ...clientSettings, ...settings })),
        region: await ssm.config.region(),
        readPolicy: () => readPolicyParameter(ssm, fleet, readObject),
      };
    },
    findFleets: () => findFleets(ssm),
    writePolicy: (fleet, policy) => attempt('ssm:PutParameter', () => writePolicyParameter(ssm, fleet, policy)),
    readPolicy: (fleet) => readPolicyParameter(ssm, fleet, readObject),
    readLastGoodPolicy: (fleet) => readLastGoodPolicy(ssm, fleet, readObject),
    readObject,
    async openMetrics() {
      const { connectMetrics } = await import('./cloud-watch.ts');
      return connectMetrics(settings);
    },
    async openSurroundings() {
      const { connectSurroundings } = await import('./surroundings.ts');
      return connectSurroundings(settings);
    },
  };
}

function isLoopback(endpointUrl: string): boolean {
  const { hostname } = new URL(endpointUrl);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** The command line finishes its work itself; it hands nothing on. */
const noQueues: Queues = {
  sendWork: async () => {},
  requestSweep: async () => {},
};

async function identify(client: STSClient): Promise<string> {
  const { Account: accountId } = await attempt('sts:GetCallerIdentity', () =>
    client.send(new GetCallerIdentityCommand({})),
  );
  if (accountId === undefined) throw new Error('AWS did not say which account these credentials belong to.');
  return accountId;
}

async function findFleets(client: SSMClient): Promise<readonly string[]> {
  const fleets: string[] = [];
  let NextToken: string | undefined;
  do {
    const input = { Path: '/fleetmirror', Recursive: true, ...(NextToken && { NextToken }) };
    const page = await attempt('ssm:GetParametersByPath', () => client.send(new GetParametersByPathCommand(input)));
    for (const { Name } of page.Parameters ?? []) {
      const fleet = /^\/fleetmirror\/([a-z][a-z0-9-]{0,30})\/policy$/.exec(Name ?? '')?.[1];
      if (fleet !== undefined) fleets.push(fleet);
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return fleets.sort();
}
