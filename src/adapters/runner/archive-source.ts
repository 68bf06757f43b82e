/** Where a tailscale archive comes from, and which SHA-256 it must have. */
import type { ArchiveRequest } from "../../ports/archives.ts";

/** Tailscale's own builds; `….sha256` beside each. */
export const defaultSource = "https://pkgs.tailscale.com/stable/tailscale_{version}_{arch}.tgz";

export type Location =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "file"; readonly path: string };

/** Fills in `{version}` and `{arch}`. */
export function locate(source: string, { version, arch }: ArchiveRequest): Location {
  const filled = source.replaceAll("{version}", version).replaceAll("{arch}", arch);
  return /^https?:\/\//i.test(filled) ? { kind: "url", url: filled } : { kind: "file", path: filled };
}

/** The sum among `arch=sum` entries, or the one sum that stands alone; undefined when none is for `arch`. */
export function expectedSum(sums: readonly string[], arch: string): string | undefined {
  const entries = sums.map((entry) => entry.split(/[=:]/).map((part) => part.trim().toLowerCase()));
  const own = entries.find(([name, sum]) => name === arch && sum !== undefined)?.[1];
  const alone = entries.length === 1 && entries[0]?.length === 1 ? entries[0][0] : undefined;
  return own ?? alone;
}

/** The sum in a file as `sha256sum` writes it, or bare. */
export function sumInFile(text: string): string | undefined {
  return /^\s*([0-9a-f]{64})\b/i.exec(text)?.[1]?.toLowerCase();
}
