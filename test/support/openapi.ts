/** Holds requests and replies against Tailscale's OpenAPI document, which lies beside the checkout and is not part of it. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import type { V2Call } from "./v2-server.ts";

const file = resolve(import.meta.dirname, "../../../shared/reference/tailscale-openapi.yaml");

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly nullable?: boolean;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly $ref?: string;
}

interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>> & { parameters?: readonly Parameter[] }>>;
}

/** Undefined where it is not there; with TAILMESH_REFERENCE=required that is an error. */
export function readOpenApi(): OpenApi | undefined {
  if (existsSync(file)) return parse(readFileSync(file, "utf8"));
  if (process.env["TAILMESH_REFERENCE"] === "required") throw new Error(`${file} is missing`);
  return undefined;
}

/**
 * What in an exchange the document does not foresee; with `reply`, whatever was asked. Token endpoints and 401 are not in it
 * and count as foreseen.
 */
export function apiProblems(
  document: OpenApi,
  call: V2Call,
  sides: "both sides" | "reply" = "both sides",
): readonly string[] {
  const { pathname, searchParams } = new URL(call.path, "http://v2");
  if (pathname.startsWith("/api/v2/oauth/") || call.reply?.status === 401) return [];
  const found = Object.entries(document.paths).find(([template]) =>
    new RegExp(`^/api/v2${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname),
  );
  const operation = found?.[1][call.method.toLowerCase()];
  if (!found || !operation) return [`${call.method} ${pathname}: not in the document`];
  const at = `${call.method} ${found[0]}`;
  const parameters = [...(found[1].parameters ?? []), ...(operation.parameters ?? [])].map((p) =>
    resolved(document, p),
  );
  const asked =
    sides === "reply"
      ? []
      : [
          ...queryProblems(document, parameters, searchParams),
          ...bodyProblems(document, operation.requestBody, call.headers["content-type"], call.body),
        ];
  return [...asked, ...replyProblems(document, operation, call)].map((problem) => `${at}: ${problem}`);
}

function queryProblems(document: OpenApi, parameters: readonly Parameter[], query: URLSearchParams): readonly string[] {
  const known = parameters.filter((parameter) => parameter.in === "query");
  // One parameter stands for every member of what is listed: `<field>=<value> filters`.
  const isOpen = known.some(({ name }) => name?.startsWith("<field>"));
  const strange = isOpen ? [] : [...query.keys()].filter((name) => !known.some((parameter) => parameter.name === name));
  const missing = known.filter(({ name = "", required }) => required === true && !query.has(name));
  const wrong = known.flatMap(({ name = "", schema }) => {
    const value = query.get(name);
    const isWord = resolved(document, schema ?? {}).type === "string";
    return value === null || !isWord ? [] : schemaProblems(document, schema ?? {}, value, `?${name}`);
  });
  return [
    ...strange.map((name) => `unknown query ${name}`),
    ...missing.map(({ name }) => `missing query ${name}`),
    ...wrong,
  ];
}

function bodyProblems(
  document: OpenApi,
  body: Content | undefined,
  type: string | undefined,
  text: string,
): readonly string[] {
  if (text === "") return [];
  const content = resolved(document, body ?? {}).content ?? {};
  const media = content[type?.split(";")[0] ?? ""];
  if (!media) return [`a body of type ${type} is not foreseen`];
  return type === "application/json"
    ? schemaProblems(document, media.schema ?? {}, JSON.parse(text), "body", true)
    : [];
}

function replyProblems(document: OpenApi, operation: Operation, call: V2Call): readonly string[] {
  const { reply } = call;
  if (!reply) return ["no reply"];
  const declared = operation.responses[String(reply.status)];
  if (!declared) return reply.status < 400 ? [`status ${reply.status} is not foreseen`] : errorProblems(reply.body);
  if (reply.body === "") return [];
  const media = resolved(document, declared).content?.[reply.type ?? "application/json"];
  if (!media)
    return Object.keys(resolved(document, declared).content ?? {}).length === 0
      ? []
      : [`a reply of type ${reply.type}`];
  const isJson = (reply.type ?? "application/json") === "application/json";
  // The prose has errors carry `data`, which their schema leaves out.
  const isClosed = reply.status < 400;
  return isJson ? schemaProblems(document, media.schema ?? {}, JSON.parse(reply.body), "reply", isClosed) : [];
}

/** Statuses that occur and are not declared have the body that the declared ones have. */
function errorProblems(body: string): readonly string[] {
  const value: unknown = JSON.parse(body);
  return value instanceof Object && "message" in value ? [] : ["an error without a message"];
}

function resolved<T extends { readonly $ref?: string }>(document: OpenApi, value: T): T {
  if (value.$ref === undefined) return value;
  const parts = value.$ref.replace(/^#\//, "").split("/");
  const target = parts.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], document);
  return resolved(document, target as T);
}

/** `isClosed`: members that the document does not name are problems too. */
function schemaProblems(
  document: OpenApi,
  given: Schema,
  value: unknown,
  at: string,
  isClosed = false,
): readonly string[] {
  const schema = resolved(document, given);
  if (value === null && (schema.nullable === true || [schema.type].flat().includes("null"))) return [];
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) {
    const results = alternatives.map((one) => schemaProblems(document, one, value, at, isClosed));
    return results.some((problems) => problems.length === 0) ? [] : [`${at}: fits no alternative`];
  }
  const parts = (schema.allOf ?? []).flatMap((part) => schemaProblems(document, part, value, at));
  if (schema.enum && !schema.enum.includes(value)) return [...parts, `${at}: ${JSON.stringify(value)} is not foreseen`];
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isType(type, value))) {
    return [...parts, `${at}: ${JSON.stringify(value)} is no ${[schema.type].flat().join("|")}`];
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, i) => schemaProblems(document, items, item, `${at}[${i}]`, isClosed)) : parts;
  }
  if (!(value instanceof Object) || !schema.properties) return parts;
  const { properties, required = [], additionalProperties } = schema;
  const members = Object.entries(value);
  return [
    ...parts,
    ...required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`),
    ...members.flatMap(([name, member]) => {
      const property = properties[name];
      if (property) return schemaProblems(document, property, member, `${at}.${name}`, isClosed);
      return isClosed && additionalProperties === undefined && !schema.allOf ? [`${at}.${name} is not foreseen`] : [];
    }),
  ];
}

function isType(type: string, value: unknown): boolean {
  switch (type) {
    case "object":
      return value instanceof Object && !Array.isArray(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}
