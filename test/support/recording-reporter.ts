/** A reporter that keeps what it was told. */
import type { Where } from "../../src/mesh/error.ts";
import type { Secret } from "../../src/mesh/secret.ts";
import type { Reporter } from "../../src/ports/reporter.ts";

export class RecordingReporter implements Reporter {
  readonly lines: string[] = [];
  readonly warnings: string[] = [];
  readonly masked: Secret[] = [];

  info(line: string): void {
    this.lines.push(line);
  }

  debug(line: string): void {
    this.lines.push(line);
  }

  warn(line: string, _where?: Where): void {
    this.warnings.push(line);
  }

  async group<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.lines.push(title);
    return work();
  }

  mask(secret: Secret): void {
    this.masked.push(secret);
  }
}
