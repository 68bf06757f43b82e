/** `acls`: rules of the first generation, with ports written behind their destinations. */
import type { TreeNode } from "../../hujson/tree.ts";
import { allPorts, hasPorts, type PortRange, parsePorts, parseProtocol } from "./ports.ts";
import { readSrcPosture } from "./postures.ts";
import { type Located, type Reading, readList, readMembers, readText } from "./reading.ts";
import type { Rule } from "./rule.ts";
import type { Names, Selector } from "./selector.ts";
import { checkSelf, readDestination, readEither, readSources } from "./sides.ts";

const memberNames = { both: ["action", "src", "dst", "proto"], tailscaleOnly: ["users", "ports", "srcPosture"] };

export function readAcls(reading: Reading, names: Names, node: TreeNode | undefined): readonly Rule[] {
  return readList(reading, node, '"acls"').flatMap((entry) => {
    const members = readMembers(reading, entry, "a rule", memberNames);
    if (members === undefined) return [];
    const action = readText(reading, members.get("action"), '"action"');
    if (action?.text !== "accept")
      reading.report(
        // Headscale takes a rule without any for one that accepts.
        action === undefined && reading.server === "headscale" ? "warning" : "error",
        "MESH_RULES_ACTION",
        action?.node ?? entry,
        `action="${action?.text ?? ""}" is not supported`,
      );
    const protocol = readProtocol(reading, members.get("proto"));
    const src = readSources(reading, names, readEither(reading, members, "src", "users"));
    const dst = readEither(reading, members, "dst", "ports").flatMap((text) =>
      readTarget(reading, names, text, protocol),
    );
    checkSelf(
      reading,
      entry,
      src,
      dst.map((target) => target.selector),
      true,
    );
    return [
      {
        section: "acls",
        node: entry,
        src,
        traffic: [{ protocol, dst }],
        app: { capabilities: new Map(), dst: [] },
        via: [],
        isConditional: readSrcPosture(reading, names, members.get("srcposture")),
      } satisfies Rule,
    ];
  });
}

function readProtocol(reading: Reading, node: TreeNode | undefined): number | undefined {
  const proto = readText(reading, node, '"proto"');
  if (proto === undefined) return undefined;
  const protocol = parseProtocol(proto.text);
  if (protocol === undefined)
    reading.report("error", "MESH_RULES_PORT", proto.node, `no such protocol: "${proto.text}"`);
  return protocol === "default" ? undefined : protocol;
}

function readTarget(
  reading: Reading,
  names: Names,
  target: Located,
  protocol: number | undefined,
): readonly { readonly selector: Selector; readonly ports: readonly PortRange[] }[] {
  const split = splitTarget(target.text);
  if (split === undefined) {
    reading.report(
      "error",
      "MESH_RULES_PORT",
      target.node,
      `dst="${target.text}": a destination has ports behind a colon`,
    );
    return [];
  }
  const ports = split.ports.split(",").map((text) => parsePorts(text.trim()));
  const refusal = ports.find((one) => typeof one === "string");
  if (refusal !== undefined) {
    reading.report("error", "MESH_RULES_PORT", target.node, `dst="${target.text}": ${refusal}`);
    return [];
  }
  const selector = readDestination(reading, names, { text: split.host, node: target.node });
  if (selector === undefined) return [];
  const ranges = ports.filter((one) => typeof one !== "string");
  if (protocol !== undefined && !hasPorts(protocol) && ranges.some((range) => range !== allPorts)) {
    const severity = reading.server === "headscale" ? "error" : "warning";
    reading.report(
      severity,
      "MESH_RULES_PORT",
      target.node,
      `dst="${target.text}": this protocol has no ports, write "*"`,
    );
  }
  return [{ selector, ports: ranges }];
}

/** Host and ports of `host:ports`; IPv6 may stand in brackets, `[address]/bits:ports` among them. */
export function splitTarget(text: string): { readonly host: string; readonly ports: string } | undefined {
  const colon = text.lastIndexOf(":");
  if (colon === -1) return undefined;
  const host = text.slice(0, colon);
  const [, address, bits = ""] = /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\](\/\d+)?$/.exec(host) ?? [];
  return { host: address === undefined ? host : `${address}${bits}`, ports: text.slice(colon + 1) };
}
