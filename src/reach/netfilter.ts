/** What a node's packet filter says about the mesh. The order of KUBE-, FLANNEL- and ts- chains among each other means nothing. */
import type { Netfilter } from "../facts/facts.ts";
import { chains, tunnel } from "../facts/paths.ts";
import { Cidr } from "../mesh/cidr.ts";

/** State of one of Tailscale's hooks. */
export interface Hook {
  readonly chain: "FORWARD" | "INPUT";
  readonly present: boolean;
  /** The rule that rejects everything before the hook is reached (or although there is none). */
  readonly rejecting: string | null;
  /** What happens to packets that no rule takes. */
  readonly policy: string;
}

/** Undefined where the filter table could not be read. */
export function readHook(netfilter: Netfilter, chain: "FORWARD" | "INPUT"): Hook | undefined {
  const lines = netfilter.tables["filter"];
  if (!lines || lines.length === 0) return undefined;
  const rules = lines.filter((l) => l.startsWith(`-A ${chain} `));
  const hook = rules.findIndex((r) => new RegExp(`-j ts-${chain.toLowerCase()}$`).test(r.trim()));
  const before = hook < 0 ? rules : rules.slice(0, hook);
  const policy = lines.flatMap((l) => new RegExp(`^:${chain} (\\S+)`).exec(l)?.[1] ?? [])[0] ?? "ACCEPT";
  return { chain, present: hook >= 0, rejecting: before.find((r) => rejectsAll(r, chain)) ?? null, policy };
}

/**
 * A rule that refuses mesh traffic as a whole: no condition but interfaces that mesh packets pass. One that names
 * addresses, protocols or states means something else and is told by its effect.
 */
function rejectsAll(rule: string, chain: string): boolean {
  const bare = rule.replace(/-m comment --comment ("[^"]*"|\S+)/g, "").replace(/\s+/g, " ");
  const found = new RegExp(`^-A ${chain}((?: (?:-i|-o) \\S+)*) -j (?:REJECT|DROP)(?: --reject-with \\S+)? ?$`).exec(
    bare,
  );
  if (!found) return false;
  const interfaces = (found[1] ?? "")
    .trim()
    .split(/ ?-[io] /)
    .filter((i) => i !== "");
  return interfaces.every((i) => i === tunnel || i === "cni0" || i.startsWith("flannel") || i === "tailscale+");
}

/** Rules that drop or refuse packets for a network in any table, for evidence: `mangle: -A FORWARD …`. */
export function dropsFor(netfilter: Netfilter, network: Cidr): readonly string[] {
  return Object.entries(netfilter.tables).flatMap(([table, lines]) =>
    lines.filter((l) => /-j (DROP|REJECT)\b/.test(l) && !ours(l) && names(l, network)).map((l) => `${table}: ${l}`),
  );
}

function ours(line: string): boolean {
  return line.startsWith(`-A ${chains.guard} `) || /^-A (ts|KUBE|FLANNEL)-/.test(line);
}

function names(line: string, network: Cidr): boolean {
  if (/ ! -[sd] /.test(line)) return false;
  const text = / -d (\S+)/.exec(line)?.[1] ?? / -s (\S+)/.exec(line)?.[1];
  const named = text === undefined ? undefined : Cidr.parse(text.includes("/") ? text : `${text}/32`);
  return named?.overlaps(network) ?? false;
}

/** Whether both directions of the tunnel have their segment size clamped; undefined where the table could not be read. */
export function clampsSegments(netfilter: Netfilter): boolean | undefined {
  const lines = netfilter.tables["mangle"];
  if (!lines) return undefined;
  const clamps = (flag: string) => lines.some((l) => l.includes(` ${flag} ${tunnel} `) && l.includes("-j TCPMSS"));
  return clamps("-i") && clamps("-o") && lines.some((l) => l.startsWith("-A FORWARD ") && l.includes(chains.mss));
}
