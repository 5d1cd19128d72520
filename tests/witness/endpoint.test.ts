import { afterAll, expect, test } from '@jest/globals';
import { useEndpoint } from '../support/ec2-endpoint.ts';
import { deviationsOf } from './deviations.ts';
import { judge } from './judge.ts';

/** An emulator of EC2 that is running already, as `NAME=URL`; the name chooses its table of deviations. */
const { CONTRACT_ENDPOINT: given = '' } = process.env;
const [, name = '', url = ''] = /^([\w.-]+)=(https?:\/\/.+)$/.exec(given) ?? [];
const endpoint = url === '' ? undefined : await useEndpoint(url);

afterAll(() => endpoint?.close());

test('CONTRACT_ENDPOINT is NAME=URL, or absent', () => {
  expect(given === '' || endpoint !== undefined).toBe(true);
});

if (endpoint !== undefined) judge({ name, deviations: deviationsOf(name), open: endpoint.open });
