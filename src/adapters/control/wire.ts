/**
 * Replies that all servers have in common, and those of Headscale's /api/v1, read leniently: what we do not use may be missing, new
 * or different. Each schema is made when it is first used: a run reads few kinds of reply, and all of them take longer to make
 * than its requests.
 */
import * as z from "zod/mini";
import type { AuthKey, Device, ExpiringCredential, KeyState } from "../../ports/control.ts";

/** RFC 3339; null, missing and Go's zero time where a time can be unset. */
const time = z.lazy(() =>
  z
    .pipe(
      z.nullish(z.string()),
      z.transform((text) => (text ? new Date(text) : null)),
    )
    .check(z.refine((date) => date === null || !Number.isNaN(date.getTime()), "not a time")),
);
const texts = z.lazy(() =>
  z.pipe(
    z.nullish(z.array(z.string())),
    z.transform((list) => list ?? []),
  ),
);
const id = z.lazy(() => z.pipe(z.union([z.string(), z.number()]), z.transform(String)));
const flag = z.lazy(() =>
  z.pipe(
    z.nullish(z.boolean()),
    z.transform((value) => value ?? false),
  ),
);
const text = z.lazy(() =>
  z.pipe(
    z.nullish(z.string()),
    z.transform((value) => value ?? ""),
  ),
);

/** Of a request whose success says all: some object. A web page with status 200 is none. */
export const anyReply = z.lazy(() => z.looseObject({}));

/** Of both token endpoints. */
export const tokenReply = z.lazy(() =>
  z.object({
    access_token: z.string().check(z.minLength(1)),
    expires_in: z.catch(z.coerce.number(), 0),
    scope: z.catch(z.optional(z.string()), undefined),
  }),
);

export const versionReply = z.lazy(() => z.object({ version: z.string() }));

export const policyReply = z.lazy(() => z.object({ policy: z.string() }));

const preAuthKey = z.lazy(() =>
  z.object({
    id,
    key: text,
    reusable: flag,
    ephemeral: flag,
    used: flag,
    expiration: time,
    createdAt: time,
    aclTags: texts,
  }),
);

export const keyReply = z.lazy(() => z.object({ preAuthKey }));
export const keysReply = z.lazy(() => z.object({ preAuthKeys: z.nullish(z.array(preAuthKey)) }));

const apiKey = z.lazy(() => z.object({ id: z.optional(id), prefix: text, expiration: time }));

/** Headscale's own API keys, on 0.29 and on 0.30 alike. */
export const apiKeysReply = z.lazy(() => z.object({ apiKeys: z.nullish(z.array(apiKey)) }));

/** Their texts are listed as a public beginning with stars behind it. One without an end was born expired, in the year 1. */
export function toExpiring(keys: readonly z.output<typeof apiKey>[] | null | undefined): readonly ExpiringCredential[] {
  return (keys ?? []).flatMap(({ id: number = "", prefix, expiration }) =>
    expiration === null || expiration.getUTCFullYear() <= 1
      ? []
      : { kind: "api-token", id: number, name: prefix.replace(/[-*.]+$/, "") || number, expires: expiration },
  );
}

const node = z.lazy(() =>
  z.object({
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
    user: z.nullish(z.object({ name: text, email: text })),
  }),
);

export const nodesReply = z.lazy(() => z.object({ nodes: z.nullish(z.array(node)) }));

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

const errorBody = z.lazy(() =>
  z.object({
    message: z.optional(z.string()),
    data: z.catch(
      z.nullish(
        z.array(
          z.object({ user: text, errors: z.nullish(z.array(z.string())), warnings: z.nullish(z.array(z.string())) }),
        ),
      ),
      undefined,
    ),
    detail: z.optional(z.string()),
    title: z.optional(z.string()),
    errors: z.nullish(z.array(z.object({ message: z.optional(z.string()) }))),
    error: z.optional(z.string()),
    error_description: z.optional(z.string()),
  }),
);

/**
 * Every text of an error body, whatever its shape: `message` with `data[].errors`, RFC 7807 with `errors[].message`,
 * gRPC's `code` and `message`, RFC 6749's `error_description`, a web page, or plain text. Never empty.
 */
export function errorTexts(body: string): readonly string[] {
  const parsed = errorBody.safeParse(parseJson(body));
  if (!parsed.success) return [isWebPage(body) ? pageText(body) : body.trim() || "no reason given"];
  const { message, data, detail, title, errors, error, error_description } = parsed.data;
  const inner = [
    ...(data ?? []).flatMap((d) => (d.errors ?? []).map((e) => withSubject(d.user, e))),
    ...(errors ?? []).flatMap((e) => e.message ?? []),
  ];
  const oauth = error_description && error ? `${error}: ${error_description}` : error;
  const outer = message ?? detail ?? title ?? oauth;
  const all = inner.length > 0 ? inner : outer === undefined ? [] : [outer];
  return all.length > 0 ? all : ["no reason given"];
}

/** Warnings that come with an answer, and the message above them. */
export function warningTexts(body: string): { readonly message: string; readonly warnings: readonly string[] } {
  const parsed = errorBody.safeParse(parseJson(body));
  if (!parsed.success) return { message: "", warnings: [] };
  const warnings = (parsed.data.data ?? []).flatMap((d) => (d.warnings ?? []).map((w) => withSubject(d.user, w)));
  return { message: parsed.data.message ?? "", warnings };
}

function withSubject(subject: string, said: string): string {
  return subject === "" ? said : `${subject}: ${said}`;
}

/** A login page, a proxy's error page: markup in place of an answer. */
export function isWebPage(body: string): boolean {
  return /^\s*(<!doctype|<html|<\?xml|<head|<body)/i.test(body);
}

function pageText(body: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
  return title ? `a web page, "${title}", in place of an answer` : "a web page in place of an answer";
}

/** 404 in words of a web server and not of the API: the endpoint is missing, not what was asked for. */
export function hasNoEndpoint({ status, text }: { readonly status: number; readonly text: string }): boolean {
  const body = parseJson(text);
  return (status === 404 && (typeof body !== "object" || body === null)) || status === 405;
}

/** Undefined for what is not JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
