import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SimulationResult, simulate } from '../../lib/cli/simulation.ts';
import { anEnhancedPacket, anInterface, aPcap, aSection, inPieces } from '../support/capture.ts';
import { aFrame } from '../support/frame.ts';
import { aPacketSession } from '../support/packet.ts';
import { anyPacket } from '../support/packet-arbitraries.ts';

const frames = fc.array(
  anyPacket.map((packet) => aFrame(packet)),
  { minLength: 1, maxLength: 8 },
);
const captures = fc.tuple(frames, fc.boolean(), fc.boolean()).map(([packets, isBigEndian, isPcapng]) => {
  const records = packets.map((bytes, seconds) => ({ bytes, seconds }));
  if (!isPcapng) return aPcap(records, { isBigEndian });
  const blocks = records.map((record) => anEnhancedPacket(record, {}, isBigEndian));
  return Buffer.concat([aSection(isBigEndian), anInterface({}, isBigEndian), ...blocks]);
});

test('however a capture is damaged, reading ends with an answer and every record told is counted once', async () => {
  const damage = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(captures, damage, fc.nat(2000), async (capture, changes, cut) => {
      const bytes = Buffer.from(capture.subarray(0, capture.length - (cut % capture.length)));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const result = await count(bytes, 1000);
      expect(countedOnce(result)).toBe(result.packets);
    }),
    { numRuns: 500 },
  );
});

test('in what pieces a capture arrives makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(captures, fc.integer({ min: 1, max: 200 }), async (capture, pieceBytes) => {
      expect(await count(capture, pieceBytes)).toEqual(await count(capture, capture.length));
    }),
  );
});

function count(capture: Buffer, pieceBytes: number): Promise<SimulationResult> {
  return simulate({
    capture: inPieces(capture, pieceBytes),
    sessions: [{ ...aPacketSession(), target: 'sensors', virtualNetworkId: 1 }],
    interfaceAddresses: [],
    setting: { rejectFallsThrough: true, resolvers: [] },
  });
}

function countedOnce({ sessions, unmirrored, skipped }: SimulationResult): number {
  const mirrored = sessions.reduce((sum, { packets }) => sum + packets, 0);
  return Object.values(skipped).reduce((sum, packets) => sum + packets, mirrored + unmirrored.packets);
}
