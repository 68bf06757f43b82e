/** Scopes of the v2 API: what covers what, what each request needs, and what the consoles call it. */

/** Names from before November 2024, which Tailscale still honours. */
const older: Readonly<Record<string, readonly string[]>> = {
  acl: ["policy_file"],
  devices: ["devices:core", "devices:posture_attributes", "auth_keys"],
  routes: ["devices:routes"],
};

const consoleNames: Readonly<Record<string, string>> = {
  policy_file: "Policy File",
  auth_keys: "Auth Keys",
  "devices:core": "Devices Core",
  "devices:routes": "Devices Routes",
};

const readSuffix = ":read";

/** Whether these scopes allow what needs that one: a scope to write covers reading, `all` covers everything. */
export function coversScope(granted: readonly string[], needed: string): boolean {
  const isRead = needed.endsWith(readSuffix);
  const base = isRead ? needed.slice(0, -readSuffix.length) : needed;
  return granted.some((scope) => {
    const readsOnly = scope.endsWith(readSuffix);
    const name = readsOnly ? scope.slice(0, -readSuffix.length) : scope;
    const covers = name === "all" || name === base || (older[name]?.includes(base) ?? false);
    return covers && (isRead || !readsOnly);
  });
}

/** The scopes of a token answer, parted by blanks; null when it does not say. */
export function readScopes(text: string | undefined): readonly string[] | null {
  const scopes = (text ?? "").split(/\s+/).filter((scope) => scope !== "");
  return scopes.length === 0 ? null : scopes;
}

/** The scope that a request needs; null for one that needs none or that we do not send. */
export function neededScope(method: string, path: string): string | null {
  const mode = method === "GET" || /\/acl\/(validate|preview)\b/.test(path) ? readSuffix : "";
  if (/\/tailnet\/[^/]+\/acl\b/.test(path)) return `policy_file${mode}`;
  if (/\/tailnet\/[^/]+\/keys\b/.test(path)) return `auth_keys${mode}`;
  if (/\/device\/[^/]+\/routes\b/.test(path)) return `devices:routes${mode}`;
  if (/\/(devices|device\/[^/]+)\b/.test(path)) return `devices:core${mode}`;
  return null;
}

/** The scope as a person gives it: its id, and its name in Tailscale's console. */
export function scopeText(scope: string): string {
  const base = scope.replace(/:read$/, "");
  const name = consoleNames[base];
  const right = scope.endsWith(readSuffix) ? "Read" : "Write";
  return name === undefined ? `\`${scope}\`` : `\`${scope}\` (in Tailscale's console: ${name}, ${right})`;
}
