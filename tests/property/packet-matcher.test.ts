import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { directionOf, evaluatePacket } from '../../lib/core/evaluate.ts';
import { compileMatcher } from '../../lib/core/packet-matcher.ts';
import { describePacket, parsePacketText } from '../../lib/core/packet-text.ts';
import { dissectFrame } from '../support/dissection.ts';
import { aFrame } from '../support/frame.ts';
import { readPacket } from '../support/packet.ts';
import { anyPacket, anySessions } from '../support/packet-arbitraries.ts';

const own = [readPacket('proto 47 10.0.1.5 > 10.0.1.5').source, readPacket('proto 47 2001:db8::5 > ::1').source];
const resolvers = [readPacket('proto 47 8.8.8.8 > 8.8.8.8').source];
const shapes = fc.record({
  linkType: fc.constantFrom(1, 113, 276, 101),
  vlanIds: fc.constantFrom([], [7], [7, 8]),
  extensions: fc.constantFrom([], [0], [43, 60], [51]),
  payloadBytes: fc.constantFrom(0, 20),
});

test('the fast matcher and the full account name the same session or the same reason, for every frame', () => {
  const setting = fc.record({ rejectFallsThrough: fc.boolean(), resolvers: fc.constant(resolvers) });
  const packets = fc.array(fc.tuple(anyPacket, shapes), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(anySessions, packets, setting, (sessions, frames, evaluation) => {
      const matcher = compileMatcher(sessions, own, evaluation);
      for (const [facts, shape] of frames) {
        const frame = Buffer.concat([Buffer.alloc(3), aFrame(facts, shape)]);
        const outcome = matcher.outcomes[matcher.match(frame, 3, frame.length, shape.linkType)];
        const { verdict } = evaluatePacket(facts, sessions, directionOf(facts, own), evaluation);
        const answer = outcome?.kind === 'mirrored' ? outcome.session.sessionNumber : outcome?.because;
        expect(answer).toBe(verdict.kind === 'mirrored' ? verdict.sessionNumber : verdict.because);
      }
    }),
    { numRuns: 300 },
  );
});

test('a frame is read back to the facts that it was built from, under every link type, tag and extension header', () => {
  fc.assert(
    fc.property(anyPacket, shapes, (facts, shape) => {
      expect(dissectFrame(aFrame(facts, shape), shape.linkType)).toEqual({ facts });
    }),
  );
});

test('bytes of any kind are judged without a crash, and cutting a frame never invents facts', () => {
  const matcher = compileMatcher([], []);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 90 }), fc.constantFrom(1, 113, 276, 101, 105), (bytes, linkType) => {
      expect(matcher.outcomes[matcher.match(bytes, 0, bytes.length, linkType)]).toBeDefined();
    }),
  );
  fc.assert(
    fc.property(anyPacket, shapes, fc.nat(120), (facts, shape, length) => {
      const dissection = dissectFrame(aFrame(facts, shape).subarray(0, length), shape.linkType);
      if ('facts' in dissection) expect(dissection.facts).toEqual(facts);
    }),
  );
});

test('a packet written as text reads back as itself', () => {
  fc.assert(
    fc.property(anyPacket, (facts) => {
      const { fragment, ...rest } = facts;
      const whole = fragment === 'later' ? facts : rest;
      expect(parsePacketText(describePacket(whole))).toEqual({ ok: true, facts: whole });
    }),
  );
});
