/** Reads HuJSON into a tree, without recursion, so that no nesting can exhaust the stack. */
import type { Where } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import { hujsonError } from "./errors.ts";
import { invalidCharacter, ScanFailure, scanLiteral, skipExtra } from "./scan.ts";
import {
  type Document,
  encodeText,
  type Item,
  type Member,
  type Position,
  positionAt,
  type Span,
  type StringNode,
  type TreeNode,
} from "./tree.ts";

export interface SyntaxProblem extends Position {
  readonly offset: number;
  /** Go's wording, without its position. */
  readonly text: string;
}

export type ParseResult =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly problem: SyntaxProblem };

/** A container whose end has not been read yet. */
type Frame =
  | { readonly kind: "array"; readonly start: number; readonly items: Item[] }
  | { readonly kind: "object"; readonly start: number; readonly items: Member[]; name: StringNode | undefined };

/** Reads bytes as Go's hujson does: the same verdict, line and byte column. Never throws. */
export function parseHujson(bytes: Uint8Array): ParseResult {
  try {
    return { ok: true, document: new Reader(bytes).read() };
  } catch (error) {
    if (!(error instanceof ScanFailure)) throw error;
    return { ok: false, problem: { offset: error.offset, text: error.message, ...positionAt(bytes, error.offset) } };
  }
}

/** Reads a text; throws MESH_HUJSON_SYNTAX with the place in `file`. */
export function readHujson(text: string, file?: string): Document {
  const result = parseHujson(encodeText(text));
  if (result.ok) return result.document;
  const { line, column, text: reason } = result.problem;
  const where: Where = file === undefined ? { line, column } : { file, line, column };
  throw hujsonError("MESH_HUJSON_SYNTAX", `line ${line}, column ${column}: ${inertText(reason, 200)}`, { where });
}

/** Go refuses a line comment that the file ends with; editors write such files. Adds the newline where that is all that is wrong. */
export function repairFinalNewline(text: string): { readonly text: string; readonly repaired: boolean } {
  if (text.endsWith("\n") || parseHujson(encodeText(text)).ok) return { text, repaired: false };
  const longer = `${text}\n`;
  return parseHujson(encodeText(longer)).ok ? { text: longer, repaired: true } : { text, repaired: false };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #comments: Span[] = [];
  readonly #trailingCommas: number[] = [];
  readonly #frames: Frame[] = [];
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): Document {
    let root: TreeNode | undefined;
    while (root === undefined) {
      const value = this.#nextValue();
      if (value !== undefined) root = this.#place(value);
    }
    if (this.#at < this.#bytes.length) throw invalidCharacter(this.#bytes, this.#at, "after top-level value");
    return { bytes: this.#bytes, root, comments: this.#comments, trailingCommas: this.#trailingCommas };
  }

  #skip(): void {
    this.#at = skipExtra(this.#bytes, this.#at, this.#comments);
  }

  /** A whole literal or an ended container; undefined when a container was only opened. */
  #nextValue(): TreeNode | undefined {
    this.#skip();
    const start = this.#at;
    const frame = this.#frames.at(-1);
    if (start >= this.#bytes.length) throw new ScanFailure(start, "parsing value: unexpected EOF");
    const letter = String.fromCharCode(this.#bytes[start] ?? 0);
    if (frame !== undefined && letter === closer(frame) && !isNamed(frame)) return this.#close(frame);
    if (letter === "{" || letter === "[") {
      this.#at += 1;
      this.#frames.push(
        letter === "{" ? { kind: "object", start, items: [], name: undefined } : { kind: "array", start, items: [] },
      );
      return undefined;
    }
    const literal = scanLiteral(this.#bytes, start);
    this.#at = literal.end;
    return literal;
  }

  /** Puts a value where it belongs, and each container that ends with it; returns the root once that is whole. */
  #place(first: TreeNode): TreeNode | undefined {
    let value: TreeNode = first;
    for (;;) {
      const frame = this.#frames.at(-1);
      if (frame?.kind === "object" && frame.name === undefined) return this.#takeName(frame, value);
      this.#skip();
      if (frame === undefined) return value;
      if (this.#at >= this.#bytes.length)
        throw new ScanFailure(this.#at, `parsing ${frame.kind} after value: unexpected EOF`);
      const letter = String.fromCharCode(this.#bytes[this.#at] ?? 0);
      const isComma = letter === ",";
      if (!isComma && letter !== closer(frame)) {
        throw invalidCharacter(
          this.#bytes,
          this.#at,
          `after ${frame.kind} value (expecting ',' or '${closer(frame)}')`,
        );
      }
      addItem(frame, value, isComma ? this.#at : undefined);
      if (isComma) {
        this.#at += 1;
        return undefined;
      }
      value = this.#close(frame);
    }
  }

  #takeName(frame: Frame & { kind: "object" }, value: TreeNode): undefined {
    if (value.kind !== "string") throw invalidCharacter(this.#bytes, value.start, "at start of object name");
    frame.name = { ...value, kind: "string" };
    this.#skip();
    if (this.#at >= this.#bytes.length) throw new ScanFailure(this.#at, "parsing object after name: unexpected EOF");
    if (this.#bytes[this.#at] !== 58) throw invalidCharacter(this.#bytes, this.#at, "after object name");
    this.#at += 1;
  }

  #close(frame: Frame): TreeNode {
    this.#frames.pop();
    this.#at += 1;
    const comma = frame.items.at(-1)?.comma;
    if (comma !== undefined) this.#trailingCommas.push(comma);
    const span = { start: frame.start, end: this.#at };
    return frame.kind === "array"
      ? { kind: "array", ...span, items: frame.items }
      : { kind: "object", ...span, items: frame.items };
  }
}

function closer(frame: Frame): "]" | "}" {
  return frame.kind === "array" ? "]" : "}";
}

/** True while a member has its name but not its value: there nothing can end. */
function isNamed(frame: Frame): boolean {
  return frame.kind === "object" && frame.name !== undefined;
}

function addItem(frame: Frame, value: TreeNode, comma: number | undefined): void {
  if (frame.kind === "array") frame.items.push({ value, comma });
  else if (frame.name !== undefined) {
    frame.items.push({ name: frame.name, value, comma });
    frame.name = undefined;
  }
}
