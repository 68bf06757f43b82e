/** `k3s kubectl get … -o jsonpath` and `k3s crictl`, over objects made from the machine's description. */
import { type Answer, done, failed } from "../channel.ts";
import type { Command, Context } from "./context.ts";

export const k3s: Command = async ([tool = "", ...args], context) => {
  if (tool === "--version" || tool === "-v") return done("k3s version v1.34.1+k3s1 (simulated)\n");
  if (tool === "kubectl") return kubectl(args, context);
  if (tool === "crictl") return crictl(args, context);
  return failed(`No help topic for '${tool}'`, 3);
};

function kubectl(args: readonly string[], context: Context): Answer {
  if (context.machine.spec.k3s === "agent") {
    return failed("The connection to the server localhost:8080 was refused - did you specify the right host or port?");
  }
  const [verb, kinds = ""] = args;
  const template = args.find((a) => a.startsWith("jsonpath="))?.slice("jsonpath=".length);
  if (verb !== "get" || template === undefined) return failed(`the simulated kubectl does not know: ${args.join(" ")}`);
  const items = kinds.split(",").flatMap((kind) => objects(kind, context));
  return done(jsonPath(template, { items }));
}

function objects(kind: string, { machine }: Context): readonly unknown[] {
  const { cluster } = machine;
  if (/^nodes?$/.test(kind)) {
    return cluster.machines.map((m) => {
      const server = [
        "server",
        "--cluster-cidr",
        cluster.pods,
        "--service-cidr",
        cluster.services,
        "--node-ip",
        m.address,
      ];
      const agent = ["agent", "--server", `https://${cluster.machines[0]?.address}:6443`, "--node-ip", m.address];
      const annotations = { "k3s.io/node-args": JSON.stringify(m.k3s === "server" ? server : agent) };
      return { kind: "Node", metadata: { name: m.name, annotations }, spec: { podCIDR: m.slice, podCIDRs: [m.slice] } };
    });
  }
  if (/^(services?|svc)$/.test(kind)) {
    return cluster.serviceList.map((s) => ({
      kind: "Service",
      metadata: { name: s.name, namespace: s.namespace },
      spec: { clusterIP: s.ip },
    }));
  }
  if (/^servicecidrs?$/.test(kind)) {
    return [{ kind: "ServiceCIDR", metadata: { name: "kubernetes" }, spec: { cidrs: [cluster.services] } }];
  }
  return [];
}

function crictl(args: readonly string[], { machine }: Context): Answer {
  const [verb] = args;
  const pods = machine.spec.pods.map((p) => ({
    id: `${p.pid.toString(16).padStart(4, "0")}c0ffee`.padEnd(64, "0"),
    status: { metadata: { namespace: p.namespace, name: p.name }, network: { ip: p.ip } },
    info: { pid: p.pid },
  }));
  if (verb === "pods") return done(pods.map((p) => `${p.id}\n`).join(""));
  if (verb !== "inspectp") return failed(`the simulated crictl does not know: ${args.join(" ")}`);
  const template = args[args.indexOf("--template") + 1] ?? "";
  const wanted = pods.filter((p) => args.includes(p.id));
  const each = /^\{\{range \.\}\}(.*)\{\{end\}\}$/s.exec(template)?.[1];
  if (each === undefined) return done(wanted.map((p) => goTemplate(template, p)).join(""));
  return done(wanted.map((p) => goTemplate(each, p)).join(""));
}

/** `.a.b\.c` of a value. */
function dig(value: unknown, path: string): string {
  const keys = [...path.matchAll(/\.((?:\\.|[^.])+)/g)].map((m) => (m[1] ?? "").replaceAll("\\.", "."));
  const found = keys.reduce<unknown>(
    (at, key) => (at !== null && typeof at === "object" ? Reflect.get(at, key) : undefined),
    value,
  );
  return found === undefined ? "" : typeof found === "string" ? found : JSON.stringify(found);
}

/** Fields, literals and one level of `range`. */
function jsonPath(template: string, root: { readonly items: readonly unknown[] }): string {
  return template
    .replace(/\{range \.items\[\*\]\}(.*?)\{end\}/gs, (_, body: string) =>
      root.items.map((item) => fill(body, /\{("[^"]*"|[^{}]*)\}/g, item)).join(""),
    )
    .replace(/\{(\.[^{}]*)\}/g, (_, path: string) => dig(root, path));
}

function goTemplate(template: string, root: unknown): string {
  return fill(template, /\{\{("[^"]*"|[^{}]*)\}\}/g, root);
}

function fill(template: string, holes: RegExp, root: unknown): string {
  return template.replace(holes, (_, hole: string) =>
    hole.startsWith('"') ? hole.slice(1, -1).replaceAll("\\t", "\t").replaceAll("\\n", "\n") : dig(root, hole.trim()),
  );
}
