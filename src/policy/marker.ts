/** The first line by which a policy is recognised as the one that was written last. */
import { parseHujson } from "../hujson/parse.ts";
import { standardize } from "../hujson/standardize.ts";
import { encodeText } from "../hujson/tree.ts";
import { sha256 } from "../mesh/sha256.ts";
import type { PolicyDocument } from "../ports/control.ts";

/**
 * `default`: nothing was ever set; `foreign`: not written by us; `ours`: as we wrote it; `drifted`: written by us, then
 * edited elsewhere.
 */
export type PolicyState = "default" | "foreign" | "ours" | "drifted";

const pattern = /^\/\/ tailmesh sha256:([0-9a-f]{64})[ \t]*\r?\n/;

/** Which of the four the stored policy is. */
export function policyState(document: PolicyDocument): PolicyState {
  if (document.isDefault) return "default";
  const hash = markerHash(document.text);
  if (hash === undefined) return "foreign";
  return isMarkedBy(withoutMarker(document.text), hash) ? "ours" : "drifted";
}

/** The hash that a marker line carries; undefined without one. */
export function markerHash(text: string): string | undefined {
  return pattern.exec(text)?.[1];
}

/** Whether the text, which has no marker line, is the one that the hash was made of. */
export function isMarkedBy(rest: string, hash: string): boolean {
  return restHash(rest) === hash;
}

/** The text without its marker line, if it has one. */
export function withoutMarker(text: string): string {
  return text.replace(pattern, "");
}

/** The text with a fresh marker line; an old one is replaced. */
export function withMarker(text: string): string {
  const rest = withoutMarker(text);
  return `// tailmesh sha256:${restHash(rest) ?? sha256(encodeText(rest))}\n${rest}`;
}

/** SHA-256 of the standardised text, so that the wording of comments does not count; undefined when it is not HuJSON. */
function restHash(rest: string): string | undefined {
  const result = parseHujson(encodeText(rest));
  return result.ok ? sha256(standardize(result.document)) : undefined;
}
