/** The summary: what it says, and that nothing from outside can say more. */
import { describe, expect, test } from "vitest";
import { MeshError } from "../../src/mesh/error.ts";
import type { Workspace } from "../../src/ports/workspace.ts";
import { judgeLinks, linkResults } from "../../src/reach/judge.ts";
import { isLayer, layerRank, layers, proves } from "../../src/reach/layers.ts";
import { checkOutcome, failureOf, regressions } from "../../src/reach/outcome.ts";
import { drawing, headline, reachLines, reachMarkdown } from "../../src/reach/render.ts";
import { editFacts, evidenceOf, failed, healthy, silentPing } from "./healthy.ts";

const hostile = [
  "::stop-commands::x",
  "##[error]pwned",
  "\u001b[2Jcleared",
  "<script>alert(1)</script>",
  "| cell | [link](http://evil.test) ![i](http://evil.test/i.png) `code` @team",
  '"] --> evil["x',
  "```\nend of the block",
  "\u202egnp.exe",
].join("\n");

function broken() {
  const scene = healthy();
  scene.answer = (_n, p) => (p.run.kind === "ping" ? silentPing : undefined);
  return judgeLinks(evidenceOf(scene));
}

describe("summary", () => {
  test("table, drawing, findings", () => {
    const [title, table, picture, findings] = reachMarkdown(broken());
    expect(title).toBe("### Links: broken");
    expect(table).toContain("| homelab → oracle | ❌ broken | direct | pod | look on the router of oracle");
    expect(picture).toContain('c0["homelab"]');
    expect(picture).toContain('c0 --x|"broken pod direct"| c1');
    expect(picture).toContain("linkStyle 1 stroke:#cf222e");
    expect(findings).toContain("| pod | homelab-1 |");
  });

  test("a healthy one has no findings to unfold", () => {
    expect(reachMarkdown(judgeLinks(evidenceOf(healthy())))).toHaveLength(3);
    expect(reachMarkdown([])).toHaveLength(1);
  });

  test("a warning on a link that works is said as one", () => {
    const scene = healthy();
    editFacts(scene, "homelab-1", (f) => ({ ...f, rules: f.rules.filter((r) => r.priority !== 2500) }));
    const judged = judgeLinks(evidenceOf(scene));
    expect(reachMarkdown(judged)[1]).toContain("✅ reachable ⚠️");
    expect(judged[0] && headline(judged[0])).toBe(
      "homelab → oracle: reachable, warning at guards (direct), 12 of 12 probes passed",
    );
    expect(drawing(judged)).toContain("#bf8700");
  });
});

describe("hostile text", () => {
  const scene = healthy();
  scene.answer = (_n, p) => (p.run.kind === "tcp" ? failed(`unreachable ${hostile.replaceAll("\n", " ")}`) : undefined);
  editFacts(scene, "oracle-1", (f) => ({
    ...f,
    tailscale: {
      ...f.tailscale,
      status: f.tailscale.status ? { ...f.tailscale.status, backendState: "NoState", health: [hostile] } : null,
    },
  }));
  editFacts(scene, "homelab-1", (f) => ({ ...f, tailscale: { ...f.tailscale, status: null, statusError: hostile } }));
  scene.control = { error: new MeshError("MESH_X", "remote", hostile, "hint") };
  const judged = judgeLinks(evidenceOf(scene));
  const text = reachMarkdown(judged).join("\n\n");

  test("was quoted at all", () => {
    expect(text).toContain("stop-commands");
    expect(text).toContain("pwned");
  });

  test("breaks no table, drawing, HTML or terminal", () => {
    for (const bad of ["<script", "\u001b", "\u202e", "](http", "![i]", "`code`", "@team", '"] --> evil']) {
      expect(text).not.toContain(bad);
    }
    const rows = text.split("\n").filter((l) => l.startsWith("| "));
    for (const row of rows) expect([5, 6]).toContain((row.match(/(?<!\\)\|/g) ?? []).length);
    expect(text.split("\n").filter((l) => l.startsWith("```"))).toEqual(["```mermaid", "```"]);
    expect(text.split("\n").some((l) => l.startsWith("::") || l.includes("##["))).toBe(false);
  });

  test("cluster names cannot draw", () => {
    const [first] = broken();
    if (!first) throw new Error("nothing judged");
    const lines = drawing([{ ...first, from: 'a"] --> b\n  click c0 "http://evil.test', to: "x`|y" }]).split("\n");
    expect(lines).toHaveLength(7);
    expect(lines.filter((l) => l.includes("click")).every((l) => /^ {2}c0\["[A-Za-z0-9 ./_#;-]*"\]$/.test(l))).toBe(
      true,
    );
  });

  test("log lines carry it for the reporter to make inert", () => {
    expect(reachLines(judged)[0]).toMatch(/^homelab → oracle: broken at /);
  });
});

describe("outcome", () => {
  const written = new Map<string, string>();
  const workspace: Workspace = {
    read: async () => undefined,
    write: async () => {},
    writeRunFile: async (name, content) => {
      written.set(name, content);
      return `/run/${name}`;
    },
    removeRunFile: async () => undefined,
  };

  test("of a healthy mesh", async () => {
    const outcome = await checkOutcome(judgeLinks(evidenceOf(healthy())), "broken", workspace);
    expect(outcome).toMatchObject({
      outputs: { verdict: "reachable", "matrix-file": "/run/reach-matrix.json" },
      failure: null,
      links: [
        { from: "homelab", to: "oracle", verdict: "reachable", path: "direct", layer: null, remedy: null },
        { from: "oracle", to: "homelab", verdict: "reachable", path: "direct", layer: null, remedy: null },
      ],
    });
    expect(JSON.parse(written.get("reach-matrix.json") ?? "")).toMatchObject({ version: 1, verdict: "reachable" });
  });

  test("a broken link fails with its layer and remedy; the second one comes along", () => {
    const failure = failureOf(broken(), "broken");
    expect(failure).toMatchObject({ code: "MESH_LINK_BROKEN", where: { address: "link/homelab/oracle" } });
    expect(failure?.message).toContain("broken at pod");
    expect(failure?.hint).toContain("look on the router of oracle");
    expect(failure?.also).toHaveLength(1);
  });

  test("relayed fails only where asked, not tested always", () => {
    const scene = healthy();
    scene.answer = (_n, p) =>
      p.run.kind === "path" ? failed(`pong from x (${p.run.address}) via DERP(lab) in 9ms`) : undefined;
    const judged = judgeLinks(evidenceOf(scene));
    expect(failureOf(judged, "broken")).toBeNull();
    expect(failureOf(judged, "relayed")?.code).toBe("MESH_LINK_RELAYED");
    const silent = healthy();
    silent.facts = new Map();
    expect(failureOf(judgeLinks(evidenceOf(silent)), "broken")?.code).toBe("MESH_LINK_NOT_TESTED");
  });

  test("a regression is what worked and is broken, not what never worked or cannot be tested", () => {
    const good = linkResults(judgeLinks(evidenceOf(healthy())));
    const bad = linkResults(broken());
    expect(regressions(good, bad)).toHaveLength(2);
    expect(regressions(bad, bad)).toEqual([]);
    expect(regressions([], bad)).toEqual([]);
    expect(regressions(good, good)).toEqual([]);
  });
});

test("layers: fixed, in order, each with its sentence", () => {
  expect(layers.join(" ")).toBe(
    "control daemon identity interface advertised approved serving distributed accepted guards hooks path route grant pod service dns mtu",
  );
  expect(Object.keys(proves)).toEqual([...layers]);
  expect([isLayer("mtu"), isLayer("nothing"), layerRank("control") < layerRank("mtu")]).toEqual([true, false, true]);
});
