/** `sshTests`: who may and may not log in as whom, judged by the SSH rules. */
import type { TreeNode } from "../../hujson/tree.ts";
import type { Devices } from "./devices.ts";
import { type Answer, both, coversSource, coversTarget, either, type Party } from "./party.ts";
import { type Reading, readList, readMembers, readText, readTexts } from "./reading.ts";
import type { Names } from "./selector.ts";
import type { SshRule } from "./ssh.ts";
import { type Outcome, readParties, worst } from "./verdict.ts";

export interface SshGround {
  readonly names: Names;
  readonly rules: readonly SshRule[];
  readonly devices: Devices | undefined;
}

type Wanted = "accept" | "deny" | "check";

const memberNames = { both: ["src", "dst", "accept", "deny", "check"], tailscaleOnly: ["srcPostureAttrs"] };

/** An outcome for each test. A test that cannot be read fails, as it does at the server. */
export function runSshTests(reading: Reading, ground: SshGround, node: TreeNode | undefined): readonly Outcome[] {
  return readList(reading, node, '"sshTests"').flatMap((entry) => {
    const members = readMembers(reading, entry, "an SSH test", memberNames);
    if (members === undefined) return [];
    const fail = (why: string, at: TreeNode = entry): readonly Outcome[] => [{ verdict: "failed", node: at, why }];
    const src = readText(reading, members.get("src"), '"src"');
    const dst = readTexts(reading, members.get("dst"), '"dst"');
    const wanted = (["accept", "deny", "check"] as const).flatMap((kind) =>
      readTexts(reading, members.get(kind), `"${kind}"`).map((user) => ({ kind, user })),
    );
    if (src === undefined) return fail("the SSH test has no src");
    if (dst.length === 0) return fail("the SSH test has no dst");
    if (wanted.length === 0) return fail("the SSH test has neither accept, deny nor check");
    const sources = readParties(reading, ground.names, ground.devices, src);
    if (typeof sources === "string") return fail(`src: ${sources}`, src.node);
    const outcomes = dst.flatMap((target): readonly Outcome[] => {
      // Whether it may stand here is not known.
      if (target.text === "autogroup:self") return [{ verdict: "undecided", node: target.node, why: "" }];
      const targets = readParties(reading, ground.names, ground.devices, target);
      if (typeof targets === "string") return fail(`dst: ${targets}`, target.node);
      return wanted.map(({ kind, user }): Outcome => {
        const verdicts = sources.flatMap((source) =>
          targets.map((party) => judge(ground, source, party, user.text, kind)),
        );
        const verdict = verdicts.includes("failed")
          ? "failed"
          : verdicts.includes("undecided")
            ? "undecided"
            : "passed";
        const why = `${src.text} as "${user.text}" on ${target.text}: "${kind}" is not what the SSH rules give`;
        return { verdict, node: user.node, why };
      });
    });
    return [worst(entry, outcomes)];
  });
}

function judge(ground: SshGround, source: Party, target: Party, user: string, wanted: Wanted): Outcome["verdict"] {
  const accept = login(ground, "accept", source, target, user);
  const check = login(ground, "check", source, target, user);
  const any = either([accept, check]);
  if (wanted === "deny") return any === "no" ? "passed" : any === "yes" ? "failed" : "undecided";
  const [own, other] = wanted === "accept" ? [accept, check] : [check, accept];
  if (any === "no") return "failed";
  // Where rules of both kinds match, or only the other kind does, it is the server's order that decides.
  return own === "yes" && other === "no" ? "passed" : "undecided";
}

function login(
  { rules, devices }: SshGround,
  action: SshRule["action"],
  source: Party,
  target: Party,
  user: string,
): Answer {
  return either(
    rules
      .filter((rule) => rule.action === action)
      .map((rule) =>
        both(
          rule.isConditional ? "maybe" : "yes",
          either(rule.src.map((selector) => coversSource(selector, source, devices))),
          either(rule.dst.map((selector) => coversTarget(selector, target, source, devices))),
          either(rule.users.map((pattern) => isUser(pattern, user, source))),
        ),
      ),
  );
}

/** A login name, `autogroup:nonroot`, or the first part of the asking user's own name. */
function isUser(pattern: string, user: string, source: Party): Answer {
  if (pattern === "autogroup:nonroot") return user === "root" ? "no" : "yes";
  const domain = /^localpart:\*@(.*)$/s.exec(pattern)?.[1];
  if (domain === undefined) return pattern === user ? "yes" : "no";
  if (source.kind === "user") return source.name === `${user}@${domain}` ? "yes" : "no";
  return source.kind === "tag" ? "no" : "maybe";
}
