import { expect, test } from "vitest";
import { rotationMetrics } from "../../src/keys/metrics.ts";
import { expiryRadar } from "../../src/keys/radar.ts";
import { rotationReportText } from "../../src/keys/rotation-report.ts";
import { RotationReportSchema } from "../../src/keys/rotation-report-schema.ts";
import { fakeDevice } from "../support/fake-control.ts";

const now = new Date("2026-11-27T12:00:00.900Z");
const radar = expiryRadar({
  now,
  credentials: [
    { kind: "api-token", id: "k1", name: 'a "quoted" \\ na\nme', expires: new Date("2026-12-01T00:00:00Z") },
  ],
  devices: [
    fakeDevice("phone", [], { keyExpires: new Date("2027-02-01T00:00:00Z") }),
    fakeDevice("phone", [], { keyExpires: new Date("2027-01-01T00:00:00Z") }),
  ],
});

/** A reader of the text format, as strict as Prometheus: no series twice, one TYPE before its samples. */
function read(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  let family = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const [, typed] = /^# TYPE (\S+) gauge$/.exec(line) ?? [];
    if (typed !== undefined) family = typed;
    if (line.startsWith("#")) continue;
    const [, key = "", name = "", value] =
      /^((tailmesh_[a-z_]+)(?:\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})?) (\d+)$/.exec(line) ?? [];
    expect(name, line).toBe(family);
    expect(series.has(key), line).toBe(false);
    series.set(key, Number(value));
  }
  return series;
}

test("the metrics: unix times, escaped labels, no series twice", () => {
  const text = rotationMetrics({
    now,
    items: radar.items,
    rotations: [
      { name: "nas", due: new Date("2026-12-05T00:00:00Z"), isOverdue: false },
      { name: "old", due: new Date("2026-10-01T00:00:00Z"), isOverdue: true },
    ],
    succeeded: true,
  });
  expect([...read(text)]).toEqual([
    [
      String.raw`tailmesh_expiry_seconds{kind="api-token",name="a \"quoted\" \\ na\\u{a}me"}`,
      Date.UTC(2026, 11, 1) / 1000,
    ],
    [`tailmesh_expiry_seconds{kind="node-key",name="phone"}`, Date.UTC(2027, 0, 1) / 1000],
    [`tailmesh_rotation_due_seconds{name="nas"}`, Date.UTC(2026, 11, 5) / 1000],
    [`tailmesh_rotation_due_seconds{name="old"}`, Date.UTC(2026, 9, 1) / 1000],
    [`tailmesh_rotation_overdue{name="nas"}`, 0],
    [`tailmesh_rotation_overdue{name="old"}`, 1],
    ["tailmesh_last_run_seconds", Date.UTC(2026, 10, 27, 12) / 1000],
    ["tailmesh_last_run_success", 1],
  ]);
});

test("with nothing that expires, the time of the run is there all the same", () => {
  const series = read(rotationMetrics({ now, items: [], rotations: [], succeeded: false }));
  expect([...series.keys()]).toEqual(["tailmesh_last_run_seconds", "tailmesh_last_run_success"]);
  expect(series.get("tailmesh_last_run_success")).toBe(0);
});

test("the report fits its schema and has no secret to show", () => {
  const text = rotationReportText({
    now,
    storedKeys: [
      {
        name: "nas",
        store: "home",
        place: "keys/nas",
        keyId: "k1CNTRL",
        created: "2026-11-27T12:00:00Z",
        expires: "2027-02-25T12:00:00Z",
        due: "2026-12-27T12:00:00Z",
        overdue: false,
        rotated: true,
        why: "older than 30 days",
      },
    ],
    revoked: ["k0CNTRL"],
    radar,
  });
  const report = RotationReportSchema.parse(JSON.parse(text));
  expect(report.at).toBe("2026-11-27T12:00:00.900Z");
  expect(report.expiring.map(({ kind, remainingDays, level }) => [kind, remainingDays, level])).toEqual([
    ["api-token", 3, "error"],
    ["node-key", 34, "ok"],
    ["node-key", 65, "ok"],
  ]);
});
