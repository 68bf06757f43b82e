// Machines that go down, in order or not, come back into the mesh by themselves: traffic flows again without a run.
import { beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../client.ts";
import { pathsOf } from "../product.ts";

const lab = new Lab();

describe("reboots", () => {
  beforeAll(async () => {
    await lab.run("heal");
    const step = await lab.action("converge");
    expect(step.exit, step.log.slice(-2000)).toBe(0);
  });

  // In order, or as when the power fails, which is quicker and harder.
  it.each([["homelab-1"], ["homelab-2 --crash"], ["oracle-1 --crash"], ["--all"]])(
    "%s: traffic comes back without a run",
    async (which) => {
      await lab.run("reboot", ...which.split(" "));
      let paths = "";
      for (let i = 0; i < 40 && paths !== "14 of 14"; i++) paths = await pathsOf(lab);
      expect(paths).toBe("14 of 14");
      const again = await lab.action("converge");
      expect(again.outputs).toMatchObject({ changed: "false", verdict: "reachable" });
    },
  );
});
