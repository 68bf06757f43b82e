// Whether this machine can run the lab at all.
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** One reason why not, or null. */
export function whyNot(): string | null {
  if (process.platform !== "linux") return "it needs Linux";
  if (process.arch !== "x64" && process.arch !== "arm64") return `it does not know the architecture ${process.arch}`;
  if (process.getuid?.() !== 0) return "it needs root";
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  if (!onPath("apt-get")) return "it needs a Debian-like machine (apt-get)";
  if (!onPath("go")) return "it needs Go to build its tools";
  return null;
}
