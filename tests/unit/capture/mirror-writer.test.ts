import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createMirrorWriter } from '../../../lib/capture/mirror-writer.ts';
import { parseAddress } from '../../../lib/core/cidr.ts';
import { aFrame } from '../../support/frame.ts';
import { readPacket } from '../../support/packet.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mirror-'));
});
afterEach(() => rm(directory, { recursive: true }));

const packet = readPacket('tcp 10.0.1.5:44321 > 10.0.2.9:443');
const path = {
  source: parseAddress('10.0.1.5') as { family: 4; value: bigint },
  target: parseAddress('10.9.9.9') as { family: 4; value: bigint },
  virtualNetworkId: 0xabcdef,
};

test('a frame goes out whole behind Ethernet, IPv4, UDP to 4789 and VXLAN with the session’s VNI', async () => {
  const frame = aFrame(packet);
  const { record, capturedLength, originalLength } = await mirrorOne(frame, {});
  expect({ capturedLength, originalLength }).toEqual({ capturedLength: 104, originalLength: 104 });
  expect(record.subarray(12, 14).toString('hex')).toBe('0800');
  expect(record.readUInt16BE(16)).toBe(90);
  expect(checksumOf(record.subarray(14, 34))).toBe(0);
  expect(record.subarray(26, 34).toString('hex')).toBe('0a0001050a090909');
  expect(record.readUInt16BE(34)).toBeGreaterThanOrEqual(49_152);
  expect(record.readUInt16BE(36)).toBe(4789);
  expect(record.readUInt16BE(38)).toBe(70);
  expect(record.subarray(42, 50).toString('hex')).toBe('08000000abcdef00');
  expect(record.subarray(50)).toEqual(frame);
});

test('packetLength cuts the inner frame, and the outer headers say the cut length', async () => {
  const { record, originalLength } = await mirrorOne(aFrame(packet), { packetLength: 40 });
  expect({ originalLength, total: record.readUInt16BE(16), inner: record.length - 50 }).toEqual({
    originalLength: 90,
    total: 76,
    inner: 40,
  });
});

test('of a packet that the capture cut, headers keep the length on the wire and the record is marked as cut', async () => {
  const { capturedLength, originalLength, record } = await mirrorOne(aFrame(packet), { wireLength: 1514 });
  expect({ capturedLength, originalLength, total: record.readUInt16BE(16) }).toEqual({
    capturedLength: 104,
    originalLength: 1564,
    total: 1550,
  });
});

test('cooked and raw packets get the Ethernet header that they lack', async () => {
  for (const linkType of [113, 276, 101]) {
    const { record } = await mirrorOne(aFrame(packet, { linkType }), { linkType });
    expect(record.subarray(62, 64).toString('hex')).toBe('0800');
    expect(record.subarray(64)).toEqual(aFrame(packet).subarray(14));
  }
});

test('one flow keeps one source port, another flow has another', async () => {
  const ports: number[] = [];
  for (const text of ['tcp 10.0.1.5:1 > 10.0.2.9:2', 'tcp 10.0.1.5:1 > 10.0.2.9:2', 'tcp 10.0.1.5:3 > 10.0.2.9:2']) {
    ports.push((await mirrorOne(aFrame(readPacket(text)), {})).record.readUInt16BE(34));
  }
  expect(ports[0]).toBe(ports[1]);
  expect(ports[0]).not.toBe(ports[2]);
});

interface Sending {
  readonly packetLength?: number;
  readonly wireLength?: number;
  readonly linkType?: number;
}

async function mirrorOne(frame: Buffer, { packetLength, wireLength = frame.length, linkType = 1 }: Sending) {
  const file = join(directory, 'out.pcap');
  const writer = await createMirrorWriter(file, path, packetLength);
  writer.mirror(frame, 0, frame.length, wireLength, linkType, 7, 8);
  await writer.close();
  const bytes = await readFile(file);
  expect(bytes.subarray(24, 32)).toEqual(Buffer.from([7, 0, 0, 0, 8, 0, 0, 0]));
  const capturedLength = bytes.readUInt32LE(32);
  return { record: bytes.subarray(40), capturedLength, originalLength: bytes.readUInt32LE(36) };
}

/** Zero for a header whose checksum is right [RFC 1071]. */
function checksumOf(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  return 0xffff - ((sum & 0xffff) + (sum >>> 16));
}
