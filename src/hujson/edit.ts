/** Minimal text edits of HuJSON: what is not named by an edit keeps its bytes, comments and order. */
import {
  type ContainerNode,
  type Document,
  decodeText,
  encodeText,
  type Item,
  type Member,
  type Span,
  type TreeNode,
} from "./tree.ts";

/** Puts `text` in the place of the bytes of the span. */
export interface TextEdit extends Span {
  readonly text: string;
}

/** One element or member to be added. Texts have no blanks around them. */
export interface NewItem {
  /** The value, or `"name": value`. */
  readonly text: string;
  /** Comments that stand before it, a line each. */
  readonly comments?: readonly string[];
}

/** What becomes of one container; indices are those of its items. */
export interface ContainerEdit {
  readonly remove?: ReadonlySet<number>;
  /** New text of the value. */
  readonly replace?: ReadonlyMap<number, string>;
  readonly append?: readonly NewItem[];
}

/** The edits of one container. They may be applied together with those of containers beside it, not with those of its own parts. */
export function editContainer(document: Document, container: ContainerNode, edit: ContainerEdit): readonly TextEdit[] {
  const remove = edit.remove ?? new Set<number>();
  const replaced = [...(edit.replace ?? [])].flatMap(([index, text]) => {
    const value = container.items[index]?.value;
    return value === undefined || remove.has(index) ? [] : [{ start: value.start, end: value.end, text }];
  });
  return [
    ...replaced,
    ...removalSpans(document, container, remove).map((span) => ({ ...span, text: "" })),
    ...commaEdits(container, remove, edit.append ?? []),
    ...insertion(document, container, remove, edit.append ?? []),
  ];
}

/** Applies edits that do not overlap. Where two touch, the one that removes comes first. */
export function applyEdits(bytes: Uint8Array, edits: readonly TextEdit[]): Uint8Array {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const edit of sorted) {
    if (edit.start < at) throw new RangeError(`text edits overlap at byte ${edit.start}`);
    parts.push(bytes.subarray(at, edit.start), encodeText(edit.text));
    at = edit.end;
  }
  parts.push(bytes.subarray(at));
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

/** Blanks before the first thing of the line that holds `offset`. */
export function indentAt(bytes: Uint8Array, offset: number): string {
  const start = lineStart(bytes, offset);
  let end = start;
  while (isInlineBlank(bytes[end])) end += 1;
  return decodeText(bytes, { start, end });
}

/** What one level of nesting is indented by in this text; two spaces where it does not show. */
export function indentUnit(document: Document): string {
  const root = document.root;
  const first = root.kind === "object" || root.kind === "array" ? itemStart(root.items[0]) : undefined;
  if (first === undefined || !beginsLine(document.bytes, first)) return "  ";
  const outer = indentAt(document.bytes, root.start);
  const inner = indentAt(document.bytes, first);
  return inner.length > outer.length && inner.startsWith(outer) ? inner.slice(outer.length) : "  ";
}

/** The line end this text uses. */
export function lineEnd(bytes: Uint8Array): string {
  const first = bytes.indexOf(10);
  return first > 0 && bytes[first - 1] === 13 ? "\r\n" : "\n";
}

function itemStart(item: Item | Member | undefined): number | undefined {
  if (item === undefined) return undefined;
  return "name" in item ? item.name.start : item.value.start;
}

function isInlineBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}

function lineStart(bytes: Uint8Array, offset: number): number {
  return offset === 0 ? 0 : bytes.lastIndexOf(10, offset - 1) + 1;
}

/** Only blanks stand before it on its line. */
function beginsLine(bytes: Uint8Array, offset: number): boolean {
  let at = offset;
  while (at > 0 && isInlineBlank(bytes[at - 1])) at -= 1;
  return at === 0 || bytes[at - 1] === 10;
}

/** What goes with the removed items: value, comma, and the blanks or the whole line that would be left empty. */
function removalSpans(document: Document, container: ContainerNode, remove: ReadonlySet<number>): readonly Span[] {
  const bytes = document.bytes;
  const raw: Span[] = [];
  for (const [index, item] of container.items.entries()) {
    if (!remove.has(index)) continue;
    add(raw, bytes, { start: itemStart(item) ?? item.value.start, end: item.value.end });
    if (item.comma !== undefined) add(raw, bytes, { start: item.comma, end: item.comma + 1 });
  }
  return raw.map((span) => widen(bytes, container, span));
}

/** Appends a span, joined with the last one where only blanks lie between. */
function add(spans: Span[], bytes: Uint8Array, span: Span): void {
  const last = spans.at(-1);
  const gap = last === undefined ? "x" : decodeText(bytes, { start: last.end, end: span.start });
  if (last !== undefined && gap.trim() === "") spans.splice(-1, 1, { start: last.start, end: span.end });
  else spans.push(span);
}

function widen(bytes: Uint8Array, container: ContainerNode, span: Span): Span {
  let start = span.start;
  let end = span.end;
  while (isInlineBlank(bytes[end])) end += 1;
  if (beginsLine(bytes, start)) {
    if (bytes[end] === 10) return { start: Math.max(lineStart(bytes, start), container.start + 1), end: end + 1 };
    return { start, end };
  }
  while (start > container.start + 1 && isInlineBlank(bytes[start - 1])) start -= 1;
  return start === container.start + 1 && bytes[end] !== 10 ? { start: span.start, end } : { start, end: span.end };
}

/** A comma where the last kept item needs one, and none left over where the text had none at the end. */
function commaEdits(
  container: ContainerNode,
  remove: ReadonlySet<number>,
  append: readonly NewItem[],
): readonly TextEdit[] {
  const lastKept = container.items.findLastIndex((_, index) => !remove.has(index));
  const kept = container.items[lastKept];
  if (kept === undefined) return [];
  if (append.length > 0)
    return kept.comma === undefined ? [{ start: kept.value.end, end: kept.value.end, text: "," }] : [];
  const hadTrailing = container.items.at(-1)?.comma !== undefined;
  return hadTrailing || kept.comma === undefined ? [] : [{ start: kept.comma, end: kept.comma + 1, text: "" }];
}

function insertion(
  document: Document,
  container: ContainerNode,
  remove: ReadonlySet<number>,
  append: readonly NewItem[],
): readonly TextEdit[] {
  if (append.length === 0) return [];
  const bytes = document.bytes;
  const close = container.end - 1;
  if (beginsLine(bytes, close) && lineStart(bytes, close) > container.start) {
    return [
      { start: lineStart(bytes, close), end: lineStart(bytes, close), text: ownLines(document, container, append) },
    ];
  }
  const needsLines = append.some((item) => item.comments !== undefined || item.text.includes("\n"));
  const kept = container.items.findLast((_, index) => !remove.has(index));
  if (needsLines || (kept === undefined && decodeText(bytes).includes("\n"))) {
    const text = `${lineEnd(bytes)}${ownLines(document, container, append)}${indentAt(bytes, container.start)}`;
    return [{ start: close, end: close, text }];
  }
  const trailing = container.items.at(-1)?.comma !== undefined ? "," : "";
  const list = append.map((item) => item.text).join(", ");
  if (kept === undefined) return [{ start: close, end: close, text: `${list}${trailing}` }];
  // After the comma that is there, or after the one that commaEdits puts at the same place (equal spans keep their order).
  const at = kept.comma === undefined ? kept.value.end : kept.comma + 1;
  return [{ start: at, end: at, text: ` ${list}${trailing}` }];
}

function ownLines(document: Document, container: ContainerNode, append: readonly NewItem[]): string {
  const bytes = document.bytes;
  const newline = lineEnd(bytes);
  const first = container.items.map(itemStart).find((start) => start !== undefined && beginsLine(bytes, start));
  const indent = first === undefined ? indentAt(bytes, container.start) + indentUnit(document) : indentAt(bytes, first);
  const last = container.items.at(-1);
  const hasTrailing = last === undefined ? !isPlainJson(document) : last.comma !== undefined;
  return append
    .map((item, index) => {
      const comma = index < append.length - 1 || hasTrailing ? "," : "";
      const comments = (item.comments ?? []).map((comment) => `${indent}${comment}${newline}`).join("");
      return `${comments}${indent}${item.text}${comma}${newline}`;
    })
    .join("");
}

function isPlainJson(document: Document): boolean {
  return document.comments.length === 0 && document.trailingCommas.length === 0;
}

/** Comments that lie in a span, one text each. */
export function commentsIn(document: Document, span: Span): readonly string[] {
  return document.comments
    .filter((c) => c.start >= span.start && c.end <= span.end)
    .map((c) => decodeText(document.bytes, c).trimEnd());
}

/** The source text of a node, as it stands. */
export function sourceOf(document: Document, node: TreeNode): string {
  return decodeText(document.bytes, node);
}
