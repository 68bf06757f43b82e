/** The policy that a topology gives, judged with neither server nor credentials: all that a fork's pull request can be told. */
import { joinErrors, type MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { policyError } from "./errors.ts";
import type { PolicyFile } from "./parts.ts";
import { renderLocally } from "./render.ts";
import { evaluate } from "./rules/evaluate.ts";
import type { Problem } from "./rules/reading.ts";

export interface OfflineVerdict {
  readonly tests: { readonly passed: number; readonly failed: number; readonly undecided: number };
  /** What is questionable and stops nothing, inert. */
  readonly warnings: readonly string[];
  /** Everything that is wrong, joined; undefined when nothing is. */
  readonly error: MeshError | undefined;
}

const maxErrors = 10;

/** `files` are the operator's own. Throws where they cannot be read or contradict each other. */
export function judgeOffline(mesh: Mesh, files: readonly PolicyFile[]): OfflineVerdict {
  const text = renderLocally(mesh, files, undefined);
  const { ok, problems, tests } = evaluate(text, { server: mesh.tailnet.control });
  const lines = text.split("\n");
  const told = problems.map((problem) => placed(problem, files, lines));
  const errors = told.filter(({ severity }) => severity === "error").slice(0, maxErrors);
  const [first, ...rest] = errors.map(({ message, code, where }) =>
    policyError("MESH_POLICY_INVALID", `${message} (${code})`, { where }),
  );
  const untold = policyError("MESH_POLICY_INVALID", `${tests.failed} of the policy's tests fail`);
  return {
    tests,
    warnings: told.filter(({ severity }) => severity === "warning").map(({ message }) => message),
    error: first === undefined ? (ok ? undefined : untold) : joinErrors([first, ...rest]),
  };
}

interface Told {
  readonly severity: Problem["severity"];
  readonly code: string;
  readonly message: string;
  readonly where: { readonly file: string; readonly line: number } | { readonly address: string };
}

/**
 * A problem stands in the united policy, which nobody has on disk. Where exactly one line of the operator's files reads the
 * same, that is the place; else the line is quoted.
 */
function placed(
  { severity, code, message, line }: Problem,
  files: readonly PolicyFile[],
  united: readonly string[],
): Told {
  const wanted = (united[line - 1] ?? "").trim();
  const places = files.flatMap(({ file, text }) =>
    text
      .split("\n")
      .flatMap((own, index) => (own.trim() === wanted && wanted !== "" ? [{ file, line: index + 1 }] : [])),
  );
  const [place, ...others] = places;
  if (place !== undefined && others.length === 0)
    return { severity, code, message: inertText(message, 300), where: place };
  const quoted = `${inertText(message, 300)}, in: ${inertText(wanted, 200)}`;
  return { severity, code, message: quoted, where: { address: "policy" } };
}
