/** What a control server says about a policy, one finding for each problem. */
import type { PolicyFinding } from "../../ports/control.ts";

/** Takes the server's error texts apart: positions out of any of them, and one finding for each problem of a list. */
export function findingsOf(texts: readonly string[]): readonly PolicyFinding[] {
  return texts.flatMap((text) => {
    const [head = "", tests] = text.split(/test\(s\) failed:\s*/, 2);
    return tests === undefined
      ? problems(withoutSteps(head)).map(finding)
      : problems(tests).map((line) => finding(`policy test failed: ${line}`));
  });
}

/** The lines of a list of failed tests or of `multiple errors:`; anything else that has several lines stays whole. */
function problems(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  const isList = lines[0] === "multiple errors:" || lines.every((line) => /^\S+( ->|:) |^test \d+|^$/.test(line));
  return isList ? lines.filter((line) => line !== "" && line !== "multiple errors:") : [text];
}

function finding(text: string): PolicyFinding {
  const position = /\bline (\d+), column (\d+)/.exec(text);
  return {
    severity: "error",
    text,
    ...(position ? { line: Number(position[1]), column: Number(position[2]) } : {}),
  };
}

/** Without the names of the server's own steps, which say nothing to the reader. */
function withoutSteps(text: string): string {
  return text
    .trim()
    .replace(/^((setting policy|parsing policy from bytes|parsing policy|parsing HuJSON|hujson): )+/, "");
}
