/** Places for secrets, and the long-lived keys that are kept there. */
import type { Cluster, ControlKind, Store, StoredCredentials, StoredKey, Tag, VaultAuth } from "../mesh.ts";
import type { Path } from "./document.ts";
import { type Problems, pathText } from "./problems.ts";
import type { StoredKeyEntry, StoreEntry, TopologyFile, VaultEntry } from "./schema.ts";
import { checkName, readPath, readPlain, readSeconds, readStorePath, readTag, readUrl } from "./values.ts";

const day = 86_400;
const defaultExpiry = 90 * day;
/** Tailscale's own limit for auth keys; Headscale has none. */
const tailscaleExpiry = 90 * day;

export function readStores(entries: TopologyFile["stores"], problems: Problems): readonly Store[] {
  return Object.entries(entries ?? {}).flatMap(([name, entry]) => {
    const path: Path = ["stores", name];
    checkName(problems, path, "store");
    return readStore(name, entry, path, problems);
  });
}

function readStore(name: string, entry: StoreEntry, path: Path, problems: Problems): readonly Store[] {
  const { vault, github, file } = entry;
  const kinds = (["vault", "github", "file"] as const).filter((kind) => entry[kind] !== undefined);
  if (kinds.length !== 1) {
    const what = kinds.length === 0 ? "names no kind of store" : `is more than one kind of store: ${kinds.join(", ")}`;
    if (!problems.isDamaged(path)) problems.atKey(path, "MESH_STORE_INVALID", `${pathText(path)} ${what}`);
    return [];
  }
  if (vault) return [readVault(name, vault, [...path, "vault"], problems)];
  if (file) return [{ kind: "file", name, folder: readPath(problems, [...path, "file", "folder"], file.folder) }];
  if (!github) return [];
  return [
    { kind: "github", name, environment: readPlain(problems, [...path, "github", "environment"], github.environment) },
  ];
}

function readVault(name: string, vault: VaultEntry, path: Path, problems: Problems): Store {
  const read = (key: "namespace" | "auth-namespace"): string | undefined => {
    const text = vault[key];
    return text === undefined ? undefined : readStorePath(problems, [...path, key], text);
  };
  const namespace = read("namespace");
  return {
    kind: "vault",
    name,
    url: readUrl(problems, [...path, "url"], vault.url),
    mount: vault.mount === undefined ? "secret" : readStorePath(problems, [...path, "mount"], vault.mount),
    auth: readAuth(vault.auth ?? "jwt", [...path, "auth"], problems),
    namespace,
    authNamespace: read("auth-namespace") ?? namespace,
    ca: vault.ca === undefined ? undefined : readPath(problems, [...path, "ca"], vault.ca),
  };
}

function readAuth(auth: NonNullable<VaultEntry["auth"]>, path: Path, problems: Problems): VaultAuth {
  if (typeof auth === "string") return { method: auth, mount: auth, role: undefined };
  return {
    method: auth.method,
    mount: auth.mount === undefined ? auth.method : readStorePath(problems, [...path, "mount"], auth.mount),
    role: auth.role === undefined ? undefined : readPlain(problems, [...path, "role"], auth.role),
  };
}

/** What stores and keys are looked up in. */
export interface StoreContext {
  readonly stores: readonly Store[];
  /** Names in the file, also of stores that are wrong in themselves. */
  readonly storeNames: readonly string[];
  readonly clusters: readonly Cluster[];
  readonly control: ControlKind;
}

export function readCredentials(
  entry: TopologyFile["credentials"],
  context: StoreContext,
  problems: Problems,
): StoredCredentials | undefined {
  if (!entry) return undefined;
  const path = ["credentials", "from"];
  const store = findStore(entry.from, path, context, problems);
  if (store !== undefined && store.kind !== "vault") {
    const why = store.kind === "github" ? "GitHub secrets cannot be read back" : "a file store keeps keys only";
    problems.at(
      path,
      "MESH_STORE_INVALID",
      `credentials cannot be read from ${problems.quote(path, entry.from)}: ${why}`,
    );
  }
  return { store: entry.from, path: readStorePath(problems, ["credentials", "path"], entry.path) };
}

function findStore(name: string, path: Path, context: StoreContext, problems: Problems): Store | undefined {
  if (!context.storeNames.includes(name)) {
    problems.at(path, "MESH_UNKNOWN_STORE", `${pathText(path)}: there is no store ${problems.quote(path, name)}`);
  }
  return context.stores.find((s) => s.name === name);
}

export function readStoredKeys(
  entries: TopologyFile["stored-keys"],
  context: StoreContext,
  problems: Problems,
): readonly StoredKey[] {
  const places = new Map<string, string>();
  return Object.entries(entries ?? {}).map(([name, entry]) => {
    const path: Path = ["stored-keys", name];
    checkName(problems, path, "stored key");
    const key = { name, ...readOwner(entry, path, context, problems), ...readPlace(entry, path, context, problems) };
    const id = `${key.store}\n${key.place}`;
    const other = places.get(id);
    if (other !== undefined && key.place !== "") {
      problems.atKey(path, "MESH_STORED_KEY_INVALID", `${pathText(path)} is kept in the same place as ${other}`);
    }
    places.set(id, name);
    return { ...key, ...readTimes(entry, path, context.control, problems), reusable: entry.reusable ?? true };
  });
}

function readOwner(
  entry: StoredKeyEntry,
  path: Path,
  context: StoreContext,
  problems: Problems,
): Pick<StoredKey, "cluster" | "tags"> {
  const [first, ...rest] = (entry.tags ?? []).map((tag, n) => readTag(problems, [...path, "tags", n], tag));
  const cluster = context.clusters.find((c) => c.name === entry.cluster);
  if ((entry.cluster === undefined) === (first === undefined) && !problems.isDamaged(path)) {
    const what = first ? "has both cluster and tags" : "has neither cluster nor tags";
    problems.atKey(path, "MESH_STORED_KEY_INVALID", `${pathText(path)} ${what}`);
  }
  if (entry.cluster !== undefined && !cluster) {
    const at = [...path, "cluster"];
    problems.at(
      at,
      "MESH_UNKNOWN_CLUSTER",
      `${pathText(at)}: there is no cluster ${problems.quote(at, entry.cluster)}`,
    );
  }
  const tags: readonly [Tag, ...Tag[]] = first ? [first, ...rest] : [cluster?.tag ?? "tag:unknown"];
  return { cluster: entry.cluster, tags };
}

function readPlace(
  entry: StoredKeyEntry,
  path: Path,
  context: StoreContext,
  problems: Problems,
): Pick<StoredKey, "store" | "place"> {
  const store = findStore(entry.store, [...path, "store"], context, problems);
  const key = store?.kind === "github" ? "name" : "path";
  const other = key === "name" ? "path" : "name";
  if (store && !problems.isDamaged(path)) {
    if (entry[key] === undefined)
      problems.atKey(path, "MESH_STORED_KEY_INVALID", `${pathText(path)} needs \`${key}\`: its store is ${store.kind}`);
    if (entry[other] !== undefined) {
      problems.atKey(
        [...path, other],
        "MESH_STORED_KEY_INVALID",
        `${pathText(path)} has \`${other}\`, which a ${store.kind} store does not use`,
      );
    }
  }
  const place = entry[key];
  if (place === undefined) return { store: entry.store, place: "" };
  const at = [...path, key];
  if (key === "path") return { store: entry.store, place: readStorePath(problems, at, place) };
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(place) || /^GITHUB_/i.test(place)) {
    const message = `${pathText(at)}: ${problems.quote(at, place)} is no name for a GitHub secret`;
    problems.at(
      at,
      "MESH_TOPOLOGY_VALUE",
      message,
      "Use letters, digits and _, not a digit first, and nothing that begins with GITHUB_.",
    );
  }
  return { store: entry.store, place: place.toUpperCase() };
}

function readTimes(
  entry: StoredKeyEntry,
  path: Path,
  control: ControlKind,
  problems: Problems,
): Pick<StoredKey, "expiry" | "rotateAfter" | "renewBefore"> {
  const read = (key: "expiry" | "rotate-after" | "renew-before", fallback: number): number => {
    const text = entry[key];
    return text === undefined ? fallback : readSeconds(problems, [...path, key], text);
  };
  const expiry = read("expiry", defaultExpiry);
  const times = {
    expiry,
    rotateAfter: read("rotate-after", Math.floor(expiry / 3)),
    renewBefore: read("renew-before", Math.floor(expiry / 2)),
  };
  if (control === "tailscale" && expiry > tailscaleExpiry) {
    problems.at(
      [...path, "expiry"],
      "MESH_DURATION_INVALID",
      `${pathText(path)}: Tailscale's auth keys live 90d at most`,
    );
  }
  if (problems.isDamaged([...path, "expiry"])) return times;
  for (const [key, value] of [
    ["rotate-after", times.rotateAfter],
    ["renew-before", times.renewBefore],
  ] as const) {
    if (value < expiry) continue;
    const at = [...path, key];
    problems.at(
      at,
      "MESH_DURATION_INVALID",
      `${pathText(at)} must be shorter than expiry`,
      "A key is replaced while the old one still works.",
    );
  }
  return times;
}
