// Killed at one point of each stage, the next run finishes the work: nothing half-written, no key of ours left usable.
import { describe, expect, it } from "vitest";
import { Lab } from "../client.ts";
import { machines, pathsOf, usableKeys } from "../product.ts";

const lab = new Lab();

/** What the log says when the stage begins or has just been done. */
const points = [
  ["the policy is written", "policy written"],
  ["nodes are being prepared", "/daemon: "],
  ["keys are minted", "key 2 minted"],
  ["nodes log in", "oracle-1/login: "],
  ["routes are about to be accepted", "/accept: "],
  ["all is done and to be proven", "::group::Verify"],
] as const;

describe("kill -9 of the runner's process when", () => {
  it.each(points)("%s", async (_, words) => {
    await lab.run("heal", "--bare");
    const killed = await lab.action("converge", {}, "--no-post", `--kill-on=${words}`);
    expect(killed.exit).toBe(137);
    expect(killed.log).toContain(words);
    const next = await lab.action("converge");
    expect(next.exit, next.log.slice(-3000)).toBe(0);
    expect(next.outputs["verdict"]).toBe("reachable");
    expect(await pathsOf(lab)).toBe("14 of 14");
    expect(await usableKeys(lab)).toEqual([]);
    const left = machines.map((machine) =>
      lab.exec(
        machine,
        "find / -xdev -name '*.tailmesh-new' 2>/dev/null; ls -d /run/tailmesh*stage* /var/tmp/tailmesh* /run/tailmesh-undo 2>/dev/null; systemctl is-active tailmesh-undo.timer || true",
      ),
    );
    expect(await Promise.all(left)).toEqual(machines.map(() => "inactive\n"));
    const third = await lab.action("converge");
    expect(third.outputs).toMatchObject({ changed: "false", verdict: "reachable" });
  });
});
