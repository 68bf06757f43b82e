/** `tailscale` and what tailscaled does when it starts and stops (texts: tailscale 1.102.5 with Headscale 0.29.2). */
import { readFileSync, rmSync } from "node:fs";
import { type Answer, done, failed } from "../channel.ts";
import type { Machine, Prefs } from "../machine.ts";
import { freshPrefs } from "../machine.ts";
import { within } from "../network.ts";
import type { Command, Context } from "./context.ts";

export const simulatedVersion = "1.102.5";

const noDaemon =
  "failed to connect to local tailscaled; it doesn't appear to be running (sudo systemctl start tailscaled ?)";

export const tailscale: Command = async (args, context) => {
  const [verb = "", ...rest] = args;
  if (verb === "version") return version(rest);
  if (!context.machine.daemon) return failed(noDaemon);
  switch (verb) {
    case "status":
      return status(context);
    case "debug":
      return rest[0] === "prefs" ? done(`${JSON.stringify(prefsJson(context), null, "\t")}\n`) : failed("unknown");
    case "up":
      return up(rest, context);
    case "set":
      return set(rest, context);
    case "down":
      return down(context);
    case "logout":
      return logout(context);
    case "ip":
      return ownAddress(rest, context);
    case "ping":
      return ping(rest, context);
    case "metrics":
      return done(
        `# TYPE tailscaled_inbound_dropped_packets_total counter\ntailscaled_inbound_dropped_packets_total{reason="acl"} ${context.machine.dropped}\n`,
      );
    case "wait":
      return done();
    default:
      return failed(`unknown subcommand: ${verb}`);
  }
};

function version(args: readonly string[]): Answer {
  const json = { majorMinorPatch: simulatedVersion, short: simulatedVersion, long: `${simulatedVersion}-simulated` };
  return done(args.includes("--json") ? `${JSON.stringify(json, null, 2)}\n` : `${simulatedVersion}\n  simulated\n`);
}

/** The state that `tailscale status` shows. */
export function backendState({ machine, network }: Context): string {
  const { identity, prefs } = machine;
  if (!identity || prefs.loggedOut) return "NeedsLogin";
  if (!prefs.wantRunning) return "Stopped";
  // A node that was deleted on the server learns it at its next start only.
  return network.record(machine)?.expired ? "NeedsLogin" : "Running";
}

function status(context: Context): Answer {
  const { machine, network, control } = context;
  const { identity, prefs } = machine;
  const state = backendState(context);
  const record = network.record(machine);
  const peers = state === "Running" ? network.peers(machine) : [];
  const health = [
    ...(peers.some((p) => p.primary.length > 0) && !prefs.acceptRoutes
      ? ["Some peers are advertising routes but --accept-routes is false"]
      : []),
    ...(prefs.advertiseRoutes.length > 0 && machine.sysctl("net.ipv4.ip_forward") === "0"
      ? [
          "Subnet routing is enabled, but IP forwarding is disabled. Check that IP forwarding is enabled on your machine.",
        ]
      : []),
    ...(machine.loginError ? [`You are logged out. The last login error was: ${machine.loginError}`] : []),
  ];
  const self = identity && {
    ID: identity.id,
    PublicKey: identity.nodeKey,
    HostName: prefs.hostname || machine.name,
    DNSName: `${record?.label ?? machine.name}.tail.example.`,
    OS: "linux",
    TailscaleIPs: identity.addresses,
    AllowedIPs: identity.addresses.map((a) => `${a}/${a.includes(":") ? 128 : 32}`),
    Tags: record?.tags ?? [],
    CurAddr: "",
    Relay: "world",
    Online: state === "Running" && control.up,
    InNetworkMap: true,
  };
  const peer = peers.map((p) => [
    p.node.nodeKey,
    {
      ID: p.node.id,
      PublicKey: p.node.nodeKey,
      HostName: p.node.hostname,
      DNSName: `${p.node.label}.tail.example.`,
      OS: "linux",
      TailscaleIPs: p.node.addresses,
      AllowedIPs: p.allowed,
      Tags: p.node.tags,
      ...(p.primary.length > 0 ? { PrimaryRoutes: p.primary } : {}),
      CurAddr: network.direct(machine, p.node) ? `${network.machineOf(p.node)?.spec.address}:41641` : "",
      Relay: "world",
      Online: p.node.online,
      InNetworkMap: true,
    },
  ]);
  const json = {
    Version: `${simulatedVersion}-simulated`,
    TUN: true,
    BackendState: state,
    HaveNodeKey: identity !== undefined,
    AuthURL: "",
    TailscaleIPs: state === "Running" ? (identity?.addresses ?? null) : null,
    Self: self ?? {
      ID: "",
      PublicKey: "nodekey:0",
      HostName: machine.name,
      DNSName: "",
      OS: "linux",
      TailscaleIPs: null,
    },
    Health: health,
    MagicDNSSuffix: "tail.example",
    CurrentTailnet:
      state === "Running" ? { Name: new URL(control.url).hostname, MagicDNSSuffix: "tail.example" } : null,
    Peer: peer.length > 0 ? Object.fromEntries(peer) : null,
  };
  return done(`${JSON.stringify(json, null, 2)}\n`);
}

function prefsJson({ machine: { prefs: p } }: Context): Record<string, unknown> {
  return {
    ControlURL: p.controlUrl,
    RouteAll: p.acceptRoutes,
    CorpDNS: p.acceptDns,
    RunSSH: p.runSsh,
    WantRunning: p.wantRunning,
    LoggedOut: p.loggedOut,
    ShieldsUp: p.shieldsUp,
    AdvertiseTags: p.advertiseTags.length > 0 ? p.advertiseTags : null,
    Hostname: p.hostname,
    AdvertiseRoutes: p.advertiseRoutes.length > 0 ? p.advertiseRoutes : null,
    NoSNAT: p.noSnat,
    NoStatefulFiltering: p.noStatefulFiltering,
    NetfilterMode: p.netfilterMode,
    ...(p.operator ? { OperatorUser: p.operator } : {}),
    AutoUpdate: { Check: true, Apply: p.autoUpdate },
  };
}

const modes = ["off", "nodivert", "on"];

/** Applies `--flag=value`; returns the text of an error. */
function applyFlag(prefs: Prefs, flag: string, value: string): string | undefined {
  const on = value !== "false";
  switch (flag) {
    case "accept-routes":
      prefs.acceptRoutes = on;
      return undefined;
    case "accept-dns":
      prefs.acceptDns = on;
      return undefined;
    case "shields-up":
      prefs.shieldsUp = on;
      return undefined;
    case "ssh":
      prefs.runSsh = on;
      return undefined;
    case "hostname":
      prefs.hostname = value;
      return undefined;
    case "operator":
      prefs.operator = value;
      return undefined;
    case "snat-subnet-routes":
      prefs.noSnat = !on;
      return undefined;
    case "stateful-filtering":
      prefs.noStatefulFiltering = !on;
      return undefined;
    case "auto-update":
      prefs.autoUpdate = on;
      return undefined;
    case "netfilter-mode":
      prefs.netfilterMode = modes.indexOf(value);
      return undefined;
    case "login-server":
      prefs.controlUrl = value;
      return undefined;
    case "advertise-routes": {
      const exits = prefs.advertiseRoutes.filter((r) => r.endsWith("/0"));
      prefs.advertiseRoutes = [...exits, ...value.split(",").filter((r) => r !== "")].sort();
      return undefined;
    }
    case "advertise-exit-node":
      prefs.advertiseRoutes = [
        ...prefs.advertiseRoutes.filter((r) => !r.endsWith("/0")),
        ...(on ? ["0.0.0.0/0", "::/0"] : []),
      ].sort();
      return undefined;
    default:
      return `flag provided but not defined: -${flag}`;
  }
}

function flagsOf(args: readonly string[]): readonly (readonly [string, string])[] {
  return args.map((a) => {
    const [flag = "", ...value] = a.replace(/^--?/, "").split("=");
    return [flag, value.length === 0 ? "true" : value.join("=")];
  });
}

function up(args: readonly string[], context: Context): Answer {
  const { machine, control, network } = context;
  const flags = flagsOf(args).filter(([f]) => f !== "timeout" && f !== "accept-risk");
  const state = backendState(context);
  if (flags.length === 0) {
    if (state === "NeedsLogin") return waited();
    if (state === "Running") return failed("can't change --login-server without --force-reauth");
    context.machine.prefs.wantRunning = true;
    bringUp(context);
    context.changes("tailscale up");
    return done();
  }
  const reset = flags.some(([f]) => f === "reset");
  if (!reset) return failed("Error: changing settings via 'tailscale up' requires mentioning all non-default flags.");
  const prefs = { ...freshPrefs(), wantRunning: true };
  let key = "";
  for (const [flag, value] of flags) {
    if (flag === "reset") continue;
    if (flag === "auth-key") {
      key = keyOf(value);
      continue;
    }
    const error = applyFlag(prefs, flag, value);
    if (error) return failed(error);
  }
  if (state === "Running") {
    if (prefs.controlUrl !== machine.prefs.controlUrl)
      return failed("can't change --login-server without --force-reauth");
    return settle(prefs, context, "tailscale up --reset");
  }
  machine.prefs = { ...prefs, wantRunning: false };
  if (!control.up || prefs.controlUrl !== control.url) return waited();
  const known = network.record(machine);
  const answer = known?.expired ? "authkey already used" : control.register(key, prefs.hostname);
  if (typeof answer === "string") {
    machine.loginError = answer;
    return failed(`backend error: ${answer}`);
  }
  machine.loginError = "";
  machine.identity = { id: answer.id, nodeKey: answer.nodeKey, addresses: answer.addresses };
  machine.write("/var/lib/tailscale/tailscaled.state", '{"_current-profile":"c2ltdWxhdGVk"}\n');
  machine.prefs = prefs;
  bringUp(context);
  context.changes("tailscale up");
  return done();
}

const waited = (): Answer =>
  failed('timeout waiting for Tailscale service to enter a Running state; check health with "tailscale status"');

function keyOf(value: string): string {
  if (!value.startsWith("file:")) return value;
  try {
    return readFileSync(value.slice("file:".length), "utf8").trim();
  } catch {
    return "";
  }
}

function set(args: readonly string[], context: Context): Answer {
  const prefs = { ...context.machine.prefs };
  for (const [flag, value] of flagsOf(args)) {
    if (flag === "accept-risk") continue;
    const error = applyFlag(prefs, flag, value);
    if (error) return failed(error);
  }
  return settle(prefs, context, `tailscale set ${args.map((a) => a.split("=")[0]).join(" ")}`);
}

function settle(prefs: Prefs, context: Context, what: string): Answer {
  const { machine } = context;
  const before = machine.prefs;
  machine.prefs = prefs;
  if (before.netfilterMode !== prefs.netfilterMode && backendState(context) === "Running") {
    removeHooks(machine);
    if (prefs.netfilterMode === 2) addHooks(machine);
  }
  tell(context);
  context.changes(what);
  return done();
}

function tell({ machine, control }: Context): void {
  const { identity, prefs } = machine;
  if (!identity || !machine.daemon || !control.up || !prefs.wantRunning) return;
  control.announce(identity.id, {
    hostname: prefs.hostname || machine.name,
    routes: prefs.advertiseRoutes,
    online: true,
  });
}

function down(context: Context): Answer {
  const { machine } = context;
  machine.prefs.wantRunning = false;
  takeDown(context);
  context.changes("tailscale down");
  return done();
}

function logout(context: Context): Answer {
  const { machine, control } = context;
  takeDown(context);
  if (machine.identity) control.forget(machine.identity.id);
  machine.identity = undefined;
  machine.prefs = { ...machine.prefs, loggedOut: true, wantRunning: false };
  rmSync(machine.path("/var/lib/tailscale/tailscaled.state"), { force: true });
  context.changes("tailscale logout");
  return done();
}

/** What tailscaled does when it starts. */
export function daemonStarted(context: Context): void {
  const { machine, network } = context;
  if (machine.identity && !network.record(machine)) machine.identity = undefined;
  machine.write("/run/tailscale/tailscaled.sock", "");
  if (machine.identity && machine.prefs.wantRunning) bringUp(context);
}

export function daemonStopped(context: Context): void {
  takeDown(context);
  rmSync(context.machine.path("/run/tailscale"), { recursive: true, force: true });
}

const mark = "0x80000/0xff0000";

function bringUp(context: Context): void {
  const { machine } = context;
  machine.tun = true;
  machine.addressLost = false;
  const rule = (priority: number, table: string, fwmark: string | undefined) => ({
    priority,
    to: undefined,
    fwmark,
    table,
    protocol: undefined,
  });
  removeRules(machine);
  machine.rules = [
    ...machine.rules,
    rule(5210, "main", mark),
    rule(5230, "default", mark),
    rule(5250, "unreachable", mark),
    rule(5270, "52", undefined),
  ].sort((a, b) => a.priority - b.priority);
  removeHooks(machine);
  if (machine.prefs.netfilterMode === 2) addHooks(machine);
  tell(context);
}

function takeDown({ machine, control }: Context): void {
  machine.tun = false;
  removeRules(machine);
  removeHooks(machine);
  if (machine.identity && control.up) control.announce(machine.identity.id, { online: false });
}

function removeRules(machine: Machine): void {
  machine.rules = machine.rules.filter((r) => r.priority < 5200 || r.priority > 5299);
}

const connmark = "--nfmask 0xff0000 --ctmask 0xff0000";
const restoreMark = `-m conntrack --ctstate RELATED,ESTABLISHED -m connmark ! --mark 0x0/0xff0000 -j CONNMARK --restore-mark ${connmark}`;
const saveMark = `-m conntrack --ctstate NEW -m mark ! --mark 0x0/0xff0000 -j CONNMARK --save-mark ${connmark}`;

/** In force from the moment the mode is on; a flush by others is not noticed before the next start. */
function addHooks(machine: Machine): void {
  const own = machine.identity?.addresses[0] ?? "";
  const lines = [
    "*mangle",
    `-A PREROUTING ${restoreMark}`,
    `-A OUTPUT ${saveMark}`,
    "COMMIT",
    "*filter",
    ":ts-input - [0:0]",
    ":ts-forward - [0:0]",
    "-I INPUT 1 -j ts-input",
    "-I FORWARD 1 -j ts-forward",
    `-A ts-input -s ${own}/32 -i lo -j ACCEPT`,
    "-A ts-input -i tailscale0 -j ACCEPT",
    "-A ts-input -p udp -m udp --dport 41641 -j ACCEPT",
    "-A ts-input -s 100.115.92.0/23 ! -i tailscale0 -j RETURN",
    "-A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP",
    "-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000",
    "-A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT",
    "-A ts-forward -s 100.64.0.0/10 -o tailscale0 -j DROP",
    "-A ts-forward -o tailscale0 -j ACCEPT",
    "COMMIT",
    "*nat",
    ":ts-postrouting - [0:0]",
    "-I POSTROUTING 1 -j ts-postrouting",
    "COMMIT",
  ];
  machine.netfilter.restore(lines.join("\n"), true);
}

function removeHooks(machine: Machine): void {
  const { netfilter } = machine;
  const drop = (table: "filter" | "nat" | "mangle", chain: string, rule: string): void => {
    while (netfilter.rules(table, chain).includes(rule)) netfilter.remove(table, chain, rule);
  };
  drop("mangle", "PREROUTING", restoreMark);
  drop("mangle", "OUTPUT", saveMark);
  drop("filter", "INPUT", "-j ts-input");
  drop("filter", "FORWARD", "-j ts-forward");
  drop("nat", "POSTROUTING", "-j ts-postrouting");
  const chains = [
    ["filter", "ts-input"],
    ["filter", "ts-forward"],
    ["nat", "ts-postrouting"],
  ] as const;
  for (const [table, chain] of chains) {
    if (!netfilter.has(table, chain)) continue;
    netfilter.flush(table, chain);
    netfilter.deleteChain(table, chain);
  }
}

function ownAddress(args: readonly string[], context: Context): Answer {
  if (backendState(context) !== "Running") return failed("no current Tailscale IPs; state: NeedsLogin");
  const addresses = context.machine.identity?.addresses ?? [];
  const wanted = addresses.filter((a) => !args.includes("-4") || !a.includes(":"));
  return done(`${wanted.join("\n")}\n`);
}

function ping(args: readonly string[], context: Context): Answer {
  const { machine, network } = context;
  const address = args.find((a) => !a.startsWith("-")) ?? "";
  const state = backendState(context);
  if (state !== "Running") return failed(state === "Stopped" ? "Tailscale is stopped." : "Logged out.");
  const peer = network
    .peers(machine)
    .find((p) => (machine.prefs.acceptRoutes ? p.allowed : p.node.addresses).some((a) => within(a, address)));
  if (!peer) return failed("no matching peer");
  const far = network.machineOf(peer.node);
  const name = peer.node.label;
  const tailnet = peer.node.addresses[0] ?? "";
  const count = Number(/^--?c=(\d+)$/m.exec(args.join("\n"))?.[1] ?? 10);
  const lost = { code: 1, stdout: `ping "${address}" timed out\n`.repeat(count), stderr: "no reply\n" };
  if (!far || !network.running(far) || !network.joined(machine, far)) return lost;
  if (args.includes("--icmp")) {
    const ended = network.send(machine, machine.spec.address, { to: address, protocol: "icmp" });
    return ended.kind === "answered" ? done(`pong from ${name} (${tailnet}) via ICMP in 2ms\n`) : lost;
  }
  if (network.direct(machine, peer.node)) {
    return done(`pong from ${name} (${tailnet}) via ${far.spec.address}:41641 in 1ms\n`);
  }
  const relayed = `pong from ${name} (${tailnet}) via DERP(world) in 21ms\n`.repeat(count);
  return { code: 1, stdout: relayed, stderr: "direct connection not established\n" };
}
