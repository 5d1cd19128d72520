import { expect, test } from '@jest/globals';
import { sourceFromPieces } from '../../lib/capture/capture-source.ts';
import { simulate } from '../../lib/cli/simulation.ts';
import { aPcap } from '../support/capture.ts';
import { aFrame } from '../support/frame.ts';
import { aPacketSession, readPacket } from '../support/packet.ts';

const gigabyte = 1e9;

test('a stream of 10 GB is counted to the last packet in memory that does not grow', async () => {
  const frame = aFrame(readPacket('tcp 10.0.1.5:1 > 10.0.2.9:2'), { payloadBytes: 8900 });
  const piece = aPcap(Array.from({ length: 100 }, (_, seconds) => ({ bytes: frame, seconds })));
  const [header, records] = [piece.subarray(0, 24), piece.subarray(24)];
  const repeats = Math.ceil((10 * gigabyte) / records.length);
  function* stream() {
    yield header;
    for (let i = 0; i < repeats; i++) yield records;
  }
  let residentBytesMax = 0;
  const residentBefore = process.memoryUsage.rss();
  let pauses = 0;
  const result = await simulate({
    capture: sourceFromPieces(stream()),
    sessions: [{ ...aPacketSession(), target: 'sensors', virtualNetworkId: 1 }],
    interfaceAddresses: [],
    setting: { rejectFallsThrough: true, resolvers: [] },
    onProgress: () => {
      if (pauses++ % 1000 === 0) residentBytesMax = Math.max(residentBytesMax, process.memoryUsage.rss());
    },
  });
  const packets = repeats * 100;
  expect(result).toMatchObject({ packets, bytes: packets * frame.length, sessions: [{ packets }] });
  expect(residentBytesMax - residentBefore).toBeLessThan(0.2 * gigabyte);
});
