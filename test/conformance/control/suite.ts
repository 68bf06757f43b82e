/**
 * What every adapter behind the Control port must do, whatever server it speaks with. Runs against the in-process server in
 * `npm test` and against the real one in the lab.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MeshError } from "../../../src/mesh/error.ts";
import type { Control, MintRequest } from "../../../src/ports/control.ts";

export interface ControlUnderTest extends AsyncDisposable {
  readonly control: Control;
  /** The same server with a credential that it does not accept. */
  readonly stranger: Control;
  /** How many requests were sent so far. */
  requests(): number;
  /** True: nobody set a policy yet, and the suite may leave one behind. */
  readonly isFresh: boolean;
}

const request: MintRequest = {
  tags: ["tag:conformance"],
  description: "tailmesh conformance",
  expirySeconds: 600,
  reusable: false,
};

/** A policy with comments; `extra` is put in as it is. */
function policy(extra = ""): string {
  return `// kept: ü
{
  "tagOwners": { "tag:ci": [], "tag:conformance": ["tag:ci"] }, // and this
  "grants": [{ "src": ["10.142.0.0/16"], "dst": ["10.152.0.0/16"], "ip": ["*"] }],
  ${extra}
}
`;
}

/** Registers the cases. `make` connects anew; the server must be one that the suite may write to. */
export function controlConformance(name: string, make: () => Promise<ControlUnderTest>): void {
  describe(`Control: ${name}`, () => {
    let under: ControlUnderTest;
    let control: Control;
    let before: string;

    beforeAll(async () => {
      under = await make();
      control = under.control;
      before = (await control.getPolicy()).text;
    });
    afterAll(async () => {
      if (before !== "") await control.setPolicy(before, (await control.getPolicy()).version);
      await under[Symbol.asyncDispose]();
    });

    async function costOf(work: () => Promise<unknown>): Promise<number> {
      const start = under.requests();
      await work();
      return under.requests() - start;
    }

    test("says what it is", () => {
      expect(control.url).toMatch(/^https?:\/\/[^/]+$/);
      expect(control.capabilities.serverVersion).not.toBe("");
      expect(Object.values(control.wire).every((line) => /^(GET|POST|PUT|PATCH|DELETE) \//.test(line))).toBe(true);
    });

    test("tells its time, and what of credentials expires in at most one request", async () => {
      await control.getPolicy();
      expect(Math.abs(control.now().getTime() - Date.now())).toBeLessThan(86_400_000);
      let found: unknown;
      expect(await costOf(async () => (found = await control.listExpiring()))).toBeLessThanOrEqual(1);
      for (const one of Array.isArray(found) ? found : []) {
        expect(one).toMatchObject({
          kind: expect.any(String),
          name: expect.stringMatching(/./),
          expires: expect.any(Date),
        });
      }
    });

    test("an untouched server has its default policy", async () => {
      const found = await control.getPolicy();
      expect(found.isDefault).toBe(under.isFresh);
      expect(found.version).not.toBe("");
      expect((await control.getPolicy()).version).toBe(found.version);
    });

    test("a policy is stored as it was sent, and is a new version", async () => {
      const first = await control.getPolicy();
      const write = await control.setPolicy(policy(), first.version);
      if (write.kind !== "written") expect.fail(write.kind);
      expect(write.stored.isDefault).toBe(false);
      expect(write.stored.version).not.toBe(first.version);
      if (control.capabilities.policy.keepsComments) expect(write.stored.text).toBe(policy());
      expect(await control.getPolicy()).toEqual(write.stored);
    });

    test("a write on an old version is a conflict and changes nothing", async () => {
      const old = await control.getPolicy();
      const write = await control.setPolicy(policy(`"hosts": { "h": "10.1.1.1" },`), old.version);
      if (write.kind !== "written") expect.fail(write.kind);
      expect(await control.setPolicy(policy(), old.version)).toEqual({ kind: "conflict" });
      expect(await control.getPolicy()).toEqual(write.stored);
    });

    const bad: readonly [string, string, RegExp, boolean][] = [
      ["syntax error", `{\n  "grants" [],\n}\n`, /./, true],
      [
        "undefined tag",
        policy(`"autoApprovers": { "routes": { "10.142.0.0/16": ["tag:nobody"] } },`),
        /tag:nobody/,
        false,
      ],
      ["unknown section", policy(`"nonsense": {},`), /nonsense/, false],
      [
        "failing test",
        policy(`"tests": [{ "src": "10.142.0.1", "accept": ["10.9.9.9:80"] }],`),
        /10\.142\.0\.1\b.*10\.9\.9\.9:80/,
        false,
      ],
    ];
    test.each(bad)(
      "a policy with a %s is refused by check and by write, with the reason",
      async (_, text, reason, hasPlace) => {
        const present = await control.getPolicy();
        const check = await control.checkPolicy(text);
        const write = await control.setPolicy(text, present.version);
        for (const result of [check, write]) {
          if (result.kind === "unsupported") continue;
          if (result.kind !== "failed" && result.kind !== "rejected") expect.fail(result.kind);
          expect(result.findings.map((finding) => finding.text).join("\n")).toMatch(reason);
          expect(result.findings.every((finding) => finding.text !== "" && finding.severity === "error")).toBe(true);
          if (hasPlace) expect(result.findings[0]).toMatchObject({ line: 2, column: 12 });
        }
        expect(await control.getPolicy()).toEqual(present);
      },
    );

    test("an empty policy is never written", async () => {
      const present = await control.getPolicy();
      expect((await control.setPolicy(" \n", present.version)).kind).toBe("rejected");
      expect(await control.getPolicy()).toEqual(present);
    });

    test("each failing test is a finding of its own; passing ones are none", async () => {
      const tests = (accept: string): string =>
        policy(`"tests": [{ "src": "10.142.0.1", "accept": [${accept}], "deny": ["10.9.9.1:1"] }],`);
      const check = await control.checkPolicy(tests(`"10.9.9.9:80", "10.9.9.8:80", "10.152.0.1:80"`));
      if (check.kind === "unsupported") return;
      if (check.kind !== "failed") expect.fail(check.kind);
      expect(check.findings).toHaveLength(2);
      expect(await control.checkPolicy(tests(`"10.152.0.1:80"`))).toEqual({ kind: "passed" });
    });

    test("a preview says which rules apply, where the server has one, and stores nothing", async () => {
      const present = await control.getPolicy();
      const preview = await control.previewPolicy(policy(), "ipport", "10.152.0.0:443");
      if (control.capabilities.policy.preview) {
        if (preview.kind !== "matches") expect.fail(preview.kind);
        expect(preview.matches.map(({ users }) => users)).toEqual([["10.142.0.0/16"]]);
        expect(preview.matches[0]?.line).toBeGreaterThan(0);
      } else {
        expect(preview).toEqual({ kind: "unsupported" });
      }
      expect(await control.getPolicy()).toEqual(present);
    });

    test.each(["null", "{}", "// nothing\n", "/* */ {}\n", "{ } // x\n"])("%j is never written", async (text) => {
      const present = await control.getPolicy();
      const cost = await costOf(async () =>
        expect((await control.setPolicy(text, present.version)).kind).toBe("rejected"),
      );
      expect(cost).toBe(0);
      expect(await control.getPolicy()).toEqual(present);
    });

    test("a key is usable, tagged, lives as long as asked for, and is recognised by its beginning", async () => {
      const { key, secret } = await control.mintKey(request);
      try {
        expect(key).toMatchObject({ tags: ["tag:conformance"], reusable: false, ephemeral: false, state: "usable" });
        const life = ((key.expires?.getTime() ?? 0) - key.created.getTime()) / 1000;
        expect(life).toBeGreaterThan(590);
        expect(life).toBeLessThan(610);
        if (key.prefix !== null) expect(secret.reveal().startsWith(key.prefix)).toBe(true);
        expect(secret.reveal().length).toBeGreaterThan((key.prefix?.length ?? 0) + 20);
        const listed = (await control.listKeys()).find((candidate) => candidate.id === key.id);
        expect(listed).toEqual(key);
        expect(JSON.stringify(listed)).not.toContain(secret.reveal());
      } finally {
        await control.revokeKey(key.id);
      }
    });

    test("a reusable key says so", async () => {
      const { key } = await control.mintKey({ ...request, reusable: true });
      expect(key.reusable).toBe(true);
      await control.revokeKey(key.id);
    });

    test("a revoked key cannot be used any more, and revoking again is no error", async () => {
      const { key } = await control.mintKey(request);
      expect(await control.revokeKey(key.id)).toBe("revoked");
      const listed = (await control.listKeys()).find((candidate) => candidate.id === key.id);
      expect(listed?.state ?? "revoked").not.toBe("usable");
      await expect(control.revokeKey(key.id)).resolves.toBeDefined();
    });

    test.each([0, -1, 1.5, 7_776_001, Number.NaN])("a life of %d seconds is not asked for", async (expirySeconds) => {
      await expect(control.mintKey({ ...request, expirySeconds })).rejects.toBeInstanceOf(RangeError);
    });

    test("devices are a list; one that is not there is gone, or an error for what must change it", async () => {
      expect(Array.isArray(await control.listDevices())).toBe(true);
      expect(await control.deleteDevice("999999999")).toBe("already-gone");
      await expect(control.setEnabledRoutes("999999999", [])).rejects.toBeInstanceOf(MeshError);
      await expect(control.setDeviceTags("999999999", ["tag:conformance"])).rejects.toBeInstanceOf(MeshError);
    });

    test("each operation is one request, a policy write two", async () => {
      const { version } = await control.getPolicy();
      expect(await costOf(() => control.getPolicy())).toBe(1);
      expect(await costOf(() => control.checkPolicy(policy()))).toBe(
        control.capabilities.policy.validate === "none" ? 0 : 1,
      );
      expect(await costOf(() => control.setPolicy(policy(), version))).toBe(control.capabilities.policy.etag ? 1 : 2);
      expect(await costOf(() => control.listKeys())).toBe(1);
      expect(await costOf(() => control.listDevices())).toBe(1);
      let id = "";
      const minting = async (): Promise<void> => {
        id = (await control.mintKey(request)).key.id;
      };
      expect(await costOf(minting)).toBe(1);
      expect(await costOf(() => control.revokeKey(id))).toBe(1);
    });

    test("a wrong credential is told as such, by every call, and its text by none", async () => {
      const { stranger } = under;
      const calls = [
        () => stranger.getPolicy(),
        () => stranger.checkPolicy(policy()),
        () => stranger.setPolicy(policy(), '"x"'),
        () => stranger.mintKey(request),
        () => stranger.listKeys(),
        () => stranger.revokeKey("1"),
        () => stranger.listDevices(),
        () => stranger.setEnabledRoutes("1", []),
        () => stranger.setDeviceTags("1", ["tag:conformance"]),
        () => stranger.deleteDevice("1"),
      ];
      for (const call of calls) {
        const error: unknown = await call().then(
          () => expect.fail("it was accepted"),
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ code: "MESH_CREDENTIAL_REJECTED", kind: "denied" });
        expect(String(error)).not.toContain("-wrong");
      }
    });
  });
}
