/** Writes `docs/sample.pcap`, the capture of the README: one minute of an invented web server, 10.0.1.5. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parsePacketText } from '../lib/core/packet-text.ts';
import { aPcap } from '../tests/support/capture.ts';
import { aFrame } from '../tests/support/frame.ts';

/** Packet, bytes of payload, how often. */
const traffic: readonly (readonly [text: string, payloadBytes: number, times: number])[] = [
  ['tcp 192.0.2.7:40000 > 10.0.1.5:80', 400, 12],
  ['tcp 10.0.1.5:80 > 192.0.2.7:40000', 1400, 28],
  ['tcp 192.0.2.8:50000 > 10.0.1.5:443', 300, 10],
  ['tcp 10.0.1.5:443 > 192.0.2.8:50000', 1400, 22],
  ['tcp 10.0.1.5:33000 > 10.0.2.9:5432', 200, 8],
  ['tcp 10.0.2.9:5432 > 10.0.1.5:33000', 900, 8],
  ['udp 10.0.1.5:41000 > 169.254.169.253:53', 40, 4],
  ['tcp 10.0.1.5:42000 > 169.254.169.254:80', 120, 2],
  ['icmp 192.0.2.9 > 10.0.1.5', 56, 1],
];

const total = traffic.reduce((sum, [, , times]) => sum + times, 0);
const packets = traffic.flatMap(([text, payloadBytes, times]) => {
  const packet = parsePacketText(text);
  if (!packet.ok || packet.facts.kind !== 'ip') throw new Error(`${text} is no packet of a sample`);
  const bytes = aFrame(packet.facts, { payloadBytes });
  return Array.from({ length: times }, () => bytes);
});
const timed = packets.map((bytes, index) => ({ bytes, seconds: 1_767_225_600 + Math.floor((60 * index) / total) }));
await writeFile(fileURLToPath(new URL('sample.pcap', import.meta.url)), aPcap(timed));
