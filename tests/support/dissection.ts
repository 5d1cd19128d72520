import type { PacketFacts, SkipCode } from '../../lib/core/packet.ts';
import { factsFromScan } from '../../lib/core/packet-dissect.ts';
import { aFrameScan, scanFrame } from '../../lib/core/packet-scan.ts';

/** What the program reads of one frame: all that a filter can ask of it, or why it cannot be judged. */
export function dissectFrame(
  frame: Uint8Array,
  linkType: number,
): { readonly facts: PacketFacts } | { readonly skip: SkipCode } {
  const scan = aFrameScan();
  const verdict = scanFrame(scan, frame, 0, frame.length, linkType);
  if (verdict === 'ip') return { facts: factsFromScan(scan, frame) };
  if (verdict === 'arp') return { facts: { kind: 'arp' } };
  if (verdict === 'not-ip') return { facts: { kind: 'not-ip', etherType: scan.etherType } };
  return { skip: verdict };
}
