/** X.509 certificates made on the spot, so that TLS can be tested without a tool or a key in the repository. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  /** A certificate for these DNS names and IPv4 addresses; `days` may be negative for an expired one. */
  issue(names: readonly string[], days?: number): Certificate;
}

const day = 86_400_000;

/** A private authority, valid from yesterday for 30 days. */
export function createAuthority(name = "test authority"): Authority {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const issue = (subject: string, publicKey: KeyObject, days: number, extensions: readonly Buffer[]): string =>
    pem("CERTIFICATE", certificate({ issuer: name, subject, publicKey, days, extensions, signer: pair.privateKey }));
  return {
    cert: issue(name, pair.publicKey, 30, [
      extension("551d13", true, sequence(Buffer.from("0101ff", "hex"))), // basicConstraints: an authority
      extension("551d0f", true, Buffer.from("03020106", "hex")), // keyUsage: certificates and lists
    ]),
    key: privatePem(pair.privateKey),
    issue(names, days = 30) {
      const leaf = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
      const cert = issue(names[0] ?? "nobody", leaf.publicKey, days, [
        extension("551d11", false, sequence(...names.map(altName))),
      ]);
      return { cert, key: privatePem(leaf.privateKey) };
    },
  };
}

interface CertificateParts {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly days: number;
  readonly extensions: readonly Buffer[];
  readonly signer: KeyObject;
}

function certificate(parts: CertificateParts): Buffer {
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const end = Date.now() + parts.days * day;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    commonName(parts.issuer),
    sequence(time(Math.min(Date.now(), end) - day), time(end)),
    commonName(parts.subject),
    parts.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...parts.extensions)),
  );
  return sequence(body, algorithm, der(0x03, Buffer.from([0]), sign("sha256", body, parts.signer)));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const hex = content.length.toString(16);
  const long = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  const length =
    content.length < 128 ? Buffer.from([content.length]) : Buffer.concat([Buffer.from([0x80 | long.length]), long]);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const time = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
const commonName = (name: string): Buffer => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [Buffer.from("0101ff", "hex")] : []), der(0x04, value));
}

function altName(name: string): Buffer {
  return isIPv4(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
}

function pem(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${bytes.toString("base64").replace(/.{64}/g, "$&\n").trimEnd()}\n-----END ${label}-----\n`;
}

function privatePem(key: KeyObject): string {
  return pem("PRIVATE KEY", key.export({ type: "pkcs8", format: "der" }));
}
