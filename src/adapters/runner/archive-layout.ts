/** Whether an archive holds what Tailscale's own holds, and nothing that could write elsewhere. */
import type { ArchiveRequest } from "../../ports/archives.ts";
import { runnerError } from "./errors.ts";

/** Lists the archive with `tar` and throws MESH_ARCHIVE_LAYOUT unless it fits. Nothing is unpacked. */
export async function verifyLayout(file: string, request: ArchiveRequest): Promise<void> {
  const names = await listing(["-tzf", file]);
  const kinds = (await listing(["-tvzf", file])).map((line) => line.charAt(0));
  const problem = layoutProblem(names, kinds, request);
  if (problem !== undefined) throw runnerError("MESH_ARCHIVE_LAYOUT", `the archive for ${request.arch} ${problem}`);
}

/** What is wrong with the members; undefined when nothing is. `kinds` are the first letters of tar's long listing. */
export function layoutProblem(
  names: readonly string[],
  kinds: readonly string[],
  { version, arch }: ArchiveRequest,
): string | undefined {
  const folder = `tailscale_${version}_${arch}/`;
  const foreign = names.find((name) => !name.startsWith(folder) || name.split("/").includes(".."));
  if (foreign !== undefined) return `has a member outside ${folder}: ${foreign}`;
  const special = kinds.findIndex((kind) => kind !== "-" && kind !== "d");
  if (special >= 0) return `has a member that is neither file nor folder: ${names[special] ?? "?"}`;
  const missing = ["tailscale", "tailscaled"].find((name) => !names.includes(`${folder}${name}`));
  return missing === undefined ? undefined : `lacks ${folder}${missing}`;
}

async function listing(args: readonly string[]): Promise<readonly string[]> {
  const { getExecOutput } = await import("@actions/exec");
  const { exitCode, stdout, stderr } = await getExecOutput("tar", [...args], {
    silent: true,
    ignoreReturnCode: true,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
  });
  if (exitCode !== 0) throw runnerError("MESH_ARCHIVE_LAYOUT", `tar cannot read the archive: ${stderr.trim()}`);
  return stdout.split("\n").filter((line) => line !== "");
}
