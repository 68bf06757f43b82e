/** With `adopt`, the policy on the server is the base from now on: in its own mark, and in the operator's file. */
import { inertText } from "../mesh/inert.ts";
import type { Change } from "../plan/change.ts";
import type { PolicyFile } from "./parts.ts";
import { textDiff } from "./text-diff.ts";

/** The change where no entry changes: without its mark the next run would find the policy edited elsewhere. */
export function adoptedMarkChange(does: string): Change {
  return {
    address: "policy/mark",
    resource: "policy",
    kind: "update",
    why: "adopt: the policy on the server is the base from now on, and its first line says so",
    diff: "+ // tailmesh sha256:…",
    risk: "none",
    undo: "take the first line out",
    does: [does],
  };
}

/** The operator's own file as it is to be, so that the next run does not take the adopted policy back; null when it stays. */
export function adoptedFile(files: readonly PolicyFile[], merged: string): PolicyFile | null {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0 || file.text === merged) return null;
  return { file: file.file, text: merged };
}

/** The change that writes it into the checkout. */
export function adoptedFileChange([old]: readonly PolicyFile[], { file, text }: PolicyFile): Change {
  return {
    address: `workspace/${inertText(file, 200)}`,
    resource: "file",
    kind: "update",
    why: "adopt: the policy on the server is the base from now on",
    diff: textDiff(old?.text ?? "", text, { before: `a/${file}`, after: `b/${file}` }),
    risk: "reversible",
    undo: "git checkout the file",
    does: [`write ${inertText(file, 200)} in the checkout (${text.length} characters)`],
  };
}

/** What is left for the operator to do with the files. */
export function adoptWarnings(files: readonly PolicyFile[], rewrite: PolicyFile | null): readonly string[] {
  const names = files.map(({ file }) => file).join(", ");
  if (rewrite !== null) {
    return [
      `adopt: the policy on the server was taken as the base; ${names} is rewritten in the checkout, commit it before the next run`,
    ];
  }
  if (files.length < 2) return [];
  return [
    `adopt: the policy on the server was taken as the base instead of ${names}; bring your files up to date before the next run`,
  ];
}
