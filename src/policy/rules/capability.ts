/** Application capabilities: their names, and those of Tailscale's own that bring a second one along. */

import type { Server } from "./reading.ts";

/** Tailscale's own that a policy may grant; the rest of that domain is the server's. */
const grantable = ["drive", "kubernetes", "relay", "webui", "golink", "tsidp", "secrets"];

/** A grant of the first gives the other side the second, in the opposite direction. */
export const companions: ReadonlyMap<string, string> = new Map([
  ["tailscale.com/cap/drive", "tailscale.com/cap/drive-sharer"],
  ["tailscale.com/cap/relay", "tailscale.com/cap/relay-target"],
]);

/** Those that Headscale lets a policy grant (measured on 0.29), each as it stands. */
const onHeadscale = ["drive", "kubernetes", "relay", "webui", "tsidp"].map((name) => `tailscale.com/cap/${name}`);

/** Why a name cannot be granted; undefined when it can. Headscale minds the form of names less. */
export function refuseCapability(name: string, server: Server): string | undefined {
  if (server === "headscale") {
    if (name.includes("://")) return `capability "${name}" does not have the form domain/path`;
    const isTheirs = name.startsWith("tailscale.com/") && !onHeadscale.includes(name);
    return isTheirs ? `Headscale grants no "${name}"` : undefined;
  }
  if (!/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\/.+$/.test(name))
    return `capability "${name}" does not have the form domain/path`;
  const [domain = "", ...path] = name.split("/");
  const isTheirs = domain === "tailscale.com" || domain.endsWith(".tailscale.com");
  const isGrantable = domain === "tailscale.com" && path[0] === "cap" && grantable.includes(path[1] ?? "");
  return isTheirs && !isGrantable ? `capability "${name}" is in the tailscale.com domain` : undefined;
}
