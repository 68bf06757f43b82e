/** What becomes of the tailnet policy: the text to write, the difference, who is concerned, and whether a guard stops it. */
import { decodeText } from "../hujson/tree.ts";
import { stringOf } from "../hujson/value.ts";
import { joinErrors, type MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { ControlKind, Mesh } from "../mesh/mesh.ts";
import type { Plan } from "../plan/change.ts";
import type { Capabilities, Device, PolicyDocument } from "../ports/control.ts";
import { type AccessChange, accessDiff, hasAll } from "./access-diff.ts";
import { adoptedFile, adoptedFileChange, adoptedMarkChange, adoptWarnings } from "./adopt.ts";
import { allowAllLines, openNote } from "./allow-all.ts";
import { type Base, baseOf } from "./base.ts";
import { type DerivedPolicy, derivePolicy } from "./desired.ts";
import { diffEntries } from "./diff.ts";
import { listMember, memberOf, objectMember, type PolicyTree, readPolicy, textsOf } from "./document.ts";
import { type Edits, editsSince } from "./edits.ts";
import { type PolicyEntry, policyEntries } from "./entries.ts";
import { policyError } from "./errors.ts";
import { foreignDevices } from "./foreign.ts";
import { type HeldTest, holdTests } from "./held-tests.ts";
import type { LastApplied } from "./last-applied.ts";
import { liveDevices } from "./live-devices.ts";
import { type Lockout, lockoutError, lockouts, lockoutText } from "./lockout.ts";
import { type PolicyState, policyState, withoutMarker } from "./marker.ts";
import type { PolicyFile } from "./parts.ts";
import { renderPolicy } from "./render.ts";
import { type Evaluation, evaluate } from "./rules/evaluate.ts";
import { textDiff } from "./text-diff.ts";

export interface PolicyOptions {
  /** Take the policy that is on the server as the base, whoever wrote it. */
  readonly adopt: boolean;
  readonly onDrift: "fail" | "overwrite";
  /** Go on although somebody would be locked out; default false. */
  readonly allowLockout?: boolean;
}

export interface PolicyInput {
  readonly mesh: Mesh;
  /** As on the server now. */
  readonly document: PolicyDocument;
  readonly capabilities: Capabilities;
  /** The request that writes a policy, for the plan. */
  readonly wire: string;
  /** Null: the credential may not list them. Undefined: not asked for, as long as it is not known that something is to be written. */
  readonly devices?: readonly Device[] | null | undefined;
  /** The operator's own policy, in order; empty = the policy on the server is the base. */
  readonly files: readonly PolicyFile[];
  /** What Tailmesh wrote last. Null: the history does not have it. Undefined: not looked for. */
  readonly lastApplied?: LastApplied | null | undefined;
  /** Who is locked out by the word of the server's own preview. */
  readonly previewed?: readonly Lockout[];
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
  /** Who gains and loses what; empty when there is nothing to write or devices were not asked for. */
  readonly access: readonly AccessChange[];
  /** What was edited elsewhere; null when nothing was, or nothing is to be written. */
  readonly edits: Edits | null;
  /** Tests of the operator's that wait for a device. */
  readonly held: readonly HeldTest[];
  /** The operator's own file as it is to be from now on; null when it stays. */
  readonly rewrite: PolicyFile | null;
  /** Why apply must not go on. */
  readonly blocked: MeshError | null;
  /** What it was made of, to make it again. */
  readonly input: PolicyInput;
}

/** Plans it. Throws a coded error where a policy, the server's or a file, cannot be read or merged. */
export function planPolicy(input: PolicyInput): PolicyPlan {
  const { adopt } = input.options;
  const { keepsComments } = input.capabilities.policy;
  const derived = derivePolicy(input.mesh);
  const server = input.document.isDefault ? undefined : readPolicy(input.document.text);
  const state = stateOf(input, server, derived);
  const { base, held } = heldBase(input, state, server);
  const rendered = renderPolicy(base, derived);
  const { merged } = rendered;
  // the hash of a policy as we wrote it has just been checked
  const isUntouched = state === "ours" && merged === withoutMarker(input.document.text);
  const text = isUntouched ? input.document.text : rendered.text();
  const isAsStored = server !== undefined && text === input.document.text;
  const result = isAsStored ? server : readPolicy(text);
  const after = policyEntries(result, derived);
  checkRules(result);
  if (merged !== decodeText(base.tree.document.bytes)) checkNothingLost(base.tree, result, after, derived);
  const before = isAsStored ? after : server === undefined ? [] : policyEntries(server, derived);
  const does = `${input.wire} (${text.length} characters)`;
  const { changes: entryChanges, unchanged } = diffEntries(before, after, does);
  const isUnmarked = keepsComments && !isAsStored && (state === "foreign" || state === "drifted");
  const changes = adopt && entryChanges.length === 0 && isUnmarked ? [adoptedMarkChange(does)] : entryChanges;
  const isSame = changes.length === 0;
  const judged = isSame || input.devices === undefined ? undefined : judge(input, server, result);
  const isAdopted = adopt && base.from === "server";
  const rewrite = isAdopted ? adoptedFile(input.files, merged) : null;
  const shownBefore = server === undefined ? "" : input.document.text;
  const edits = isSame ? null : editsOf(input, state, server, derived);
  return {
    plan: { changes: [...changes, ...(rewrite ? [adoptedFileChange(input.files, rewrite)] : [])], unchanged },
    text: isSame ? null : text,
    version: input.document.version,
    diff: isSame
      ? ""
      : textDiff(shownBefore, text, { before: "policy on the server", after: "policy of the topology" }),
    warnings: [
      ...new Set([
        ...(server?.warnings ?? []),
        ...base.warnings,
        ...(isAdopted ? adoptWarnings(input.files, rewrite) : []),
        ...resultWarnings(result, derived, input.mesh.tailnet.control),
        ...heldWarnings(held),
        ...(judged?.warnings ?? []),
      ]),
    ],
    access: judged?.access ?? [],
    edits,
    held,
    rewrite,
    blocked: isSame ? null : blockedBy(input, state, edits, lostEntries(before, after), judged?.blocked),
    input,
  };
}

/** A server that drops comments keeps no marker; then only what is in the policy tells whose it is. */
type State = PolicyState | "unmarked";

function stateOf(input: PolicyInput, server: PolicyTree | undefined, derived: DerivedPolicy): State {
  const state = policyState(input.document);
  if (state !== "foreign" || server === undefined || input.capabilities.policy.keepsComments) return state;
  if (input.lastApplied) return "ours";
  const isOurs = ({ origin, address }: PolicyEntry): boolean =>
    origin !== "other" && address !== `policy/tagOwners/${derived.ownerTag}`;
  return policyEntries(server, derived).some(isOurs) ? "unmarked" : "foreign";
}

interface HeldBase {
  readonly base: Base;
  readonly held: readonly HeldTest[];
}

/** The base, without tests that the server would fail only because a device is missing. */
function heldBase(input: PolicyInput, state: State, server: PolicyTree | undefined): HeldBase {
  const { mesh, document, files, devices, options, capabilities } = input;
  const base = baseOf({
    control: mesh.tailnet.control,
    document,
    state: state === "unmarked" ? "drifted" : state,
    server,
    files,
    adopt: options.adopt,
    hasForeignDevices: countForeign(input) !== 0,
  });
  if (base.from !== "files" || !devices || !capabilities.policy.testsNeedNodes) return { base, held: [] };
  const { tree, tests } = holdTests(base.tree, server, devices);
  return { base: { ...base, tree }, held: tests };
}

/** Null when devices could not be seen; 0 as long as nobody asked. */
function countForeign({ document, devices, mesh }: PolicyInput): number | null {
  if (!document.isDefault || devices === undefined) return 0;
  return devices === null ? null : foreignDevices(devices, mesh).length;
}

interface Judged {
  readonly access: readonly AccessChange[];
  readonly warnings: readonly string[];
  readonly blocked: MeshError | undefined;
}

/** What the evaluator says of the two policies. Its verdict on the new one is told, and never stops anything. */
function judge(input: PolicyInput, server: PolicyTree | undefined, result: PolicyTree): Judged {
  const { mesh, devices = null, document, options } = input;
  // Where nothing was ever set, servers let everything through.
  const inForce = document.text.trim() === "" ? "{}" : document.text;
  const texts = [inForce, decodeText(result.document.bytes)];
  const known = { server: mesh.tailnet.control, devices: liveDevices(devices, mesh, texts) };
  const before = evaluate(inForce, { ...known, skipTests: true });
  const skipTests = isLarge(result);
  const after = evaluate(result.document, { ...known, skipTests });
  const found = [
    ...lockouts({
      mesh,
      before: { tree: server, evaluation: before },
      after: { tree: result, evaluation: after },
      devices: devices ?? [],
    }),
    ...(input.previewed ?? []),
  ];
  const access = accessDiff(before, after);
  const isWhole = hasAll(after.devices) && known.devices.nodes.length >= (devices?.length ?? 0);
  const sampled = isWhole
    ? []
    : ["who gains or loses access is told for one device of each kind: the tailnet has too many to compare all"];
  const allowed = options.allowLockout ? found.map((one) => `allow-lockout: ${lockoutText(one)}`) : [];
  const blind =
    devices === null
      ? ["the credential may not list devices: who is locked out, and who gains or loses access, is not verified"]
      : [];
  const untried = skipTests
    ? ["the policy has too many tests and rules to try its tests here: only the server does"]
    : [];
  return {
    access,
    warnings: [...blind, ...sampled, ...untried, ...allowed, ...localProblems(after)],
    blocked: options.allowLockout ? undefined : lockoutError(found),
  };
}

/** Every test is held against every rule; servers do that in any case. */
function isLarge(result: PolicyTree): boolean {
  const [tests = 0, ...rules] = ["tests", "grants", "acls"].map(
    (name) => listMember(result, result.root, name)?.items.length ?? 0,
  );
  return tests * rules.reduce((sum, count) => sum + count, 0) > 100_000;
}

const maxProblems = 5;

function localProblems({ problems }: Evaluation): readonly string[] {
  return problems
    .filter(({ severity }) => severity === "error")
    .slice(0, maxProblems)
    .map(({ line, message, code }) => `line ${line} of the new policy: ${message} (${code}; the server decides)`);
}

function editsOf(
  input: PolicyInput,
  state: State,
  server: PolicyTree | undefined,
  derived: DerivedPolicy,
): Edits | null {
  if (server === undefined || (state !== "drifted" && state !== "unmarked")) return null;
  return editsSince(server, derived, input.lastApplied, state === "unmarked");
}

function heldWarnings(held: readonly HeldTest[]): readonly string[] {
  return held.map(
    ({ line, needs }) =>
      `the test in line ${line} of your policy is held back: nobody is ${needs} yet, which Headscale takes for a failure; it is written once a device is`,
  );
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
  const lost = lostEntries(policyEntries(base, derived), after);
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

function resultWarnings(result: PolicyTree, derived: DerivedPolicy, server: ControlKind): readonly string[] {
  const open = allowAllLines(result, server).map(openNote);
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

const devicesHint =
  "Give the credential the scope `devices:core:read`, or set `adopt: true` to keep everything allowed for now, or write a policy for those devices and name it in `policy.file`.";

function blockedBy(
  input: PolicyInput,
  state: State,
  edits: Edits | null,
  lost: readonly PolicyEntry[],
  lockout: MeshError | undefined,
): MeshError | null {
  const errors = [stateError(input, state, edits, lost), lockout].filter((error) => error !== undefined);
  const [first, ...rest] = errors;
  return first ? joinErrors([first, ...rest]) : null;
}

function stateError(
  input: PolicyInput,
  state: State,
  edits: Edits | null,
  lost: readonly PolicyEntry[],
): MeshError | undefined {
  const { options } = input;
  const where = { address: "policy" };
  if (options.adopt) return undefined;
  if (state === "foreign") {
    return policyError("MESH_POLICY_FOREIGN", "the policy on the server was not written by Tailmesh", { where });
  }
  const isEdited = state === "drifted" || (state === "unmarked" && lost.length > 0);
  if (isEdited && options.onDrift === "fail") {
    const what = edits === null || edits.shown.length === 0 ? "" : `: ${edits.shown.slice(0, 5).join("; ")}`;
    const message =
      state === "unmarked"
        ? `the policy on the server has entries that your file lacks, which may have been edited elsewhere${what}`
        : `the policy was edited elsewhere since Tailmesh last wrote it${what}`;
    return policyError("MESH_POLICY_DRIFTED", message, { where });
  }
  if (state !== "default") return undefined;
  const count = countForeign(input);
  if (count === null) {
    const message =
      "whether devices outside the topology would lose all access is not verified: the credential may not list devices";
    return policyError("MESH_POLICY_DEFAULT_IN_USE", message, { where, hint: devicesHint });
  }
  if (count === 0) return undefined;
  const named = count === 1 ? "1 device" : `${count} devices`;
  return policyError("MESH_POLICY_DEFAULT_IN_USE", `${named} outside the topology would lose all access`, { where });
}

/** Entries of others that are there now and would not be. */
function lostEntries(before: readonly PolicyEntry[], after: readonly PolicyEntry[]): readonly PolicyEntry[] {
  const values = new Set(after.map(({ resource, value }) => `${resource} ${value}`));
  return before.filter(({ origin, resource, value }) => origin === "other" && !values.has(`${resource} ${value}`));
}
