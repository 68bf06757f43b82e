/** The tokens of HuJSON: blanks, comments and literals, with the verdicts and positions of Go's reader. */
import { decodeText, type LiteralNode, type Span } from "./tree.ts";

/** Thrown inside the reader only; `parseHujson` turns it into a problem with line and column. */
export class ScanFailure extends Error {
  readonly offset: number;

  constructor(offset: number, text: string) {
    super(text);
    this.offset = offset;
  }
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const char = {
  tab: 9,
  lineFeed: 10,
  carriageReturn: 13,
  space: 32,
  quote: 34,
  star: 42,
  slash: 47,
  backslash: 92,
} as const;

function isBlank(byte: number | undefined): boolean {
  return byte === char.space || byte === char.tab || byte === char.lineFeed || byte === char.carriageReturn;
}

/** Skips blanks and comments from `offset`; adds each comment to `comments` and returns where something else begins. */
export function skipExtra(bytes: Uint8Array, offset: number, comments: Span[]): number {
  let at = offset;
  for (;;) {
    while (isBlank(bytes[at])) at += 1;
    const next = bytes[at + 1];
    if (bytes[at] !== char.slash || (next !== char.slash && next !== char.star)) return at;
    const end = next === char.slash ? lineCommentEnd(bytes, at) : blockCommentEnd(bytes, at);
    checkUtf8(bytes, at, end);
    if (next === char.slash) checkLineSeparators(bytes, at, end);
    comments.push({ start: at, end });
    at = end;
  }
}

/** A line comment needs its newline, even at the end of the file. */
function lineCommentEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(char.lineFeed, start);
  if (end === -1) throw new ScanFailure(start, "parsing comment: unexpected EOF");
  return end;
}

function blockCommentEnd(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(char.star, start + 2); at !== -1; at = bytes.indexOf(char.star, at + 1)) {
    if (bytes[at + 1] === char.slash) return at + 2;
  }
  throw new ScanFailure(start, "parsing comment: unexpected EOF");
}

function checkUtf8(bytes: Uint8Array, start: number, end: number): void {
  try {
    strictDecoder.decode(bytes.subarray(start, end));
  } catch {
    throw new ScanFailure(start, "invalid UTF-8 in comment");
  }
}

/** U+2028 and U+2029 look like line ends in some editors and would hide what follows: refused, as newer Go readers do. */
function checkLineSeparators(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at + 2 < end; at += 1) {
    const last = bytes[at + 2];
    if (bytes[at] === 0xe2 && bytes[at + 1] === 0x80 && (last === 0xa8 || last === 0xa9)) {
      throw new ScanFailure(at, `invalid character '\\u20${last === 0xa8 ? "28" : "29"}' in line comment`);
    }
  }
}

/** Reads a string, number, true, false or null that begins at `start`. */
export function scanLiteral(bytes: Uint8Array, start: number): LiteralNode {
  if (bytes[start] === char.quote) return scanString(bytes, start);
  let end = start;
  while (isWordByte(bytes[end])) end += 1;
  if (end === start) throw invalidCharacter(bytes, start, "at start of value");
  const word = decodeText(bytes, { start, end });
  if (word === "null" || word === "true" || word === "false") return { kind: word, start, end };
  if (/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(word)) return { kind: "number", start, end };
  throw new ScanFailure(start, `invalid literal: ${word}`);
}

/** Letters, digits, sign and point: what Go's reader takes as one word before it judges it. */
function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const isLetter = (byte | 32) >= 97 && (byte | 32) <= 122;
  return isLetter || (byte >= 48 && byte <= 57) || byte === 43 || byte === 45 || byte === 46;
}

function scanString(bytes: Uint8Array, start: number): LiteralNode {
  let at = start + 1;
  while (bytes[at] !== char.quote) {
    if (at >= bytes.length) throw new ScanFailure(bytes.length, "parsing string: unexpected EOF");
    at += bytes[at] === char.backslash ? 2 : 1;
  }
  const span = { start, end: at + 1 };
  const text = decodeText(bytes, span);
  // Raw control characters and unknown escapes are refused; bytes that are no UTF-8 are not (Go replaces them).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (!/^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"$/.test(text)) {
    throw new ScanFailure(start, `invalid literal: ${text}`);
  }
  return { kind: "string", ...span };
}

/** The failure for a byte that cannot stand where it is; `context` says where. */
export function invalidCharacter(bytes: Uint8Array, offset: number, context: string): ScanFailure {
  return new ScanFailure(offset, `invalid character ${quoteCharacter(bytes, offset)} ${context}`);
}

function quoteCharacter(bytes: Uint8Array, offset: number): string {
  const byte = bytes[offset] ?? 0;
  for (let length = 1; length <= 4; length += 1) {
    const point = decodeStrict(bytes.subarray(offset, offset + length));
    if (point === undefined) continue;
    const letter = String.fromCodePoint(point);
    if (letter === "'" || letter === "\\") return `'\\${letter}'`;
    if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(letter)) return `'${letter}'`;
    return point > 0xffff
      ? `'\\U${point.toString(16).padStart(8, "0")}'`
      : `'\\u${point.toString(16).padStart(4, "0")}'`;
  }
  return `'\\x${byte.toString(16).padStart(2, "0")}'`;
}

function decodeStrict(bytes: Uint8Array): number | undefined {
  try {
    return strictDecoder.decode(bytes).codePointAt(0);
  } catch {
    return undefined;
  }
}
