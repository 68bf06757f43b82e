/** Root shells on nodes. */
import type { Node } from "../mesh/mesh.ts";

export interface ShellResult {
  readonly code: number;
  /** At most a few MiB are kept; more is an error. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Wall-clock limit in seconds; past it the exec fails with an `unreachable` MeshError. */
  readonly timeout: number;
  /** Bytes that the script finds on its standard input (an archive, a key). They are on no command line and in no log. */
  readonly payload?: Uint8Array;
}

/** One SSH connection. */
export interface ShellSession extends AsyncDisposable {
  readonly node: string;
  /**
   * Runs a POSIX sh script as root (through `sudo -n` unless the user is root), in one exec.
   * The script travels on standard input, never in argv. A non-zero exit is a result, not an error;
   * losing the connection or the time limit is a MeshError.
   */
  run(script: string, options: RunOptions): Promise<ShellResult>;
}

export interface Shell {
  /** Opens a new connection (never a cached one): strict host key, bounded handshake. Throws MeshError. */
  open(node: Node): Promise<ShellSession>;
}
