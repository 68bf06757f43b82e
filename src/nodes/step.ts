/** A step of the work on one node: pure, from facts and the desired state to shell text and its undo. */
import type { NodeFacts } from "../facts/facts.ts";
import type { Change, ChangeKind, Risk } from "../plan/change.ts";
import type { DesiredNode } from "./desired.ts";
import type { OwnedFile } from "./guard.ts";

/** The three execs of a node's work: nothing of it reaches the network; it joins; its routing changes. */
export type Stage = "prepare" | "join" | "accept";

export interface PlannedStep {
  readonly id: string;
  readonly stage: Stage;
  readonly change: Change;
  /** sh text with the functions of `script.ts`; runs as root under `set -e`. */
  readonly run: string;
  /** sh text that takes it back; null where there is nothing to take back. */
  readonly undo: string | null;
  /** What the exec finds on its standard input. */
  readonly needs: "archive" | "key" | null;
}

export type StepPlan = PlannedStep | { readonly unchanged: string };

export interface NodeStep {
  readonly id: string;
  /** Null where the step does not concern the node at all. */
  plan(facts: NodeFacts, desired: DesiredNode): StepPlan | null;
}

export interface StepText {
  readonly stage: Stage;
  readonly kind: ChangeKind;
  readonly why: string;
  readonly diff: string;
  readonly risk: Risk;
  readonly undoWords: string;
  readonly does: readonly string[];
  readonly run: string;
  readonly undo: string | null;
  readonly needs?: "archive" | "key";
}

/** A planned step with its change filled in. */
export function step(id: string, desired: DesiredNode, text: StepText): PlannedStep {
  return {
    id,
    stage: text.stage,
    run: text.run,
    undo: text.undo,
    needs: text.needs ?? null,
    change: {
      address: `node/${desired.node.name}/${id}`,
      resource: `node.${id}`,
      kind: text.kind,
      why: text.why,
      diff: text.diff,
      risk: text.risk,
      undo: text.undoWords,
      does: text.does,
    },
  };
}

/** Files whose content or mode on the node differs. */
export function differingFiles(facts: NodeFacts, files: readonly OwnedFile[]): readonly OwnedFile[] {
  return files.filter((f) => {
    const found = facts.files[f.path];
    return !found || found.content !== f.content || found.mode !== f.mode;
  });
}

/** sh text that writes a file of ours, whole or not at all. */
export function putFile(file: OwnedFile): string {
  return `put ${file.path} ${file.mode} <<'TAILMESH_END'\n${file.content}TAILMESH_END\n`;
}

/** Shell-quotes one word. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_.,:/=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
