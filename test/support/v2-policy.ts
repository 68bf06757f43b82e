/** What the v2 servers do with a policy beside storing it. */
import { readPolicy } from "./headscale-policy.ts";

/** Headscale 0.30 stores comments as blanks of the same length, but for those behind the trailing comma of a list or object. */
export function blankComments(text: string): string {
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|[^\s"/]/g)].map(
    ([token]) => token,
  );
  const isBlank = (token: string): boolean => /^(\s|\/\/|\/\*)/.test(token);
  let before = "";
  return tokens
    .map((token, at) => {
      if (!isBlank(token)) before = token;
      if (!token.startsWith("/")) return token;
      const after = tokens.slice(at).find((next) => !isBlank(next)) ?? "";
      if (before === "," && /^[}\]]/.test(after)) return token;
      return token.replace(/[^\n]/g, (letter) => " ".repeat(Buffer.byteLength(letter)));
    })
    .join("");
}

interface TestData {
  readonly user: string;
  readonly errors: readonly string[];
}

/** Failed tests as Tailscale tells them, of Headscale's words; undefined for another refusal. */
export function testData(message: string): readonly TestData[] | undefined {
  const [, lines] = /^test\(s\) failed:\n([\s\S]*)$/.exec(message) ?? [];
  if (lines === undefined) return undefined;
  const word = (text: string): string => (text === "ALLOWED" ? "Accept" : "Drop");
  const told = lines.split("\n").map((line) => {
    const [, user = "", target = "", want = "", got = ""] =
      /^(\S+) -> (\S+?)(?: \(\w+\))?: expected (\w+), got (\w+)$/.exec(line) ?? [];
    return user === ""
      ? { user: "", error: line }
      : { user, error: `address ${quoted(target)}: want: ${word(want)}, got: ${word(got)}` };
  });
  const users = [...new Set(told.map(({ user }) => user))];
  return users.map((user) => ({ user, errors: told.filter((t) => t.user === user).map((t) => t.error) }));
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The rules that name somebody as a source, or an address as a destination; enough to see that the right one was asked for. */
export function previewOf(text: string, type: string, target: string): readonly unknown[] {
  const policy = readPolicy(text, { sections: [], ownerAutogroups: true });
  const lines = text.split("\n");
  const [host = ""] = target.split(":");
  const rules = (policy?.grants ?? []).map((grant) => ({
    users: grant.src ?? [],
    ports: (grant.dst ?? []).map((d) => `${d}:*`),
  }));
  return rules
    .filter(({ users, ports }) =>
      (type === "user" ? users : ports).some(
        (name) => name.startsWith(type === "user" ? target : host) || name.startsWith("*"),
      ),
    )
    .map((rule) => ({
      ...rule,
      lineNumber: lines.findIndex((line) => line.includes(quoted(rule.users[0] ?? ""))) + 1,
    }));
}
