/** Connects to the control server while the action is still being loaded. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { dialEarly } from "../adapters/http/early.ts";
import { likelyServer } from "../mesh/topology/likely-server.ts";

/**
 * Only where an input has a credential for it, and where neither a proxy nor roots of its own are asked for. Nothing is sent, so
 * that a guess may be wrong; it never throws.
 */
export function expectControl(env: Readonly<Record<string, string | undefined>>): void {
  const isSet = (...names: readonly string[]): boolean => names.some((name) => Boolean(env[name]));
  if (!isSet("INPUT_API-KEY", "INPUT_OAUTH-CLIENT-ID")) return;
  if (isSet("INPUT_CA-FILE", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")) return;
  if (env["INPUT_OFFLINE"] === "true" || env["STATE_tailmesh-main-has-run"]) return;
  try {
    const file = resolve(env["GITHUB_WORKSPACE"] || process.cwd(), env["INPUT_TOPOLOGY"] || "tailmesh.yaml");
    const server = likelyServer(readFileSync(file, "utf8"));
    if (server !== undefined) dialEarly(new URL(server));
  } catch {
    // Whatever is wrong with the file is told where it is read.
  }
}
