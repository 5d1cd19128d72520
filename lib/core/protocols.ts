/** Names that a policy may use for protocols, with their numbers [IANA Assigned Internet Protocol Numbers]. */
export const namedProtocols: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  ospf: 89,
  sctp: 132,
};

export const icmp = 1;
export const tcp = 6;
export const udp = 17;
export const icmpv6 = 58;
