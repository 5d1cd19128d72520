import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { registerSimulate } from '../../../lib/cli/simulate.ts';
import type { SourceInAccount } from '../../../lib/cli/simulated-source.ts';
import { UsageError } from '../../../lib/cli/usage.ts';
import { anEnhancedPacket, anInterface, aPcap, aSection } from '../../support/capture.ts';
import { aFilter, aRule } from '../../support/filter.ts';
import { aFrame } from '../../support/frame.ts';
import { readPacket } from '../../support/packet.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulate-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** HTTP to one appliance in the higher-priority session, all other TCP to another in a lower one. */
const policy = `
version: 1
fleet: prod
targets:
  waf: { ids: [tmt-0aaa1111bbbb2222c] }
  sensors: { ids: [tmt-0ccc1111bbbb2222a] }
filters:
  http:
    ingress: [ { rule: 10, action: accept, protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0, destinationPorts: 80 } ]
    egress: [ { rule: 10, action: accept, protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0, sourcePorts: 80 } ]
  all-tcp:
    ingress: [ { rule: 10, action: accept, protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0 } ]
    egress: [ { rule: 10, action: accept, protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0 } ]
  given: { id: tmf-0aaa1111bbbb2222c }
tiers:
  - { name: http, sessionNumber: 10, target: waf, filter: http, packetLength: 100 }
  - { name: tcp, sessionNumber: 20, target: sensors, filter: all-tcp, virtualNetworkId: 7001 }
  - { name: full, sessionNumber: 30, target: sensors, filter: given }
profiles: { default: [http, tcp], forensic: [http, tcp, full] }
`;

const own = '10.0.1.5';
const traffic = [
  `tcp 192.168.7.7:50000 > ${own}:80`,
  `tcp ${own}:80 > 192.168.7.7:50000`,
  `tcp 192.168.7.7:50001 > ${own}:22`,
  `tcp ${own}:50002 > 8.8.8.8:80`,
  `udp ${own}:50003 > 8.8.8.8:443`,
  `udp ${own}:68 > 10.0.1.1:67`,
];
const frames = traffic.map((text, i) => ({ bytes: aFrame(readPacket(text), { payloadBytes: 100 }), seconds: 100 + i }));

describe('HTTP to one appliance, all other TCP to another', () => {
  test('each packet is counted once, in the first session that accepts it or under its reason', async () => {
    const { json, code } = await run(aPcap(frames), ['--source-address', own]);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      packets: 6,
      bytes: 4 * 154 + 2 * 142,
      sessions: [
        { sessionNumber: 10, tier: 'http', packets: 2, bytes: 308 },
        { sessionNumber: 20, tier: 'tcp', packets: 2, bytes: 308 },
      ],
      unmirrored: { packets: 2, bytes: 284, because: { 'no-match': 1, dhcp: 1 } },
      skipped: {},
      targets: [
        { target: 'waf', bytes: 300, mbitPerSecond: (300 * 8) / 5 / 1e6 },
        { target: 'sensors', bytes: 408, mbitPerSecond: (408 * 8) / 5 / 1e6 },
      ],
    });
  });

  test('without --source-address the interface is the one that takes part in every packet, and a note says so', async () => {
    const { json } = await run(aPcap(frames), []);
    expect(json.sessions).toMatchObject([{ packets: 2 }, { packets: 2 }]);
    expect(json.notes).toEqual([expect.stringContaining(own)]);
  });

  test('an address that the capture never shows is told in a note, since all then counts as ingress', async () => {
    const { json } = await run(aPcap(frames), ['--source-address', '10.0.1.6']);
    expect(json.notes).toEqual([
      'no packet of the capture is from or to 10.0.1.6, so all of them count as ingress: is that the interface on which it was made?',
    ]);
    const { text } = await run(aPcap(frames), ['--source-address', '2001:db8::1'], { asText: true });
    expect(text).toContain('note: no packet of the capture is from or to 2001:db8::1,');
  });

  test('an address that is seen as a destination only, or one of several, is told nothing', async () => {
    const inbound = await run(aPcap(frames.slice(0, 1)), ['--source-address', own]);
    const oneOfTwo = await run(aPcap(frames), ['--source-address', '10.0.1.6', '--source-address', own]);
    expect([inbound.json.notes, oneOfTwo.json.notes]).toEqual([[], []]);
  });

  test('a Linux cooked capture says itself what was sent', async () => {
    const cooked = traffic.map((text) => {
      const facts = readPacket(text);
      const cookedType = text.includes(`${own}:`) && text.indexOf(own) < text.indexOf('>') ? 4 : 0;
      return { bytes: aFrame(facts, { linkType: 113, cookedType }) };
    });
    const { json } = await run(aPcap(cooked, { linkType: 113 }), []);
    expect(json.sessions).toMatchObject([{ packets: 2 }, { packets: 2 }]);
    expect(json.notes).toEqual([]);
  });

  test('--out writes one capture per session, to the addresses and with the VNI that were chosen', async () => {
    const out = join(directory, 'out');
    await run(aPcap(frames), ['--source-address', own, '--target-address', 'tcp=10.9.9.9', '--out', out]);
    const http = readFileSync(join(out, 'session-10-http.pcap'));
    expect(http.length).toBe(24 + 2 * (16 + 50 + 100));
    const tcp = readFileSync(join(out, 'session-20-tcp.pcap'));
    expect(tcp.subarray(40 + 26, 40 + 34).toString('hex')).toBe('0a0001050a090909');
    expect(tcp.readUInt32BE(40 + 46) >>> 8).toBe(7001);
    expect(tcp.subarray(40 + 50, 40 + 50 + 154)).toEqual(frames[2]?.bytes);
  });

  test('the text shows sessions with their shares, reasons with their meaning, and the load of each target', async () => {
    const { text } = await run(aPcap(frames), ['--source-address', own], { asText: true });
    expect(text).toMatch(/10 +http +2 +308 +33\.3 %/);
    expect(text).toMatch(/dhcp +1 +AWS never mirrors DHCP/);
    expect(text).toMatch(/sensors +408 +0\.001/);
  });
});

describe('a tier whose share rests on rejectFallsThrough', () => {
  const https = 'protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0, destinationPorts: 443';
  const behindRejection = policy.replace(/filters:.*?\n {2}given:/s, () =>
    [
      'filters:',
      '  http:',
      `    ingress: [ { rule: 10, action: reject, ${https} }, { rule: 20, action: accept, protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0 } ]`,
      '  all-tcp:',
      `    ingress: [ { rule: 10, action: accept, ${https} } ]`,
      '    egress: [ { rule: 10, action: accept, protocol: udp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0 } ]',
      '  given:',
    ].join('\n'),
  );
  const note =
    'session 20 (tcp): 2 packets, 308 bytes counted only if AWS offers what one session rejects by rule to the next, which it does not say (assumed: rejectFallsThrough = true)';
  const texts = [`:443`, `:443`, `:80`].map((port) => `tcp 192.168.7.7:50000 > ${own}${port}`);
  const packets = [...texts, `udp ${own}:50003 > 8.8.8.8:443`].map((text) => ({
    bytes: aFrame(readPacket(text), { payloadBytes: 100 }),
  }));

  test('is told how much of it does, in a note and beside its count', async () => {
    const { json } = await run(aPcap(packets), ['--source-address', own], { policyText: behindRejection });
    expect(json.sessions).toEqual([
      { sessionNumber: 10, tier: 'http', packets: 1, bytes: 154 },
      { sessionNumber: 20, tier: 'tcp', packets: 3, bytes: 450, restsOnRejectFallsThrough: { packets: 2, bytes: 308 } },
    ]);
    expect(json.notes).toEqual([note]);
  });

  test('is told so as text too', async () => {
    const options = { asText: true, policyText: behindRejection };
    const { text } = await run(aPcap(packets), ['--source-address', own], options);
    expect(text.split('\n').at(-1)).toBe(`note: ${note}`);
  });

  test('is told nothing where no packet of the capture meets a rejection', async () => {
    const { json } = await run(aPcap(packets.slice(2)), ['--source-address', own], { policyText: behindRejection });
    expect(json).toMatchObject({ sessions: [{ packets: 1 }, { packets: 1 }], notes: [] });
    expect(json.sessions[1]).not.toHaveProperty('restsOnRejectFallsThrough');
  });
});

describe('captures that are not as they should be', () => {
  test('a damaged capture is counted as far as it can be read, says where it broke, and fails', async () => {
    const { json, code } = await run(aPcap(frames).subarray(0, -10), ['--source-address', own]);
    expect(code).toBe(1);
    expect(json).toMatchObject({ packets: 5, damage: expect.stringContaining('within packet 6') });
  });

  test('zero-length and unreadable packets are skipped by reason, and every record is counted once', async () => {
    const bad = [{ bytes: Buffer.alloc(0) }, { bytes: Buffer.alloc(5) }, ...frames];
    const { json, code } = await run(aPcap(bad), ['--source-address', own]);
    expect({ code, packets: json.packets, skipped: json.skipped }).toEqual({
      code: 0,
      packets: 8,
      skipped: { 'zero-length': 1, 'link-header-cut': 1 },
    });
  });

  test('unknown-link-type: packets of such an interface are skipped beside those of others', async () => {
    const packet = frames[0] as { bytes: Buffer };
    const capture = [aSection(), anInterface(), anInterface({ linkType: 105 })];
    const packets = [anEnhancedPacket(packet), anEnhancedPacket(packet, { interfaceId: 1 })];
    const { json } = await run(Buffer.concat([...capture, ...packets]), ['--source-address', own]);
    expect(json).toMatchObject({ packets: 2, skipped: { 'unknown-link-type': 1 } });
  });

  test('a file that is no capture, or is not there, is wrong usage', async () => {
    await expect(run(Buffer.from('hello world'), [])).rejects.toThrow(/neither pcap nor pcapng/);
    await expect(run(Buffer.alloc(0), [])).rejects.toThrow(/empty/);
    await expect(command(['simulate', join(directory, 'none.pcap'), '--policy', writePolicy()])).rejects.toThrow(
      /there is no such file/,
    );
    await expect(command(['simulate', directory, '--policy', writePolicy()])).rejects.toThrow(/it is a folder/);
  });
});

describe('wrong usage', () => {
  const wrong: [string, string[], RegExp][] = [
    [
      'a profile that the policy does not have',
      ['--profile', 'fast'],
      /No profile is called "fast"\. Profiles: default, forensic/,
    ],
    ['a filter given by id, without an account', ['--profile', 'forensic'], /"full" uses the filter "given" by id/],
    ['an address that is none', ['--source-address', '10.0.1'], /"10\.0\.1" is no IP address/],
    ['a target address without a tier', ['--out', 'x', '--target-address', '10.9.9.9'], /is not TIER=IPV4/],
    [
      'a target address for no tier',
      ['--out', 'x', '--target-address', 'smtp=10.9.9.9'],
      /No session is called "smtp"/,
    ],
    ['an interface id that is none', ['--eni', 'i-0123456789abcdef0'], /is no interface id/],
  ];
  for (const [name, options, problem] of wrong) {
    test(`${name} is explained`, async () => {
      await expect(run(aPcap(frames), options)).rejects.toThrow(problem);
    });
  }

  test('neither a policy nor an interface leaves no session to simulate', async () => {
    writeFileSync(join(directory, 'in.pcap'), aPcap(frames));
    await expect(command(['simulate', join(directory, 'in.pcap')])).rejects.toThrow(/Which sessions\?/);
  });

  test('--out never overwrites the capture that is read', async () => {
    const file = join(directory, 'session-10-http.pcap');
    writeFileSync(file, aPcap(frames));
    const options = ['--policy', writePolicy(), '--out', directory];
    await expect(command(['simulate', file, ...options])).rejects.toThrow(/would be overwritten/);
    expect(readFileSync(file)).toEqual(aPcap(frames));
  });

  test('--out names the file in whose place a folder is (EISDIR), and the folder that cannot be made (ENOENT)', async () => {
    mkdirSync(join(directory, 'deep/out/session-20-tcp.pcap'), { recursive: true });
    const out = join(directory, 'deep/out');
    await expect(run(aPcap(frames), ['--out', out])).rejects.toThrow(
      new UsageError(`The file ${out}/session-20-tcp.pcap cannot be written: it is a folder.`),
    );
    await expect(run(aPcap(frames), ['--out', '/proc/foo'])).rejects.toThrow(
      new UsageError('The directory /proc/foo cannot be made: there is no such file.'),
    );
  });
});

test('--eni takes the sessions and the addresses of an interface from the account', async () => {
  writeFileSync(join(directory, 'in.pcap'), aPcap(frames));
  const rules = [
    { direction: 'egress', ruleNumber: 1, action: 'accept', sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' },
  ] as const;
  const filter = { networkServices: [], rules };
  const session = { sessionNumber: 1, name: 'tms-1', filter, target: 'tmt-1', virtualNetworkId: 9 };
  const source: SourceInAccount = { addresses: [own], sessions: [session], filters: [] };
  const args = ['simulate', join(directory, 'in.pcap'), '--eni', 'eni-0123456789abcdef0', '--json'];
  const { text } = await command(args, source);
  expect(JSON.parse(text)).toMatchObject({ sessions: [{ sessionNumber: 1, packets: 3 }], unmirrored: { packets: 3 } });
});

test('--eni with a policy takes the rules of filters given by id from the account', async () => {
  writeFileSync(join(directory, 'in.pcap'), aPcap(frames));
  const filter = aFilter({ rules: [{ ...aRule({ direction: 'egress', protocol: 17 }), ruleId: 'tmfr-1' }] });
  const source: SourceInAccount = { addresses: [own], sessions: [], filters: [filter] };
  const options = ['--eni', 'eni-0123456789abcdef0', '--policy', writePolicy(), '--profile', 'forensic', '--json'];
  const { text } = await command(['simulate', join(directory, 'in.pcap'), ...options], source);
  expect(JSON.parse(text).sessions).toMatchObject([{ packets: 2 }, { packets: 2 }, { tier: 'full', packets: 1 }]);
});

function writePolicy(text = policy): string {
  const file = join(directory, 'policy.yml');
  writeFileSync(file, text);
  return file;
}

async function run(capture: Buffer, options: readonly string[], { asText = false, policyText = policy } = {}) {
  const file = join(directory, 'in.pcap');
  writeFileSync(file, capture);
  const args = ['simulate', file, '--policy', writePolicy(policyText), ...(asText ? [] : ['--json']), ...options];
  const { text, code } = await command(args);
  return { text, code, json: asText ? {} : JSON.parse(text) };
}

async function command(args: readonly string[], source?: SourceInAccount): Promise<{ text: string; code: number }> {
  const lines: string[] = [];
  let code = -1;
  const program = new Command();
  registerSimulate(program, {
    printer: { isRich: false, columns: 80, print: (text) => lines.push(text) },
    readSource: async () => source ?? { addresses: [], sessions: [], filters: [] },
    setExitCode: (given) => {
      code = given;
    },
  });
  await program.parseAsync(args, { from: 'user' });
  return { text: lines.join('\n'), code };
}
