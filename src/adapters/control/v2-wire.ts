/**
 * Replies of the v2 API, of Tailscale and of Headscale 0.30, read leniently: what we do not use may be missing, new or different.
 * Each schema is made when it is first used.
 */
import * as z from "zod/mini";
import type { AuthKey, Device, ExpiringCredential, KeyState, PreviewMatch } from "../../ports/control.ts";

/** RFC 3339; null for what is missing, empty, unreadable or Go's zero time. */
const time = z.lazy(() =>
  z.pipe(
    z.catch(z.nullish(z.string()), null),
    z.transform((text) => {
      const date = text ? new Date(text) : null;
      return date === null || Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1 ? null : date;
    }),
  ),
);
const texts = z.lazy(() =>
  z.pipe(
    z.nullish(z.array(z.string())),
    z.transform((list) => list ?? []),
  ),
);
const text = z.lazy(() =>
  z.pipe(
    z.nullish(z.string()),
    z.transform((value) => value ?? ""),
  ),
);
const flag = z.lazy(() =>
  z.pipe(
    z.nullish(z.boolean()),
    z.transform((value) => value ?? false),
  ),
);
const id = z.lazy(() => z.pipe(z.union([z.string(), z.number()]), z.transform(String)));

const create = z.lazy(() => z.object({ reusable: flag, ephemeral: flag, tags: texts }));

const key = z.lazy(() =>
  z.object({
    id: z.string().check(z.minLength(1)),
    keyType: text,
    key: text,
    description: text,
    created: time,
    expires: time,
    revoked: time,
    invalid: flag,
    userId: z.catch(z.nullish(z.string()), undefined),
    capabilities: z.catch(
      z.nullish(z.object({ devices: z.nullish(z.object({ create: z.nullish(create) })) })),
      undefined,
    ),
    tags: texts,
  }),
);

export const keyReply = key;
export const keysReply = z.lazy(() => z.object({ keys: z.nullish(z.array(key)) }));

const device = z.lazy(() =>
  z.object({
    id: z.optional(id),
    nodeId: z.nullish(id),
    name: text,
    hostname: text,
    addresses: texts,
    tags: texts,
    connectedToControl: z.nullish(z.boolean()),
    lastSeen: time,
    expires: time,
    keyExpiryDisabled: flag,
    advertisedRoutes: texts,
    enabledRoutes: texts,
    nodeKey: text,
    user: text,
  }),
);

export const devicesReply = z.lazy(() =>
  z.object({
    devices: z.nullish(z.array(device.check(z.refine((d) => Boolean(d.nodeId || d.id), "a device has no id")))),
  }),
);

export const previewReply = z.lazy(() =>
  z.object({
    matches: z.pipe(
      z.nullish(z.array(z.object({ users: texts, ports: texts, lineNumber: z.catch(z.number(), 0) }))),
      z.transform((list): readonly PreviewMatch[] =>
        (list ?? []).map(({ users, ports, lineNumber }) => ({ users, ports, line: lineNumber })),
      ),
    ),
  }),
);

/** The document in which a server says what it can; only the paths matter. */
export const openApiReply = z.lazy(() =>
  z.object({
    openapi: z.string(),
    info: z.optional(z.object({ version: z.optional(z.string()) })),
    paths: z.record(z.string(), z.unknown()),
  }),
);

/** A key as the port has it. `now` is the server's time. */
export function toAuthKey(wire: z.output<typeof key>, now: Date): AuthKey {
  const { reusable = false, ephemeral = false, tags = [] } = wire.capabilities?.devices?.create ?? {};
  return {
    id: wire.id,
    // Tailscale's key texts begin with the id; of Headscale's, whose ids are numbers, the list says nothing.
    prefix: /^\d+$/.test(wire.id) ? null : `tskey-auth-${wire.id}-`,
    tags: tags.length > 0 ? tags : wire.tags,
    description: wire.description,
    created: wire.created ?? new Date(0),
    expires: wire.expires,
    reusable,
    ephemeral,
    state: stateOf(wire, reusable, now),
  };
}

const credentialKinds: Readonly<Record<string, ExpiringCredential["kind"]>> = {
  api: "api-token",
  client: "oauth-client",
  federated: "federated-identity",
};

/** Shorter-lived tokens come from an OAuth client or an identity, for one run: they are meant to end. */
const shortestLife = 86_400_000;

/** The credentials among the keys that end one day. */
export function toExpiring(keys: readonly z.output<typeof key>[]): readonly ExpiringCredential[] {
  return keys.flatMap(({ id: keyId, keyType, description, created, expires, revoked, userId }) => {
    const kind = credentialKinds[keyType];
    if (kind === undefined || expires === null || revoked !== null) return [];
    const isOfOneRun = created !== null && expires.getTime() - created.getTime() < shortestLife;
    if (kind === "api-token" && (userId === "" || isOfOneRun)) return [];
    return { kind, id: keyId, name: description || keyId, expires };
  });
}

/** `invalid` alone is said of used and of expired keys; the times tell them apart. */
function stateOf(wire: z.output<typeof key>, reusable: boolean, now: Date): KeyState {
  if (wire.revoked !== null) return "revoked";
  if (wire.expires !== null && wire.expires.getTime() <= now.getTime()) return "expired";
  if (!wire.invalid) return "usable";
  return reusable ? "invalid" : "used";
}

/** Servers that do not say `connectedToControl` leave `lastSeen` out while a device is connected. */
export function toDevice(wire: z.output<typeof device>): Device {
  return {
    id: wire.nodeId || wire.id || "",
    hostname: wire.hostname,
    label: wire.name.split(".")[0] ?? "",
    addresses: wire.addresses,
    tags: wire.tags,
    // a tagged device belongs to its tags, whoever made it
    user: wire.tags.length > 0 || !wire.user.includes("@") ? null : wire.user,
    online: wire.connectedToControl ?? wire.lastSeen === null,
    keyExpires: wire.keyExpiryDisabled ? null : wire.expires,
    advertisedRoutes: wire.advertisedRoutes,
    enabledRoutes: wire.enabledRoutes,
    servingRoutes: null,
    nodeKey: wire.nodeKey === "" ? null : wire.nodeKey,
  };
}
