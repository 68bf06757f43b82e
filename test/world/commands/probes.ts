/** What talks over the network: `nsenter`, `ping`, and the programs that the probes run with perl or python. */
import { type Answer, done, failed } from "../channel.ts";
import type { Ending, Probe } from "../network.ts";
import type { Command, Context } from "./context.ts";

/** Waiting in the world is this much shorter than on a real network, where patience is needed. */
const haste = 0.25;

/** Listeners in pods, by `ADDRESS:PORT`. */
export class Listeners {
  readonly #open = new Map<string, () => void>();
  readonly #waiting = new Map<string, (() => void)[]>();

  open(at: string, served: () => void): void {
    this.#open.set(at, served);
    for (const wake of this.#waiting.get(at) ?? []) wake();
    this.#waiting.delete(at);
  }

  close(at: string): void {
    this.#open.delete(at);
  }

  /** Takes one connection; false when nobody listens within that many milliseconds. */
  async take(at: string, patience: number): Promise<boolean> {
    if (!this.#open.has(at)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.set(at, [...(this.#waiting.get(at) ?? []), resolve]);
      const timer = setTimeout(resolve, patience);
      await promise;
      clearTimeout(timer);
    }
    const served = this.#open.get(at);
    served?.();
    return served !== undefined;
  }
}

export function probeCommands(
  listeners: Listeners,
): Readonly<Record<"nsenter" | "ping" | "perl" | "python3", Command>> {
  const inside = async (from: string, words: readonly string[], context: Context): Promise<Answer> => {
    const [tool = "", ...rest] = words;
    if (tool === "ping") return ping(from, rest, context);
    if (tool === "perl" || tool === "python3") return program(from, rest, context, listeners);
    return failed(`nsenter: failed to execute ${tool}: No such file or directory`, 127);
  };
  return {
    async nsenter(args, context) {
      const pid = Number(args[args.indexOf("-t") + 1]);
      const pod = context.machine.spec.pods.find((p) => p.pid === pid);
      if (!pod) return failed(`nsenter: cannot open /proc/${pid}/ns/net: No such file or directory`);
      return inside(pod.ip, args.slice(args.indexOf("-n") + 1), context);
    },
    ping: (args, context) => inside(context.machine.spec.address, ["ping", ...args], context),
    perl: (args, context) => inside(context.machine.spec.address, ["perl", ...args], context),
    python3: (args, context) => inside(context.machine.spec.address, ["python3", ...args], context),
  };
}

function ping(from: string, args: readonly string[], { machine, network }: Context): Answer {
  const to = args.at(-1) ?? "";
  const size = args.indexOf("-s") < 0 ? undefined : Number(args[args.indexOf("-s") + 1]);
  const headers = 28;
  const probe: Probe = { to, protocol: "icmp", ...(size === undefined ? {} : { size: size + headers }) };
  const ended = network.send(machine, from, probe);
  const head = `PING ${to} (${to}) ${size ?? 56}(${(size ?? 56) + headers}) bytes of data.\n`;
  const tail = (received: number): string =>
    `\n--- ${to} ping statistics ---\n1 packets transmitted, ${received} received, ${received ? 0 : 100}% packet loss, time 0ms\n`;
  if (ended.kind === "answered") {
    return done(`${head}${(size ?? 56) + 8} bytes from ${to}: icmp_seq=1 ttl=62 time=0.613 ms\n${tail(1)}`);
  }
  const said = errorLine(ended);
  return { code: 1, stdout: `${head}${said === "" ? "" : `From ${said}\n`}${tail(0)}`, stderr: "" };
}

function errorLine(ended: Ending): string {
  if (ended.kind === "too-big") return `${ended.from} icmp_seq=1 Frag needed and DF set (mtu = ${ended.mtu})`;
  if (ended.kind !== "unreachable") return "";
  const what = { host: "Host Unreachable", net: "Net Unreachable", prohibited: "Host Prohibited" }[ended.what];
  return `${ended.from} icmp_seq=1 Destination ${what}`;
}

const line = (text: string): Answer => ({ code: text.startsWith("ok") ? 0 : 1, stdout: `${text}\n`, stderr: "" });

/** `FILE MODE ARGUMENT…`, as src/reach/programs.ts describes it. */
async function program(from: string, args: readonly string[], context: Context, listeners: Listeners): Promise<Answer> {
  const [, mode = "", a = "", b = "", c = "", d = ""] = args;
  const { machine, network } = context;
  switch (mode) {
    case "serve":
      return serve(`${from}:${a}`, Number(b), Math.min(Number(c), Number(d || c)), listeners);
    case "fetch": {
      const ended = network.send(machine, from, { to: a, protocol: "tcp", port: Number(b), bulk: true });
      if (ended.kind !== "answered") return line(ended.kind === "stalled" ? "stalled 0" : said(ended));
      return line((await listeners.take(`${a}:${b}`, Number(c) * 1000 * haste)) ? "ok 1048576 14" : "refused");
    }
    case "tcp": {
      const ended = network.send(machine, from, { to: a, protocol: "tcp", port: Number(b) });
      const open = ended.kind === "answered" && (ended.by !== "pod" || (await listeners.take(`${a}:${b}`, 1)));
      return line(open ? "ok 2" : ended.kind === "answered" ? "refused" : said(ended));
    }
    case "dns-udp":
    case "dns-tcp": {
      const protocol = mode === "dns-udp" ? "udp" : "tcp";
      const ended = network.send(machine, from, { to: a, protocol, port: Number(d || 53) });
      if (ended.kind !== "answered") return line(said(ended));
      const cluster = ended.machine.cluster;
      const service = cluster.serviceList.find((s) => b === `${s.name}.${s.namespace}.svc.cluster.local`);
      return line(service ? `ok ${service.ip}` : "rcode 3");
    }
    default:
      return failed(`the simulated program does not know ${mode}`, 2);
  }
}

/** Serving takes no time here, so only the wait for the first and the next connection counts. */
async function serve(at: string, expected: number, seconds: number, listeners: Listeners): Promise<Answer> {
  let served = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000 * haste);
  listeners.open(at, () => {
    served += 1;
    if (served === expected) resolve();
  });
  await promise;
  clearTimeout(timer);
  listeners.close(at);
  return line(served >= expected ? `ok ${served} ${expected}` : `late ${served} ${expected}`);
}

function said(ended: Ending): string {
  if (ended.kind === "refused") return "refused";
  if (ended.kind !== "unreachable") return "timeout";
  return `unreachable ${ended.what === "net" ? "Network is unreachable" : "No route to host"}`;
}
