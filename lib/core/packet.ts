import type { Address } from './cidr.ts';
import type { RuleSpec } from './model.ts';

/** What a filter can ask of one packet, and nothing else. */
export type PacketFacts = IpFacts | { readonly kind: 'arp' } | { readonly kind: 'not-ip'; readonly etherType: number };

export interface IpFacts {
  readonly kind: 'ip';
  readonly source: Address;
  readonly destination: Address;
  /** IANA protocol number: of IPv6 the header after the extension headers. */
  readonly protocol: number;
  /** Of TCP and UDP only. Absent in later fragments, which carry no transport header. */
  readonly ports?: { readonly source: number; readonly destination: number };
  /**
   * `later`: a fragment other than the first. Assumed of these (AWS says nothing about fragments): a rule that names
   * ports does not match them, and in IPv6 their protocol is the one that the fragment header names.
   */
  readonly fragment?: 'first' | 'later';
}

/** A session of one source as far as it decides about packets. */
export interface PacketSession {
  readonly sessionNumber: number;
  /** A tier's name or a session id: what the reader knows it by. */
  readonly name: string;
  readonly filter: PacketFilter;
}

export interface PacketFilter {
  readonly networkServices: readonly string[];
  readonly rules: readonly RuleSpec[];
}

/** What AWS leaves open about evaluation, and what only the VPC knows. */
export interface EvaluationSetting {
  /** Whether a packet that one session rejects by rule is offered to the next (`limits.rejectFallsThrough`). */
  readonly rejectFallsThrough: boolean;
  /** Addresses of the VPC's own resolver (its network plus two), beside the link-local ones that all VPCs share. */
  readonly resolvers: readonly Address[];
}

/** Why no session of a source mirrors a packet. */
export const unmirroredReasons = {
  arp: 'AWS never mirrors ARP.',
  dhcp: 'AWS never mirrors DHCP.',
  'instance-metadata': 'AWS never mirrors traffic with the instance metadata service.',
  ntp: 'AWS never mirrors NTP with the Amazon Time Sync Service.',
  'windows-activation': 'AWS never mirrors Windows activation.',
  'amazon-dns': 'Amazon DNS is mirrored only by a filter with `networkServices: [amazon-dns]`; no session has one.',
  'not-ip': 'Filter rules select by IP address, so a packet without one matches none.',
  rejected: 'A rule rejects it and no session accepts it.',
  'no-match': 'No rule of its direction matches.',
} as const;

export type UnmirroredBecause = keyof typeof unmirroredReasons;

/** Why a record of a capture cannot be judged as a packet. It is counted, and counts for no session. */
export const skipReasons = {
  'zero-length': 'The record holds no bytes.',
  'unknown-link-type': 'The link type is none of Ethernet, Linux cooked (v1, v2) or raw IP.',
  'link-header-cut': 'The bytes end within the link-layer header.',
  'ip-header-cut': 'The bytes end within the IP header.',
  'ip-header-malformed': 'The IP header contradicts itself.',
  'ipv6-chain-broken': 'The IPv6 extension headers lead beyond the packet or its captured bytes.',
  'ports-cut': 'The bytes end before the TCP or UDP ports.',
  'record-malformed': 'The lengths within the record contradict each other.',
  'unknown-interface': 'The packet names an interface that the capture does not describe.',
} as const;

export type SkipCode = keyof typeof skipReasons;
