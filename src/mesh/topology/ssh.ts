/** How each machine is reached: `ssh` of top level, cluster and node laid over each other, and the way through jump hosts. */
import type { HostKey, SshHop, SshTarget } from "../mesh.ts";
import type { Path } from "./document.ts";
import { type Problems, pathText } from "./problems.ts";
import type { JumpEntry, SshEntry } from "./schema.ts";
import { checkHostKey, isHost, isUser, parseHostKey, readHost, readPath, readUser } from "./values.ts";

/** `ssh` of one level, and where it stands. */
export interface SshLevel {
  readonly entry: SshEntry | undefined;
  readonly path: Path;
}

/** A machine to be reached: its levels from the outside in. */
export interface SshSubject {
  readonly node: string;
  readonly path: Path;
  readonly address: string;
  readonly levels: readonly SshLevel[];
}

interface Identity {
  readonly hostKey: HostKey | undefined;
  readonly knownHosts: string | undefined;
}

interface JumpSetting {
  readonly entries: readonly { readonly entry: JumpEntry; readonly path: Path }[];
  readonly path: Path;
  /** Given for the node itself, not for all nodes of its cluster or file. */
  readonly own: boolean;
}

/** Reports what is wrong with one level's own values, once however many nodes use it. */
export function checkSsh({ entry, path }: SshLevel, problems: Problems): void {
  if (!entry) return;
  if (entry.user !== undefined) readUser(problems, [...path, "user"], entry.user);
  if (entry.host !== undefined) readHost(problems, [...path, "host"], entry.host);
  checkIdentity(entry, path, problems);
}

function checkIdentity(entry: Pick<SshEntry, "host-key" | "known-hosts">, path: Path, problems: Problems): void {
  const key = entry["host-key"];
  const file = entry["known-hosts"];
  if (key !== undefined) checkHostKey(problems, [...path, "host-key"], key);
  if (file !== undefined) readPath(problems, [...path, "known-hosts"], file);
  if (key !== undefined && file !== undefined) {
    problems.atKey(
      [...path, "host-key"],
      "MESH_HOST_KEY_INVALID",
      `${pathText(path)} has both host-key and known-hosts`,
    );
  }
}

/** More hops than any network needs; also keeps a hostile file from growing. */
const maxJumps = 8;

/** Finds the way to every machine. Values were checked by `checkSsh`; host keys and jumps are checked here. */
export class SshRoutes {
  readonly #problems: Problems;
  readonly #subjects: ReadonlyMap<string, SshSubject>;
  readonly #reported = new Set<string>();

  constructor(subjects: readonly SshSubject[], problems: Problems) {
    this.#problems = problems;
    this.#subjects = new Map(subjects.map((s) => [s.node, s]));
  }

  /** The way to a machine, hops outermost first. */
  target(subject: SshSubject): SshTarget {
    if (!identityLevel(subject) && !isSshDamaged(subject, this.#problems)) {
      this.#problems.atKey(
        subject.path,
        "MESH_HOST_KEY_MISSING",
        `nothing says which SSH host key ${subject.node} has`,
      );
    }
    return { ...this.#hop(subject), jump: this.#jumps(subject, [subject.node]), via: pick(subject, "via") ?? "direct" };
  }

  #hop(subject: SshSubject): SshHop {
    return {
      user: pick(subject, "user") ?? "root",
      host: pick(subject, "host") ?? subject.address,
      port: pick(subject, "port") ?? 22,
      ...identity(identityLevel(subject)?.entry),
    };
  }

  #jumps(subject: SshSubject, trail: readonly string[]): readonly SshHop[] {
    const setting = jumpSetting(subject);
    const hops: SshHop[] = [];
    if (setting && (setting.entries.length > maxJumps || trail.length > maxJumps)) {
      this.#once(setting.path, `${pathText(setting.path)}: ${subject.node} is more than ${maxJumps} jumps away`);
      return [];
    }
    for (const { entry, path } of setting?.entries ?? []) {
      if (entry === subject.node) {
        // A jump set for all nodes names one of them: that one is dialled without it.
        if (setting?.own) this.#once(path, `${subject.node} is its own jump host`);
        break;
      }
      hops.push(...this.#expand(entry, path, subject, hops.length === 0, trail));
    }
    return hops;
  }

  #expand(
    entry: JumpEntry,
    path: Path,
    subject: SshSubject,
    first: boolean,
    trail: readonly string[],
  ): readonly SshHop[] {
    if (typeof entry !== "string") return [this.#longHop(entry, path, subject)];
    if (entry.includes("@")) return this.#shortHop(entry, path, subject);
    const node = this.#subjects.get(entry);
    if (!node) {
      if (!this.#problems.isDamaged(path)) {
        this.#once(path, `${pathText(path)}: ${this.#problems.quote(path, entry)} is not a node of this file`);
      }
      return [];
    }
    if (trail.includes(entry)) {
      this.#once(path, `nodes are reached through each other: ${[...trail, entry].join(" → ")}`);
      return [];
    }
    // Later hops are dialled from the one before, so that their own way in does not matter.
    return [...(first ? this.#jumps(node, [...trail, entry]) : []), this.#hop(node)];
  }

  #shortHop(entry: string, path: Path, subject: SshSubject): readonly SshHop[] {
    const [, user = "", host = "", portText = "22"] = /^([^@]*)@([^:]*)(?::([0-9]{1,5}))?$/.exec(entry) ?? [];
    const port = Number(portText);
    if (!isUser(user) || !isHost(host) || port < 1 || port > 65_535) {
      this.#once(path, `${pathText(path)}: ${this.#problems.quote(path, entry)} is not user@host or user@host:port`);
      return [];
    }
    const knownHosts = pick(subject, "known-hosts");
    if (knownHosts === undefined && !isSshDamaged(subject, this.#problems)) {
      this.#missing(path, host);
    }
    return [{ user, host, port, hostKey: undefined, knownHosts }];
  }

  #longHop(entry: Exclude<JumpEntry, string>, path: Path, subject: SshSubject): SshHop {
    if (!this.#reported.has(pathText(path))) {
      this.#reported.add(pathText(path));
      readHost(this.#problems, [...path, "host"], entry.host);
      if (entry.user !== undefined) readUser(this.#problems, [...path, "user"], entry.user);
      checkIdentity(entry, path, this.#problems);
    }
    const own = entry["host-key"] !== undefined || entry["known-hosts"] !== undefined;
    const { hostKey, knownHosts } = own
      ? identity(entry)
      : { hostKey: undefined, knownHosts: pick(subject, "known-hosts") };
    if (!own && knownHosts === undefined && !isSshDamaged(subject, this.#problems)) this.#missing(path, entry.host);
    return {
      user: entry.user ?? pick(subject, "user") ?? "root",
      host: entry.host,
      port: entry.port ?? 22,
      hostKey,
      knownHosts,
    };
  }

  #missing(path: Path, host: string): void {
    const id = `key ${pathText(path)}`;
    if (this.#reported.has(id)) return;
    this.#reported.add(id);
    const message = `nothing says which SSH host key the jump host ${this.#problems.quote(path, host)} has`;
    this.#problems.at(path, "MESH_HOST_KEY_MISSING", message);
  }

  /** A jump of the top level is walked for every node, but reported once. */
  #once(path: Path, message: string): void {
    const id = `jump ${pathText(path)}`;
    if (this.#reported.has(id)) return;
    this.#reported.add(id);
    this.#problems.at(path, "MESH_JUMP_INVALID", message);
  }
}

/** The innermost level that has either a key or a file decides. */
function identityLevel(subject: SshSubject): SshLevel | undefined {
  return subject.levels.findLast(
    ({ entry }) => entry?.["host-key"] !== undefined || entry?.["known-hosts"] !== undefined,
  );
}

function identity(entry: Pick<SshEntry, "host-key" | "known-hosts"> | undefined): Identity {
  const key = entry?.["host-key"];
  if (key !== undefined) return { hostKey: parseHostKey(key), knownHosts: undefined };
  return { hostKey: undefined, knownHosts: entry?.["known-hosts"] };
}

function pick<Key extends keyof SshEntry>(subject: SshSubject, key: Key): SshEntry[Key] | undefined {
  return subject.levels.findLast(({ entry }) => entry?.[key] !== undefined)?.entry?.[key];
}

function jumpSetting(subject: SshSubject): JumpSetting | undefined {
  const at = subject.levels.findLastIndex(({ entry }) => entry?.jump !== undefined);
  const level = subject.levels[at];
  const jump = level?.entry?.jump;
  if (!level || jump === undefined) return undefined;
  const path = [...level.path, "jump"];
  const entries = Array.isArray(jump)
    ? jump.map((entry, n) => ({ entry, path: [...path, n] }))
    : [{ entry: jump, path }];
  return { entries, path, own: at === subject.levels.length - 1 };
}

function isSshDamaged(subject: SshSubject, problems: Problems): boolean {
  return subject.levels.some(({ path }) => problems.isDamaged(path));
}
