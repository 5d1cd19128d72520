import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sourceFromPieces } from '../../lib/capture/capture-source.ts';
import { packetBytesMax } from '../../lib/capture/capture-visitor.ts';
import { readCapture } from '../../lib/capture/read-capture.ts';

const heads = ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1', '0a0d0d0a', '1f8b', '', '0a0d0d0a1c0000004d3c2b1a'];
/** Where a length may stand: small, large, negative when signed, and what does not divide by four. */
const words = [0, 1, 3, 4, 12, 16, 28, 32, 255, 65_535, 262_144, 262_145, 0x7fffffff, 0x80000000, 0xffffffff];
const word = fc.constantFrom(...words).chain((number) =>
  fc.boolean().map((isBigEndian) => {
    const bytes = Buffer.alloc(4);
    if (isBigEndian) bytes.writeUInt32BE(number);
    else bytes.writeUInt32LE(number);
    return bytes;
  }),
);
const blockType = fc
  .constantFrom(1, 2, 3, 5, 6, 0x0a0d0d0a)
  .map((number) => Buffer.from(Uint32Array.of(number).buffer));
const body = fc.array(fc.oneof(word, blockType, fc.uint8Array({ maxLength: 24 })), { maxLength: 24 });
const bytes = fc
  .tuple(fc.constantFrom(...heads), body)
  .map(([head, parts]) => Buffer.concat([Buffer.from(head, 'hex'), ...parts]));

test('no bytes make a capture reader crash or hang: it ends, and names what is wrong', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 64 }), async (capture, pieceBytes) => {
      let told = 0;
      const pieces = Array.from({ length: Math.ceil(capture.length / pieceBytes) }, (_, index) =>
        capture.subarray(index * pieceBytes, (index + 1) * pieceBytes),
      );
      const end = await readCapture(sourceFromPieces(pieces), {
        packet: (buffer, start, stop, originalLength) => {
          told++;
          expect(start >= 0 && start <= stop && stop <= buffer.length && stop - start <= packetBytesMax).toBe(true);
          expect(originalLength).toBeGreaterThanOrEqual(0);
        },
        skip: () => void told++,
        pause: async () => {},
      });
      if (end.kind !== 'complete') expect(end.problem).not.toBe('');
      // A record takes at least 12 bytes of the file: no few bytes can tell of many packets.
      expect(told).toBeLessThanOrEqual(capture.length / 12);
    }),
    { numRuns: 3000 },
  );
});
