/** Why a node is left alone: everything that is found before anything is changed. */
import type { NodeFacts } from "../facts/facts.ts";
import { tunnel } from "../facts/paths.ts";
import { Cidr } from "../mesh/cidr.ts";
import type { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import { clusterOf, type Mesh, type Node } from "../mesh/mesh.ts";
import type { DesiredNode } from "./desired.ts";
import { nodeError } from "./errors.ts";
import { archiveArch, compareVersions } from "./steps/install.ts";

const neededTools = [
  "ip",
  "iptables",
  "iptables-save",
  "systemctl",
  "systemd-run",
  "sysctl",
  "tar",
  "sha256sum",
  "flock",
  "timeout",
];

/** The oldest tailscale whose prefs and renewal behave as this product expects. */
const floor = "1.90.0";

export function refusals(facts: NodeFacts, desired: DesiredNode): readonly MeshError[] {
  const where = { address: `node/${desired.node.name}` };
  return [
    ...host(facts, where),
    ...k3s(facts, desired, where),
    ...tailscale(facts, desired, where),
    ...foreign(facts, desired, where),
  ];
}

type Where = { readonly address: string };

function host(facts: NodeFacts, where: Where): readonly MeshError[] {
  const found: MeshError[] = [];
  if (facts.host.init !== "systemd")
    found.push(
      nodeError(
        "MESH_NODE_NO_SYSTEMD",
        `${facts.node} runs ${inertText(facts.host.init, 40) || "an unknown init"} as pid 1`,
        { where },
      ),
    );
  const missing = neededTools.filter((t) => !facts.host.tools.includes(t));
  if (missing.length > 0)
    found.push(nodeError("MESH_NODE_TOOL_MISSING", `${facts.node} has no ${missing.join(", ")}`, { where }));
  if (facts.tailscale.version === null && archiveArch(facts.host.machine) === undefined)
    found.push(nodeError("MESH_NODE_ARCH", `${facts.node} is a ${inertText(facts.host.machine, 40)}`, { where }));
  return found;
}

function k3s(facts: NodeFacts, desired: DesiredNode, where: Where): readonly MeshError[] {
  const k = facts.k3s;
  if (k === null) return [nodeError("MESH_NODE_NO_K3S", `there is no K3s on ${facts.node}`, { where })];
  const found: MeshError[] = [];
  const drift = (what: string, live: string | null, wanted: string) => {
    if (live !== null && live !== wanted)
      found.push(
        nodeError(
          "MESH_NODE_CIDR_DRIFT",
          `${facts.node}: the ${what} CIDR is ${inertText(live, 40)}, the topology says ${wanted}`,
          { where },
        ),
      );
  };
  drift("pod", k.pods, desired.cluster.pods.text);
  drift("service", k.services, desired.cluster.services.text);
  if (k.vpnAuth || (k.flannelBackend !== null && !["vxlan", "host-gw"].includes(k.flannelBackend)))
    found.push(
      nodeError(
        "MESH_NODE_CNI",
        `${facts.node}: ${k.vpnAuth ? "K3s' own VPN integration is on" : `flannel's backend is ${inertText(k.flannelBackend ?? "", 40)}`}`,
        { where },
      ),
    );
  return found;
}

function tailscale(facts: NodeFacts, desired: DesiredNode, where: Where): readonly MeshError[] {
  const { status, prefs, version, package: owner } = facts.tailscale;
  const found: MeshError[] = [];
  if (version !== null && owner !== null && compareVersions(version, floor) < 0)
    found.push(nodeError("MESH_NODE_TAILSCALE_OLD", `${facts.node} has tailscale ${version} from ${owner}`, { where }));
  if (status === null || ["NeedsLogin", "NoState"].includes(status.backendState)) return found;
  if (status.backendState === "NeedsMachineAuth")
    found.push(nodeError("MESH_NODE_NEEDS_APPROVAL", `${facts.node} waits for approval`, { where }));
  if (!status.tun) found.push(nodeError("MESH_NODE_USERSPACE", `${facts.node} has no ${tunnel}`, { where }));
  const wanted = desired.loginServer ?? "https://controlplane.tailscale.com";
  if (prefs && prefs.controlUrl.replace(/\/$/, "") !== wanted)
    found.push(
      nodeError(
        "MESH_NODE_FOREIGN_CONTROL",
        `${facts.node} is logged in to ${inertText(prefs.controlUrl, 200)}, not to ${wanted}`,
        { where },
      ),
    );
  else if (status.self && status.backendState === "Running" && !status.self.tags.includes(desired.tag))
    found.push(
      nodeError(
        "MESH_NODE_FOREIGN_TAG",
        `${facts.node} is joined as ${status.self.tags.map((t) => inertText(t, 60)).join(", ") || "a user's device"}, not as ${desired.tag}`,
        { where },
      ),
    );
  return found;
}

/** A prefix of nobody's cluster that the node would start to send into the tunnel. */
function foreign(facts: NodeFacts, desired: DesiredNode, where: Where): readonly MeshError[] {
  const known = new Set(desired.acceptable);
  const found: MeshError[] = [];
  for (const peer of facts.tailscale.status?.peers ?? []) {
    for (const text of peer.allowedIPs) {
      // Nearly all are a cluster's prefix to the letter, or the peer itself (a /32 in 100.64/10): nothing to be parsed.
      if (known.has(text) || (text.startsWith("100.") && text.endsWith("/32"))) continue;
      const prefix = Cidr.parse(text);
      // A /0 is an exit node, which is used only when chosen.
      if (prefix === undefined || prefix.bits === 0) continue;
      if (desired.acceptable.some((p) => Cidr.parse(p)?.contains(prefix))) continue;
      found.push(
        nodeError("MESH_FOREIGN_ROUTE", `${inertText(peer.hostName, 60)} serves ${prefix.text} to ${facts.node}`, {
          where,
        }),
      );
    }
  }
  return found;
}

/** What the topology asks for that this version does not do, of the selected nodes. */
export function unsupported(mesh: Mesh, selected: readonly Node[]): readonly MeshError[] {
  return selected.flatMap((node) => {
    const where = { address: `node/${node.name}` };
    if (node.state === "absent" || clusterOf(mesh, node.cluster).state === "absent")
      return [nodeError("MESH_NODE_ABSENT", `${node.name} is to be absent`, { where })];
    return node.role === "plain" ? [nodeError("MESH_NODE_PLAIN", `${node.name} has the role plain`, { where })] : [];
  });
}
