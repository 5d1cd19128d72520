import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readFleetFile } from '../../../lib/cli/fleet-file.ts';
import { UsageError } from '../../../lib/cli/usage.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetmirror-fleet-file-'));
const file = join(folder, 'fleet.yml');

afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  writeFileSync(file, text);
  return readFleetFile(file, ['us-east-1a', 'us-east-1b']);
}

test('a fleet is read, and a tag that is called zone is no zone', () => {
  const fleet = read('instances:\n  - { name: web, zones: [us-east-1b], tags: { zone: dmz } }\n');
  expect(fleet.instances).toMatchObject([{ name: 'web', zones: ['us-east-1b'], tags: { zone: 'dmz' } }]);
});

test.each([
  [
    'zones that the account does not have',
    'instances:\n  - { zone: us-east-1a }\n  - zones: [us-east-1b, us-east-9z]\ninterfaces:\n  - { zone: x }\n',
    [
      'line 3, instances.1.zones.1: the account has no zone us-east-9z, only us-east-1a, us-east-1b',
      'line 5, interfaces.0.zone: the account has no zone x, only us-east-1a, us-east-1b',
    ],
  ],
  [
    'something that is no YAML',
    'instances:\n  - { name: web\n  - x\n',
    ['line 3: Flow map in block collection must be sufficiently indented and end with a }'],
  ],
  [
    'a list where it wants none',
    'instances: []\n\ntargets: 7\n',
    ['line 3, targets: Invalid input: expected array, received number'],
  ],
  [
    'no zone where it takes them in turn',
    'instances:\n  - { name: web,\n      zones: [] }\n',
    ['line 3, instances.0.zones: Too small: expected array to have >=1 items'],
  ],
  ['nothing', '', ['line 1: Invalid input: expected object, received null']],
  [
    'an alias without its anchor',
    'instances: *all\n',
    ['Unresolved alias (the anchor must be set before the alias): all'],
  ],
])('a document with %s is wrong usage, told with the file and the lines', (_, text, told) => {
  expect(() => read(text)).toThrow(
    new UsageError([`The fleet document ${file} is invalid.`, ...told.map((line) => `  ${line}`)].join('\n')),
  );
});
