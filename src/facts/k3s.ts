/** Reads what K3s, flannel and the container runtime say on a node. */
import * as z from "zod/mini";
import { Cidr, parseIPv4 } from "../mesh/cidr.ts";
import type { K3sFacts, Pod, UnitFacts } from "./facts.ts";
import { parseJson } from "./json.ts";
import type { Read } from "./sections.ts";

/** K3s' own defaults, in force when the effective arguments name no CIDR (K3s documentation, networking options). */
const defaults = { pods: "10.42.0.0/16", services: "10.43.0.0/16" } as const;

interface KubeRow {
  readonly kind: string;
  readonly name: string;
  readonly podCidr: string;
  readonly clusterIp: string;
  readonly args: string;
}

/** Null when neither of K3s' units exists on the node. */
export function parseK3s(node: string, read: Read, units: Readonly<Record<string, UnitFacts>>): K3sFacts | null {
  const server = units["k3s.service"];
  const agent = units["k3s-agent.service"];
  const unit =
    [server, agent].find((u) => u?.active === "active") ?? [server, agent].find((u) => u?.enabled === "enabled");
  if (!unit) return null;
  const rows = parseRows(read.text("kube"));
  const args = effectiveArguments(rows);
  const netconf = parseJson(read.text("netconf"), netconfSchema);
  const subnet = /^FLANNEL_SUBNET=(\S+)$/m.exec(read.text("flannel"))?.[1];
  const network = /^FLANNEL_NETWORK=(\S+)$/m.exec(read.text("flannel"))?.[1];
  const hostname = read.text("host").match(/^hostname=(.*)$/m)?.[1] ?? node;
  return {
    role: unit === server ? "server" : "agent",
    unit,
    version: null,
    pods: args ? (args.get("--cluster-cidr") ?? defaults.pods) : (netconf?.Network ?? network ?? null),
    services: args ? (args.get("--service-cidr") ?? defaults.services) : null,
    dns: rows.find((r) => r.kind === "Service" && r.name === "kube-dns")?.clusterIp ?? null,
    nodePods: rows.find((r) => r.kind === "Node" && r.name === hostname)?.podCidr || networkOf(subnet),
    flannelBackend: netconf?.Backend?.Type ?? null,
    vpnAuth: args?.has("--vpn-auth") || args?.has("--vpn-auth-file") || netconf?.Backend?.Type === "extension" || false,
  };
}

const netconfSchema = z.object({
  Network: z.optional(z.string()),
  Backend: z.optional(z.object({ Type: z.optional(z.string()) })),
});

function parseRows(text: string): readonly KubeRow[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [kind = "", , name = "", podCidr = "", clusterIp = "", args = ""] = line.split("\t");
      return { kind, name, podCidr, clusterIp, args };
    });
}

/** A server's arguments as K3s runs with them, configuration files included (annotation k3s.io/node-args). */
function effectiveArguments(rows: readonly KubeRow[]): ReadonlyMap<string, string> | undefined {
  for (const row of rows) {
    const list = parseJson(row.args, z.array(z.string()));
    if (list?.[0] !== "server") continue;
    const found = new Map<string, string>();
    list.forEach((word, i) => {
      const [flag = "", value] = word.split("=", 2);
      if (flag.startsWith("--")) found.set(flag, value ?? list[i + 1] ?? "");
    });
    return found;
  }
  return undefined;
}

/** `10.42.1.1/24` as flannel writes it → `10.42.1.0/24`. */
function networkOf(subnet: string | undefined): string | null {
  if (!subnet) return null;
  const [address = "", bits = ""] = subnet.split("/");
  return parseIPv4(address) !== undefined && /^([0-9]|[12]\d|3[0-2])$/.test(bits)
    ? Cidr.around(address, Number(bits)).text
    : null;
}

/** Rows of the container runtime. Pods on the host's network have the node's address; they are told apart by the caller. */
export function parsePods(text: string): readonly Pod[] {
  return text
    .split("\n")
    .map((line) => line.split("\t"))
    .flatMap(([namespace = "", name = "", ip = "", pid = ""]) =>
      parseIPv4(ip) !== undefined && /^\d+$/.test(pid) ? [{ namespace, name, ip, pid: Number(pid) }] : [],
    );
}
