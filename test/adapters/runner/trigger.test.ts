/** What the event says of the run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTrigger } from "../../../src/adapters/runner/trigger.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tailmesh-event-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  [{ repository: { default_branch: "main", visibility: "public", private: false } }, { isPublic: true }],
  [{ repository: { default_branch: "main", visibility: "internal", private: true } }, { isPublic: false }],
  [{ repository: { default_branch: "main", visibility: "internal", private: false } }, { isPublic: false }],
  [{ repository: { default_branch: "main", private: false } }, { isPublic: true }],
  [{ repository: { default_branch: "main" } }, { isPublic: false, defaultBranch: "main" }],
  [
    { repository: { private: false }, pull_request: { number: 7 } },
    { isPublic: true, pullRequest: 7, defaultBranch: null },
  ],
  [{ pull_request: { number: "7" } }, { pullRequest: null }],
  [[], { isPublic: false, pullRequest: null, defaultBranch: null }],
  ["no object", { isPublic: false, pullRequest: null, defaultBranch: null }],
])("%j", (event, expected) => {
  const file = join(folder, "event.json");
  writeFileSync(file, JSON.stringify(event));
  expect(readTrigger({ GITHUB_EVENT_PATH: file, GITHUB_REF: "refs/heads/x" })).toMatchObject({
    ref: "refs/heads/x",
    ...expected,
  });
});

test("no event, or one that cannot be read, says nothing", () => {
  const unknown = { ref: null, defaultBranch: null, isPublic: false, pullRequest: null };
  expect(readTrigger({})).toEqual(unknown);
  expect(readTrigger({ GITHUB_EVENT_PATH: join(folder, "none") })).toEqual(unknown);
});
