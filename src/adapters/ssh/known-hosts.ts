/** Reads OpenSSH's known_hosts: which keys are known for a host and port. */
import { createHmac } from "node:crypto";

export interface KnownKeys {
  /** Key blobs in base64, in file order. */
  readonly keys: readonly string[];
  /** Keys that must never be accepted. */
  readonly revoked: readonly string[];
  /** A certificate authority is named for this host; we cannot check host certificates. */
  readonly hasAuthority: boolean;
}

interface Entry {
  readonly marker: string | undefined;
  readonly hosts: string;
  readonly key: string;
}

/** Keys for `host` at `port`; as OpenSSH does, an entry without port also serves another port that has none of its own. */
export function findKnownKeys(text: string, host: string, port: number): KnownKeys {
  const entries = text.split(/\r?\n/).flatMap(parseLine);
  const bracketed = `[${host.toLowerCase()}]:${port}`;
  const plain = host.toLowerCase();
  const named = (names: readonly string[]): readonly Entry[] =>
    entries.filter((entry) => names.some((name) => matches(entry.hosts, name)));
  const exact = named(port === 22 ? [plain, bracketed] : [bracketed]);
  const usable = exact.some((entry) => entry.marker === undefined) ? exact : [...exact, ...named([plain])];
  return {
    keys: usable.filter((entry) => entry.marker === undefined).map((entry) => entry.key),
    revoked: named([plain, bracketed]).flatMap((entry) => (entry.marker === "@revoked" ? [entry.key] : [])),
    hasAuthority: usable.some((entry) => entry.marker === "@cert-authority"),
  };
}

/** One entry, or none: comments, blank and unreadable lines. */
function parseLine(line: string): readonly Entry[] {
  const words = line.trim().split(/[ \t]+/);
  const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
  const [hosts = "", type = "", key = ""] = words;
  const readable = !hosts.startsWith("#") && hosts !== "" && keyType(key) === type && type !== "";
  return readable ? [{ marker, hosts, key: key.replace(/=+$/, "") }] : [];
}

/** The type that a base64 key blob states; undefined when it is none. */
export function keyType(blob: string): string | undefined {
  const bytes = Buffer.from(blob, "base64");
  if (bytes.length < 8) return undefined;
  const length = bytes.readUInt32BE(0);
  return length > 0 && length <= 64 && bytes.length > 4 + length ? bytes.toString("latin1", 4, 4 + length) : undefined;
}

/** Whether a host field (names, wildcards, negations or one hash) means this name. */
function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHash(hosts, name);
  const patterns = hosts.split(",");
  const negated = patterns.some((p) => p.startsWith("!") && matchesPattern(p.slice(1), name));
  return !negated && patterns.some((p) => !p.startsWith("!") && matchesPattern(p, name));
}

function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(name);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name. */
function matchesHash(field: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = field.split("|");
  return version === "1" && createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}
