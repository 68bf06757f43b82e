/** What a Vault token may do: rules of its policies, as Vault and OpenBao weigh them. */

export type Capability = "create" | "read" | "update" | "delete" | "list" | "deny";

/** Capabilities by path; `*` at the end is any rest, `+` any one part. */
export type PolicyRules = Readonly<Record<string, readonly Capability[]>>;

/** What every token has that was not made without the default policy. */
export const defaultRules: PolicyRules = {
  "auth/token/lookup-self": ["read"],
  "auth/token/renew-self": ["update"],
  "auth/token/revoke-self": ["update"],
  "sys/capabilities-self": ["update"],
};

/** The rules under the path of their namespace; `""` is the root namespace. */
export function inNamespace(rules: PolicyRules, namespace: string): PolicyRules {
  if (namespace === "") return rules;
  return Object.fromEntries(Object.entries(rules).map(([path, list]) => [`${namespace}/${path}`, list]));
}

/** Sorted; `["deny"]` for nothing. The most exact path decides, `deny` beats the rest. */
export function capabilitiesOn(path: string, policies: readonly PolicyRules[]): readonly Capability[] {
  const rules = policies.flatMap((policy) => Object.entries(policy)).filter(([pattern]) => matches(pattern, path));
  const [best] = rules.map(([pattern]) => pattern).sort((a, b) => exactness(b) - exactness(a));
  const granted = new Set(rules.filter(([pattern]) => pattern === best).flatMap(([, list]) => list));
  return granted.size === 0 || granted.has("deny") ? ["deny"] : [...granted].sort();
}

function exactness(pattern: string): number {
  const wildcard = pattern.search(/[*+]/);
  return wildcard === -1 ? Number.MAX_SAFE_INTEGER : wildcard;
}

function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.\\^$()[\]{}|?]/g, "\\$&")
    .replaceAll("+", "[^/]+")
    .replace(/\*$/, ".*");
  return new RegExp(`^${source}$`).test(path);
}
