/** IPv4 and IPv6 ranges as policies write them: read, formatted, compared. Unlike `Cidr`, both families and any two ends. */
import { formatIPv4, parseIPv4 } from "../../mesh/cidr.ts";

/** Every address from `first` to `last`, both included. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const widths = { 4: 32n, 6: 128n } as const;

/** A single address; undefined when it is none. Zones (`%eth0`) are none. */
export function parseAddress(text: string): AddressRange | undefined {
  const dotted = parseIPv4(text);
  if (dotted !== undefined) return { family: 4, first: BigInt(dotted), last: BigInt(dotted) };
  const long = parseIPv6(text);
  return long === undefined ? undefined : { family: 6, first: long, last: long };
}

/** `address/bits`; host bits are cut off, as servers do. */
export function parsePrefix(text: string): AddressRange | undefined {
  const [address = "", bits = "", ...rest] = text.split("/");
  const single = parseAddress(address);
  if (single === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined;
  const hostBits = widths[single.family] - BigInt(bits);
  if (hostBits < 0n) return undefined;
  const first = (single.first >> hostBits) << hostBits;
  return { family: single.family, first, last: first + (1n << hostBits) - 1n };
}

/** `first-last`. */
export function parseSpan(text: string): AddressRange | undefined {
  const [from = "", to = "", ...rest] = text.split("-");
  const first = parseAddress(from);
  const last = parseAddress(to);
  if (first === undefined || last === undefined || rest.length > 0) return undefined;
  if (first.family !== last.family || first.first > last.first) return undefined;
  return { family: first.family, first: first.first, last: last.last };
}

/** An address, a prefix or `first-last`. */
export function parseRange(text: string): AddressRange | undefined {
  return parseAddress(text) ?? parsePrefix(text) ?? parseSpan(text);
}

/** As packet filters spell it: an address alone, a prefix where it is one, else `first-last`. */
export function formatRange(range: AddressRange): string {
  if (range.first === range.last) return formatAddress(range.family, range.first);
  const bits = prefixBits(range);
  return bits === undefined
    ? `${formatAddress(range.family, range.first)}-${formatAddress(range.family, range.last)}`
    : `${formatAddress(range.family, range.first)}/${bits}`;
}

/** As a prefix even where it is a single address; undefined where it is not one prefix. */
export function formatPrefix(range: AddressRange): string | undefined {
  const bits = prefixBits(range);
  return bits === undefined ? undefined : `${formatAddress(range.family, range.first)}/${bits}`;
}

/** `0.0.0.0/0` or `::/0`: as a route, an exit route. */
export function isEverything({ family, first, last }: AddressRange): boolean {
  return first === 0n && last === (1n << widths[family]) - 1n;
}

export function overlap(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Every address of `inner` is in one of `outer`, or in several together. */
export function covers(outer: readonly AddressRange[], inner: AddressRange): boolean {
  return outer.reduce<readonly AddressRange[]>((rest, range) => subtract(rest, range), [inner]).length === 0;
}

/** What is left of `ranges` without `taken`. */
export function subtract(ranges: readonly AddressRange[], taken: AddressRange): readonly AddressRange[] {
  return ranges.flatMap((range) => {
    if (!overlap(range, taken)) return [range];
    const left = range.first < taken.first ? [{ ...range, last: taken.first - 1n }] : [];
    const right = range.last > taken.last ? [{ ...range, first: taken.last + 1n }] : [];
    return [...left, ...right];
  });
}

/** The fewest prefixes that hold just these addresses, in order. */
export function prefixesOf(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return merged(ranges).flatMap(splitIntoPrefixes);
}

/** Overlapping and adjacent ranges made one, in order. */
function merged(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const order = (a: AddressRange, b: AddressRange): number =>
    a.family - b.family || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);
  const kept: AddressRange[] = [];
  for (const range of ranges.toSorted(order)) {
    const last = kept.at(-1);
    if (last === undefined || last.family !== range.family || range.first > last.last + 1n) kept.push(range);
    else if (range.last > last.last) kept[kept.length - 1] = { ...last, last: range.last };
  }
  return kept;
}

function splitIntoPrefixes({ family, first, last }: AddressRange): readonly AddressRange[] {
  const prefixes: AddressRange[] = [];
  for (let at = first; at <= last; ) {
    let size = 1n;
    while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last) size *= 2n;
    prefixes.push({ family, first: at, last: at + size - 1n });
    at += size;
  }
  return prefixes;
}

function prefixBits({ family, first, last }: AddressRange): bigint | undefined {
  const size = last - first + 1n;
  if ((size & (size - 1n)) !== 0n || first % size !== 0n) return undefined;
  return widths[family] - BigInt(size.toString(2).length - 1);
}

function formatAddress(family: 4 | 6, value: bigint): string {
  return family === 4 ? formatIPv4(Number(value)) : formatIPv6(value);
}

function parseIPv6(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? undefined : parseIPv4(dotted[2] ?? "");
  if (dotted !== null && tail === undefined) return undefined;
  const plain =
    tail === undefined ? text : `${dotted?.[1]}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`;
  const halves = plain.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], end = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - end.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...end];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** The short form of RFC 5952: the longest run of two or more zero groups becomes `::`. */
function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === "0") length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}
