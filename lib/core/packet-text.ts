import { type Address, formatAddress, parseAddress } from './cidr.ts';
import type { IpFacts, PacketFacts } from './packet.ts';
import { icmp, icmpv6, namedProtocols, tcp, udp } from './protocols.ts';

export type PacketText =
  | { readonly ok: true; readonly facts: PacketFacts }
  | { readonly ok: false; readonly problem: string };

const example = 'tcp 10.0.1.5:44321 > 10.0.2.9:443';

/**
 * Reads a packet as an operator writes it: `tcp 10.0.1.5:44321 > 10.0.2.9:443`, `udp [2001:db8::1]:53 > [2001:db8::2]:53`,
 * `icmp 10.0.0.1 > 10.0.0.2`, `proto 47 …`, `arp`; a trailing `fragment` makes it a later fragment, which has no ports.
 * `icmp` between IPv6 addresses is ICMPv6. The problem says what to write instead.
 */
export function parsePacketText(text: string): PacketText {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'arp') return { ok: true, facts: { kind: 'arp' } };
  const match = /^(?<head>.+?)\s+(?<from>\S+?)\s*(?:->|>)\s*(?<to>\S+)(?:\s+(?<tail>\S+))?$/.exec(trimmed)?.groups;
  if (match === undefined) return wrong(`"${text}" is not PROTOCOL SOURCE > DESTINATION`);
  const { head = '', from = '', to = '', tail } = match;
  if (tail !== undefined && tail !== 'fragment')
    return wrong(`"${tail}" after the destination means nothing; only "fragment" may stand there`);
  const named = readProtocol(head);
  if (named === undefined)
    return wrong(
      `"${head}" is no protocol; write ${Object.keys(namedProtocols).join(', ')} or "proto N" with N from 0 to 255`,
    );
  const [source, destination] = [readEnd(from), readEnd(to)];
  if (typeof source === 'string') return wrong(source);
  if (typeof destination === 'string') return wrong(destination);
  if (source.address.family !== destination.address.family) return wrong('one address is IPv4, the other IPv6');
  const protocol = head.toLowerCase() === 'icmp' && source.address.family === 6 ? icmpv6 : named;
  const ends = { source: source.address, destination: destination.address };
  const hasPorts = source.port !== undefined || destination.port !== undefined;
  if (tail === 'fragment') {
    if (hasPorts) return wrong('a later fragment has no ports');
    return { ok: true, facts: { kind: 'ip', ...ends, protocol, fragment: 'later' } };
  }
  if (protocol !== tcp && protocol !== udp) {
    if (hasPorts) return wrong(`only tcp and udp have ports, not "${head}"`);
    return { ok: true, facts: { kind: 'ip', ...ends, protocol } };
  }
  if (source.port === undefined || destination.port === undefined) {
    return wrong(
      `${head} needs a port at both ends${source.address.family === 6 ? ', with IPv6 addresses in brackets' : ''}`,
    );
  }
  return {
    ok: true,
    facts: { kind: 'ip', ...ends, protocol, ports: { source: source.port, destination: destination.port } },
  };
}

/** Writes a packet so that `parsePacketText` reads the same facts again (a first fragment reads as a whole packet). */
export function describePacket(facts: PacketFacts): string {
  if (facts.kind === 'arp') return 'arp';
  if (facts.kind === 'not-ip') return `ethertype 0x${facts.etherType.toString(16).padStart(4, '0')}`;
  const [source, destination] = [writeEnd(facts, 'source'), writeEnd(facts, 'destination')];
  const tail = facts.fragment === 'later' ? ' fragment' : '';
  // The word would be read as ICMPv6 here.
  const isIcmpInIpv6 = facts.protocol === icmp && facts.source.family === 6;
  const protocol = isIcmpInIpv6 ? `proto ${icmp}` : describeProtocol(facts.protocol);
  return `${protocol} ${source} > ${destination}${tail}`;
}

/** `tcp`, `udp`, … or `proto N`. */
export function describeProtocol(protocol: number): string {
  return Object.entries(namedProtocols).find(([, number]) => number === protocol)?.[0] ?? `proto ${protocol}`;
}

function wrong(problem: string): PacketText {
  return { ok: false, problem: `${problem}. Example: ${example}` };
}

function readProtocol(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (lower === 'icmp6') return icmpv6;
  if (Object.hasOwn(namedProtocols, lower)) return namedProtocols[lower];
  const number = Number(/^proto(?:col)?\s+(\d{1,3})$/.exec(lower)?.[1]);
  // No match is not a number, which is not at most 255 either.
  return number <= 255 ? number : undefined;
}

interface End {
  readonly address: Address;
  readonly port?: number;
}

/** `10.0.0.1`, `10.0.0.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`; or the problem with it. */
function readEnd(text: string): End | string {
  const bare = parseAddress(text);
  if (bare !== undefined) return { address: bare };
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? plain ?? '');
  if (address === undefined || (bracketed !== undefined && address.family === 4)) return `"${text}" is no address`;
  if (portText === undefined) return { address };
  if (!/^\d{1,5}$/.test(portText) || Number(portText) > 65_535) return `"${portText}" is no port (0 to 65535)`;
  return { address, port: Number(portText) };
}

function writeEnd(facts: IpFacts, end: 'source' | 'destination'): string {
  const address = formatAddress(facts[end]);
  const written = facts[end].family === 6 ? `[${address}]` : address;
  return facts.ports === undefined ? written : `${written}:${facts.ports[end]}`;
}
