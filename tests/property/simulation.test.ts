import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { simulate } from '../../lib/cli/simulation.ts';
import { directionOf, evaluatePacket } from '../../lib/core/evaluate.ts';
import { aPcap, inPieces } from '../support/capture.ts';
import { aFrame } from '../support/frame.ts';
import { readPacket } from '../support/packet.ts';
import { anyPacket, anySessions } from '../support/packet-arbitraries.ts';

const own = [readPacket('proto 47 10.0.1.5 > 10.0.1.5').source, readPacket('proto 47 2001:db8::5 > ::1').source];

test('what rests on rejectFallsThrough is, for each session, what the accounts of its packets say', async () => {
  const packets = fc.array(anyPacket, { minLength: 20, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(anySessions, packets, fc.boolean(), async (sessions, facts, rejectFallsThrough) => {
      const setting = { rejectFallsThrough, resolvers: [] };
      const capture = aPcap(facts.map((packet, seconds) => ({ bytes: aFrame(packet), seconds })));
      const result = await simulate({
        capture: inPieces(capture, capture.length),
        sessions: sessions.map((session) => ({ ...session, target: 'sensors', virtualNetworkId: 1 })),
        interfaceAddresses: own,
        setting,
      });
      const expected = new Map<number, { packets: number; bytes: number }>();
      for (const packet of facts) {
        const direction = directionOf(packet, own);
        if (!evaluatePacket(packet, sessions, direction, setting).restsOnRejectFallsThrough) continue;
        // Whoever has it, or would have it, is the one that gets it when rejections fall through.
        const { verdict } = evaluatePacket(packet, sessions, direction, { ...setting, rejectFallsThrough: true });
        const sessionNumber = verdict.kind === 'mirrored' ? verdict.sessionNumber : Number.NaN;
        const { packets: number, bytes } = expected.get(sessionNumber) ?? { packets: 0, bytes: 0 };
        expected.set(sessionNumber, { packets: number + 1, bytes: bytes + aFrame(packet).length });
      }
      const told = result.sessions.flatMap(({ sessionNumber, restsOnRejectFallsThrough: share }) =>
        share === undefined ? [] : [[sessionNumber, share] as const],
      );
      expect(new Map(told)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});
