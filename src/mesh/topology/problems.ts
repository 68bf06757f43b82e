/** Collects what is wrong with a topology file, each with its place, so that all of it is reported at once. */
import { type ErrorDetails, joinErrors, type MeshError } from "../error.ts";
import { meshErrors } from "../errors.ts";
import { inertText } from "../inert.ts";
import { type Path, pathKey, type Source } from "./document.ts";

export type MeshCode = keyof typeof meshErrors.specs;

/** More than anyone reads at once; a file with more is no topology. */
export const maxProblems = 200;

export class Problems {
  readonly #source: Source;
  readonly #found: MeshError[];
  readonly #damaged = new Set<string>();
  /** All that has something damaged in it. */
  readonly #around = new Set<string>();
  #left = 0;

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
    this.#damaged.add(pathKey(path));
    path.forEach((_, n) => {
      this.#around.add(pathKey(path.slice(0, n)));
    });
  }

  /** Whether the value, what it is part of, or a part of it was reported. */
  isDamaged(path: Path): boolean {
    return this.#around.has(pathKey(path)) || this.#isWithinDamage(path) || this.#source.isUnreadable(path);
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

  /** Whether further problems are only counted. */
  get isFull(): boolean {
    return this.#found.length >= maxProblems;
  }

  /** Throws everything that was found, in the order of the file. */
  throwIfAny(): void {
    const [first, ...rest] = this.#found.toSorted(
      (a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0) || (a.where?.column ?? 0) - (b.where?.column ?? 0),
    );
    if (!first) return;
    const more = `${this.#left} more problems are not shown`;
    throw joinErrors([
      first,
      ...rest,
      ...(this.#left > 0 ? [meshErrors("MESH_TOPOLOGY_MORE", more, { where: this.#source.place([]) })] : []),
    ]);
  }

  #isWithinDamage(path: Path): boolean {
    if (this.#damaged.size === 0) return false;
    return path.some((_, n) => this.#damaged.has(pathKey(path.slice(0, n + 1))));
  }

  #add(path: Path, code: MeshCode, message: string, details: ErrorDetails): void {
    if (this.#isWithinDamage(path) || this.#source.isUnreadable(path)) return;
    if (this.isFull) {
      this.#left++;
      return;
    }
    // Names of clusters and nodes are in many messages, also when they are what is wrong.
    const hint = details.hint === undefined ? {} : { hint: inertText(details.hint) };
    this.#found.push(meshErrors(code, inertText(message), { ...details, ...hint }));
  }
}

/** A path as people write it: `clusters.oracle.nodes.oracle-1.ssh.jump[0]`. */
export function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return inertText(text.replace(/^\./, ""), 200);
}
