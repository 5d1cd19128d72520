import { afterAll, expect, test } from '@jest/globals';
import { startWinterbaume } from '../support/winterbaume.ts';
import { judge } from './judge.ts';
import { winterbaumeDeviations } from './winterbaume-deviations.ts';

const winterbaume = await startWinterbaume().catch((error: unknown) => String(error));
if (typeof winterbaume === 'string') {
  console.warn(`winterbaume is not here, its verdicts are skipped: ${winterbaume}`);
}

afterAll(() => (typeof winterbaume === 'string' ? undefined : winterbaume.stop()));

test('winterbaume is here to judge, or this is no CI', () => {
  expect(typeof winterbaume !== 'string' || process.env.CI !== 'true').toBe(true);
});

judge({
  name: 'winterbaume 1.0.0',
  deviations: winterbaumeDeviations,
  ...(typeof winterbaume !== 'string' && { open: winterbaume.open }),
});
