/** The key file that an earlier step of the job left. */
import { keyError } from "../keys/errors.ts";
import { type KeyFileEntry, parseKeyFile } from "../keys/file.ts";
import type { Wiring } from "../wiring.ts";

/** Undefined when no file is named. Masks every key before anything is done with it. */
export async function readKeyFile(
  file: string | undefined,
  { workspace, reporter }: Wiring,
): Promise<readonly KeyFileEntry[] | undefined> {
  if (file === undefined) return undefined;
  const text = await workspace.read(file);
  if (text === undefined) throw keyError("MESH_KEY_FILE_MISSING", `there is no key file ${file}`, { where: { file } });
  const entries = parseKeyFile(text, file);
  for (const entry of entries) reporter.mask(entry.secret);
  return entries;
}
