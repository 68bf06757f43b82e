/** Policies in Vault's own words, to be pasted. */

export type Needed = "create" | "read" | "update";

/** One path of a policy. */
export function policyLines(path: string, capabilities: readonly Needed[]): string {
  const list = capabilities.map((capability) => JSON.stringify(capability)).join(", ");
  return `path ${JSON.stringify(path)} {\n  capabilities = [${list}]\n}`;
}
