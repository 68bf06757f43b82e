/** A KV engine as Vault and OpenBao have it: version 2 with its check-and-set, version 1 for what must be refused. */

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

interface Version {
  readonly created: string;
  data: Readonly<Record<string, unknown>> | null;
  deleted: string;
  destroyed: boolean;
}

interface Entry {
  readonly versions: Version[];
  casRequired: boolean;
}

export interface KvMount {
  readonly version: 1 | 2;
  readonly entries: Map<string, Entry>;
  /** Of version 1, which takes any path and any body. */
  readonly plain: Map<string, unknown>;
}

export function kvMount(version: 1 | 2): KvMount {
  return { version, entries: new Map(), plain: new Map() };
}

export const failed = (status: number, ...errors: readonly string[]): Answer => ({ status, body: { errors } });

/** The fields around `data` in a successful answer. */
export const succeeded = (data: unknown, more: object = {}): Answer => ({
  status: 200,
  body: {
    request_id: "00000000-0000-0000-0000-000000000000",
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: null,
    auth: null,
    ...more,
  },
});

const mismatch = "check-and-set parameter did not match the current version";

export function entryOf(mount: KvMount, path: string): Entry {
  const entry = mount.entries.get(path) ?? { versions: [], casRequired: false };
  mount.entries.set(path, entry);
  return entry;
}

/** The newest version's data; undefined when there is none, or it is deleted. */
export function currentOf(mount: KvMount, path: string): Readonly<Record<string, unknown>> | undefined {
  const last = mount.entries.get(path)?.versions.at(-1);
  return last === undefined || last.deleted !== "" || last.destroyed ? undefined : (last.data ?? undefined);
}

export function existsIn(mount: KvMount, path: string): boolean {
  if (mount.version === 1) return mount.plain.has(path);
  return (mount.entries.get(path.replace(/^data\//, ""))?.versions.length ?? 0) > 0;
}

export function readKv(mount: KvMount, path: string): Answer {
  if (mount.version === 1) return mount.plain.has(path) ? succeeded(mount.plain.get(path)) : failed(404);
  const entry = mount.entries.get(path.replace(/^data\//, ""));
  const version = entry?.versions.at(-1);
  if (!path.startsWith("data/") || !entry || !version) return failed(404);
  const metadata = metadataOf(version, entry.versions.length);
  const isGone = version.destroyed || version.deleted !== "";
  const answer = succeeded({ data: isGone ? null : version.data, metadata });
  return isGone ? { ...answer, status: 404 } : answer;
}

export function writeKv(mount: KvMount, path: string, body: Readonly<Record<string, unknown>>, now: Date): Answer {
  if (mount.version === 1) {
    mount.plain.set(path, body);
    return { status: 204 };
  }
  if (!path.startsWith("data/")) return failed(404, "1 error occurred:\n\t* unsupported path\n\n");
  const { data, options } = body as { data?: Record<string, unknown>; options?: { cas?: unknown } };
  if (data === undefined || data === null) return failed(400, "no data provided");
  const entry = entryOf(mount, path.slice("data/".length));
  const cas = options?.cas;
  if (cas !== undefined && typeof cas !== "number") return failed(400, "error parsing check-and-set parameter");
  if (cas === undefined && entry.casRequired) return failed(400, "check-and-set parameter required for this call");
  if (cas !== undefined && cas !== entry.versions.length) return failed(400, mismatch);
  const version = { created: now.toISOString(), data, deleted: "", destroyed: false };
  entry.versions.push(version);
  return succeeded(metadataOf(version, entry.versions.length));
}

export function softDelete(mount: KvMount, path: string, now: Date): void {
  const version = mount.entries.get(path)?.versions.at(-1);
  if (version) version.deleted = now.toISOString();
}

export function destroy(mount: KvMount, path: string): void {
  const version = mount.entries.get(path)?.versions.at(-1);
  if (version) Object.assign(version, { destroyed: true, data: null });
}

function metadataOf(version: Version, number: number): object {
  const { created, deleted, destroyed } = version;
  return { created_time: created, custom_metadata: null, deletion_time: deleted, destroyed, version: number };
}
