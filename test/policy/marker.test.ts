import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/mesh/sha256.ts";
import { policyState, withMarker, withoutMarker } from "../../src/policy/marker.ts";

const stored = (text: string, isDefault = false) => ({ text, version: "v", isDefault });

test("sha256 agrees with the platform's", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
    }),
  );
});

describe("policyState", () => {
  const ours = withMarker('{"grants": []} // x\n');
  test.each([
    ["default", stored("", true)],
    ["foreign", stored('{"grants": []}')],
    ["foreign", stored('// a comment\n{"grants": []}')],
    ["ours", stored(ours)],
    ["ours", stored(ours.replace("// x", "// y"))],
    ["drifted", stored(ours.replace("[]", "[1]"))],
    ["drifted", stored(`${ours}oops`)],
    ["foreign", stored(ours.replace("// tailmesh", "//  tailmesh"))],
  ])("%s", (state, document) => expect(policyState(document)).toBe(state));

  test("the hash is of the standardised rest", () => {
    expect(ours.split("\n")[0]).toBe(
      `// tailmesh sha256:${createHash("sha256").update('{"grants": []}     \n').digest("hex")}`,
    );
  });

  test("marking twice is marking once", () => {
    expect(withMarker(ours)).toBe(ours);
    expect(withoutMarker(ours)).toBe('{"grants": []} // x\n');
  });
});
