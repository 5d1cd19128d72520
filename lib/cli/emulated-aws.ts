/** An AWS account on this machine: EC2, STS, the Parameter Store and an event bus behind one loopback port. */
import { type Bus, createBus } from '../emulator/bus.ts';
import { createCloudWatch } from '../emulator/cloud-watch.ts';
import { createEmulator, type Emulator, type EmulatorOptions } from '../emulator/emulator.ts';
import { createJsonAuthorizer } from '../emulator/iam.ts';
import { createJsonServices } from '../emulator/json-services.ts';
import { createObjectStore, type ObjectStore } from '../emulator/object-store.ts';
import { createParameterStore, type ParameterStore } from '../emulator/parameter-store.ts';
import { findPrincipal } from '../emulator/principals.ts';
import { createPutEvents } from '../emulator/put-events.ts';
import { startServer } from '../emulator/server.ts';
import { readFleetFile } from './fleet-file.ts';

export interface EmulatedAws {
  readonly endpoint: string;
  readonly emulator: Emulator;
  readonly bus: Bus;
  readonly parameterStore: ParameterStore;
  readonly objectStore: ObjectStore;
  /** The ids behind the names of the fleet document. */
  readonly ids: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

export interface EmulatedAwsOptions extends Pick<EmulatorOptions, 'seed' | 'isThrottling' | 'principals' | 'iam'> {
  readonly port?: number;
  /** A fleet document in YAML; a fresh account without it. */
  readonly fleetFile?: string;
}

const accountId = '123456789012';
const region = 'us-east-1';

export async function startEmulatedAws(options: EmulatedAwsOptions = {}): Promise<EmulatedAws> {
  const bus = createBus();
  const emit = bus.publish;
  const { seed, isThrottling, principals = {}, iam } = options;
  const emulator = createEmulator({
    accountId,
    region,
    emit,
    ...(seed !== undefined && { seed }),
    ...(isThrottling !== undefined && { isThrottling }),
    principals,
    ...(iam !== undefined && { iam }),
  });
  const ids = options.fleetFile === undefined ? new Map<string, string>() : loadFleetFile(emulator, options.fleetFile);
  const parameterStore = createParameterStore({ accountId, region, now: Date.now, emit });
  const json = createJsonServices(
    {
      AmazonSSM: parameterStore.actions,
      AWSEvents: createPutEvents({ accountId, region, now: Date.now, emit }).actions,
      GraniteServiceVersion20100801: createCloudWatch(emulator.account.metricRates),
    },
    iam && createJsonAuthorizer(iam, principals, { accountId, region }),
  );
  const objectStore = createObjectStore({
    authorize: (access, authorization) =>
      iam?.authorize(findPrincipal(principals, accountId, authorization), [access], 'AccessDenied'),
  });
  const server = await startServer({
    emulator,
    json,
    objectStore,
    ...(options.port !== undefined && { port: options.port }),
  });
  return { endpoint: server.endpoint, emulator, bus, parameterStore, objectStore, ids, close: server.close };
}

function loadFleetFile({ account, loadFleet }: Emulator, file: string): ReadonlyMap<string, string> {
  return loadFleet(readFleetFile(file, [...new Set([...account.subnets.rows()].map(({ zone }) => zone))]));
}
