/** The syntax tree of a HuJSON text: values with byte offsets; comments and commas are kept beside it. */

export interface Span {
  /** Byte offset of the first byte. */
  readonly start: number;
  /** Byte offset after the last byte. */
  readonly end: number;
}

export interface LiteralNode extends Span {
  readonly kind: "string" | "number" | "true" | "false" | "null";
}

export type StringNode = LiteralNode & { readonly kind: "string" };

/** One element of an array, or one member of an object. */
export interface Item {
  readonly value: TreeNode;
  /** Offset of the comma after it; undefined when it has none. */
  readonly comma: number | undefined;
}

export interface Member extends Item {
  readonly name: StringNode;
}

export interface ArrayNode extends Span {
  readonly kind: "array";
  readonly items: readonly Item[];
}

export interface ObjectNode extends Span {
  readonly kind: "object";
  readonly items: readonly Member[];
}

export type ContainerNode = ArrayNode | ObjectNode;
export type TreeNode = LiteralNode | ContainerNode;

export interface Document {
  readonly bytes: Uint8Array;
  readonly root: TreeNode;
  /** In order of appearance, markers included; a line comment ends before its newline. */
  readonly comments: readonly Span[];
  /** Offsets of commas with no value after them. */
  readonly trailingCommas: readonly number[];
}

export interface Position {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in bytes. */
  readonly column: number;
}

/** Where the lines of a text begin: thousands of places are asked for of one. */
const lineStarts = new WeakMap<Uint8Array, readonly number[]>();

/** Line and byte column of an offset, counted as Go's reader does: only a line feed ends a line. The bytes must not change. */
export function positionAt(bytes: Uint8Array, offset: number): Position {
  const starts = lineStarts.get(bytes) ?? startsOf(bytes);
  lineStarts.set(bytes, starts);
  // the last line that begins at the offset or before it
  let line = 1;
  for (let beyond = starts.length + 1; beyond - line > 1; ) {
    const middle = (line + beyond) >> 1;
    if ((starts[middle - 1] ?? 0) <= offset) line = middle;
    else beyond = middle;
  }
  return { line, column: offset - (starts[line - 1] ?? 0) + 1 };
}

function startsOf(bytes: Uint8Array): readonly number[] {
  const starts = [0];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** UTF-8 bytes of a text. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Texts of the bytes that were asked for parts of; undefined where an offset in bytes is none in letters. */
const plainTexts = new WeakMap<Uint8Array, { readonly text: string | undefined }>();

/** A decoder costs far more than a slice for each of the thousands of short texts of a policy. */
function plainText(bytes: Uint8Array): string | undefined {
  const known = plainTexts.get(bytes);
  if (known !== undefined) return known.text;
  const text = bytes.every((byte) => byte < 128) ? decoder.decode(bytes) : undefined;
  plainTexts.set(bytes, { text });
  return text;
}

/** Text of bytes, or of a part of them. The bytes must not change afterwards. */
export function decodeText(bytes: Uint8Array, span: Span = { start: 0, end: bytes.length }): string {
  return plainText(bytes)?.slice(span.start, span.end) ?? decoder.decode(bytes.subarray(span.start, span.end));
}
