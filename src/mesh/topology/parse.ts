/** The way into a topology file: text in, complete mesh out, or every problem at once. */
import type { Mesh } from "../mesh.ts";
import { deriveMesh } from "./derive.ts";
import { readSource, type SourceOptions } from "./document.ts";
import { Problems } from "./problems.ts";
import { readShape } from "./shape.ts";

/**
 * Parses and checks `tailmesh.yaml`. Throws one MeshError that carries all problems, in the order of the file, each with file, line
 * and column. Values that came from variables are in no message.
 */
export function parseTopology(text: string, options: SourceOptions): Mesh {
  const source = readSource(text, options);
  const problems = new Problems(source);
  const file = source.value && readShape(source.value, source, problems);
  const mesh = file && deriveMesh(file, problems);
  problems.throwIfAny();
  if (!mesh) throw new RangeError("a topology without problems has a mesh");
  return mesh;
}
