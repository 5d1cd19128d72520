import { describe, expect, test } from '@jest/globals';
import type { CaptureSource } from '../../../lib/capture/capture-source.ts';
import type { CaptureEnd } from '../../../lib/capture/capture-visitor.ts';
import { readCapture } from '../../../lib/capture/read-capture.ts';
import { aBlock, anEnhancedPacket, anInterface, aPcap, aSection, inPieces } from '../../support/capture.ts';

const [one, two] = [Buffer.from('first packet'), Buffer.from('the second')];

describe('what a capture holds', () => {
  for (const isBigEndian of [false, true]) {
    for (const isNanosecond of [false, true]) {
      const kind = `${isBigEndian ? 'big' : 'little'}-endian, ${isNanosecond ? 'nano' : 'micro'}seconds`;
      test(`pcap, ${kind}: packets, times and lengths are those that were written`, async () => {
        const packets = [
          { bytes: one, seconds: 1_700_000_000, fraction: 999_999 },
          { bytes: two, seconds: 4_000_000_000, fraction: 1, originalLength: 1500 },
        ];
        const capture = aPcap(packets, { isBigEndian, isNanosecond, linkType: 113 });
        const nanoseconds = isNanosecond ? 999_999 : 999_999_000;
        expect(await tell(inPieces(capture, 7))).toEqual({
          end: { kind: 'complete' },
          packets: [
            { text: 'first packet', length: 12, linkType: 113, seconds: 1_700_000_000, nanoseconds },
            {
              text: 'the second',
              length: 1500,
              linkType: 113,
              seconds: 4_000_000_000,
              nanoseconds: isNanosecond ? 1 : 1000,
            },
          ],
          skipped: [],
        });
      });
    }
    test(`pcapng, ${isBigEndian ? 'big' : 'little'}-endian: interfaces keep their link types and clocks`, async () => {
      const time = 1_700_000_000_123_456_789n;
      const capture = Buffer.concat([
        aSection(isBigEndian),
        anInterface({ linkType: 276 }, isBigEndian),
        anInterface({ linkType: 101, resolution: 9 }, isBigEndian),
        aBlock(5, Buffer.alloc(20), isBigEndian),
        anEnhancedPacket({ bytes: one }, { units: time / 1000n }, isBigEndian),
        anEnhancedPacket({ bytes: two }, { units: time, interfaceId: 1 }, isBigEndian),
      ]);
      const { packets, end } = await tell(inPieces(capture, 11));
      expect(end).toEqual({ kind: 'complete' });
      expect(packets).toEqual([
        { text: 'first packet', length: 12, linkType: 276, seconds: 1_700_000_000, nanoseconds: 123_456_000 },
        { text: 'the second', length: 10, linkType: 101, seconds: 1_700_000_000, nanoseconds: 123_456_789 },
      ]);
    });
  }

  test('pcapng: each section has interfaces and a byte order of its own', async () => {
    const [first, second] = [false, true].map((isBigEndian, i) =>
      Buffer.concat([
        aSection(isBigEndian),
        anInterface({ linkType: i === 0 ? 1 : 113 }, isBigEndian),
        anEnhancedPacket({ bytes: one }, {}, isBigEndian),
      ]),
    );
    const { packets } = await tell(inPieces(Buffer.concat([first as Buffer, second as Buffer]), 1000));
    expect(packets.map(({ linkType }) => linkType)).toEqual([1, 113]);
  });

  test('pcapng: a simple packet block is cut to the snap length and has no time', async () => {
    const body = Buffer.concat([Buffer.from([100, 0, 0, 0]), Buffer.from('12345678')]);
    const capture = Buffer.concat([aSection(), anInterface({ snapLength: 6 }), aBlock(3, body)]);
    const { packets } = await tell(inPieces(capture, 1000));
    expect(packets).toEqual([{ text: '123456', length: 100, linkType: 1, seconds: -1, nanoseconds: 0 }]);
  });

  test('pcapng: a block larger than the window that says nothing of packets is passed over', async () => {
    const capture = Buffer.concat([
      aSection(),
      anInterface(),
      aBlock(10, Buffer.alloc(3_000_000)),
      anEnhancedPacket({ bytes: one }),
    ]);
    const { packets, end } = await tell(inPieces(capture, 50_000));
    expect({ packets: packets.length, end }).toEqual({ packets: 1, end: { kind: 'complete' } });
  });
});

describe('bad captures', () => {
  const good = aPcap([{ bytes: one }, { bytes: two }]);
  const unreadable: [string, Buffer, RegExp][] = [
    ['an empty file', Buffer.alloc(0), /empty/],
    ['two bytes', Buffer.alloc(2), /too short/],
    ['text', Buffer.from('version: 1\nfleet: prod\n'), /neither pcap nor pcapng/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), /gzip/],
    ['a file header that is cut', good.subarray(0, 20), /within its file header/],
    ['an unknown link type', aPcap([{ bytes: one }], { linkType: 105 }), /link type 105/],
    ['a section that is cut', aSection().subarray(0, 16), /within the block at byte 0/],
    ['a section without byte order', Buffer.concat([aSection().subarray(0, 8), Buffer.alloc(20)]), /no byte order/],
  ];
  for (const [name, capture, problem] of unreadable) {
    test(`${name} is unreadable, and the problem says why`, async () => {
      const { end, packets } = await tell(inPieces(capture, 1000));
      expect(packets).toEqual([]);
      expect(end).toEqual({ kind: 'unreadable', problem: expect.stringMatching(problem) });
    });
  }

  const lying = Buffer.from(good);
  lying.writeUInt32LE(4_000_000_000, 24 + 16 + 12 + 8);
  const long = Buffer.from(good);
  long.writeUInt32LE(200_000, 24 + 16 + 12 + 8);
  const badTrailer = anEnhancedPacket({ bytes: two });
  badTrailer.writeUInt32LE(16, badTrailer.length - 4);
  const before = Buffer.concat([aSection(), anInterface(), anEnhancedPacket({ bytes: one })]);
  const damaged: [string, Buffer, RegExp][] = [
    ['a record header that is cut', good.subarray(0, 24 + 16 + 12 + 5), /within packet 2/],
    ['a record longer than the file', long, /within packet 2/],
    ['a length that no packet has', lying, /packet 2 .* claims 4000000000 bytes/],
    ['a pcapng block that is cut', Buffer.concat([before, badTrailer]).subarray(0, -6), /within the block/],
    ['a pcapng block whose two lengths differ', Buffer.concat([before, badTrailer]), /at its start and 16 at its end/],
    ['a pcapng block of a length that no block has', Buffer.concat([before, Buffer.alloc(12)]), /claims 0 bytes/],
  ];
  for (const [name, capture, problem] of damaged) {
    test(`${name}: everything before it is told, and the problem says where reading stopped`, async () => {
      const { end, packets } = await tell(inPieces(capture, 9));
      expect(packets.map(({ text }) => text)).toEqual(['first packet']);
      expect(end).toEqual({ kind: 'damaged', problem: expect.stringMatching(problem) });
    });
  }

  test('unknown-interface: a packet of an interface that is not described is skipped, the next one is told', async () => {
    const stray = anEnhancedPacket({ bytes: two }, { interfaceId: 9 });
    const { packets, skipped } = await tell(
      inPieces(Buffer.concat([aSection(), anInterface(), stray, anEnhancedPacket({ bytes: one })]), 1000),
    );
    expect({ packets: packets.length, skipped }).toEqual({ packets: 1, skipped: ['unknown-interface'] });
  });

  test('record-malformed: a packet longer than its block is skipped, the next one is told', async () => {
    const lyingPacket = anEnhancedPacket({ bytes: two });
    lyingPacket.writeUInt32LE(500, 20);
    const capture = Buffer.concat([aSection(), anInterface(), lyingPacket, anEnhancedPacket({ bytes: one })]);
    const { packets, skipped } = await tell(inPieces(capture, 1000));
    expect({ packets: packets.length, skipped }).toEqual({ packets: 1, skipped: ['record-malformed'] });
  });
});

interface Told {
  readonly end: CaptureEnd;
  readonly packets: { text: string; length: number; linkType: number; seconds: number; nanoseconds: number }[];
  readonly skipped: string[];
}

async function tell(source: CaptureSource): Promise<Told> {
  const packets: Told['packets'] = [];
  const skipped: string[] = [];
  const end = await readCapture(source, {
    packet: (bytes, start, stop, length, linkType, seconds, nanoseconds) => {
      packets.push({ text: bytes.toString('latin1', start, stop), length, linkType, seconds, nanoseconds });
    },
    skip: (because) => skipped.push(because),
    pause: async () => {},
  });
  return { end, packets, skipped };
}
