/** What is wrong with a reply that does not fit its schema. */
import type * as z from "zod/mini";

/** Where, and what was expected there; the library's own words are not in the bundle. */
export function mismatch({ issues }: z.core.$ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return "it cannot be read";
  const why = issue.code === "invalid_type" ? `expected ${issue.expected}` : issue.message;
  return `${issue.path.join(".") || "the body"}: ${why}`;
}
