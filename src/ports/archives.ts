/** Verified tailscale archives on the runner. */

export interface ArchiveRequest {
  /** `1.102.5`. */
  readonly version: string;
  /** Go's name of the architecture: amd64, arm64, arm, 386, riscv64. */
  readonly arch: string;
}

export interface Archive {
  readonly version: string;
  readonly arch: string;
  /** Hex SHA-256 of `bytes`, already compared with what was expected. */
  readonly sha256: string;
  /** The gzip-compressed tar, laid out as Tailscale's own. */
  readonly bytes: Uint8Array;
}

export interface Archives {
  /** Loads and verifies; throws a MeshError when it cannot be had or does not match its checksum. */
  get(request: ArchiveRequest): Promise<Archive>;
}
