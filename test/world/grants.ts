/** What the tailnet policy allows, as far as the world's few nodes need it: grants, acls, auto-approvers. */
import { parse } from "jsonc-parser";
import * as z from "zod";
import { Cidr } from "../../src/mesh/cidr.ts";

/** A node as the control server knows it. */
export interface TailnetNode {
  readonly id: string;
  readonly nodeKey: string;
  readonly hostname: string;
  /** First label of its name in the tailnet. */
  readonly label: string;
  readonly addresses: readonly string[];
  readonly tags: readonly string[];
  readonly online: boolean;
  readonly expired: boolean;
  readonly approved: readonly string[];
  /** Approved and advertised routes of which it is the one that serves. */
  readonly serving: readonly string[];
}

interface Rule {
  readonly src: readonly string[];
  readonly dst: readonly string[];
  /** `*`, `tcp:443`, `icmp:*`, … */
  readonly ports: readonly string[];
}

export interface Packet {
  readonly from: TailnetNode;
  readonly to: string;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly port?: number;
}

const strings = z.array(z.string()).default([]);
const schema = z.object({
  hosts: z.record(z.string(), z.string()).default({}),
  groups: z.record(z.string(), strings).default({}),
  grants: z.array(z.object({ src: strings, dst: strings, ip: strings })).optional(),
  acls: z.array(z.object({ src: strings, dst: strings, proto: z.string().optional() })).optional(),
});

const everything: Rule = { src: ["*"], dst: ["*"], ports: ["*"] };

export class Grants {
  readonly #rules: readonly Rule[];
  readonly #hosts: Readonly<Record<string, string>>;

  /** @param text the stored policy; none stored allows everything */
  constructor(text: string | undefined) {
    const policy = text === undefined ? undefined : schema.parse(parse(text, [], { allowTrailingComma: true }));
    this.#hosts = policy?.hosts ?? {};
    const acls = policy?.acls?.flatMap(({ src, dst, proto }) =>
      dst.map((d) => {
        const at = d.lastIndexOf(":");
        const ports = d.slice(at + 1).split(",");
        return { src, dst: [d.slice(0, at)], ports: ports.map((p) => (proto ? `${proto}:${p}` : p)) };
      }),
    );
    const grants = policy?.grants?.map(({ src, dst, ip }) => ({ src, dst, ports: ip }));
    this.#rules = acls || grants ? [...(grants ?? []), ...(acls ?? [])] : [everything];
  }

  #isNode(name: string, node: TailnetNode): boolean {
    const prefix = asPrefix(this.#hosts[name] ?? name);
    return name === "*" || node.tags.includes(name) || (prefix?.containsAddress(node.addresses[0] ?? "") ?? false);
  }

  #overlaps(name: string, route: string): boolean {
    const [a, b] = [asPrefix(this.#hosts[name] ?? name), asPrefix(route)];
    return name === "*" || (a !== undefined && b !== undefined && a.overlaps(b));
  }

  /** Does any rule let `from` reach something of `to`: its addresses or what it serves? */
  #reaches(from: TailnetNode, to: TailnetNode): boolean {
    return this.#rules.some(
      (r) =>
        r.src.some((s) => this.#isNode(s, from)) &&
        r.dst.some((d) => this.#isNode(d, to) || to.approved.some((route) => this.#overlaps(d, route))),
    );
  }

  /** Are two nodes in each other's map? One rule in either direction is enough. */
  sees(a: TailnetNode, b: TailnetNode): boolean {
    return this.#reaches(a, b) || this.#reaches(b, a);
  }

  /** Does `node` get to know `route`? As Headscale reduces routes: what it may dial, and what may dial it. */
  distributes(node: TailnetNode, route: string): boolean {
    return this.#rules.some((r) => {
      const dials = r.src.some((s) => this.#isNode(s, node)) && r.dst.some((d) => this.#overlaps(d, route));
      const own = (d: string): boolean => this.#isNode(d, node) || node.approved.some((a) => this.#overlaps(d, a));
      const dialled = r.src.some((s) => s !== "*" && this.#overlaps(s, route)) && r.dst.some(own);
      return dials || dialled;
    });
  }

  /** Does the receiving tailscaled let it in? Echo requests pass where any port does. */
  allows({ from, to, protocol, port }: Packet): boolean {
    return this.#rules.some(
      (r) =>
        r.src.some((s) => this.#isNode(s, from)) &&
        r.dst.some((d) => this.#overlaps(d, to)) &&
        (protocol === "icmp" || r.ports.some((p) => opens(p, protocol, port))),
    );
  }
}

function asPrefix(text: string): Cidr | undefined {
  return Cidr.parse(text.includes("/") ? text : `${text}/32`);
}

function opens(spec: string, protocol: string, port: number | undefined): boolean {
  if (spec === "*") return true;
  const [left = "", right] = spec.split(":");
  const [kind, range] = right === undefined ? [undefined, left] : [left, right];
  if (kind !== undefined && kind !== protocol) return false;
  if (range === "*") return true;
  const [first = 0, last = first] = range.split("-").map(Number);
  return port !== undefined && port >= first && port <= last;
}
