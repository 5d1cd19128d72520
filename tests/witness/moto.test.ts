import { afterAll, describe, expect, test } from '@jest/globals';
import { contract, observe } from '../conformance/contract/contract.ts';
import { startMoto } from '../support/moto.ts';
import { installVenv } from '../support/python-venv.ts';
import { motoDeviations } from './deviations.ts';

const VERSION = '5.2.5';
const venv = installVenv(`moto-${VERSION}`, `moto[ec2,server]==${VERSION}`, 'moto_server');
const moto = venv.isHere ? await startMoto(venv.bin).catch((error: unknown) => String(error)) : venv.because;
if (typeof moto === 'string') console.warn(`moto is not here, its verdicts are skipped: ${moto}`);

afterAll(() => (typeof moto === 'string' ? undefined : moto.stop()));

test('moto is here to judge, or this is no CI', () => {
  expect(typeof moto !== 'string' || process.env.CI !== 'true').toBe(true);
});

test('every deviation of moto is from a rule of the contract, once', () => {
  const rules = contract.map(({ rule }) => rule);
  const deviating = motoDeviations.map(({ rule }) => rule);
  expect(deviating.filter((rule) => !rules.includes(rule))).toEqual([]);
  expect(new Set(deviating).size).toBe(deviating.length);
});

(typeof moto === 'string' ? describe.skip : describe)(`moto ${VERSION}`, () => {
  const cases = contract.map((rule) => {
    const deviation = motoDeviations.find((each) => each.rule === rule.rule);
    return { ...rule, deviation, name: `${deviation === undefined ? 'agrees' : 'deviates as known'}: ${rule.rule}` };
  });

  test.each(cases)('$name', async ({ deviation, ...rule }) => {
    if (typeof moto === 'string') return;
    const seen = await observe(rule, await moto.open());
    // A deviation that is gone comes out here too: its row says what was, and must be removed.
    expect(seen).toEqual(deviation === undefined ? rule.expected : deviation.does);
  });
});
