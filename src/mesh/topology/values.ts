/** What single texts of the topology file mean. Each reader reports what is wrong and then gives something harmless instead. */
import { Cidr, parseIPv4 } from "../cidr.ts";
import { readDuration } from "../duration.ts";
import { inertText } from "../inert.ts";
import type { HostKey, Port, Tag } from "../mesh.ts";
import { isTag } from "../tag.ts";
import type { Path } from "./document.ts";
import { hostPattern, labelPattern, pathPattern, plainPattern, portPattern, userPattern } from "./patterns.ts";
import { type Problems, pathText } from "./problems.ts";

const labelForm = new RegExp(labelPattern);
const userForm = new RegExp(userPattern);
const hostForm = new RegExp(hostPattern);
const pathForm = new RegExp(pathPattern);
const plainForm = new RegExp(plainPattern);
const portForm = new RegExp(portPattern);

/** Stands in for a prefix that was reported. */
const nowhere = Cidr.around("0.0.0.0", 32);

export function isLabel(text: string): boolean {
  return labelForm.test(text);
}

/** Reports a name of a cluster, node, store or key that is no DNS label. */
export function checkName(problems: Problems, path: Path, what: string): void {
  const name = String(path.at(-1));
  if (!isLabel(name)) problems.atKey(path, "MESH_TOPOLOGY_NAME", `"${inertText(name, 80)}" is no name for a ${what}`);
}

export function readLabel(problems: Problems, path: Path, text: string): string {
  if (!isLabel(text))
    problems.at(path, "MESH_TOPOLOGY_NAME", `${pathText(path)}: ${problems.quote(path, text)} is not a DNS label`);
  return text;
}

export function readTag(problems: Problems, path: Path, text: string): Tag {
  if (isTag(text)) return text;
  problems.at(path, "MESH_TAG_INVALID", `${pathText(path)}: ${problems.quote(path, text)} is not a tag`);
  problems.damage(path);
  return `tag:${text}`;
}

/** A prefix with the place it was read from; undefined when it is none. */
export function readPrefix(problems: Problems, path: Path, text: string): Cidr | undefined {
  const cidr = Cidr.parse(text);
  if (cidr || problems.isDamaged(path)) return problems.isDamaged(path) ? undefined : cidr;
  const said = problems.quote(path, text);
  const [address = "", length = ""] = text.split("/");
  if (looksLikeIPv6(text)) {
    problems.at(path, "MESH_IPV6_UNSUPPORTED", `${pathText(path)}: ${said} is IPv6`);
  } else if (parseIPv4(address) !== undefined && /^([0-9]|[12][0-9]|3[0-2])$/.test(length)) {
    const canonical = problems.isHidden(path)
      ? ""
      : ` The prefix of that length is ${Cidr.around(address, Number(length)).text}.`;
    problems.at(
      path,
      "MESH_CIDR_HOST_BITS",
      `${pathText(path)}: ${said} has bits set behind its length`,
      `Write the canonical prefix.${canonical}`,
    );
  } else {
    problems.at(path, "MESH_CIDR_INVALID", `${pathText(path)}: ${said} is not an IPv4 prefix`);
  }
  return undefined;
}

/** As `readPrefix`, with a stand-in for what was reported. */
export function prefixOr(prefix: Cidr | undefined): Cidr {
  return prefix ?? nowhere;
}

/** A node's own address. */
export function readAddress(problems: Problems, path: Path, text: string): string {
  const value = parseIPv4(text);
  if (value !== undefined && isUnicast(value)) return text;
  const said = problems.quote(path, text);
  if (looksLikeIPv6(text)) problems.at(path, "MESH_IPV6_UNSUPPORTED", `${pathText(path)}: ${said} is IPv6`);
  else problems.at(path, "MESH_ADDRESS_INVALID", `${pathText(path)}: ${said} is not an IPv4 address of a machine`);
  return text;
}

/** Not "this network", loopback, link-local, multicast or reserved. */
function isUnicast(value: number): boolean {
  const first = value >>> 24;
  return first !== 0 && first !== 127 && first < 224 && value >>> 16 !== 0xa9fe;
}

/** A host that the runner dials. */
export function readHost(problems: Problems, path: Path, text: string): string {
  if (looksLikeIPv6(text)) {
    problems.at(path, "MESH_IPV6_UNSUPPORTED", `${pathText(path)}: ${problems.quote(path, text)} is IPv6`);
  } else if (!isHost(text)) {
    const message = `${pathText(path)}: ${problems.quote(path, text)} is neither a host name nor an IPv4 address`;
    problems.at(
      path,
      "MESH_ADDRESS_INVALID",
      message,
      "Write a host name or four numbers; the port has a key of its own.",
    );
  }
  return text;
}

export function isHost(text: string): boolean {
  // Only digits and dots: then it must be an address, since resolvers read 10.1 as 10.0.0.1.
  return text.length <= 253 && hostForm.test(text) && (!/^[0-9.]+$/.test(text) || parseIPv4(text) !== undefined);
}

export function isUser(text: string): boolean {
  return userForm.test(text);
}

export function readUser(problems: Problems, path: Path, text: string): string {
  if (!isUser(text))
    problems.at(path, "MESH_TOPOLOGY_VALUE", `${pathText(path)}: ${problems.quote(path, text)} is not a user name`);
  return text;
}

/** A file, or a path in a store: no control characters, no leading dash. */
export function readPath(problems: Problems, path: Path, text: string): string {
  if (!pathForm.test(text) || text.length > 1024) {
    const message = `${pathText(path)}: ${problems.quote(path, text)} is not a path; it has letters, digits, spaces and _ . / @ + ~ -`;
    problems.at(path, "MESH_TOPOLOGY_VALUE", message);
  }
  return text;
}

/** Path of a mount, namespace or secret: no empty, `.` or `..` part, no slash at the ends. */
export function readStorePath(problems: Problems, path: Path, text: string): string {
  const parts = text.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    const message = `${pathText(path)}: ${problems.quote(path, text)} has an empty part, or one of dots`;
    problems.at(
      path,
      "MESH_TOPOLOGY_VALUE",
      message,
      "Write it without slashes at its ends, such as `tailmesh/homelab`.",
    );
    return text;
  }
  return readPath(problems, path, text);
}

/** A name that someone else's system gave. */
export function readPlain(problems: Problems, path: Path, text: string): string {
  if (!plainForm.test(text) || text.length > 255) {
    problems.at(
      path,
      "MESH_TOPOLOGY_VALUE",
      `${pathText(path)}: ${problems.quote(path, text)} has characters that no such name has`,
    );
  }
  return text;
}

/** A base URL, without a trailing slash. */
export function readUrl(problems: Problems, path: Path, text: string): string {
  const url = text.length <= 2048 && URL.canParse(text) ? new URL(text) : undefined;
  const wrong = url ? urlFault(url) : "is not a URL";
  if (wrong) problems.at(path, "MESH_URL_INVALID", `${pathText(path)}: ${problems.quote(path, text)} ${wrong}`);
  return url ? url.href.replace(/\/+$/, "") : text;
}

function urlFault(url: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "is not an https:// URL";
  if (url.username !== "" || url.password !== "") return "has a user or a password in it";
  if (url.search !== "" || url.hash !== "") return "has a query or a fragment";
  if (!/^[A-Za-z0-9._~/%-]*$/.test(url.pathname)) return "has a path with characters that need quoting";
  return url.protocol === "http:" && !isLoopback(url.hostname) ? "is not encrypted" : undefined;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (parseIPv4(host) ?? 0) >>> 24 === 127;
}

/** A duration in seconds, longer than nothing. */
export function readSeconds(problems: Problems, path: Path, text: string): number {
  const seconds = readDuration(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  problems.at(path, "MESH_DURATION_INVALID", `${pathText(path)}: ${problems.quote(path, text)} is not a duration`);
  problems.damage(path);
  return 1;
}

/** `tcp:443`, `udp:53`, `tcp:8000-8100`, `tcp:*`, `icmp` or `*`. */
export function readPort(problems: Problems, path: Path, text: string): Port {
  const port = parsePort(text);
  if (port) return port;
  problems.at(path, "MESH_PORT_INVALID", `${pathText(path)}: ${problems.quote(path, text)} is not a port`);
  return { protocol: "any", first: undefined, last: undefined };
}

function parsePort(text: string): Port | undefined {
  if (!portForm.test(text)) return undefined;
  if (text === "*") return { protocol: "any", first: undefined, last: undefined };
  const [protocol, range = ""] = text.split(":");
  if (protocol !== "tcp" && protocol !== "udp") return { protocol: "icmp", first: undefined, last: undefined };
  if (range === "*") return { protocol, first: undefined, last: undefined };
  const [first = 0, last = first] = range.split("-").map(Number);
  return first <= last && last <= 65_535 ? { protocol, first, last } : undefined;
}

/** An OpenSSH public key (its comment is dropped) or a SHA256 fingerprint; undefined when it is neither. */
export function parseHostKey(text: string): HostKey | undefined {
  const [, sha256] = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(text) ?? [];
  if (sha256) return { kind: "fingerprint", sha256: `SHA256:${sha256}` };
  const [, type, blob] = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})( .*)?$/.exec(text) ?? [];
  if (type && blob && keyTypeOf(blob) === type) return { kind: "key", key: `${type} ${blob}` };
  return undefined;
}

export function checkHostKey(problems: Problems, path: Path, text: string): void {
  if (parseHostKey(text)) return;
  const message = `${pathText(path)}: ${problems.quote(path, text)} is neither an OpenSSH public key nor a SHA256 fingerprint`;
  problems.at(path, "MESH_HOST_KEY_INVALID", message);
}

/** The type that a public key's blob names in its beginning: a length of four bytes, and that many characters. */
function keyTypeOf(blob: string): string | undefined {
  if (blob.length % 4 !== 0) return undefined;
  const bytes = atob(blob);
  const length = [0, 1, 2, 3].reduce((sum, n) => sum * 256 + bytes.charCodeAt(n), 0);
  return bytes.length > 4 + length ? bytes.slice(4, 4 + length) : undefined;
}

function looksLikeIPv6(text: string): boolean {
  return /^[0-9a-fA-F:.,/ [\]]+$/.test(text) && text.split(":").length > 2;
}
