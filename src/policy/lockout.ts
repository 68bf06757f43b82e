/** Who would be locked out by a policy: what nobody wants to lose by accident, judged by the evaluator. */
import { positionAt } from "../hujson/tree.ts";
import { joinErrors, type MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import { clusterOf, type Mesh, type Node, tailscaleNodes } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";
import { memberOf, objectMember, type PolicyTree, textsOf } from "./document.ts";
import { policyError } from "./errors.ts";
import { named } from "./live-devices.ts";
import { accessOf, type Entry, openAccess } from "./rules/access.ts";
import { type AddressRange, covers, overlap, parseAddress, parsePrefix } from "./rules/address.ts";
import { withApprovals } from "./rules/auto-approvers.ts";
import type { Device as JudgedDevice } from "./rules/devices.ts";
import type { Evaluation } from "./rules/evaluate.ts";
import { isMeant } from "./rules/resolve.ts";
import type { Selector } from "./rules/selector.ts";
import { tailnetRanges } from "./rules/tailnet.ts";

export interface LockoutInput {
  readonly mesh: Mesh;
  /** The policy in force; its tree is undefined for the server's default. */
  readonly before: { readonly tree: PolicyTree | undefined; readonly evaluation: Evaluation };
  readonly after: { readonly tree: PolicyTree; readonly evaluation: Evaluation };
  /** As they are now. */
  readonly devices: readonly Device[];
}

/** Somebody who would lose something needed. */
export interface Lockout {
  /** `tag:ci`, `alice@example.com`, `nas`. */
  readonly who: string;
  /** `would lose …`, a clause. */
  readonly what: string;
  /** Line of the policy in force that gives it; undefined where no line does. */
  readonly line: number | undefined;
}

/** In the order: credential, tags, the runner's way, those who look after the tailnet, people, routes. */
export function lockouts(input: LockoutInput): readonly Lockout[] {
  return [
    ...lostOwners(input),
    ...lostTags(input),
    ...lostWay(input),
    ...lostAdmins(input),
    ...lostPeople(input),
    ...lostRoutes(input),
  ];
}

/** MESH_POLICY_LOCKOUT, one for each; undefined when there is none. */
export function lockoutError(found: readonly Lockout[]): MeshError | undefined {
  const [first, ...rest] = found.map((one) =>
    policyError("MESH_POLICY_LOCKOUT", lockoutText(one), {
      where: { address: "policy", ...(one.line === undefined ? {} : { line: one.line }) },
    }),
  );
  return first && joinErrors([first, ...rest]);
}

/** One sentence without its full stop. */
export function lockoutText({ who, what, line }: Lockout): string {
  const by = line === undefined ? "" : `, which line ${line} of the policy on the server gives`;
  return inertText(`${who} ${what}${by}`, 400);
}

/** Whoever may give out the owner tag today must be able to tomorrow: the credential is one of them. */
function lostOwners({ mesh, before, after }: LockoutInput): readonly Lockout[] {
  const { ownerTag } = mesh.tailnet;
  const old = ownersOf(before.tree, ownerTag);
  const now = ownersOf(after.tree, ownerTag);
  if (old === undefined) return [];
  if (now === undefined) {
    return [
      { who: "the credential", what: `would lose its tag ${ownerTag}, which is not defined any more`, line: old.line },
    ];
  }
  // To Tailscale an empty list means admins; owning itself gives a tag nothing.
  const implied = mesh.tailnet.control === "tailscale" && now.names.length === 0 ? ["autogroup:admin"] : [];
  const kept = [...now.names, ...implied, ownerTag];
  return old.names
    .filter((name) => !kept.includes(name))
    .map((name) => ({ who: name, what: `would no longer own ${ownerTag}, the credential's tag`, line: old.line }));
}

function ownersOf(tree: PolicyTree | undefined, tag: string): { names: readonly string[]; line: number } | undefined {
  if (tree === undefined) return undefined;
  const owners = objectMember(tree, tree.root, "tagOwners");
  const member = owners && memberOf(tree.document, owners, tag);
  if (member === undefined) return undefined;
  const { line } = positionAt(tree.document.bytes, member.name.start);
  return { names: textsOf(tree.document, member.value) ?? [], line };
}

/** Tags of clusters that the topology removes are meant to go. */
function lostTags({ mesh, before, after, devices }: LockoutInput): readonly Lockout[] {
  const now = after.evaluation.policy?.names.tags ?? new Set();
  const leaving: readonly string[] = mesh.clusters.filter((c) => c.state === "absent").map((c) => c.tag);
  const carriers = new Map<string, string[]>();
  for (const [name, device] of named(devices)) {
    for (const tag of device.tags) carriers.set(tag, [...(carriers.get(tag) ?? []), name]);
  }
  return [...carriers].flatMap(([tag, names]) => {
    const old = ownersOf(before.tree, tag);
    if (old === undefined || now.has(tag) || leaving.includes(tag)) return [];
    return [{ who: list(names), what: `would lose the tag ${tag}, which is not defined any more`, line: old.line }];
  });
}

/** Nodes that the runner reaches through the tailnet itself, as the owner tag. */
function lostWay(input: LockoutInput): readonly Lockout[] {
  const { ownerTag } = input.mesh.tailnet;
  const holds = (selector: Selector): boolean =>
    isEveryone(selector) ||
    (selector.kind === "tag" && selector.name === ownerTag) ||
    (selector.kind === "autogroup" && selector.name === "tagged");
  const [old, now] = [asParty(input.before.evaluation, holds), asParty(input.after.evaluation, holds)];
  const isStaying = (node: Node): boolean => clusterOf(input.mesh, node.cluster).state === "present";
  return tailscaleNodes(input.mesh)
    .filter(isStaying)
    .flatMap((node) => {
      const dialled = parseAddress(node.ssh.host);
      const isInside = dialled !== undefined && tailnetRanges.some((range) => covers([range], dialled));
      if (node.ssh.via !== "tailnet" && !isInside) return [];
      const own = input.devices.filter((d) => d.hostname === node.hostname || d.label === node.hostname);
      const targets = [
        ...(dialled ? [dialled] : []),
        ...own.flatMap((d) => d.addresses.flatMap((a) => parseAddress(a) ?? [])),
      ];
      const given = targets.map((target) => old.find(target, node.ssh.port)).find((way) => way !== undefined);
      if (given === undefined || targets.some((target) => now.find(target, node.ssh.port) !== undefined)) return [];
      const what = `would lose tcp:${node.ssh.port} on ${node.name}`;
      return [{ who: `the runner, which comes as ${ownerTag},`, what, line: given.line }];
    });
}

/** Roles are Tailscale's; whose they are only the server knows, so the rules are asked, not the devices. */
function lostAdmins(input: LockoutInput): readonly Lockout[] {
  if (input.mesh.tailnet.control !== "tailscale") return [];
  const roles = ["member", "admin", "owner"];
  const holds = (selector: Selector): boolean =>
    isEveryone(selector) || (selector.kind === "autogroup" && roles.includes(selector.name));
  return lostDevices(input, holds, "admins");
}

/** Devices that a party could enter and now cannot: by SSH where that was open, else at all. */
function lostDevices(input: LockoutInput, holds: (selector: Selector) => boolean, who: string): readonly Lockout[] {
  const [old, now] = [asParty(input.before.evaluation, holds), asParty(input.after.evaluation, holds)];
  const lost = liveOf(input.before.evaluation, input.devices).flatMap((device) => {
    const port = device.addresses.some((a) => old.find(a, 22) !== undefined) ? 22 : undefined;
    const given = device.addresses.map((a) => old.find(a, port)).find((way) => way !== undefined);
    const isKept = device.addresses.some((a) => now.find(a, port) !== undefined);
    return given === undefined || isKept ? [] : [{ name: device.name, port, line: given.line }];
  });
  const groups = Map.groupBy(lost, ({ port, line }) => `${port} ${line}`);
  return [...groups.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const names = list(some.map(({ name }) => name));
    return [
      {
        who,
        what: `would lose ${first.port === undefined ? "all access to" : "tcp:22 on"} ${names}`,
        line: first.line,
      },
    ];
  });
}

/** Someone whose devices reached others and would reach none. */
function lostPeople(input: LockoutInput): readonly Lockout[] {
  const live = liveOf(input.before.evaluation, input.devices);
  const own = live.filter((device) => device.tags.length === 0);
  const people = Map.groupBy(own, (device) => device.user ?? device.name);
  return [...people].flatMap(([who, devices]) => {
    const holds = (selector: Selector): boolean =>
      isEveryone(selector) || devices.some((device) => isMeant(selector, device) || isAddressOf(selector, device));
    const others = live.filter((device) => !devices.includes(device));
    const [old, now] = [asParty(input.before.evaluation, holds), asParty(input.after.evaluation, holds)];
    const entered = (ways: Ways): Way | undefined =>
      others
        .flatMap((device) => [...device.addresses, ...device.routes])
        .map((target) => ways.find(target, undefined))
        .find((way) => way !== undefined);
    const given = entered(old);
    if (given === undefined || entered(now) !== undefined) return [];
    return [{ who, what: "would lose all access to other devices", line: given.line }];
  });
}

/** Routes of devices that the topology knows nothing of: approved without a hand, and open to somebody. */
function lostRoutes({ mesh, before, after, devices }: LockoutInput): readonly Lockout[] {
  const tags: readonly string[] = mesh.clusters.map((cluster) => cluster.tag);
  return named(devices).flatMap(([name, device]) => {
    if (device.tags.some((tag) => tags.includes(tag))) return [];
    const serving = device.servingRoutes ?? device.enabledRoutes.filter((r) => device.advertisedRoutes.includes(r));
    return serving.flatMap((text): readonly Lockout[] => {
      const route = parsePrefix(text);
      if (route === undefined) return [];
      const isApproved = (evaluation: Evaluation): boolean => approves(evaluation, name, route);
      const approval: readonly Lockout[] =
        isApproved(before.evaluation) && !isApproved(after.evaluation)
          ? [{ who: name, what: `would lose the approval of its route ${text}`, line: approverLine(before.tree, text) }]
          : [];
      const old = someoneEnters(before.evaluation, name, route);
      if (old === undefined || someoneEnters(after.evaluation, name, route) !== undefined) return approval;
      return [...approval, { who: "everybody", what: `would lose the route ${text} of ${name}`, line: old.line }];
    });
  });
}

function approves(evaluation: Evaluation, name: string, route: AddressRange): boolean {
  const device = evaluation.devices?.nodes.find((one) => one.name === name);
  const { policy } = evaluation;
  if (device === undefined || policy === undefined) return false;
  const bare = { ...device, routes: [], isExit: false, offered: [route] };
  const [judged] = withApprovals({ users: [], nodes: [bare] }, policy.autoApprovers).nodes;
  return judged !== undefined && (judged.isExit || judged.routes.some((one) => covers([one], route)));
}

function approverLine(tree: PolicyTree | undefined, prefix: string): number | undefined {
  const approvers = tree && objectMember(tree, tree.root, "autoApprovers");
  const routes = approvers && objectMember(tree, approvers, "routes");
  const wanted = parsePrefix(prefix);
  const member = routes?.items.find(({ name }) => {
    const range = parsePrefix(tree ? textOf(tree, name) : "");
    return range !== undefined && wanted !== undefined && covers([range], wanted);
  });
  return member && tree ? positionAt(tree.document.bytes, member.name.start).line : undefined;
}

function textOf(tree: PolicyTree, node: { readonly start: number; readonly end: number }): string {
  return new TextDecoder().decode(tree.document.bytes.subarray(node.start + 1, node.end - 1));
}

function someoneEnters(evaluation: Evaluation, name: string, route: AddressRange): Way | undefined {
  const entry = (evaluation.access.get(name) ?? []).find(
    ({ src, dst }) => src.length > 0 && dst.some(({ range }) => range === undefined || overlap(range, route)),
  );
  return entry && { line: lineOf(evaluation, entry) };
}

/** What gives a way in. */
interface Way {
  readonly line: number | undefined;
}

interface Ways {
  /** The first rule that opens TCP to that address, on that port, or on any. */
  find(target: AddressRange, port: number | undefined): Way | undefined;
}

/** Stands for whoever asks; no device has it (documentation range, RFC 5737). */
const asker: AddressRange | undefined = parseAddress("192.0.2.1");

/** What somebody may enter, found by the rules whose source holds for him. */
function asParty(evaluation: Evaluation, holds: (selector: Selector) => boolean): Ways {
  const { policy, devices } = evaluation;
  if (devices === undefined || asker === undefined) return { find: () => undefined };
  const src: Selector = { kind: "ranges", ranges: [asker], isSingle: true };
  const rules = policy?.rules?.filter((rule) => rule.src.some(holds)).map((rule) => ({ ...rule, src: [src] }));
  const server = policy?.server ?? "tailscale";
  const access = rules === undefined ? openAccess(devices, server) : accessOf(rules, devices, server);
  return {
    find(target, port) {
      const receivers = devices.nodes.filter(({ addresses, routes }) =>
        [...addresses, ...routes].some((one) => covers([one], target)),
      );
      const entry = receivers
        .flatMap((device) => access.get(device.name) ?? [])
        .find((one) => opens(one, target, port));
      return entry && { line: lineOf(evaluation, entry) };
    },
  };
}

function opens({ protocol, dst }: Entry, target: AddressRange, port: number | undefined): boolean {
  if (port !== undefined && protocol !== undefined && protocol !== 6) return false;
  return dst.some(
    ({ range, ports }) =>
      (range === undefined || overlap(range, target)) &&
      (port === undefined || ports.some(({ first, last }) => first <= port && port <= last)),
  );
}

function lineOf({ document }: Evaluation, { rule }: Entry): number | undefined {
  if (rule === undefined || document === undefined) return undefined;
  return positionAt(document.bytes, rule.node.start).line;
}

/** Devices that are there now, as they are judged. */
function liveOf({ devices }: Evaluation, live: readonly Device[]): readonly JudgedDevice[] {
  const names = new Set(named(live).map(([name]) => name));
  return (devices?.nodes ?? []).filter(({ name }) => names.has(name));
}

function isEveryone(selector: Selector): boolean {
  return selector.kind === "any" || (selector.kind === "autogroup" && selector.name === "danger-all");
}

function isAddressOf(selector: Selector, device: JudgedDevice): boolean {
  return selector.kind === "ranges" && device.addresses.some((address) => covers(selector.ranges, address));
}

const maxNames = 5;

function list(names: readonly string[]): string {
  const more = names.length - maxNames;
  return `${names.slice(0, maxNames).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
