/** `ip addr|link|route|rule` (iproute2), in text and JSON. */
import { Cidr } from "../../../src/mesh/cidr.ts";
import { type Answer, done, failed } from "../channel.ts";
import type { IpRoute, IpRule, Machine } from "../machine.ts";
import type { Network } from "../network.ts";
import type { Command, Context } from "./context.ts";

export const ip: Command = async (all, context) => {
  const options = all.filter((a) => /^-/.test(a));
  const [object = "", ...rest] = all.slice(all.findIndex((a) => !/^-/.test(a)));
  const json = options.some((o) => /^-(j|json)$/.test(o));
  const oneline = options.some((o) => /^-(o|oneline)$/.test(o));
  if ("address".startsWith(object)) return addresses(rest, context, json, oneline);
  if ("link".startsWith(object)) return links(rest, context, json);
  if ("route".startsWith(object)) return routes(rest, context, json);
  if ("rule".startsWith(object)) return rules(rest, context, json);
  return failed(`Object "${object}" is unknown, try "ip help".`, 1);
};

interface Link {
  readonly ifname: string;
  readonly mtu: number;
  readonly address: string;
  readonly bits: number;
}

function linksOf(machine: Machine): readonly Link[] {
  const tunnel = {
    ifname: "tailscale0",
    mtu: 1280,
    address: machine.addressLost ? "" : (machine.identity?.addresses[0] ?? ""),
    bits: 32,
  };
  return [
    { ifname: "lo", mtu: 65536, address: "127.0.0.1", bits: 8 },
    { ifname: "eth0", mtu: 1500, address: machine.spec.address, bits: 24 },
    ...(machine.tun ? [tunnel] : []),
    { ifname: "flannel.1", mtu: 1450, address: machine.flannel1, bits: 32 },
    { ifname: "cni0", mtu: 1450, address: machine.cni0, bits: 24 },
  ];
}

function addresses(args: readonly string[], { machine }: Context, json: boolean, oneline: boolean): Answer {
  const dev = argument(args, "dev");
  const found = linksOf(machine).filter((l) => dev === undefined || l.ifname === dev);
  if (found.length === 0) return failed(`Device "${dev}" does not exist.`);
  if (json) {
    const list = found.map((l, i) => ({
      ifindex: i + 1,
      ifname: l.ifname,
      flags: ["UP", "LOWER_UP"],
      mtu: l.mtu,
      operstate: l.ifname === "eth0" || l.ifname === "cni0" ? "UP" : "UNKNOWN",
      addr_info: l.address === "" ? [] : [{ family: "inet", local: l.address, prefixlen: l.bits, scope: "global" }],
    }));
    return done(JSON.stringify(list));
  }
  const line = (l: Link, i: number): string =>
    oneline
      ? `${i + 1}: ${l.ifname}    inet ${l.address}/${l.bits} scope global ${l.ifname}\\       valid_lft forever preferred_lft forever\n`
      : `${i + 1}: ${l.ifname}: <UP,LOWER_UP> mtu ${l.mtu} state UP\n    inet ${l.address}/${l.bits} scope global ${l.ifname}\n`;
  return done(found.map(line).join(""));
}

function links(args: readonly string[], context: Context, json: boolean): Answer {
  const { machine } = context;
  const dev = argument(args, "dev") ?? args.find((a) => !["show", "set", "del", "delete", "up", "down"].includes(a));
  if (args[0] === "del" || args[0] === "delete") {
    if (dev !== "tailscale0" || !machine.tun) return failed(`Cannot find device "${dev}"`);
    context.changes("ip link del tailscale0");
    machine.tun = false;
    // tailscaled ends with status 0; systemd starts it again only where it was told to, and not in this simulation.
    machine.units.set(
      "tailscaled.service",
      machine.newUnit("inactive", machine.units.get("tailscaled.service")?.enabled ?? false),
    );
    return done();
  }
  if (args[0] === "set") return done();
  const found = linksOf(machine).filter((l) => dev === undefined || l.ifname === dev);
  if (found.length === 0) return failed(`Device "${dev}" does not exist.`);
  if (json) return done(JSON.stringify(found.map((l) => ({ ifname: l.ifname, mtu: l.mtu, operstate: "UP" }))));
  return done(found.map((l, i) => `${i + 1}: ${l.ifname}: <UP,LOWER_UP> mtu ${l.mtu} state UP\n`).join(""));
}

function routes(args: readonly string[], context: Context, json: boolean): Answer {
  const [verb = "show", ...rest] = args;
  const { machine, network } = context;
  if (verb === "get") return routeGet(rest, machine, network, json);
  if (["add", "replace", "append", "del", "delete", "change"].includes(verb)) return changeRoute(verb, rest, context);
  const table = argument(args, "table") ?? "main";
  const list =
    table === "52"
      ? network.table52(machine).map((to): IpRoute => plainRoute(to, "tailscale0"))
      : table === "main" || table === "254"
        ? network.mainTable(machine)
        : [];
  if (json) return done(JSON.stringify(list.map(routeJson)));
  return done(list.map((r) => `${routeText(r)}\n`).join(""));
}

const plainRoute = (to: string, dev: string): IpRoute => ({
  to,
  dev,
  via: undefined,
  type: "unicast",
  metric: undefined,
  protocol: undefined,
});

const short = (prefix: string): string => prefix.replace(/\/32$/, "");

function routeJson(r: IpRoute): Record<string, unknown> {
  return {
    ...(r.type === "unicast" ? {} : { type: r.type }),
    dst: short(r.to),
    ...(r.via ? { gateway: r.via } : {}),
    ...(r.dev ? { dev: r.dev } : {}),
    ...(r.protocol ? { protocol: r.protocol } : {}),
    ...(r.metric === undefined ? {} : { metric: r.metric }),
    flags: r.dev === "flannel.1" ? ["onlink"] : [],
  };
}

function routeText(r: IpRoute): string {
  const words = [
    ...(r.type === "unicast" ? [] : [r.type]),
    short(r.to),
    ...(r.via ? ["via", r.via] : []),
    ...(r.dev ? ["dev", r.dev] : []),
    ...(r.protocol ? ["proto", r.protocol] : []),
    ...(r.metric === undefined ? [] : ["metric", String(r.metric)]),
    ...(r.dev === "flannel.1" ? ["onlink"] : []),
  ];
  return `${words.join(" ")} `;
}

function routeGet(args: readonly string[], machine: Machine, network: Network, json: boolean): Answer {
  const to = args.find((a) => /^[\d.]+$/.test(a)) ?? "";
  const hop = network.route(machine, to);
  if (!hop || hop.type === "unreachable")
    return failed(hop ? "RTNETLINK answers: No route to host" : "RTNETLINK answers: Network is unreachable", 2);
  if (json) {
    const table = hop.table === "main" || hop.table === "local" ? {} : { table: hop.table };
    const type = hop.type === "local" ? { type: "local" } : {};
    const gateway = hop.via ? { gateway: hop.via } : {};
    return done(
      JSON.stringify([
        { ...type, dst: to, ...gateway, dev: hop.dev, ...table, prefsrc: hop.src, flags: [], uid: 0, cache: [] },
      ]),
    );
  }
  const via = hop.via ? ` via ${hop.via}` : "";
  const table = hop.table === "main" || hop.table === "local" ? "" : ` table ${hop.table}`;
  return done(
    `${hop.type === "local" ? "local " : ""}${to}${via} dev ${hop.dev}${table} src ${hop.src} uid 0 \n    cache \n`,
  );
}

function changeRoute(verb: string, args: readonly string[], context: Context): Answer {
  const types = ["unreachable", "blackhole", "prohibit", "throw", "unicast"];
  const type = types.find((t) => args.includes(t)) ?? "unicast";
  const to = args.find((a) => a === "default" || /^\d+(\.\d+){3}(\/\d+)?$/.test(a)) ?? "";
  const metric = argument(args, "metric");
  const route: IpRoute = {
    to: to.includes("/") || to === "default" ? to : `${to}/32`,
    dev: argument(args, "dev"),
    via: argument(args, "via"),
    type,
    metric: metric === undefined ? undefined : Number(metric),
    protocol: argument(args, "proto") ?? argument(args, "protocol"),
  };
  const { machine } = context;
  const same = (r: IpRoute): boolean =>
    r.to === route.to &&
    (route.metric === undefined || r.metric === route.metric) &&
    (type === "unicast" || r.type === type);
  const found = machine.routes.find(same);
  if (verb.startsWith("del")) {
    if (!found) return failed("RTNETLINK answers: No such process", 2);
    context.changes(`ip route del ${route.to}`);
    machine.routes = machine.routes.filter((r) => r !== found);
    return done();
  }
  if (found && verb === "add") return failed("RTNETLINK answers: File exists", 2);
  context.changes(`ip route ${verb} ${route.to}`);
  machine.routes = [...machine.routes.filter((r) => r !== found), route];
  return done();
}

function rules(args: readonly string[], context: Context, json: boolean): Answer {
  const [verb = "show", ...rest] = args;
  const { machine } = context;
  const asked: IpRule = {
    priority: Number(argument(rest, "pref") ?? argument(rest, "priority") ?? argument(rest, "preference") ?? -1),
    to: canonical(argument(rest, "to")),
    fwmark: argument(rest, "fwmark"),
    table: argument(rest, "lookup") ?? argument(rest, "table") ?? (rest.includes("unreachable") ? "unreachable" : ""),
    protocol: argument(rest, "protocol") ?? argument(rest, "proto"),
  };
  const matches = (r: IpRule): boolean =>
    (asked.priority < 0 || r.priority === asked.priority) &&
    (asked.to === undefined || r.to === asked.to) &&
    (asked.table === "" || r.table === asked.table) &&
    (asked.protocol === undefined || r.protocol === asked.protocol);
  if (verb === "add") {
    if (machine.rules.some((r) => JSON.stringify(r) === JSON.stringify(asked))) {
      return failed("RTNETLINK answers: File exists", 2);
    }
    context.changes(`ip rule add to ${asked.to} pref ${asked.priority}`);
    machine.rules = [...machine.rules, asked].sort((a, b) => a.priority - b.priority);
    return done();
  }
  if (verb.startsWith("del")) {
    const found = machine.rules.find(matches);
    if (!found) return failed("RTNETLINK answers: No such file or directory", 2);
    context.changes(`ip rule del to ${asked.to} pref ${asked.priority}`);
    machine.rules = machine.rules.filter((r) => r !== found);
    return done();
  }
  const list = machine.rules.filter(matches);
  if (json) return done(JSON.stringify(list.map(ruleJson)));
  return done(list.map((r) => `${ruleText(r)}\n`).join(""));
}

function canonical(to: string | undefined): string | undefined {
  if (to === undefined || to === "all") return undefined;
  return to.includes("/") ? (Cidr.parse(to)?.text ?? to) : `${to}/32`;
}

function ruleJson(r: IpRule): Record<string, unknown> {
  const [dst, dstlen] = r.to?.split("/") ?? [];
  return {
    priority: r.priority,
    src: "all",
    ...(dst === undefined ? {} : { dst }),
    ...(dstlen === undefined || dstlen === "32" ? {} : { dstlen: Number(dstlen) }),
    ...(r.fwmark === undefined ? {} : { fwmark: r.fwmark.split("/")[0], fwmask: r.fwmark.split("/")[1] }),
    ...(r.table === "unreachable" ? { action: "unreachable" } : { table: r.table }),
    ...(r.protocol === undefined ? {} : { protocol: r.protocol }),
  };
}

function ruleText(r: IpRule): string {
  const to = r.to === undefined ? "" : ` to ${short(r.to)}`;
  const mark = r.fwmark === undefined ? "" : ` fwmark ${r.fwmark}`;
  const action = r.table === "unreachable" ? " unreachable" : ` lookup ${r.table}`;
  return `${r.priority}:\tfrom all${to}${mark}${action}${r.protocol === undefined ? "" : ` proto ${r.protocol}`}`;
}

function argument(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
