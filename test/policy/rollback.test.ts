/** The policy of before comes back only for links that it broke, and gives nothing back that was taken away. */
import { describe, expect, test } from "vitest";
import { type PolicyInput, planPolicy } from "../../src/policy/plan.ts";
import { planRollback } from "../../src/policy/rollback.ts";
import { takeBackPolicy } from "../../src/policy/take-back.ts";
import { FakeControl, fakeDevice, headscaleCapabilities } from "../support/fake-control.ts";
import { port, sampleMesh } from "../support/sample-mesh.ts";

const mesh = sampleMesh(undefined, { policyFiles: ["p"] });
const [homelab, oracle] = ["homelab", "oracle"];
const broken = [{ from: "homelab", to: "oracle" }];
const devices = [
  fakeDevice("homelab-1", ["tag:homelab"], {
    addresses: ["100.64.0.1"],
    advertisedRoutes: ["10.42.0.0/16", "10.43.0.0/16"],
    enabledRoutes: ["10.42.0.0/16", "10.43.0.0/16"],
  }),
  fakeDevice("oracle-1", ["tag:oracle"], {
    addresses: ["100.64.0.2"],
    advertisedRoutes: ["10.52.0.0/16", "10.53.0.0/16"],
    enabledRoutes: ["10.52.0.0/16", "10.53.0.0/16"],
  }),
  fakeDevice("laptop", [], { user: "a@example.com", addresses: ["100.64.0.3"] }),
];
const owners = '"tagOwners": {"tag:ci": [], "tag:homelab": ["tag:ci"], "tag:oracle": ["tag:ci"]}';

function plan(before: string, after: string, more: Partial<PolicyInput> = {}) {
  return planPolicy({
    mesh,
    document: { text: `{${owners}, ${before}}`, version: "v1", isDefault: false },
    capabilities: headscaleCapabilities,
    wire: "",
    devices,
    files: [{ file: "p", text: `{${owners}, ${after}}` }],
    options: { adopt: false, onDrift: "overwrite" },
    ...more,
  });
}

const linkRule = '{"src": ["tag:homelab", "10.42.0.0/16"], "dst": ["10.52.0.0/16", "10.53.0.0/16"], "ip": ["*"]}';
const laptopRule = '{"src": ["a@example.com"], "dst": ["tag:oracle"], "ip": ["tcp:22"]}';

describe("restored", () => {
  test("when the write took nothing away", () => {
    const planned = plan(`"grants": [${linkRule}]`, `"grants": [${laptopRule}]`);
    expect(planRollback(planned, broken)).toEqual({ kind: "restore", text: planned.input.document.text });
  });

  test("when all that it took away is the broken link itself", () => {
    const planned = plan(
      `"grants": [${linkRule}]`,
      '"grants": [], "postures": {"posture:x": ["node:os == \'linux\'"]}, "defaultSrcPosture": ["posture:x"]',
      { mesh: { ...mesh, tailnet: { ...mesh.tailnet, control: "tailscale" } } },
    );
    expect(planned.access.some(({ kind }) => kind === "loses")).toBe(true);
    expect(planRollback(planned, broken).kind).toBe("restore");
    expect(planRollback(planned, [{ from: oracle, to: homelab }]).kind).toBe("keep");
  });

  test("without the devices, when no rule was changed or taken out", () => {
    expect(planRollback(plan('"grants": []', '"grants": []', { devices: null }), broken).kind).toBe("restore");
  });
});

describe("kept", () => {
  test("when the one before would give something back", () => {
    const planned = plan(`"grants": [${linkRule}, ${laptopRule}]`, '"grants": []');
    expect(planRollback(planned, broken)).toMatchObject({
      kind: "keep",
      why: "the one before would give back what was taken away (laptop to oracle-1, tcp:22)",
    });
  });

  test("when the topology itself narrowed the link", () => {
    const links = [{ from: homelab, to: oracle, ports: [port("tcp", 443)] }];
    const planned = plan(`"grants": [${linkRule}]`, '"grants": []', { mesh: { ...mesh, links } });
    expect(planRollback(planned, broken).kind).toBe("keep");
  });

  test("without the devices, when a rule was taken out", () => {
    const planned = plan(`"grants": [${laptopRule}]`, '"grants": []', { devices: null });
    expect(planRollback(planned, broken).kind).toBe("keep");
  });

  test.each([
    ["no link got worse", plan(`"grants": [${linkRule}]`, '"grants": []'), []],
    [
      "the server had its default",
      plan("", "", { document: { text: "", version: "", isDefault: true }, files: [] }),
      broken,
    ],
    ["nothing was written", { ...plan('"grants": []', '"grants": []'), text: null }, broken],
  ] as const)("%s", (_name, planned, links) => expect(planRollback(planned, links).kind).toBe("keep"));
});

describe("taking it back", () => {
  const planned = plan(`"grants": [${linkRule}]`, `"grants": [${laptopRule}]`);
  const before = planned.input.document.text;

  test("writes the policy of before, over what this run wrote", async () => {
    const control = new FakeControl({ policy: planned.text ?? "" });
    expect(await takeBackPolicy(control, planned, broken)).toBe("the previous policy is in force again");
    expect(control.policy).toBe(before);
  });

  test("leaves what somebody else wrote since, and what must not come back", async () => {
    const meddled = new FakeControl({ policy: '{"grants": []}' });
    expect(await takeBackPolicy(meddled, planned, broken)).toContain("somebody changed it");
    const taking = plan(`"grants": [${linkRule}, ${laptopRule}]`, '"grants": []');
    const kept = new FakeControl({ policy: taking.text ?? "" });
    expect(await takeBackPolicy(kept, taking, broken)).toContain("would give back what was taken away");
    expect([meddled.writes, kept.writes]).toEqual([0, 0]);
  });

  test("says so when the server does not take it", async () => {
    const control = new FakeControl({ policy: planned.text ?? "" });
    control.before = (call) => {
      if (call === "setPolicy") control.findings = [{ severity: "error", text: "no" }];
    };
    expect(await takeBackPolicy(control, planned, broken)).toContain("does not take the previous one (rejected)");
    expect(control.policy).toBe(planned.text);
  });

  test("a policy without rules is never put back: it would allow everything", async () => {
    const opening = plan('"groups": {}', '"grants": [{"src": ["autogroup:danger-all"], "dst": ["*"], "ip": ["*"]}]');
    const control = new FakeControl({ policy: opening.text ?? "" });
    expect(await takeBackPolicy(control, opening, broken)).toContain("could not be put back: MESH_POLICY_EMPTY");
    expect(control.writes).toBe(0);
  });
});
