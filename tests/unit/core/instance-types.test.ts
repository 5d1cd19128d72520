import { describe, expect, test } from '@jest/globals';
import {
  judgeInstanceType,
  listKnownTypes,
  sourcesPerTarget,
  type TypeVerdict,
} from '../../../lib/core/instance-types.ts';
import type { Edition, InstanceTypePolicy } from '../../../lib/core/model.ts';

const policy = (differences: Partial<InstanceTypePolicy> = {}): InstanceTypePolicy => ({
  edition: '2025-08',
  unknown: 'skip',
  allow: [],
  deny: [],
  ...differences,
});
const verdictOf = (instanceType: string, edition: Edition) =>
  judgeInstanceType(instanceType, policy({ edition })).verdict;
const words = (text: string) =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);

describe('edition 2023-06 says what the guide of June 2023 says, literally', () => {
  const deniedNitro = words(`M6a, M6i, M6in, M7g
    C6a, C6gn, C6i, C6id, C6in, C7g, Hpc6a
    R6a, R6i, R6id, R6idn, R6in, R7g, X2idn, X2iedn, X2iezn
    I4i, Im4gn, Is4gen
    Trn1`);
  const namedXen = words('C4, D2, G3, G3s, H1, I3, M4, P2, P3, R4, X1, X1e');

  test.each(deniedNitro)('type-unsupported: %s is a virtualized Nitro family without Traffic Mirroring', (family) => {
    expect(verdictOf(`${family}.large`, '2023-06')).toBe('unsupported');
  });
  test.each(namedXen)('%s is a non-Nitro family with Traffic Mirroring', (family) => {
    expect(verdictOf(`${family}.large`, '2023-06')).toBe('supported');
  });
  test.each(words('T2 T1 M1 M2 M3 C1 C3 R3 I2 G2 HS1 CC1 CC2 CR1 F1'))(
    'type-unsupported: Traffic Mirroring is available only on the named non-Nitro families, and %s is none',
    (family) => {
      expect(verdictOf(`${family}.large`, '2023-06')).toBe('unsupported');
    },
  );
  test.each(words('m5.metal c5n.metal i3.metal mac1.metal mac2.metal m6g.metal m7i.metal-24xl future9.metal'))(
    'bare-metal-unsupported: Traffic Mirroring is not available on bare metal, %s included',
    (instanceType) => {
      const judged = judgeInstanceType(instanceType, policy({ edition: '2023-06' }));
      expect(judged).toMatchObject({ verdict: 'unsupported', bareMetal: true, edition: '2023-06' });
    },
  );
  test.each(
    words(
      'T3 T3a T4g M5 M5a M5zn M6g M6gd M6id M6idn C5 C5n C6g C6gd R5 R5b R6gd X2gd z1d D3 I3en I4g G4dn G5g Inf1 P4d A1 u-6tb1',
    ),
  )('%s is a virtualized Nitro family that the guide does not deny', (family) => {
    expect(verdictOf(`${family}.large`, '2023-06')).toBe('supported');
  });
  test.each(words('m7i m7a c7i c7gn r7iz p5 m8g m9g g6 i7ie'))('type-unknown: %s is newer than June 2023', (family) => {
    expect(verdictOf(`${family}.large`, '2023-06')).toBe('unknown');
  });
});

describe("edition 2025-08 is AWS's allow-list, literally", () => {
  const virtualized = words(`
    A1 M4 M5 M5a M5ad M5d M5dn M5n M5zn M6a M6g M6gd M6i M6id M6idn M6in M7a M7g M7gd M7i M7i-flex
    Mac1 Mac2 Mac2-m1ultra Mac2-m2 Mac2-m2pro T3 T3a T4g
    C4 C5 C5a C5ad C5d C5n C6a C6g C6gd C6gn C6i C6id C6in C7a C7g C7gd C7i C7i-flex
    R4 R5 R5a R5ad R5b R5d R5dn R5n R6a R6g R6gd R6i R6id R6idn R6in R7a R7g R7gd R7i R7iz
    U-3tb1 U-6tb1 U-9tb1 U-12tb1 U-18tb1 U-24tb1 U7i-6tb U7i-8tb U7i-12tb U7in-16tb U7in-24tb U7in-32tb U7inh-32tb
    X1 X1e X2gd X2idn X2iedn X2iezn z1d
    D2 D3 D3en H1 I3 I3en I4g I4i I7i Im4gn Is4gen
    DL1 DL2q F2 G3 G4ad G4dn G5 G5g G6 G6e G6f Gr6 Gr6f Inf1 Inf2 P3 P3dn P4d P4de P5 P5e Trn1 Trn1n VT1
    Hpc6a Hpc6id Hpc7a`);
  const bareMetal = words(`M5 M5d M6g M6gd Mac1 Mac2 Mac2-m1ultra Mac2-m2 Mac2-m2pro A1
    C5 C5d C6g C6gd R5 R5b R5d R6g R6gd X2gd z1d I3 G5g`);
  const omitted = words(`t1 t2 m1 m2 m3 c1 c3 r3 i2 g2 hs1 cc1 cc2 cr1 g3s p2 f1 c7gn hpc7g i7ie p5en u7ib-12tb trn2
    g7 g7e p6-b200 hpc8a m8g c8g r8g x8g i8g m9g c9g mac-m4 mac-m3ultra`);

  test.each(virtualized)('%s is listed', (family) => {
    expect(verdictOf(`${family}.4xlarge`, '2025-08')).toBe('supported');
  });
  test.each(bareMetal)('bare metal of %s is listed', (family) => {
    const judged = judgeInstanceType(`${family}.metal`, policy());
    expect(judged).toMatchObject({ verdict: 'supported', bareMetal: true });
  });
  test.each(virtualized.filter((family) => !bareMetal.includes(family)))(
    'bare-metal-unsupported: bare metal of %s is not listed',
    (family) => {
      expect(judgeInstanceType(`${family}.metal-48xl`, policy())).toMatchObject({
        verdict: 'unsupported',
        bareMetal: true,
      });
    },
  );
  test.each(omitted)("type-unsupported: %s is known to EC2's API and not listed", (family) => {
    expect(verdictOf(`${family}.large`, '2025-08')).toBe('unsupported');
  });
  test.each(words('m10g.large future9.large u8i-1tb.large'))('type-unknown: %s is of a family nobody knows', (type) => {
    expect(verdictOf(type, '2025-08')).toBe('unknown');
  });
});

test.each([
  ['m6i.large', 'unsupported', 'supported'],
  ['c7g.large', 'unsupported', 'supported'],
  ['i4i.large', 'unsupported', 'supported'],
  ['trn1.32xlarge', 'unsupported', 'supported'],
  ['g3s.xlarge', 'supported', 'unsupported'],
  ['p2.xlarge', 'supported', 'unsupported'],
  ['m5.metal', 'unsupported', 'supported'],
  ['mac2.metal', 'unsupported', 'supported'],
  ['m7i.large', 'unknown', 'supported'],
  ['p5.48xlarge', 'unknown', 'supported'],
  ['m8g.large', 'unknown', 'unsupported'],
  ['c7gn.large', 'unknown', 'unsupported'],
  ['t2.micro', 'unsupported', 'unsupported'],
  ['c5n.metal', 'unsupported', 'unsupported'],
  ['t3.micro', 'supported', 'supported'],
  ['m4.large', 'supported', 'supported'],
])('%s is %s in 2023-06 and %s in 2025-08', (instanceType, edition2023, edition2025) => {
  expect(verdictOf(instanceType, '2023-06')).toBe(edition2023);
  expect(verdictOf(instanceType, '2025-08')).toBe(edition2025);
});

test.each([
  '',
  'm5',
  'm5.',
  '.large',
  'M5.large',
  'm5.Large',
  'm5.large.x',
  'm5 .large',
  ' m5.large',
  '-m5.large',
  'm5-.large',
  'm5--flex.large',
  '5m.large',
  'm5.-large',
  'm5.large-',
  'm5.metal--24xl',
  'constructor',
  'm5.large\n',
])('type-unknown: %j is no instance type, and the sentence says so', (instanceType) => {
  for (const edition of ['2025-08', '2023-06'] as const) {
    expect(judgeInstanceType(instanceType, policy({ edition }))).toEqual({
      verdict: 'unknown',
      bareMetal: false,
      edition,
      because: `"${instanceType}" is no instance type: one is a family, a dot and a size, such as m5.large.`,
    });
  }
});
test.each(['m5.x', 'u-6tb1.112xlarge', 'mac2-m1ultra.metal', 'm7i.metal-24xl', 'm-a-b.metal-2-3'])(
  '%s has the form of an instance type',
  (instanceType) => {
    expect(judgeInstanceType(instanceType, policy()).because).not.toContain('is no instance type');
  },
);

describe('the policy overrides the edition', () => {
  test.each<[string, string, Partial<InstanceTypePolicy>, Partial<TypeVerdict>]>([
    [
      'allow makes an unlisted type supported',
      'm8g.large',
      { allow: ['m8i.*', 'm8g.*'] },
      { verdict: 'supported', because: 'The policy allows it: `instanceTypes.allow` has m8g.*.' },
    ],
    [
      'type-unsupported: deny makes a listed type unsupported',
      'm5.large',
      { deny: ['m4.*', 'm5.*'] },
      { verdict: 'unsupported', because: 'The policy denies it: `instanceTypes.deny` has m5.*.' },
    ],
    [
      'type-unsupported: deny beats allow',
      'm5.large',
      { allow: ['m?.large'], deny: ['m5*'] },
      { verdict: 'unsupported', because: 'The policy denies it: `instanceTypes.deny` has m5*.' },
    ],
    [
      'allow makes bare metal supported, and the verdict tells that it is',
      'c5n.metal',
      { allow: ['c5n.*'] },
      { verdict: 'supported', bareMetal: true, because: 'The policy allows it: `instanceTypes.allow` has c5n.*.' },
    ],
  ])('%s', (_, instanceType, differences, judged) => {
    expect(judgeInstanceType(instanceType, policy(differences))).toEqual({
      edition: 'policy',
      bareMetal: false,
      ...judged,
    });
  });
});

test.each<[Edition, string, TypeVerdict['verdict'], string]>([
  ['2025-08', 'm5.metal', 'supported', 'AWS lists bare metal of the family m5'],
  ['2025-08', 'c5n.metal', 'unsupported', 'AWS mirrors bare metal of the listed families only, c5n is none'],
  ['2025-08', 'm7i-flex.large', 'supported', 'AWS lists the family m7i-flex'],
  ['2025-08', 't2.micro', 'unsupported', 'AWS does not list the family t2'],
  ['2025-08', 'future9.large', 'unknown', 'The family future9 is newer than the list, or does not exist'],
  ['2023-06', 'm5.metal', 'unsupported', 'AWS mirrored no bare-metal instances'],
  ['2023-06', 'm6i.large', 'unsupported', 'AWS denied the Nitro family m6i'],
  ['2023-06', 'p2.xlarge', 'supported', 'AWS named the non-Nitro family p2'],
  ['2023-06', 't2.micro', 'unsupported', 'AWS did not name t2 among the non-Nitro families that it mirrors'],
  ['2023-06', 'm5.large', 'supported', 'm5 is a virtualized Nitro family that AWS did not deny'],
  ['2023-06', 'future9.large', 'unknown', 'The family future9 is newer than the list, or does not exist'],
])('edition %s says why %s is %s, and by which page', (edition, instanceType, verdict, sentence) => {
  const page = {
    '2025-08': 'edition 2025-08: Traffic Mirroring guide, "Supported instance types"',
    '2023-06': 'edition 2023-06: Traffic Mirroring guide of June 2023, "Traffic mirror sources"',
  };
  expect(judgeInstanceType(instanceType, policy({ edition }))).toEqual({
    verdict,
    bareMetal: instanceType.endsWith('.metal'),
    edition,
    because: `${sentence} (${page[edition]}).`,
  });
});

describe('the list of known types', () => {
  test('has one type of each family, in alphabetical order', () => {
    expect(listKnownTypes().slice(0, 4)).toEqual(['a1.large', 'c1.large', 'c3.large', 'c4.large']);
    const families = listKnownTypes().map((type) => type.split('.')[0]);
    expect(families).toEqual([...new Set(families)].sort());
  });
  test('has families that one edition only knows, or lists as unsupported', () => {
    expect(listKnownTypes()).toEqual(
      expect.arrayContaining(['m7i.large', 'p2.large', 't2.large', 'm8g.large', 'u-6tb1.large']),
    );
  });
  test('has bare metal of the Mac families, which have no other size, and of no others', () => {
    const known = listKnownTypes();
    const metal = known.filter((type) => type.endsWith('.metal'));
    expect(metal).toEqual(known.filter((type) => type.startsWith('mac')));
    expect(metal).toContain('mac2-m2pro.metal');
  });
});

test.each([
  ['m5.24xlarge', 100],
  ['c5n.18xlarge', 100],
  ['r8gb.48xlarge', 100],
  ['m5.large', 10],
  ['nothing', 10],
  [undefined, 10],
])('a target on %s takes %d sources', (instanceType, sources) => {
  expect(sourcesPerTarget(instanceType)).toBe(sources);
});
