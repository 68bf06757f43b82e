/** Ports and protocols as rules write them. */

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const allPorts: PortRange = { first: 0, last: 65535 };

/** IP protocol numbers by the names that policies may use (IANA). */
const numbers: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  "ip-in-ip": 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  "ipv6-icmp": 58,
  sctp: 132,
};

/** What a rule without a protocol lets through: TCP, UDP and both ICMPs. */
export const defaultProtocols: readonly number[] = [1, 6, 17, 58];

const withPorts = [6, 17, 132];

/** The number of a protocol by name or number; "default" for none and `*`; undefined for a name that does not exist. */
export function parseProtocol(text: string): number | "default" | undefined {
  if (text === "" || text === "*") return "default";
  const named = numbers[text.toLowerCase()];
  if (named !== undefined) return named;
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}

/** False for protocols that have no ports, such as ICMP: rules give them `*`. */
export function hasPorts(protocol: number): boolean {
  return withPorts.includes(protocol);
}

/** `443`, `80-443` or `*`; a text says why it is none. */
export function parsePorts(text: string): PortRange | string {
  if (text === "*") return allPorts;
  const [from = "", to, ...rest] = text.split("-");
  if (rest.length > 0) return `port range "${text}": too many dashes`;
  const first = portNumber(from);
  if (first === undefined) return `port range "${text}": invalid first integer`;
  const last = to === undefined ? first : portNumber(to);
  if (last === undefined) return `port range "${text}": invalid last integer`;
  if (first === 0) return `port range "${text}": the first port is above 0; "*" means all`;
  return first > last ? `port range "${text}": the first port is above the last` : { first, last };
}

function portNumber(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}

/** A protocol's name, or its number where it has none here. */
export function protocolName(protocol: number): string {
  return Object.entries(numbers).find(([, number]) => number === protocol)?.[0] ?? `${protocol}`;
}
