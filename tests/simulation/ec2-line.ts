import { EC2Client } from '@aws-sdk/client-ec2';
import { silenceMsMax } from '../../lib/aws/client-settings.ts';
import type { Emulator } from '../../lib/emulator/emulator.ts';
import { CONNECTION_RESET } from '../../lib/emulator/http.ts';
import { createTransport } from '../../lib/emulator/transport.ts';
import type { Chance } from './chance.ts';
import { type Invocation, pause } from './invocation.ts';
import type { Options } from './options.ts';
import type { Call, Safety } from './safety.ts';
import type { Scheduler } from './scheduler.ts';
import type { Transcript } from './transcript.ts';
import type { Weather } from './weather.ts';

interface Line {
  readonly emulator: Emulator;
  readonly scheduler: Scheduler;
  readonly safety: Safety;
  readonly transcript: Transcript;
  readonly chance: Chance;
  readonly options: Options;
  readonly weather: Weather;
  readonly isCalm: () => boolean;
  /** Whose call it is. */
  readonly caller: () => Invocation;
  readonly accessKeyId: string;
}

/**
 * The real SDK client of one function. Each call takes its time on the way to EC2 and back, and the process may end on
 * either; everything that the SDK itself does happens at once.
 */
export function createLine(line: Line): EC2Client {
  const { emulator, scheduler, transcript, chance, options, isCalm } = line;
  const latencyMs = () => chance.between(...options.callMs);
  const client = new EC2Client({
    region: emulator.account.region,
    credentials: { accessKeyId: line.accessKeyId, secretAccessKey: 'simulated' },
    maxAttempts: 1,
    requestHandler: {
      ...emulator.requestHandler,
      // How long the SDK waits for an answer before it gives the call up: a read says it, a write has the client's limit.
      handle: async (
        request: Request,
        { requestTimeout = silenceMsMax }: { readonly requestTimeout?: number } = {},
      ) => {
        const invocation = line.caller();
        const parameters = new URLSearchParams(String(request.body));
        const call: Call = { action: parameters.get('Action') ?? '', parameters };
        scheduler.end();
        await pause(scheduler, invocation, latencyMs());
        const { response, text } = await answer(line, invocation, call, request);
        transcript.write(invocation.name, `${describeCall(call)} → ${text}`);
        const isSlow = !isCalm() && chance.happens(options.timeoutRate);
        await pause(scheduler, invocation, isSlow ? requestTimeout : latencyMs());
        noteAnswer(invocation, call, isSlow ? 'TimeoutError' : text);
        scheduler.begin();
        if (isSlow) throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
        if (response instanceof Error) throw response;
        return response;
      },
    },
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      scheduler.begin();
      try {
        return await next(args);
      } finally {
        scheduler.end();
      }
    },
    { step: 'initialize', priority: 'high', name: 'busy' },
  );
  return client;
}

type Request = Parameters<Emulator['requestHandler']['handle']>[0];

/** EC2 does it, at this moment; what it answers, and a word for it. */
async function answer(line: Line, invocation: Invocation, call: Call, request: Request) {
  const { emulator, safety, options, weather } = line;
  const isWrite = !call.action.startsWith('Describe');
  // What time has brought is not this call's doing.
  emulator.settle();
  if (isWrite) safety.beforeWrite(invocation, call);
  else {
    weather.chooseReplica();
    invocation.hasUnsent = false;
  }
  let raw = '';
  const transport = createTransport((http) => {
    const given = emulator.handleRequest(http);
    raw = given === CONNECTION_RESET ? 'ECONNRESET' : given.body;
    return given;
  });
  const handled = transport.handle(request).catch((error: Error) => error);
  if (isWrite) safety.afterWrite(invocation, call);
  const outcome = await handled;
  const text = describeAnswer(call, raw);
  if (text === 'UnauthorizedOperation' && !options.isDenying) safety.afterDenial(invocation, call);
  return { response: outcome, text };
}

/** Keeps count of reads that have not come to their last page. */
function noteAnswer(invocation: Invocation, { action }: Call, text: string): void {
  // Error codes begin with a capital, ids and counts do not.
  if (/^[A-Z]/.test(text)) invocation.troubles += 1;
  if (!action.startsWith('Describe')) return;
  if (/^\d+ rows$/.test(text)) invocation.unfinishedReads.delete(action);
  else invocation.unfinishedReads.add(action);
}

const shownParameters = [
  'NetworkInterfaceId',
  'TrafficMirrorSessionId',
  'SessionNumber',
  'TrafficMirrorTargetId',
  'TrafficMirrorFilterId',
  'RuleNumber',
];

function describeCall({ action, parameters }: Call): string {
  const shown = shownParameters.flatMap((name) => parameters.get(name) ?? []);
  const filter = parameters.get('Filter.1.Name');
  return [action, ...shown, ...(filter === null ? [] : [`${filter}=${parameters.get('Filter.1.Value.1')}…`])].join(' ');
}

function describeAnswer({ action }: Call, body: string): string {
  const code = /<Code>([^<]+)</.exec(body)?.[1];
  if (code !== undefined) return code;
  if (body === 'ECONNRESET') return body;
  if (!action.startsWith('Describe')) return /<trafficMirror(?:Session|Filter)Id>([^<]+)</.exec(body)?.[1] ?? 'done';
  const rows = body.split('<item>').length - 1;
  return /<nextToken>[^<]/.test(body) ? `${rows} rows and a token` : `${rows} rows`;
}
