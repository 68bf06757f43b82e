/** The devices that a policy is judged for: read from the devices file, strictly. */

import type { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import { policyError } from "../errors.ts";
import { type AddressRange, isEverything, parseAddress, parsePrefix } from "./address.ts";

export interface Device {
  readonly name: string;
  /** Who it belongs to; undefined when it has tags, which take its user away. */
  readonly user: string | undefined;
  readonly tags: readonly string[];
  readonly addresses: readonly AddressRange[];
  /** Approved subnet routes, exit routes left out. */
  readonly routes: readonly AddressRange[];
  /** Offers an approved exit route (`0.0.0.0/0` or `::/0`). */
  readonly isExit: boolean;
  /** All that it advertises, approved or not, exit routes too. */
  readonly offered: readonly AddressRange[];
}

export interface Devices {
  readonly users: readonly string[];
  readonly nodes: readonly Device[];
}

/** The value of a devices file, `{"users":[…],"nodes":{NAME:{user,tags,ipv4,ipv6,routes,approved}}}`; throws MESH_POLICY_DEVICES. */
export function readDevices(value: unknown): Devices {
  if (!isObject(value)) throw bad("it is not an object with `users` and `nodes`");
  const users = value["users"] === undefined ? [] : textList(value["users"], "users");
  const nodes = value["nodes"] ?? {};
  if (!isObject(nodes)) throw bad("`nodes` is not an object of devices by name");
  return { users, nodes: Object.entries(nodes).map(([name, node]) => readDevice(name, node)) };
}

function readDevice(name: string, node: unknown): Device {
  const where = `nodes.${inertText(name, 60)}`;
  if (!isObject(node)) throw bad(`\`${where}\` is not an object`);
  const list = (key: string): readonly string[] =>
    node[key] === undefined || node[key] === null ? [] : textList(node[key], `${where}.${key}`);
  const tags = list("tags");
  const user = optionalText(node["user"], `${where}.user`);
  const addresses = ["ipv4", "ipv6"].flatMap((key) => {
    const text = optionalText(node[key], `${where}.${key}`);
    if (text === undefined) return [];
    const address = parseAddress(text);
    if (address === undefined) throw bad(`\`${where}.${key}\` is not an address`);
    return [address];
  });
  const prefixes = (key: string): readonly AddressRange[] =>
    list(key).map((text) => {
      const prefix = parsePrefix(text);
      if (prefix === undefined) throw bad(`\`${where}.${key}\` has something that is not a prefix`);
      return prefix;
    });
  const approved = prefixes("approved");
  return {
    name,
    user: tags.length > 0 ? undefined : user,
    tags,
    addresses,
    routes: approved.filter((route) => !isEverything(route)),
    isExit: approved.some(isEverything),
    offered: prefixes("routes"),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textList(value: unknown, where: string): readonly string[] {
  if (!Array.isArray(value)) throw bad(`\`${where}\` is not a list of texts`);
  const texts = value.filter((item) => typeof item === "string");
  if (texts.length !== value.length) throw bad(`\`${where}\` is not a list of texts`);
  return texts;
}

function optionalText(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw bad(`\`${where}\` is not a text`);
  return value;
}

function bad(message: string): MeshError {
  return policyError("MESH_POLICY_DEVICES", `the devices file cannot be used: ${message}`);
}
