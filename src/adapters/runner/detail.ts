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

/** E-mail addresses lose all but their first letter and domain, public IPv4 addresses all but their first number. */
export function maskDetail(text: string): string {
  return text
    .replace(/\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b/g, "$1…@$2")
    .replace(/(?<![\d.])(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/g, (address, first: string) =>
      isPublic(address) ? `${first}.x.x.x` : address,
    );
}

/** Not an address of a local network, of the tailnet, or a prefix of all. */
function isPublic(address: string): boolean {
  return parseIPv4(address) !== undefined && !local.some((cidr) => cidr.containsAddress(address));
}
