/** Reads what the facts script printed into typed facts. */
import * as z from "zod/mini";
import { inertText } from "../mesh/inert.ts";
import { factsError } from "./errors.ts";
import type { Address, FileFacts, NodeFacts, Route, Rule, TailscaleFacts, UnitFacts } from "./facts.ts";
import { parseJson } from "./json.ts";
import { parseK3s, parsePods } from "./k3s.ts";
import { owned, units, watched } from "./paths.ts";
import { type Read, readSections } from "./sections.ts";
import { parsePrefs, parseStatus, parseVersion } from "./tailscale.ts";

/**
 * @param output standard output of `factsScript(nonce)`
 * @throws MeshError MESH_FACTS_INCOMPLETE when the closing frame is missing
 */
export function parseFacts(node: string, output: string, nonce: string): NodeFacts {
  const sections = new Map(readSections(output, nonce).map((s) => [s.name, s]));
  if (!sections.has("end")) {
    throw factsError("MESH_FACTS_INCOMPLETE", `reading the state of ${node} ended early: ${tail(output)}`, {
      where: { address: `node/${node}` },
    });
  }
  const read: Read = { text: (name) => sections.get(name)?.text ?? "", word: (name) => sections.get(name)?.word };
  const host = parseHost(read);
  const unitFacts = parseUnits(read.text("units"));
  return {
    node,
    host: host.host,
    tailscale: parseTailscale(read, unitFacts),
    addresses: parseAddresses(read.text("addresses")),
    routes: { main: parseRoutes(read.text("main")), table52: parseRoutes(read.text("table52")) },
    rules: parseRules(read.text("rules")),
    netfilter: {
      backend: /\(([a-z_]+)\)/.exec(read.text("iptables"))?.[1] ?? "none",
      tables: parseTables(read.text("netfilter")),
    },
    sysctls: host.sysctls,
    files: parseFiles(read),
    units: unitFacts,
    k3s: parseK3s(node, read, unitFacts),
    pods: parsePods(read.text("pods")),
  };
}

function tail(output: string): string {
  return inertText(output.trim().split("\n").at(-1) ?? "", 200) || "it printed nothing";
}

function parseHost(read: Read): { host: NodeFacts["host"]; sysctls: Record<string, string> } {
  const lines = read.text("host").split("\n");
  const value = (key: string) => lines.find((l) => l.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
  const values = (key: string) => lines.filter((l) => l.startsWith(`${key}=`)).map((l) => l.slice(key.length + 1));
  const os = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(read.text("os"))?.[1] ?? "";
  const [client, , server] = value("ssh").split(" ");
  return {
    host: {
      machine: value("machine"),
      os: { id: os("ID"), version: os("VERSION_ID"), name: os("PRETTY_NAME") },
      hostname: value("hostname"),
      bootId: value("boot"),
      init: value("init"),
      sshClient: client || null,
      sshServer: server || null,
      tools: values("tool"),
      time: Number(value("time")),
    },
    sysctls: Object.fromEntries(
      values("sysctl").map((s) => {
        const [name = "", ...rest] = s.split(" ");
        return [name.replaceAll("/", "."), rest.join(" ")];
      }),
    ),
  };
}

const noUnit: UnitFacts = { active: "absent", enabled: "", mainPid: 0, started: 0 };

function parseUnits(text: string): Record<string, UnitFacts> {
  const found: Record<string, UnitFacts> = Object.fromEntries(units.map((u) => [u, noUnit]));
  for (const block of text.split(/\n\n+/)) {
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(block)?.[1] ?? "";
    const id = value("Id");
    if (!(id in found) || value("LoadState") === "not-found") continue;
    found[id] = {
      active: value("ActiveState"),
      enabled: value("UnitFileState"),
      mainPid: Number(value("MainPID")),
      started: Number(value("ExecMainStartTimestampMonotonic")),
    };
  }
  return found;
}

function parseTailscale(read: Read, unitFacts: Readonly<Record<string, UnitFacts>>): TailscaleFacts {
  return {
    version: parseVersion(read.text("version")),
    package: read.text("package").trim() || null,
    unit: unitFacts["tailscaled.service"] ?? noUnit,
    status: parseStatus(read.text("status")),
    statusError: inertText(read.text("status.err").trim(), 500),
    prefs: parsePrefs(read.text("prefs")),
    profile: /^profile=yes$/m.test(read.text("host")),
  };
}

const ipAddresses = z.array(
  z.object({
    ifname: z.optional(z.string()),
    addr_info: z.optional(
      z.array(
        z.object({ family: z.optional(z.string()), local: z.optional(z.string()), prefixlen: z.optional(z.number()) }),
      ),
    ),
  }),
);

function parseAddresses(text: string): readonly Address[] {
  return (parseJson(text, ipAddresses) ?? []).flatMap((i) =>
    (i.addr_info ?? [])
      .filter((a) => a.family === "inet" && a.local !== undefined)
      .map((a) => ({ interface: i.ifname ?? "", address: a.local ?? "", bits: a.prefixlen ?? 32 })),
  );
}

const ipRoutes = z.array(
  z.object({
    dst: z.optional(z.string()),
    gateway: z.optional(z.string()),
    dev: z.optional(z.string()),
    type: z.optional(z.string()),
  }),
);

function parseRoutes(text: string): readonly Route[] {
  return (parseJson(text, ipRoutes) ?? []).map((r) => ({
    to: withBits(r.dst ?? ""),
    via: r.gateway ?? null,
    dev: r.dev ?? null,
    type: r.type ?? "unicast",
  }));
}

/** iproute2 prints host routes without their length. */
function withBits(to: string): string {
  return to === "default" || to.includes("/") ? to : `${to}/32`;
}

const ipRules = z.array(
  z.object({
    priority: z.number(),
    src: z.optional(z.string()),
    srclen: z.optional(z.number()),
    dst: z.optional(z.string()),
    dstlen: z.optional(z.number()),
    table: z.optional(z.string()),
    protocol: z.optional(z.union([z.string(), z.number()])),
  }),
);

function parseRules(text: string): readonly Rule[] {
  return (parseJson(text, ipRules) ?? []).map((r) => ({
    priority: r.priority,
    from: r.src === undefined || r.src === "all" ? "all" : `${r.src}/${r.srclen ?? 32}`,
    to: r.dst === undefined ? null : `${r.dst}/${r.dstlen ?? 32}`,
    table: r.table ?? "",
    protocol: r.protocol === undefined ? null : String(r.protocol),
  }));
}

function parseTables(text: string): Record<string, readonly string[]> {
  const tables: Record<string, string[]> = {};
  let current: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) {
      current = [];
      tables[line.slice(1)] = current;
    } else if (line !== "") {
      current.push(line);
    }
  }
  return tables;
}

function parseFiles(read: Read): Record<string, FileFacts | null> {
  return Object.fromEntries(
    [...Object.values(owned), ...Object.values(watched)].map((path) => {
      const mode = read.word(`file:${path}`);
      return [path, mode === undefined ? null : { mode, content: read.text(`file:${path}`) }];
    }),
  );
}
