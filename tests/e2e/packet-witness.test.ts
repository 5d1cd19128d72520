import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SimulatedSession, simulate } from '../../lib/cli/simulation.ts';
import { formatAddress, parseAddress } from '../../lib/core/cidr.ts';
import type { IpFacts } from '../../lib/core/packet.ts';
import { bpfOf } from '../support/bpf.ts';
import { aPcap, inPieces } from '../support/capture.ts';
import { aFrame } from '../support/frame.ts';
import { anyPacket, anySessions } from '../support/packet-arbitraries.ts';

/** Programs that no one here wrote judge which packets a session mirrors, and what is written of them. */
const filters = 200;
const packetsPerCapture = 40;
const [own4, own6] = ['10.0.1.5', '2001:db8::5'];
const directory = mkdtempSync(join(tmpdir(), 'witness-'));
afterAll(() => rmSync(directory, { recursive: true }));

const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
const missing = ['tcpdump', 'tshark'].filter((program) => !has(program));
if (missing.length > 0 && process.env.CI !== 'true') {
  console.warn(
    `The packet witnesses did not run: ${missing.join(' and ')} not found (Debian packages of these names).`,
  );
}
const witnessed = missing.length > 0 && process.env.CI !== 'true' ? test.skip : test;

// libpcap's `port` and `proto` do not look behind IPv6 extension headers, so that IPv6 fragments stay out.
const cases = fc.sample(
  fc.tuple(
    anySessions,
    fc.array(
      anyPacket.filter(({ source, fragment }) => source.family === 4 || fragment === undefined),
      { minLength: packetsPerCapture, maxLength: packetsPerCapture },
    ),
    // Enough to leave the inner headers whole.
    fc.constantFrom(undefined, 80, 100),
  ),
  { numRuns: filters, seed: 20_26 },
);

/** Inner packets carry zeros, which are no valid message of what their ports and protocols promise. */
const notJudged = ['tcp', 'icmp', 'icmpv6', 'gre', 'dns', 'dhcp', 'dhcpv6', 'ntp', 'quic'];

const written: { sessionNumber: number; packet: IpFacts; record: Buffer; isCut: boolean }[] = [];

witnessed(
  `tcpdump selects the same packets by an equivalent expression, for ${filters} generated policies and captures`,
  async () => {
    for (const [generated, packets, packetLength] of cases) {
      const sessions = generated.map(
        (session): SimulatedSession => ({
          ...session,
          target: 'sensors',
          virtualNetworkId: 7000 + session.sessionNumber,
          ...(packetLength !== undefined && { packetLength }),
        }),
      );
      // The time of a packet is its number.
      const capture = aPcap(packets.map((packet, i) => ({ bytes: aFrame(packet, { payloadBytes: 40 }), seconds: i })));
      await simulate({
        capture: inPieces(capture, 1000),
        sessions,
        interfaceAddresses: [own4, own6].map((text) => addressOf(text)),
        setting: { rejectFallsThrough: true, resolvers: [] },
        out: { directory, sourceAddress: addressOf(own4), targetAddressOf: () => addressOf('10.9.9.9') },
      });
      const ordered = sessions.toSorted((a, b) => a.sessionNumber - b.sessionNumber);
      bpfOf(sessions, own4, own6).forEach((expression, rank) => {
        const { sessionNumber, name } = ordered[rank] as SimulatedSession;
        const records = recordsOf(readFileSync(join(directory, `session-${sessionNumber}-${name}.pcap`)));
        const selected = execFileSync('tcpdump', ['-r', '-', '-w', '-', expression], { input: capture, stdio: 'pipe' });
        expect(records.map(({ seconds }) => seconds)).toEqual(recordsOf(selected).map(({ seconds }) => seconds));
        for (const { seconds, record } of records) {
          written.push({
            sessionNumber,
            packet: packets[seconds] as IpFacts,
            record,
            isCut: packetLength !== undefined,
          });
        }
      });
    }
    // The generators must not drift into a corner in which nothing is mirrored.
    expect(written.length).toBeGreaterThan(filters);
  },
);

witnessed('tshark finds the VNI, port 4789, good checksums and the inner packet in everything that was written', () => {
  const header = aPcap([]);
  header.writeUInt32LE(0xa1b23c4d, 0);
  const file = join(directory, 'all.pcap');
  writeFileSync(file, Buffer.concat([header, ...written.map(({ record }) => record)]));
  const fields = [
    'vxlan.vni',
    'udp.dstport',
    'ip.checksum.status',
    'ip.src',
    'ipv6.src',
    'ip.dst',
    'ipv6.dst',
    'ip.proto',
    'ipv6.nxt',
    '_ws.malformed',
  ];
  const output = execFileSync(
    'tshark',
    [
      '-r',
      file,
      '-n',
      '-o',
      'ip.check_checksum:TRUE',
      '-o',
      'ip.defragment:FALSE',
      ...notJudged.flatMap((protocol) => ['--disable-protocol', protocol]),
      '-T',
      'fields',
      '-E',
      'separator=;',
      '-E',
      'aggregator=,',
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { maxBuffer: 1e9, stdio: 'pipe' },
  );
  const rows = output
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(';').map((cell) => cell.split(',')));
  expect(rows).toHaveLength(written.length);
  rows.forEach(([vni, port, checksums, source4, source6, target4, target6, protocol4, protocol6, malformed], i) => {
    const { sessionNumber, packet, isCut } = written[i] as (typeof written)[number];
    const is4 = packet.source.family === 4;
    // Of the values of a field the first is the outer header's, the last the inner packet's.
    expect({ vni, port: port?.[0], source: source4?.[0], target: target4?.[0] }).toEqual({
      vni: [`${7000 + sessionNumber}`],
      port: '4789',
      source: own4,
      target: '10.9.9.9',
    });
    // What is cut is shorter than its own headers say.
    if (!isCut) expect(malformed).toEqual(['']);
    expect(new Set(checksums)).toEqual(new Set(['1']));
    expect([(is4 ? source4 : source6)?.at(-1), (is4 ? target4 : target6)?.at(-1)]).toEqual([
      formatAddress(packet.source),
      formatAddress(packet.destination),
    ]);
    expect((is4 ? protocol4 : protocol6)?.at(-1)).toBe(`${packet.protocol}`);
  });
});

function addressOf(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`"${text}" is no address`);
  return address;
}

/** The records of a little-endian capture, with their headers. */
function recordsOf(capture: Buffer): { seconds: number; record: Buffer }[] {
  const records: { seconds: number; record: Buffer }[] = [];
  for (let at = 24; at < capture.length; ) {
    const length = 16 + capture.readUInt32LE(at + 8);
    records.push({ seconds: capture.readUInt32LE(at), record: capture.subarray(at, at + length) });
    at += length;
  }
  return records;
}
