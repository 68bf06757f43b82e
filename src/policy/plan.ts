/** What becomes of the tailnet policy: the text to write, the difference, and whether a guard stops it. */
import { decodeText } from "../hujson/tree.ts";
import { stringOf } from "../hujson/value.ts";
import type { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Plan } from "../plan/change.ts";
import type { Capabilities, PolicyDocument } from "../ports/control.ts";
import { allowAllLines } from "./allow-all.ts";
import { type DerivedPolicy, derivePolicy } from "./desired.ts";
import { diffEntries } from "./diff.ts";
import { listMember, memberOf, objectMember, type PolicyTree, readPolicy, textsOf } from "./document.ts";
import { type PolicyEntry, policyEntries } from "./entries.ts";
import { policyError } from "./errors.ts";
import { type PolicyState, policyState, withMarker, withoutMarker } from "./marker.ts";
import { mergePolicy, minimalPolicy, withOpenRule } from "./merge.ts";
import { joinParts, type PolicyFile } from "./parts.ts";
import { textDiff } from "./text-diff.ts";

export interface PolicyOptions {
  /** Take the policy that is on the server as the base, whoever wrote it. */
  readonly adopt: boolean;
  readonly onDrift: "fail" | "overwrite";
}

export interface PolicyInput {
  readonly mesh: Mesh;
  /** As on the server now. */
  readonly document: PolicyDocument;
  readonly capabilities: Capabilities;
  /** The request that writes a policy, for the plan. */
  readonly wire: string;
  /** Devices that no cluster tag covers. Only asked for while the server's default is in force; else 0. */
  readonly foreignDevices: number;
  /** The operator's own policy, in order; empty = the policy on the server is the base. */
  readonly files: readonly PolicyFile[];
  readonly options: PolicyOptions;
}

export interface PolicyPlan {
  readonly plan: Plan;
  /** Exact text to write; null when there is nothing to write. */
  readonly text: string | null;
  /** Version that the plan was made for. */
  readonly version: string;
  /** Unified diff from the server's text; empty when there is nothing to write. */
  readonly diff: string;
  readonly warnings: readonly string[];
  /** Why apply must not go on. */
  readonly blocked: MeshError | null;
}

/** Plans it. Throws a coded error where a policy, the server's or a file, cannot be read or merged. */
export function planPolicy(input: PolicyInput): PolicyPlan {
  const derived = derivePolicy(input.mesh);
  const state = policyState(input.document);
  const server = state === "default" ? undefined : readPolicy(input.document.text);
  const base = baseOf(input, state, server);
  const merged = mergePolicy(base.tree, derived);
  // the hash of a policy as we wrote it has just been checked
  const isUntouched = state === "ours" && merged === withoutMarker(input.document.text);
  const text = isUntouched ? input.document.text : withMarker(merged);
  const isAsStored = server !== undefined && text === input.document.text;
  const result = isAsStored ? server : readPolicy(text);
  const after = policyEntries(result, derived);
  checkRules(result);
  if (merged !== decodeText(base.tree.document.bytes)) checkNothingLost(base.tree, result, after, derived);
  const before = isAsStored ? after : server === undefined ? [] : policyEntries(server, derived);
  const { changes, unchanged } = diffEntries(before, after, `${input.wire} (${text.length} characters)`);
  const warnings = [...(server?.warnings ?? []), ...base.warnings, ...resultWarnings(result, derived)];
  const isSame = changes.length === 0;
  const shownBefore = server === undefined ? "" : input.document.text;
  return {
    plan: { changes, unchanged },
    text: isSame ? null : text,
    version: input.document.version,
    diff: isSame
      ? ""
      : textDiff(shownBefore, text, { before: "policy on the server", after: "policy of the topology" }),
    warnings: [...new Set(warnings)],
    blocked: isSame ? null : blockedBy(input, state),
  };
}

interface Base {
  readonly tree: PolicyTree;
  readonly warnings: readonly string[];
}

/** The policy that derived entries are merged into. */
function baseOf(input: PolicyInput, state: PolicyState, server: PolicyTree | undefined): Base {
  const { files, options } = input;
  const [first, ...rest] = files;
  const isForeign = state === "foreign" || state === "drifted";
  if (first !== undefined && !(options.adopt && isForeign)) {
    const tree = joinParts([first, ...rest]);
    return { tree, warnings: tree.warnings };
  }
  if (server === undefined) return defaultBase(input);
  const base = keepOpen(readPolicy(withoutMarker(input.document.text)));
  if (first === undefined) return base;
  const warning = `adopt: the policy on the server was taken as the base instead of ${files.map((f) => f.file).join(", ")}; bring your file up to date before the next run`;
  return { ...base, warnings: [...base.warnings, warning] };
}

/** While devices of others live under the default, adopting it means that everything stays allowed. */
function defaultBase(input: PolicyInput): Base {
  if (input.foreignDevices === 0 || !input.options.adopt) return { tree: readPolicy(minimalPolicy), warnings: [] };
  const text = withoutMarker(input.document.text);
  return keepOpen(readPolicy(text.trim() === "" ? minimalPolicy : text));
}

/** A policy without any rule section allows everything; adding the first rule would close all else. */
function keepOpen(tree: PolicyTree): Base {
  const hasRules = (["grants", "acls"] as const).some(
    (name) => memberOf(tree.document, tree.root, name)?.value.kind === "array",
  );
  if (hasRules) return { tree, warnings: [] };
  const warning =
    "the policy had no rules, which means that everything is allowed; that is now written as a rule, so that nothing is cut off";
  return { tree: withOpenRule(tree), warnings: [warning] };
}

/** Servers store `{}` and take it as: everything is allowed. */
function checkRules(result: PolicyTree): void {
  if (listMember(result, result.root, "grants") ?? listMember(result, result.root, "acls")) return;
  throw policyError("MESH_POLICY_EMPTY", "the policy to be written has neither grants nor acls");
}

/** Every entry of others is still there, unchanged or longer. */
function checkNothingLost(
  base: PolicyTree,
  result: PolicyTree,
  after: readonly PolicyEntry[],
  derived: DerivedPolicy,
): void {
  const values = new Set(after.map((e) => `${e.resource} ${e.value}`));
  const lost = policyEntries(base, derived).filter(
    (e) => e.origin === "other" && !values.has(`${e.resource} ${e.value}`),
  );
  const [first] = lost;
  if (first !== undefined) {
    throw policyError(
      "MESH_POLICY_LOSES_ENTRY",
      `${lost.length} would be lost, the first is ${first.address}: ${first.shown}`,
    );
  }
  checkOwnersKept(base, result);
}

function checkOwnersKept(base: PolicyTree, result: PolicyTree): void {
  const [old, now] = [base, result].map((tree) => objectMember(tree, tree.root, "tagOwners"));
  for (const item of old?.items ?? []) {
    const name = stringOf(base.document, item.name);
    const kept = now && textsOf(result.document, memberOf(result.document, now, name)?.value);
    const missing = kept && textsOf(base.document, item.value)?.filter((value) => !kept.includes(value));
    if (missing?.length) {
      throw policyError("MESH_POLICY_LOSES_ENTRY", inertText(`the owners of ${name} would lose ${missing.join(", ")}`));
    }
  }
}

function resultWarnings(result: PolicyTree, derived: DerivedPolicy): readonly string[] {
  const open = allowAllLines(result).map(
    (line) =>
      `line ${line} of the policy allows everything: while that rule is there, links and forbid restrict nothing`,
  );
  const owners = objectMember(result, result.root, "tagOwners");
  const shared = derived.tags.filter((tag) => {
    const names = owners && textsOf(result.document, memberOf(result.document, owners, tag)?.value);
    return names?.some((name) => name !== derived.ownerTag) ?? false;
  });
  return [
    ...open,
    ...shared.map(
      (tag) =>
        `${tag} has other owners beside ${derived.ownerTag}; they stay, so rules with that tag count as yours and are not taken out later`,
    ),
  ];
}

function blockedBy(input: PolicyInput, state: PolicyState): MeshError | null {
  const { options, foreignDevices } = input;
  const where = { address: "policy" };
  if (options.adopt) return null;
  if (state === "foreign") {
    return policyError("MESH_POLICY_FOREIGN", "the policy on the server was not written by Tailmesh", { where });
  }
  if (state === "drifted" && options.onDrift === "fail") {
    return policyError("MESH_POLICY_DRIFTED", "the policy was edited elsewhere since Tailmesh last wrote it", {
      where,
    });
  }
  if (state === "default" && foreignDevices > 0) {
    const count = foreignDevices === 1 ? "1 device" : `${foreignDevices} devices`;
    return policyError("MESH_POLICY_DEFAULT_IN_USE", `${count} outside the topology would lose all access`, { where });
  }
  return null;
}
