/** The codes of what is found in a policy's rules. */
import { defineErrors } from "../../mesh/error.ts";

export const ruleError = defineErrors({
  MESH_RULES_SHAPE: {
    kind: "config",
    meaning:
      "A part of the policy is not what belongs there: a text instead of a list, a missing member, no object at all.",
    hint: "Correct the policy at that place.",
  },
  MESH_RULES_DUPLICATE: {
    kind: "config",
    meaning: "A name stands twice in one object. HuJSON's syntax allows it, but only one of the two would count.",
    hint: "Keep one of the two, or merge what they say.",
  },
  MESH_RULES_UNKNOWN_MEMBER: {
    kind: "config",
    meaning: "The server knows no member of that name there and refuses the policy.",
    hint: "Correct the spelling, or remove the member.",
  },
  MESH_RULES_UNKNOWN_NAME: {
    kind: "config",
    meaning: "A tag, group, host, IP set or posture is used, but the policy does not define it.",
    hint: "Define it in `tagOwners`, `groups`, `hosts`, `ipsets` or `postures`, or correct the spelling.",
  },
  MESH_RULES_DEFINITION: {
    kind: "config",
    meaning: "A tag, group, host, IP set, posture or approver is defined in a way that the server refuses.",
    hint: "Correct the definition at that place.",
  },
  MESH_RULES_SELECTOR: {
    kind: "config",
    meaning: "A source or destination is not valid in that place.",
    hint: "Use a user, group, tag, host, address or autogroup that this place allows.",
  },
  MESH_RULES_PORT: {
    kind: "config",
    meaning: "Ports or a protocol cannot be read, or do not go together.",
    hint: "Write ports as `443`, `80-443`, `80,443` or `*`; protocols as `tcp`, `udp`, `icmp` or a number.",
  },
  MESH_RULES_CAPABILITY: {
    kind: "config",
    meaning: "A grant's `app` or `ip` names something that cannot be granted.",
    hint: "Name capabilities as `domain/path` in a domain of yours, and give each grant `ip` or `app`.",
  },
  MESH_RULES_ACTION: {
    kind: "config",
    meaning: "A rule's action is none that exists there.",
    hint: 'Rules accept: `"action": "accept"`. SSH rules may also have `"check"`.',
  },
  MESH_RULES_SSH: {
    kind: "config",
    meaning: "Users, check period or environment of an SSH rule are not valid.",
    hint: "Correct the rule at that place.",
  },
  MESH_RULES_HEADSCALE: {
    kind: "config",
    meaning: "Tailscale would take this part of the policy, Headscale refuses it.",
    hint: "Write it in a way that Headscale knows, or leave it out for this server.",
  },
  MESH_RULES_POINTLESS: {
    kind: "config",
    meaning: "This part of the policy is valid but has no effect, or a questionable one.",
    hint: "Check that it says what you mean.",
  },
  MESH_RULES_UNDECIDED: {
    kind: "unverified",
    meaning:
      "What this part gives depends on what only the server knows (roles of users, postures of devices, shared devices, services). It is left out of the computed filters.",
    hint: "Nothing to do. The server's own validation decides it.",
  },
  MESH_RULES_TEST_FAILED: {
    kind: "config",
    meaning:
      "A test of the policy fails: the access it names is not what the rules give, or the test itself cannot be read.",
    hint: "Correct the rules, or the test. The server refuses a policy whose tests fail.",
  },
  MESH_RULES_FINAL_NEWLINE: {
    kind: "config",
    meaning:
      "The file ends in a comment without a newline. Servers refuse that; it is repaired before anything is sent.",
    hint: "Let your editor end the file with a newline.",
  },
});

export type RuleCode = keyof typeof ruleError.specs;
