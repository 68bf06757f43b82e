/** Topology texts and parsing for tests. */
import { readFileSync } from "node:fs";
import { allErrors, MeshError } from "../../../src/mesh/error.ts";
import type { Mesh } from "../../../src/mesh/mesh.ts";
import { parseTopology } from "../../../src/mesh/topology/parse.ts";

export const variables: Readonly<Record<string, string>> = {
  BASTION_HOST: "bastion.example.net",
  ORACLE_HOST: "203.0.113.7",
  HOME_PODS: "10.42.0.0/16",
  HOME_ADDRESS: "10.10.10.10",
  SSH_PORT: "2222",
  UNDERLAY: "true",
  ONE: "1",
  BAD_PREFIX: "10.99.1.0/16",
  HOSTILE: "::stop-commands::x\u001b[31m",
  EMPTY: "",
};

export function example(name: string): string {
  return readFileSync(new URL(`../../../examples/${name}`, import.meta.url), "utf8");
}

export function parse(text: string): Mesh {
  return parseTopology(text, { file: "tailmesh.yaml", env: (name) => variables[name] });
}

/** Everything that is wrong, as `CODE line:column`, in order. */
export function problemsOf(text: string): readonly MeshError[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof MeshError) return allErrors(error);
    throw error;
  }
  return [];
}

export function summary(errors: readonly MeshError[]): readonly string[] {
  return errors.map((e) => `${e.code} ${e.where?.line}:${e.where?.column}`);
}
