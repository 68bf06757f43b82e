// Every fault that this topology can show is blamed on its layer, and a healthy mesh gives no finding.
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../client.ts";
import { resultOf } from "../product.ts";

const lab = new Lab();
const listed = JSON.parse(
  execFileSync(lab.argv()[0] ?? "node", lab.argv("fault", "--list", "--json").slice(1), { encoding: "utf8" }),
) as readonly { readonly name: string; readonly layer: string; readonly topology: string }[];

/** Traffic flows in these, so the link stays reachable and the finding is a warning. */
const warnings: ReadonlySet<string> = new Set(["udp-blocked", "control-down", "guards-removed"]);

beforeAll(async () => {
  await lab.run("heal");
  const step = await lab.action("converge");
  expect(step.exit, step.log.slice(-2000)).toBe(0);
});

afterAll(async () => {
  await lab.run("heal");
});

it("a healthy mesh gives no finding", async () => {
  const step = await lab.action("connectivity-check");
  expect(step.exit).toBe(0);
  expect(step.outputs["verdict"]).toBe("reachable");
  expect(resultOf(step).links.map((l) => l.layer)).toEqual([null, null]);
  const matrix = JSON.parse(await lab.runner(`cat ${step.outputs["matrix-file"]}`)) as {
    links: { findings: unknown[] }[];
  };
  expect(matrix.links.flatMap((l) => l.findings)).toEqual([]);
});

describe("faults", () => {
  it("are all listed with a layer of the design", () => {
    expect(listed.length).toBeGreaterThanOrEqual(15);
  });

  it.each(listed)("$name → $layer", async ({ name, layer }) => {
    try {
      await lab.run("fault", name);
      const step = await lab.action("connectivity-check");
      const matrix = JSON.parse(await lab.runner(`cat ${step.outputs["matrix-file"]}`)) as {
        links: { layer: string | null; findings: { layer: string }[] }[];
      };
      if (warnings.has(name)) {
        expect(step.outputs["verdict"], step.log.slice(-2000)).toBe("reachable");
        expect(matrix.links.flatMap((l) => l.findings.map((f) => f.layer))).toContain(layer);
      } else {
        expect(step.exit).toBe(1);
        expect(step.outputs["verdict"]).toBe("broken");
        const layers = resultOf(step).links.flatMap((l) => l.layer ?? []);
        expect(new Set(layers), step.log.slice(-3000)).toEqual(new Set([layer]));
      }
    } finally {
      await lab.run("heal");
    }
  });
});
