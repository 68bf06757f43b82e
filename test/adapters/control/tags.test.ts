/** Why a tag may not be given, and the one edit that mends it. */
import { describe, expect, test } from "vitest";
import { explainTags, isTagRefusal, type TagRefusal } from "../../../src/adapters/control/tags.ts";

const base: TagRefusal = {
  said: "requested tags [tag:homelab] are invalid or not permitted",
  wanted: ["tag:homelab"],
  held: ["tag:ci"],
  ownerTag: "tag:ci",
  control: "tailscale",
  isApiKey: false,
};

test.each<[string, boolean]>([
  ["requested tags [tag:x] are invalid or not permitted", true],
  ["setting device tags\nrequested tags [tag:x tag:y] are invalid or not permitted", true],
  ["tag tag:x is not defined in policy", true],
  ["token may not assign tag tag:x", true],
  ["an OAuth client must create tagged auth keys", true],
  ["token is missing the required scope auth_keys", false],
  ["calling actor does not have enough permissions to perform this function", false],
])("%j is about tags: %s", (text, expected) => expect(isTagRefusal(text)).toBe(expected));

describe("explainTags", () => {
  test("a credential with the owner tag: the policy in force is not there yet", () => {
    const { message, hint } = explainTags(base);
    expect(message).toContain("it holds tag:ci");
    expect(hint).toMatch(/Apply the policy first/);
    expect(hint).toContain(`"tag:homelab": ["tag:ci"]`);
  });

  test("several tags and not the owner: one edit of policy and credential, with the console's labels", () => {
    const { message, hint } = explainTags({ ...base, held: ["tag:homelab", "tag:oracle"] });
    expect(message).toContain("it holds tag:homelab, tag:oracle");
    expect(hint).toMatch(/all of them together/);
    expect(hint).toMatch(/Access controls.*Trust credentials.*tag:ci be its only tag/);
    expect(hint).toContain(`"tag:ci": ["autogroup:admin"]`);
    expect(hint).toMatch(/must be in the policy before a credential can hold it/);
  });

  test("on Headscale neither an autogroup nor a console is named", () => {
    const { hint } = explainTags({ ...base, control: "headscale", held: ["tag:other"] });
    expect(hint).not.toMatch(/autogroup|console/);
    expect(hint).toContain("headscale oauth-clients create");
  });

  test("tags that are not known: both halves are said", () => {
    const { message, hint } = explainTags({ ...base, held: null });
    expect(message).not.toContain("holds");
    expect(hint).toMatch(/Apply the policy first.*The credential itself must hold tag:ci/);
  });

  test("an API key gives what its person owns", () => {
    expect(explainTags({ ...base, held: null, isApiKey: true }).hint).toMatch(/person who made it owns/);
  });

  test("another owner tag is the one that is named", () => {
    const { hint } = explainTags({ ...base, ownerTag: "tag:robots", held: ["tag:ci", "tag:x"] });
    expect(hint).toContain("let tag:robots be its only tag");
  });
});
