import { describe, expect, test } from "vitest";
import { allErrors, defineErrors, joinErrors, MeshError } from "../../src/mesh/error.ts";
import { meshErrors } from "../../src/mesh/errors.ts";

const make = defineErrors({
  MESH_A: { kind: "config", meaning: "A is wrong.", hint: "Mend A." },
  MESH_B: { kind: "remote", meaning: "B is wrong.", hint: "Mend B." },
});

describe("MeshError", () => {
  test("takes kind and hint from the catalogue, unless told better", () => {
    const cause = new Error("why");
    const error = make("MESH_B", "no answer", { cause, where: { address: "https://b.example" } });
    expect(error).toBeInstanceOf(MeshError);
    expect(error).toMatchObject({
      code: "MESH_B",
      kind: "remote",
      message: "no answer",
      hint: "Mend B.",
      cause,
      where: { address: "https://b.example" },
      also: [],
    });
    expect(make("MESH_A", "x", { hint: "Mend this." }).hint).toBe("Mend this.");
  });

  test("joined errors are all there, flat and in order, whatever they carried before", () => {
    const [a, b, c] = [make("MESH_A", "1"), make("MESH_B", "2"), make("MESH_A", "3")];
    const joined = joinErrors([joinErrors([a, b]), c]);
    expect(joined).toMatchObject({ code: "MESH_A", message: "1" });
    expect(allErrors(joined).map((e) => e.message)).toEqual(["1", "2", "3"]);
    expect(joinErrors([a])).toBe(a);
  });
});

test("every code of the catalogue explains itself", () => {
  for (const [code, spec] of Object.entries(meshErrors.specs)) {
    expect(code).toMatch(/^MESH_[A-Z0-9]+(_[A-Z0-9]+)*$/);
    expect(spec.meaning).toMatch(/^[A-Z`].{20,}\.$/s);
    expect(spec.hint).toMatch(/^.{10,}\.$/s);
  }
});
