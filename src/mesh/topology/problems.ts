/** Collects what is wrong with a topology file, each with its place, so that all of it is reported at once. */
import { type ErrorDetails, joinErrors, type MeshError } from "../error.ts";
import { meshErrors } from "../errors.ts";
import { inertText } from "../inert.ts";
import type { Path, Source } from "./document.ts";

export type MeshCode = keyof typeof meshErrors.specs;

export class Problems {
  readonly #source: Source;
  readonly #found: MeshError[];
  readonly #damaged: Path[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#found = [...source.errors];
  }

  /** Reports a problem at a value. Silent where the value, or what it is part of, was reported before: one mistake, one error. */
  at(path: Path, code: MeshCode, message: string, hint?: string): void {
    this.#add(path, code, message, { where: this.#source.place(path), ...(hint ? { hint } : {}) });
  }

  /** Reports a problem at the key of a value. */
  atKey(path: Path, code: MeshCode, message: string, hint?: string): void {
    this.#add(path, code, message, { where: this.#source.keyPlace(path), ...(hint ? { hint } : {}) });
  }

  /** Marks a value as reported; whatever depends on it is not looked at. */
  damage(path: Path): void {
    this.#damaged.push(path);
  }

  /** Whether the value, what it is part of, or a part of it was reported. */
  isDamaged(path: Path): boolean {
    return this.#damaged.some((d) => startsWith(d, path) || startsWith(path, d)) || this.#source.isUnreadable(path);
  }

  /** The text of a value for a message; one that came from a variable is not shown. */
  quote(path: Path, text: string): string {
    const variable = this.#source.variable(path);
    return variable ? `the value of ${variable}` : `"${inertText(text, 120)}"`;
  }

  /** Whether a value came from a variable and is not to be shown. */
  isHidden(path: Path): boolean {
    return this.#source.variable(path) !== undefined;
  }

  /** Throws everything that was found, in the order of the file. */
  throwIfAny(): void {
    const [first, ...rest] = this.#found.toSorted(
      (a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0) || (a.where?.column ?? 0) - (b.where?.column ?? 0),
    );
    if (first) throw joinErrors([first, ...rest]);
  }

  #add(path: Path, code: MeshCode, message: string, details: ErrorDetails): void {
    if (this.#damaged.some((d) => startsWith(path, d)) || this.#source.isUnreadable(path)) return;
    // Names of clusters and nodes are in many messages, also when they are what is wrong.
    const hint = details.hint === undefined ? {} : { hint: inertText(details.hint) };
    this.#found.push(meshErrors(code, inertText(message), { ...details, ...hint }));
  }
}

function startsWith(path: Path, start: Path): boolean {
  return path.length >= start.length && start.every((part, n) => path[n] === part);
}

/** A path as people write it: `clusters.oracle.nodes.oracle-1.ssh.jump[0]`. */
export function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return inertText(text.replace(/^\./, ""), 200);
}
