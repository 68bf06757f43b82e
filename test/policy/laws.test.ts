/** Laws of planning a policy, for any policy and topology. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { derivePolicy } from "../../src/policy/desired.ts";
import { diffEntries } from "../../src/policy/diff.ts";
import { readPolicy } from "../../src/policy/document.ts";
import { policyEntries } from "../../src/policy/entries.ts";
import { confirmed, expectedPlan } from "../../src/policy/expected.ts";
import { planPolicy } from "../../src/policy/plan.ts";
import { textDiff } from "../../src/policy/text-diff.ts";
import { fakeDevice, headscaleCapabilities } from "../support/fake-control.ts";
import { sampleCluster, sampleMesh } from "../support/sample-mesh.ts";

const name = fc.constantFrom("*", "a@example.com", "tag:nas", "tag:homelab", "10.42.0.0/16", "10.52.0.0/16", "group:g");
const names = fc.array(name, { minLength: 1, maxLength: 3 });
const grant = fc.record({
  src: names,
  dst: names,
  ip: fc.array(fc.constantFrom("*", "tcp:22", "80"), { minLength: 1 }),
});
const acl = fc.record({
  action: fc.constant("accept"),
  src: names,
  dst: fc.array(fc.constantFrom("*:*", "tag:nas:22", "10.52.0.0/16:*"), { minLength: 1 }),
});
const policy = fc
  .record(
    {
      groups: fc.constant({ "group:g": ["a@example.com"] }),
      tagOwners: fc.dictionary(
        fc.constantFrom("tag:nas", "tag:homelab", "tag:oracle", "tag:ci"),
        fc.subarray(["tag:ci", "group:g"]),
      ),
      grants: fc.array(grant, { maxLength: 4 }),
      acls: fc.array(acl, { maxLength: 3 }),
      tests: fc.array(
        fc.record({ src: fc.constantFrom("tag:nas", "10.42.0.1"), accept: fc.constant(["10.52.0.1:443"]) }),
        { maxLength: 2 },
      ),
      hosts: fc.constant({ nas: "192.0.2.7" }),
    },
    { requiredKeys: ["groups"] },
  )
  .chain((value) => fc.constantFrom(JSON.stringify(value), `// mine\n${JSON.stringify(value, undefined, 2)}\n`));
const mesh = fc
  .subarray(["homelab", "oracle", "third"], { minLength: 1 })
  .map((clusters) => sampleMesh(clusters.map((one, i) => sampleCluster(one, 42 + 10 * i))));
const devices = fc.constantFrom(undefined, null, [], [fakeDevice("nas", ["tag:nas"])]);

test("diff(a, a) = ∅, by entries and by text", () => {
  fc.assert(
    fc.property(policy, mesh, (text, net) => {
      const entries = policyEntries(readPolicy(text), derivePolicy(net));
      expect(diffEntries(entries, entries, "").changes).toEqual([]);
      expect(textDiff(text, text, { before: "a", after: "b" })).toBe("");
    }),
  );
});

test("no plan drops an entry of others, whoever wrote the policy and whatever is adopted", () => {
  fc.assert(
    fc.property(policy, mesh, devices, fc.boolean(), (text, net, known, adopt) => {
      const planned = planPolicy({
        mesh: net,
        document: { text, version: "v1", isDefault: false },
        capabilities: headscaleCapabilities,
        wire: "",
        devices: known,
        files: [],
        options: { adopt, onDrift: "overwrite", allowLockout: true },
      });
      const derived = derivePolicy(net);
      const values = (source: string) =>
        policyEntries(readPolicy(source), derived).map((e) => `${e.resource} ${e.value}`);
      const others = policyEntries(readPolicy(text), derived).filter((e) => e.origin === "other");
      const after = values(planned.text ?? text);
      for (const entry of others) expect(after).toContain(`${entry.resource} ${entry.value}`);
    }),
  );
});

test("what was planned, once written, leaves nothing to plan", () => {
  fc.assert(
    fc.property(policy, mesh, devices, (text, net, known) => {
      const plan = (stored: string) =>
        planPolicy({
          mesh: net,
          document: { text: stored, version: "v1", isDefault: false },
          capabilities: headscaleCapabilities,
          wire: "",
          devices: known,
          files: [{ file: "p", text }],
          options: { adopt: false, onDrift: "overwrite", allowLockout: true },
        });
      const first = plan('{"grants": []}');
      if (first.text !== null) expect(plan(first.text).plan.changes).toEqual([]);
    }),
  );
});

test("a plan that was made before the answer is the one that the answer gives", () => {
  let used = 0;
  fc.assert(
    fc.property(policy, policy, mesh, fc.boolean(), fc.boolean(), (own, found, net, adopt, isOwn) => {
      const input = {
        mesh: net,
        capabilities: headscaleCapabilities,
        wire: "",
        files: isOwn ? [{ file: "p", text: own }] : [],
        options: { adopt, onDrift: "fail", allowLockout: false },
      } as const;
      const expected = expectedPlan(input);
      const texts = [expected?.input.document.text ?? "", found];
      for (const text of texts) {
        const document = { text, version: "v1", isDefault: text === "" };
        const early = confirmed(expected, document);
        if (early !== undefined) used++;
        if (early !== undefined) expect(early).toEqual(planPolicy({ ...input, document }));
      }
    }),
  );
  expect(used).toBeGreaterThan(20);
});
