/** Our box against libsodium, which is what GitHub opens it with. */
import fc from "fast-check";
import sodium from "libsodium-wrappers";
import { beforeAll, expect, test } from "vitest";
import { sealedBox } from "../../../src/adapters/github/sealed-box.ts";

beforeAll(() => sodium.ready);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

test("libsodium opens what was sealed, whatever the text, and only with the right key", async () => {
  const other = sodium.crypto_box_keypair();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 300 }), async (text) => {
      const { publicKey, privateKey } = sodium.crypto_box_keypair();
      const box = Buffer.from((await sealedBox(text, base64(publicKey))) ?? "", "base64");
      const opened = Buffer.from(sodium.crypto_box_seal_open(box, publicKey, privateKey));
      expect(opened.equals(Buffer.from(text, "utf8"))).toBe(true);
      expect(() => sodium.crypto_box_seal_open(box, other.publicKey, other.privateKey)).toThrow();
    }),
    { numRuns: 50 },
  );
});

test("no two boxes are alike, and none shows the text", async () => {
  const { publicKey } = sodium.crypto_box_keypair();
  const boxes = await Promise.all([1, 2].map(() => sealedBox("fake-key-text", base64(publicKey))));
  expect(boxes[0]).not.toBe(boxes[1]);
  expect(Buffer.from(boxes[0] ?? "", "base64").includes("fake-key-text")).toBe(false);
});

test("what is no public key makes no box", async () => {
  for (const key of ["", "AAAA", "not base64", base64(new Uint8Array(33))]) {
    expect(await sealedBox("x", key)).toBeUndefined();
  }
});
