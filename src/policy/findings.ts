/** What a server says about a policy, as an error. */
import type { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { PolicyFinding } from "../ports/control.ts";
import { policyError } from "./errors.ts";

const maxFindings = 10;
const maxLines = 20;

/** MESH_POLICY_REJECTED with the first findings, made harmless, and the line of the policy where one is named. */
export function rejection(findings: readonly PolicyFinding[], sent: string): MeshError {
  const errors = findings.filter((f) => f.severity === "error");
  const told = (errors.length > 0 ? errors : findings).slice(0, maxFindings);
  const lines = told.flatMap((f) => f.text.split("\n")).map((line) => inertText(line.trim(), 300));
  const text = lines
    .filter((line) => line !== "")
    .slice(0, maxLines)
    .join("; ");
  const placed = told.find((f) => f.line !== undefined);
  const line = placed?.line;
  const quoted = line === undefined ? "" : `, which is: ${inertText(sent.split("\n")[line - 1] ?? "", 200)}`;
  const place = line === undefined ? "" : ` (line ${line} of the policy that was sent${quoted})`;
  const column = placed?.column;
  return policyError("MESH_POLICY_REJECTED", `${text === "" ? "the server gives no reason" : text}${place}`, {
    where: { address: "policy", ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) },
  });
}
