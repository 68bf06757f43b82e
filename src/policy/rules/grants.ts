/** `grants`: network access by `ip`, application capabilities by `app`, and routers that must be taken by `via`. */
import type { TreeNode } from "../../hujson/tree.ts";
import { refuseCapability } from "./capability.ts";
import { plainValue } from "./json.ts";
import { allPorts, hasPorts, type PortRange, parsePorts, parseProtocol } from "./ports.ts";
import { readSrcPosture } from "./postures.ts";
import { type Located, type Members, type Reading, readEntries, readList, readMembers, readTexts } from "./reading.ts";
import type { Rule, Traffic } from "./rule.ts";
import type { Names, Selector } from "./selector.ts";
import { checkSelf, readDestination, readSources } from "./sides.ts";

const memberNames = { both: ["src", "dst", "ip", "app", "via"], tailscaleOnly: ["srcPosture"] };

export function readGrants(reading: Reading, names: Names, node: TreeNode | undefined): readonly Rule[] {
  return readList(reading, node, '"grants"').flatMap((entry) => {
    const members = readMembers(reading, entry, "a grant", memberNames);
    if (members === undefined) return [];
    const src = readSources(reading, names, readTexts(reading, members.get("src"), '"src"'));
    const dst = readDestinations(reading, names, members);
    checkSelf(reading, entry, src, dst, false);
    const ip = readTexts(reading, members.get("ip"), '"ip"');
    const capabilities = readApp(reading, members.get("app"));
    if (ip.length === 0 && capabilities.size === 0)
      reading.report("error", "MESH_RULES_CAPABILITY", entry, "ip and app are both empty: nothing is granted");
    const internet = dst.some((selector) => selector.kind === "autogroup" && selector.name === "internet");
    if (internet && capabilities.size > 0)
      reading.report("error", "MESH_RULES_CAPABILITY", entry, "autogroup:internet has no applications to grant");
    const via = readVia(reading, names, members.get("via"));
    const isApp = capabilities.size > 0 && (via.length === 0 || !grantsNoAppByVia(reading, entry));
    return [
      {
        section: "grants",
        node: entry,
        src,
        traffic: readTraffic(reading, ip, dst),
        app: isApp ? { capabilities, dst } : { capabilities: new Map(), dst: [] },
        via,
        isConditional: readSrcPosture(reading, names, members.get("srcposture")),
      } satisfies Rule,
    ];
  });
}

/** Headscale passes over the applications of a grant that names routers (measured on 0.29). */
function grantsNoAppByVia(reading: Reading, grant: TreeNode): boolean {
  if (reading.server !== "headscale") return false;
  const message = "Headscale grants no applications together with `via`";
  reading.report("warning", "MESH_RULES_POINTLESS", grant, message);
  return true;
}

function readDestinations(reading: Reading, names: Names, members: Members): readonly Selector[] {
  return readTexts(reading, members.get("dst"), '"dst"').flatMap((entry) => {
    if (/^(0\.0\.0\.0|::)\/0$/.test(entry.text)) {
      const message = `dst "${entry.text}": all addresses are "*" or "autogroup:internet"`;
      reading.report("error", "MESH_RULES_SELECTOR", entry.node, message);
      return [];
    }
    return readDestination(reading, names, entry) ?? [];
  });
}

/** One traffic for each protocol, in the order in which they come up. */
function readTraffic(reading: Reading, ip: readonly Located[], dst: readonly Selector[]): readonly Traffic[] {
  const ports = new Map<number | undefined, PortRange[]>();
  for (const entry of ip) {
    const read = readIp(reading, entry);
    if (read !== undefined) ports.set(read.protocol, [...(ports.get(read.protocol) ?? []), ...read.ports]);
  }
  return [...ports].map(([protocol, list]) => ({
    protocol,
    dst: dst.map((selector) => ({ selector, ports: list })),
  }));
}

/** `*`, `443`, `80-443`, `tcp:443`, `icmp:*`; for Headscale also `80,443`. */
function readIp(
  reading: Reading,
  { text, node }: Located,
): { readonly protocol: number | undefined; readonly ports: readonly PortRange[] } | undefined {
  const colon = text.lastIndexOf(":");
  const named = colon === -1 ? "*" : text.slice(0, colon);
  const protocol = named === "" ? undefined : parseProtocol(named);
  if (protocol === undefined) {
    reading.report("error", "MESH_RULES_PORT", node, `ip "${text}": no such protocol`);
    return undefined;
  }
  const written = text.slice(colon + 1);
  const read = (reading.server === "headscale" ? written.split(",") : [written]).map(parsePorts);
  const refusal = read.find((one) => typeof one === "string");
  if (refusal !== undefined) {
    reading.report("error", "MESH_RULES_PORT", node, `ip "${text}": ${refusal}`);
    return undefined;
  }
  const ports = read.filter((one) => typeof one !== "string");
  if (protocol !== "default" && !hasPorts(protocol) && ports.some((range) => range !== allPorts))
    reading.report("warning", "MESH_RULES_PORT", node, `ip "${text}": this protocol has no ports, write "*"`);
  return { protocol: protocol === "default" ? undefined : protocol, ports };
}

function readApp(reading: Reading, node: TreeNode | undefined): ReadonlyMap<string, unknown> {
  const app = new Map<string, unknown>();
  for (const { name, value } of readEntries(reading, node, '"app"')) {
    const refusal = refuseCapability(name.text, reading.server);
    if (refusal !== undefined) reading.report("error", "MESH_RULES_CAPABILITY", name.node, refusal);
    readList(reading, value, `parameters of "${name.text}"`);
    app.set(name.text, plainValue(reading.document, value));
  }
  return app;
}

function readVia(reading: Reading, names: Names, node: TreeNode | undefined): readonly string[] {
  return readTexts(reading, node, '"via"').map(({ text, node: at }) => {
    if (!text.startsWith("tag:"))
      reading.report("error", "MESH_RULES_SELECTOR", at, `via "${text}": only tags are taken`);
    else if (!names.tags.has(text))
      reading.report("error", "MESH_RULES_UNKNOWN_NAME", at, `via: tag "${text}" not found`);
    return text;
  });
}
