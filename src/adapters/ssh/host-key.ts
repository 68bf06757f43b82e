/** Decides whether the machine that answered is the right one, before anything is sent to it. */
import { createHash } from "node:crypto";
import type { HostKey, SshHop } from "../../mesh/mesh.ts";
import { sshErrors } from "./errors.ts";
import { findKnownKeys, keyType } from "./known-hosts.ts";

/** What is vouched for, for one host and port. */
export interface Vouched {
  /** Types whose keys are known; empty when only a fingerprint is. */
  readonly types: readonly string[];
  /** Known fingerprints, for messages. */
  readonly fingerprints: readonly string[];
  accepts(key: Buffer): boolean;
  isRevoked(key: Buffer): boolean;
}

/** Signature algorithms by the type of the key they belong to, most wanted first. RSA with SHA-1 is not among them. */
const algorithms = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
} as const;

export type HostKeyAlgorithm = (typeof algorithms)[keyof typeof algorithms][number];

/** Algorithms to offer: those of known keys first, so that a server with several keys shows the known one; never those of `not`. */
export function offeredAlgorithms(known: readonly string[], not: readonly string[] = []): readonly HostKeyAlgorithm[] {
  const rank = (type: string): number => (known.includes(type) ? 0 : 1);
  return Object.entries(algorithms)
    .filter(([type]) => !not.includes(type))
    .sort(([a], [b]) => rank(a) - rank(b))
    .flatMap(([, names]) => [...names]);
}

/** OpenSSH's form: `SHA256:` and base64 without padding. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** `ssh-ed25519 SHA256:…`. */
export function describeKey(key: Buffer): string {
  return `${keyType(key.toString("base64")) ?? "unreadable"} ${fingerprint(key)}`;
}

/**
 * What the topology or the known_hosts file vouches for at this hop. `knownHosts` reads a file of the checkout.
 * Throws MESH_SSH_KNOWN_HOSTS and MESH_SSH_HOST_UNKNOWN.
 */
export async function vouchedFor(
  hop: SshHop,
  address: string,
  knownHosts: (path: string) => Promise<string | undefined>,
): Promise<Vouched> {
  const details = { where: { address } };
  const target = `${hop.host}:${hop.port}`;
  if (hop.hostKey) return inline(hop.hostKey, target, address);
  if (hop.knownHosts === undefined) {
    throw sshErrors("MESH_SSH_HOST_UNKNOWN", `${target}: no host key and no known_hosts file is given`, details);
  }
  const text = await knownHosts(hop.knownHosts);
  if (text === undefined) {
    throw sshErrors("MESH_SSH_KNOWN_HOSTS", `${hop.knownHosts} does not exist`, { where: { file: hop.knownHosts } });
  }
  const known = findKnownKeys(text, hop.host, hop.port);
  if (known.keys.length === 0) {
    const name = hop.port === 22 ? hop.host : `[${hop.host}]:${hop.port}`;
    const why = known.hasAuthority ? " but a certificate authority, which we cannot check" : "";
    throw sshErrors("MESH_SSH_HOST_UNKNOWN", `${hop.knownHosts} has no key for ${name}${why}`, details);
  }
  return fromKeys(known.keys, known.revoked);
}

function inline(hostKey: HostKey, target: string, address: string): Vouched {
  if (hostKey.kind === "fingerprint") {
    const wanted = `SHA256:${hostKey.sha256.replace(/^SHA256:/, "").replace(/=+$/, "")}`;
    return { types: [], fingerprints: [wanted], accepts: (key) => fingerprint(key) === wanted, isRevoked: () => false };
  }
  const blob = hostKey.key.split(/\s+/).find((word) => keyType(word) !== undefined);
  if (blob !== undefined) return fromKeys([blob.replace(/=+$/, "")], []);
  throw sshErrors("MESH_SSH_HOST_UNKNOWN", `${target}: its host-key is not a public key`, { where: { address } });
}

function fromKeys(keys: readonly string[], revoked: readonly string[]): Vouched {
  const unpadded = (key: Buffer): string => key.toString("base64").replace(/=+$/, "");
  return {
    types: keys.flatMap((key) => keyType(key) ?? []),
    fingerprints: keys.map((key) => describeKey(Buffer.from(key, "base64"))),
    accepts: (key) => keys.includes(unpadded(key)) && !revoked.includes(unpadded(key)),
    isRevoked: (key) => revoked.includes(unpadded(key)),
  };
}
