import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { offeredAlgorithms } from "../../../src/adapters/ssh/host-key.ts";
import { findKnownKeys, keyType } from "../../../src/adapters/ssh/known-hosts.ts";
import { generateKey } from "../../support/ssh-server.ts";

const one = generateKey().public;
const two = generateKey().public;
const rsa = generateKey("rsa").public;
const blob = (key: string): string => (key.split(" ")[1] ?? "").replace(/=+$/, "");

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

describe("findKnownKeys", () => {
  test.each<[string, string, string, number, readonly string[]]>([
    ["a plain name", `node.example ${one}`, "node.example", 22, [one]],
    ["another name", `node.example ${one}`, "other.example", 22, []],
    ["a name in capitals", `Node.Example ${one}`, "nODE.example", 22, [one]],
    ["one of several names", `a,node.example,10.0.0.1 ${one}`, "10.0.0.1", 22, [one]],
    ["several keys", `n ${one}\nn ${rsa}\nm ${two}`, "n", 22, [one, rsa]],
    ["a port", `[n]:2222 ${one}`, "n", 2222, [one]],
    ["another port", `[n]:2222 ${one}`, "n", 2223, []],
    ["the usual port in brackets", `[n]:22 ${one}`, "n", 22, [one]],
    ["a port that has no entry of its own", `n ${one}`, "n", 2222, [one]],
    ["a port that has one", `n ${one}\n[n]:2222 ${two}`, "n", 2222, [two]],
    ["a hashed name", `${hashed("n.example")} ${one}`, "n.example", 22, [one]],
    ["a hashed name with port", `${hashed("[n.example]:2200")} ${one}`, "n.example", 2200, [one]],
    ["another hashed name", `${hashed("n.example")} ${one}`, "m.example", 22, []],
    ["a wildcard", `*.example ${one}`, "n.example", 22, [one]],
    ["a wildcard that is no expression", `n.exampl? ${one}`, "nXexample", 22, []],
    ["a negation", `*.example,!n.example ${one}`, "n.example", 22, []],
    ["comments, blanks, CRLF", `# n ${two}\r\n\r\n  n ${one} root@n\r\n`, "n", 22, [one]],
    ["lines that cannot be read", `n ssh-ed25519 AAAA\nn ssh-rsa ${blob(one)}\nn\nn ${one}`, "n", 22, [one]],
    ["a revoked key only", `@revoked n ${one}`, "n", 22, []],
    ["an authority only", `@cert-authority n ${one}`, "n", 22, []],
  ])("%s", (_, text, host, port, keys) => {
    expect(findKnownKeys(text, host, port).keys).toEqual(keys.map(blob));
  });

  test("tells of revoked keys and of authorities", () => {
    const text = `@cert-authority *.example ${rsa}\n@revoked * ${two}\nn.example ${one}`;
    expect(findKnownKeys(text, "n.example", 22)).toEqual({
      keys: [blob(one)],
      revoked: [blob(two)],
      hasAuthority: true,
    });
  });

  test("reads a line that OpenSSH's ssh-keygen -H wrote", () => {
    const line = `|1|/WRT8TYc5Krvinf/rV4jN9OQpQU=|Z7eGa6Da5vOBdQ4dzQhLtmEeSnQ= ${one}`;
    expect(findKnownKeys(line, "node.example", 22).keys).toEqual([blob(one)]);
    expect(findKnownKeys(line, "node2.example", 22).keys).toEqual([]);
  });
});

describe("algorithms", () => {
  test("of known types come first, RSA never with SHA-1", () => {
    expect(offeredAlgorithms(["ssh-rsa"]).slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
    expect(offeredAlgorithms([])[0]).toBe("ssh-ed25519");
    expect(offeredAlgorithms([], ["ssh-ed25519"])).not.toContain("ssh-ed25519");
  });

  test.each([one, rsa, generateKey("ecdsa").public])("type of %s", (key) => {
    expect(keyType(blob(key))).toBe(key.split(" ")[0]);
  });

  test.each(["", "AAAA", "AAAAB3NzaC1yc2E", "not base64 at all"])("no type of %j", (text) =>
    expect(keyType(text)).toBeUndefined(),
  );
});
