/** How fast `simulate` judges packets, beside tcpdump and tshark on the same files in the same run. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCaptureFile } from '../../lib/capture/capture-source.ts';
import { type SimulatedSession, simulate } from '../../lib/cli/simulation.ts';
import { parseAddress } from '../../lib/core/cidr.ts';
import type { RuleSpec } from '../../lib/core/model.ts';
import { bpfOf } from '../support/bpf.ts';
import { aPcap } from '../support/capture.ts';
import { aRule } from '../support/filter.ts';
import { aFrame } from '../support/frame.ts';
import { readPacket } from '../support/packet.ts';
import { type BenchRow, judge, median } from './row.ts';

const own = '10.0.2.9';
const rounds = 5;
/** tshark would take minutes for what the others do in a second. */
const tsharkPackets = 20_000;
const captures = [
  { frameBytes: 64, packets: 1_048_576 },
  { frameBytes: 512, packets: 524_288 },
  { frameBytes: 1500, packets: 262_144 },
];
const shapes = [
  { name: '1 session, 1 rule', sessions: [aSession(1, [aRule({ protocol: 6 })])] },
  {
    name: '3 sessions, 10 rules',
    sessions: [aSession(1, rules(1, 4)), aSession(2, rules(2, 3)), aSession(3, rules(3, 3))],
  },
];

/** Measures every size with every shape; each figure is the median of five rounds in which the rivals take turns. */
export async function benchPackets(): Promise<BenchRow[]> {
  for (const rival of ['tcpdump', 'tshark'].filter(isAbsent)) {
    console.error(`packets: ${rival} is not installed: the rows beside it have no bound`);
  }
  const directory = mkdtempSync(join(tmpdir(), 'bench-packets-'));
  try {
    const rows: BenchRow[] = [];
    let residentBytesMax = 0;
    for (const { frameBytes, packets } of captures) {
      const file = join(directory, `${frameBytes}.pcap`);
      writeCapture(file, frameBytes, packets);
      for (const { name, sessions } of shapes) {
        const expression = bpfOf(sessions, own, '::1')
          .map((part) => `(${part})`)
          .join(' or ');
        const ours: number[] = [];
        const theirs: (number | undefined)[] = [];
        for (let round = 0; round < rounds; round++) {
          const { perSecond, residentBytes } = await measureSimulate(file, sessions, packets);
          ours.push(perSecond);
          residentBytesMax = Math.max(residentBytesMax, residentBytes);
          theirs.push(measure('tcpdump', ['-r', file, '-w', '/dev/null', expression], packets));
        }
        const [figure, bound] = [median(ours), medianOf(theirs)];
        rows.push(rowOf(`packets, ${name}, beside tcpdump`, frameBytes, figure, bound, goalOf(frameBytes, sessions)));
      }
      const small = measure('tshark', ['-r', file, '-c', `${tsharkPackets}`, '-Y', 'tcp'], tsharkPackets);
      const [first] = shapes as [(typeof shapes)[number]];
      const { perSecond } = await measureSimulate(file, first.sessions, packets);
      rows.push(rowOf(`packets, ${first.name}, beside tshark`, frameBytes, perSecond, small, { ratioMin: 20 }));
    }
    return [...rows, memoryRow(residentBytesMax)];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Goal {
  readonly perSecondMin?: number;
  readonly ratioMin?: number;
}

function goalOf(frameBytes: number, sessions: readonly SimulatedSession[]): Goal {
  if (frameBytes === 1500) return { ratioMin: 0.5 };
  if (frameBytes === 64 && sessions.length === 1) return { perSecondMin: 1e6, ratioMin: 0.25 };
  return { perSecondMin: 1e6 };
}

function rowOf(name: string, frameBytes: number, figure: number, bound: number | undefined, goal: Goal): BenchRow {
  const { perSecondMin, ratioMin } = goal;
  return judge(
    { name, size: `${frameBytes} bytes`, figure, unit: 'packets/s', bound },
    { ...(perSecondMin !== undefined && { atLeast: perSecondMin }), ...(ratioMin !== undefined && { ratioMin }) },
  );
}

/** The window, the counters and Node.js itself; the captures are up to five times as large. */
function memoryRow(residentBytes: number): BenchRow {
  const measured = { size: 'all captures', figure: residentBytes / 1e6, unit: 'MB' };
  return judge({ name: 'packets, resident memory', ...measured }, { atMost: 200 });
}

async function measureSimulate(file: string, sessions: readonly SimulatedSession[], packets: number) {
  const capture = await openCaptureFile(file);
  const interfaceAddresses = [parseAddress(own)].filter((address) => address !== undefined);
  const setting = { rejectFallsThrough: true, resolvers: [] };
  let residentBytes = 0;
  const onProgress = (bytesRead: number) => {
    // Asking costs time: once in 64 MB is enough.
    if (bytesRead % 67_108_864 < 524_288) residentBytes = Math.max(residentBytes, process.memoryUsage.rss());
  };
  const startedAt = performance.now();
  const result = await simulate({ capture, sessions, interfaceAddresses, setting, onProgress });
  const perSecond = packets / ((performance.now() - startedAt) / 1000);
  await capture.close();
  if (result.packets !== packets) throw new Error(`${result.packets} of ${packets} packets were read`);
  return { perSecond, residentBytes };
}

/** Packets a second of another program, its start included; undefined when it is not installed. */
function measure(program: string, args: readonly string[], packets: number): number | undefined {
  const startedAt = performance.now();
  const { error, status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (isMissing(error)) return undefined;
  if (error) throw error;
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return packets / ((performance.now() - startedAt) / 1000);
}

function isAbsent(program: string): boolean {
  return isMissing(spawnSync(program, ['--version'], { stdio: 'ignore' }).error);
}

function isMissing(error: NodeJS.ErrnoException | undefined): boolean {
  return error?.code === 'ENOENT';
}

function writeCapture(file: string, frameBytes: number, packets: number): void {
  const block = Array.from({ length: 4096 }, (_, i) => {
    const isTcp = i % 3 !== 0;
    const ports = [80, 443, 22, 8080];
    const text = `${isTcp ? 'tcp' : 'udp'} 10.${i % 7}.1.5:${1024 + i} > ${own}:${ports[i % 4]}`;
    const headers = 14 + 20 + (isTcp ? 20 : 8);
    return { bytes: aFrame(readPacket(text), { payloadBytes: frameBytes - headers }), seconds: i };
  });
  const bytes = aPcap(block);
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, bytes.subarray(0, 24));
  for (let written = 0; written < packets; written += block.length) writeSync(descriptor, bytes.subarray(24));
  closeSync(descriptor);
}

function aSession(sessionNumber: number, rulesOfSession: readonly RuleSpec[]): SimulatedSession {
  const filter = { networkServices: [], rules: rulesOfSession };
  return { sessionNumber, name: `tier-${sessionNumber}`, filter, target: 'sensors', virtualNetworkId: sessionNumber };
}

/** Rules that few of the packets match, so that most packets are held against all of them. */
function rules(seed: number, count: number): RuleSpec[] {
  return Array.from({ length: count }, (_, i) =>
    aRule({
      ruleNumber: i + 1,
      protocol: i % 2 === 0 ? 6 : 17,
      sourceCidr: `10.${seed * 2 + i}.0.0/16`,
      destinationCidr: '10.0.0.0/8',
      destinationPorts: { from: 100 * seed + i, to: 100 * seed + i + 400 },
    }),
  );
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
