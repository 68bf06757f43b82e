/** Replies of Headscale's /api/v1, read leniently: what we do not use may be missing, new or different. */
import * as z from "zod";
import type { AuthKey, Device, KeyState } from "../../ports/control.ts";

/** RFC 3339; null, missing and Go's zero time where a time can be unset. */
const time = z
  .string()
  .nullish()
  .transform((text) => (text ? new Date(text) : null))
  .refine((date) => date === null || !Number.isNaN(date.getTime()), "not a time");
const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const id = z.union([z.string(), z.number()]).transform(String);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

export const versionReply = z.object({ version: z.string() });

export const policyReply = z.object({ policy: z.string() });

const preAuthKey = z.object({
  id,
  key: text,
  reusable: flag,
  ephemeral: flag,
  used: flag,
  expiration: time,
  createdAt: time,
  aclTags: texts,
});

export const keyReply = z.object({ preAuthKey });
export const keysReply = z.object({ preAuthKeys: z.array(preAuthKey).nullish() });

const node = z.object({
  id,
  name: text,
  givenName: text,
  nodeKey: text,
  ipAddresses: texts,
  tags: texts,
  online: flag,
  expiry: time,
  approvedRoutes: texts,
  availableRoutes: texts,
  subnetRoutes: texts,
  user: z.object({ name: text, email: text }).nullish(),
});

export const nodesReply = z.object({ nodes: z.array(node).nullish() });

/** A key as the port has it. `now` is the server's time. */
export function toAuthKey(wire: z.output<typeof preAuthKey>, now: Date): AuthKey {
  return {
    id: wire.id,
    prefix: /^hskey-auth-[A-Za-z0-9_-]{12}(?=-)/.exec(wire.key)?.[0] ?? null,
    tags: wire.aclTags,
    description: "",
    created: wire.createdAt ?? new Date(0),
    expires: wire.expiration,
    reusable: wire.reusable,
    ephemeral: wire.ephemeral,
    state: stateOf(wire, now),
  };
}

/** Headscale 0.29 keeps no word of revocation: what is deleted is gone, what is expired by hand is expired. */
function stateOf(wire: z.output<typeof preAuthKey>, now: Date): KeyState {
  if (wire.used && !wire.reusable) return "used";
  return wire.expiration !== null && wire.expiration.getTime() <= now.getTime() ? "expired" : "usable";
}

export function toDevice(wire: z.output<typeof node>): Device {
  return {
    id: wire.id,
    hostname: wire.name,
    label: wire.givenName.split(".")[0] ?? "",
    addresses: wire.ipAddresses,
    tags: wire.tags,
    user: wire.tags.length > 0 ? null : userOf(wire.user),
    online: wire.online,
    keyExpires: wire.expiry !== null && wire.expiry.getUTCFullYear() > 1 ? wire.expiry : null,
    advertisedRoutes: wire.availableRoutes,
    enabledRoutes: wire.approvedRoutes,
    servingRoutes: wire.subnetRoutes,
    nodeKey: wire.nodeKey === "" ? null : wire.nodeKey,
  };
}

/** As policies name people: by e-mail address, or by the name of a local user with an `@` behind it. */
function userOf(user: z.output<typeof node>["user"]): string | null {
  if (!user) return null;
  if (user.email !== "") return user.email;
  return user.name === "" ? null : user.name.includes("@") ? user.name : `${user.name}@`;
}

const errorBody = z.object({
  message: z.string().optional(),
  data: z.array(z.object({ errors: z.array(z.string()).nullish() })).nullish(),
  detail: z.string().optional(),
  title: z.string().optional(),
  errors: z.array(z.object({ message: z.string().optional() })).nullish(),
});

/**
 * Every text of an error body, whatever its shape: `message` with `data[].errors`, RFC 7807 with `errors[].message`,
 * gRPC's `code` and `message`, or plain text. Never empty.
 */
export function errorTexts(body: string): readonly string[] {
  const parsed = errorBody.safeParse(parseJson(body));
  if (!parsed.success) return [body.trim() || "no reason given"];
  const { message, data, detail, title, errors } = parsed.data;
  const inner = [...(data ?? []).flatMap((d) => d.errors ?? []), ...(errors ?? []).flatMap((e) => e.message ?? [])];
  const outer = message ?? detail ?? title;
  const all = inner.length > 0 ? inner : outer === undefined ? [] : [outer];
  return all.length > 0 ? all : ["no reason given"];
}

/** Undefined for what is not JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
