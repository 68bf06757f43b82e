/** Problems of a policy as lines that people and editors read. */
import { inertLine } from "../mesh/inert.ts";
import type { Problem } from "../policy/rules/reading.ts";

/** `FILE:LINE:COLUMN: severity CODE: message`. */
export function problemLine(
  file: string,
  { severity, code, message, line, column }: Omit<Problem, "code"> & { readonly code: string },
): string {
  return inertLine(`${file}:${line}:${column}: ${severity} ${code}: ${message}`);
}
