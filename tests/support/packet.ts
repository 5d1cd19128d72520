import type { IpFacts, PacketSession } from '../../lib/core/packet.ts';
import { parsePacketText } from '../../lib/core/packet-text.ts';
import { aRule } from './filter.ts';

/** The facts of an IP packet written as `tcp 10.0.1.5:44321 > 10.0.2.9:443`. */
export function readPacket(text: string): IpFacts {
  const read = parsePacketText(text);
  if (!read.ok || read.facts.kind !== 'ip') throw new Error(read.ok ? `"${text}" is no IP packet` : read.problem);
  return read.facts;
}

/** Session 10 `tcp`, which accepts all TCP over IPv4 in both directions. */
export function aPacketSession(differences: Partial<PacketSession> = {}): PacketSession {
  const rules = [aRule({ protocol: 6 }), aRule({ direction: 'egress', protocol: 6 })];
  return { sessionNumber: 10, name: 'tcp', filter: { networkServices: [], rules }, ...differences };
}
