/** Which authorities a TLS connection trusts. */
import { X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { httpErrors } from "./errors.ts";

/** An `import` of it would read every root certificate that Node brings along. */
const tls = () => process.getBuiltinModule("node:tls");

/** The certificates of a PEM text; throws MESH_CA_INVALID unless there is one and all can be read. */
export function parseRoots(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw httpErrors("MESH_CA_INVALID", "the additional roots hold no PEM certificate");
  blocks.forEach((block, index) => {
    try {
      new X509Certificate(block);
    } catch (cause) {
      throw httpErrors("MESH_CA_INVALID", `certificate ${index + 1} of the additional roots cannot be read`, { cause });
    }
  });
  return blocks;
}

/**
 * Node's own roots (with NODE_EXTRA_CA_CERTS) and `extra`. Undefined when Node's default context will do: building one
 * of ours costs some 10 ms.
 */
export function defaultTrust(extra: readonly string[]): SecureContext | undefined {
  if (extra.length === 0) return undefined;
  const { createSecureContext, getCACertificates } = tls();
  return createSecureContext({ ca: [...getCACertificates("default"), ...extra] });
}

/** As `defaultTrust`, and the machine's own store. Reading that takes some 50 ms, so it is done only when it matters. */
export function systemTrust(extra: readonly string[]): SecureContext {
  const { createSecureContext, getCACertificates } = tls();
  const all = new Set([...getCACertificates("default"), ...getCACertificates("system"), ...extra]);
  return createSecureContext({ ca: [...all] });
}
