import { afterAll, expect, test } from '@jest/globals';
import { startMoto } from '../support/moto.ts';
import { installVenv } from '../support/python-venv.ts';
import { judge } from './judge.ts';
import { motoDeviations } from './moto-deviations.ts';

const VERSION = '5.2.5';
const venv = installVenv(`moto-${VERSION}`, `moto[ec2,server]==${VERSION}`, 'moto_server');
const moto = venv.isHere ? await startMoto(venv.bin).catch((error: unknown) => String(error)) : venv.because;
if (typeof moto === 'string') console.warn(`moto is not here, its verdicts are skipped: ${moto}`);

afterAll(() => (typeof moto === 'string' ? undefined : moto.stop()));

test('moto is here to judge, or this is no CI', () => {
  expect(typeof moto !== 'string' || process.env.CI !== 'true').toBe(true);
});

judge({
  name: `moto ${VERSION}`,
  deviations: motoDeviations,
  ...(typeof moto !== 'string' && { open: moto.open }),
});
