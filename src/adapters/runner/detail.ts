/** What a public log need not tell: who uses the tailnet and where it meets the internet. */
import { Cidr, parseIPv4 } from "../../mesh/cidr.ts";

const local = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "0.0.0.0/8",
]
  .map((text) => Cidr.parse(text))
  .filter((cidr) => cidr !== undefined);

const email = /\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b/g;
const ipv4 = /(?<![\d.])(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/g;
/** A user of Headscale's own, `alice@` in policies. */
const localUser = /(?<![\w.@/-])[A-Za-z][\w.-]*@(?![\w.@-])/g;
/** At least three groups, so that a time or a MAC address is none. */
const ipv6 =
  /(?<![0-9A-Fa-f:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{1,4})*(?![0-9A-Fa-f:])/g;

/** E-mail addresses lose all but their first letter and domain, public IPv4 addresses all but their first number. */
export function maskDetail(text: string): string {
  return text
    .replace(email, "$1…@$2")
    .replace(ipv4, (address, first: string) => (isPublic(address) ? `${first}.x.x.x` : address));
}

/**
 * People and machines by a name that tells nothing: `user-1`, `address-2`, the same for the same one as long as this
 * function lives. Addresses are those of devices in the tailnet and on the internet, and of any IPv6 host; prefixes such as
 * `100.64.0.0/10`, and addresses of networks behind routers, are no device's and stay.
 */
export function createPseudonyms(): (text: string) => string {
  const names = new Map<string, string>();
  const nameOf = (kind: "user" | "address", value: string): string => {
    const key = `${kind} ${value.toLowerCase()}`;
    const count = [...names.keys()].filter((known) => known.startsWith(kind)).length;
    const name = names.get(key) ?? `${kind}-${count + 1}`;
    names.set(key, name);
    return name;
  };
  return (text) =>
    text
      .replace(email, (address) => nameOf("user", address))
      .replace(localUser, (name) => nameOf("user", name))
      .replace(ipv6, (address, offset: number, all: string) =>
        isIPv6(address) && !isPrefix(all, offset + address.length, 128) ? nameOf("address", address) : address,
      )
      .replace(ipv4, (address, _first: string, offset: number, all: string) => {
        const isDevice = isPublic(address) || (tailnet?.containsAddress(address) ?? false);
        return isDevice && !isPrefix(all, offset + address.length, 32) ? nameOf("address", address) : address;
      });
}

const tailnet = Cidr.parse("100.64.0.0/10");

/** Whether `/BITS` of more than one address stands at that place. */
function isPrefix(text: string, at: number, single: number): boolean {
  const [, bits] = /^\/(\d{1,3})(?!\d)/.exec(text.slice(at, at + 5)) ?? [];
  return bits !== undefined && Number(bits) < single;
}

function isIPv6(text: string): boolean {
  return URL.canParse(`http://[${text}]/`) && text.includes("::") ? true : text.split(":").length === 8;
}

/** Not an address of a local network, of the tailnet, or a prefix of all. */
function isPublic(address: string): boolean {
  return parseIPv4(address) !== undefined && !local.some((cidr) => cidr.containsAddress(address));
}
