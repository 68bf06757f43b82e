/** The policy that derived entries are merged into: the operator's own files, the one on the server, or a minimal one. */
import type { ControlKind } from "../mesh/mesh.ts";
import type { PolicyDocument } from "../ports/control.ts";
import { memberOf, type PolicyTree, readPolicy } from "./document.ts";
import { type PolicyState, withoutMarker } from "./marker.ts";
import { withOpenRule } from "./merge.ts";
import { joinParts, type PolicyFile } from "./parts.ts";

export interface BaseInput {
  readonly control: ControlKind;
  /** As on the server. */
  readonly document: PolicyDocument;
  readonly state: PolicyState;
  /** The same as a tree; undefined while the server's default is in force. */
  readonly server: PolicyTree | undefined;
  /** In order; empty = the policy on the server is the base. */
  readonly files: readonly PolicyFile[];
  readonly adopt: boolean;
  /** Devices that only the server's default lets in. */
  readonly hasForeignDevices: boolean;
}

export interface Base {
  readonly tree: PolicyTree;
  readonly from: "files" | "server" | "default";
  readonly warnings: readonly string[];
}

/** Chooses it. Throws where a file cannot be read or two of them contradict each other. */
export function baseOf(input: BaseInput): Base {
  const { files, adopt, state, server, document } = input;
  const [first, ...rest] = files;
  const isForeign = state === "foreign" || state === "drifted";
  if (first !== undefined && !(adopt && isForeign)) {
    const tree = joinParts([first, ...rest]);
    return { tree, from: "files", warnings: tree.warnings };
  }
  if (server === undefined) return defaultBase(input);
  return { ...keepOpen(readPolicy(withoutMarker(document.text))), from: "server" };
}

/** While devices of others live under the default, adopting it means that everything stays allowed. */
function defaultBase({ control, adopt, hasForeignDevices, document }: BaseInput): Base {
  if (!adopt || !hasForeignDevices) {
    return { tree: readPolicy(minimalPolicy(control)), from: "default", warnings: [] };
  }
  const text = withoutMarker(document.text);
  return { ...keepOpen(readPolicy(text.trim() === "" ? emptyPolicy : text)), from: "default" };
}

const heading =
  "  // The policy of this tailnet. Tailmesh keeps the entries of its clusters up to date; add your own beside them.\n";

const emptyPolicy = `{\n${heading}}\n`;

/** The base when the server has only its untouched default. Roles are Tailscale's alone; there, admins keep access. */
function minimalPolicy(control: ControlKind): string {
  if (control === "headscale") return emptyPolicy;
  const rule = '{ "src": ["autogroup:owner", "autogroup:admin"], "dst": ["*"], "ip": ["*"] }';
  return `{\n${heading}  "grants": [\n    // Those who look after the tailnet keep access to all of it.\n    ${rule},\n  ],\n}\n`;
}

/** A policy without any rule section allows everything; adding the first rule would close all else. */
function keepOpen(tree: PolicyTree): Omit<Base, "from"> {
  const hasRules = (["grants", "acls"] as const).some(
    (name) => memberOf(tree.document, tree.root, name)?.value.kind === "array",
  );
  if (hasRules) return { tree, warnings: [] };
  const warning =
    "the policy had no rules, which means that everything is allowed; that is now written as a rule, so that nothing is cut off";
  return { tree: withOpenRule(tree), warnings: [warning] };
}
