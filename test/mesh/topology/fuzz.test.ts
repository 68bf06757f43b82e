/** Whatever the file says, the parser answers with a mesh or with coded errors, and in time. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { example, problemsOf } from "./support.ts";

const texts = ["two-clusters.yaml", "headscale.yaml", "many.yaml"].map(example);

/** problemsOf throws what is not a MeshError. */
function check(text: string): void {
  for (const error of problemsOf(text)) {
    expect(error.code).toMatch(/^MESH_[A-Z0-9_]+$/);
    expect(error.where?.file).toBe("tailmesh.yaml");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  }
}

test("any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), { numRuns: 500 });
});

test("pieces of YAML in any order", () => {
  const piece = fc.constantFrom(
    "version: 1",
    "clusters:",
    "  a:",
    "    pods: ",
    "10.42.0.0/16",
    "\n",
    "\n",
    "{ ",
    " }",
    "[",
    "]",
    ", ",
    ": ",
    "- ",
    "&a ",
    "*a ",
    "!!str ",
    "? ",
    "| ",
    "> ",
    "'",
    '"',
    "# ",
    "\t",
    "env",
    "ssh",
    "links",
    "---\n",
    "%YAML 1.1\n",
    "__proto__",
    "constructor",
    "toString",
    "<<: *a",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }).map((p) => p.join("")),
      check,
    ),
    { numRuns: 300 },
  );
});

test("good files with a piece cut, doubled or put elsewhere", () => {
  const edit = fc.tuple(fc.constantFrom(...texts), fc.nat(5000), fc.nat(40), fc.nat(5000), fc.boolean());
  fc.assert(
    fc.property(edit, ([text, at, length, to, cut]) => {
      const start = at % text.length;
      const piece = text.slice(start, start + length);
      const rest = cut ? text.slice(0, start) + text.slice(start + length) : text;
      const target = to % (rest.length + 1);
      check(rest.slice(0, target) + (to % 3 === 0 ? "" : piece) + rest.slice(target));
    }),
    { numRuns: 300 },
  );
});

test("any values under any of our keys", () => {
  const words = [
    ...new Set(texts.flatMap((t) => t.match(/[a-z][a-z-]+(?=:)/g) ?? [])),
    "__proto__",
    "constructor",
    "toString",
    "env",
  ];
  const scalar = fc.oneof(
    fc.constantFrom(
      "10.42.0.0/16",
      "10.0.0.1",
      "homelab",
      "a@b:1",
      "https://h",
      "tag:a",
      "full",
      "90d",
      "tcp:1",
      "router",
      "",
      "*",
      "::1",
      "SHA256:x",
    ),
    fc.constantFrom(null, true, 0, 1, -1, 1.5, Number.MAX_VALUE),
    fc.string({ maxLength: 8 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      scalar,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...words), tie("value"), { maxKeys: 6 }),
      fc.record({ address: tie("value"), ssh: tie("value") }),
    ),
  }));
  const file = fc
    .dictionary(fc.constantFrom(...words), value, { maxKeys: 8 })
    .map((content) => stringify({ version: 1, ...content }));
  const cluster = fc.record({ pods: value, services: value, nodes: value, ssh: value, lan: value, tag: value });
  const whole = fc
    .record({ ssh: value, links: value, forbid: value, stores: value, "stored-keys": value, a: cluster })
    .map(({ a, ...rest }) => {
      return stringify({ version: 1, clusters: { a, constructor: a }, ...rest });
    });
  fc.assert(fc.property(fc.oneof(file, whole), check), { numRuns: 300 });
});

const chain = Array.from(
  { length: 1500 },
  (_, n) => `n${n}: { address: 10.1.${n >> 8}.${n & 255}, ssh: { jump: n${n + 1} } }`,
);
const jumps = Array.from({ length: 2000 }, (_, n) => `u@h${n}`).join(", ");
const nodes = Array.from({ length: 2000 }, (_, n) => `n${n}: 10.1.${n >> 8}.${n & 255}`).join(", ");
const cluster = (inside: string) =>
  `clusters: { a: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { ${inside} } } }`;

test.each([
  ["many clusters", `version: 1\nclusters: { ${Array.from({ length: 10_000 }, (_, n) => `c${n}`).join(", ")} }`],
  ["many of one key", `version: 1\n${"a: 1\n".repeat(20_000)}`],
  ["many aliases", `version: 1\nssh: &a { user: x }\nlinks: [${"*a, ".repeat(10_000)}]`],
  [
    "many links",
    `version: 1\nlinks: [${"{ from: a, to: b }, ".repeat(3000)}]\nforbid: [${"{ from: a, to: b }, ".repeat(3000)}]`,
  ],
  ["many jumps for many nodes", `version: 1\nssh: { known-hosts: k, jump: [${jumps}] }\n${cluster(nodes)}`],
  ["a long way", `version: 1\nssh: { known-hosts: k }\n${cluster(chain.join(", "))}`],
  ["many colons", `version: 1\nssh: { host: "${":".repeat(200_000)}" }`],
  ["many slashes", `version: 1\ntailnet: { url: "https://h${"/".repeat(200_000)}x" }`],
  ["many labels", `version: 1\ndns: { zone: "${"a.".repeat(100_000)}" }`],
])(
  "hostile size: %s",
  (_, text) => {
    const started = performance.now();
    check(text);
    // Each takes a second or two alone; the bound only catches what grows without one.
    expect(performance.now() - started).toBeLessThan(20_000);
  },
  30_000,
);
