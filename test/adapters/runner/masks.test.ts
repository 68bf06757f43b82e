/** A secret in any of its forms is hidden; what is too common is not. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskForms, shortestMask } from "../../../src/adapters/runner/masks.ts";

const key = "hskey-auth-abcdefghijkl-0123456789abcdefghijklmnop+/=";

describe("maskForms", () => {
  test.each([
    ["the value", key],
    ["its secret part", "0123456789abcdefghijklmnop+/="],
    ["base64", Buffer.from(key).toString("base64")],
    ["base64 for URLs", Buffer.from(key).toString("base64url")],
    ["hex", Buffer.from(key).toString("hex")],
    ["upper-case hex", Buffer.from(key).toString("hex").toUpperCase()],
    ["URL form", encodeURIComponent(key)],
  ])("holds %s", (_name, form) => {
    expect(maskForms(key)).toContain(form);
  });

  test("of several lines, each is hidden, PEM frames are not", () => {
    const pem =
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQyNTUxOQAAACD\n-----END OPENSSH PRIVATE KEY-----\n";
    const forms = maskForms(pem);
    expect(forms).toContain("b3BlbnNzaC1rZXktdjEAAAAA");
    expect(forms).toContain("QyNTUxOQAAACD");
    expect(forms).not.toContain("-----BEGIN OPENSSH PRIVATE KEY-----");
  });

  test("base64 of a longer text is caught at every alignment", () => {
    for (const prefix of ["", "a", "ab", "abc"]) {
      const encoded = Buffer.from(`${prefix}${key}suffix`).toString("base64");
      expect(
        maskForms(key).some((form) => encoded.includes(form)),
        prefix,
      ).toBe(true);
    }
  });

  test("no form is shorter than what may be hidden without starring out the log", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(maskForms(value).every((form) => form.length >= shortestMask)).toBe(true);
      }),
    );
    expect(maskForms("short")).toEqual([]);
    expect(maskForms("   ")).toEqual([]);
  });
});
