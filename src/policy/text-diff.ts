/** A unified diff of two texts. */

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

const context = 3;

/** Unified diff with three lines of context; empty for equal texts. `names` head it. */
export function textDiff(
  before: string,
  after: string,
  names: { readonly before: string; readonly after: string },
): string {
  if (before === after) return "";
  const lines = diffLines(splitLines(before), splitLines(after));
  return [`--- ${names.before}`, `+++ ${names.after}`, ...hunks(lines)].join("\n").concat("\n");
}

function splitLines(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Equal ends are cut off, then lines that occur once on both sides anchor the rest (patience diff). */
function diffLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (from: number, to: number): readonly Line[] =>
    before.slice(from, to).map((text) => ({ sign: " ", text }));
  const middle = diffMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...same(0, head), ...middle, ...same(before.length - tail, before.length)];
}

function diffMiddle(before: readonly string[], after: readonly string[]): readonly Line[] {
  const anchors = longestRise(commonOnce(before, after));
  if (anchors.length === 0) {
    const gone = before.map((text): Line => ({ sign: "-", text }));
    return [...gone, ...after.map((text): Line => ({ sign: "+", text }))];
  }
  const parts: (readonly Line[])[] = [];
  let [b, a] = [0, 0];
  for (const [inBefore, inAfter] of anchors) {
    parts.push(diffLines(before.slice(b, inBefore), after.slice(a, inAfter)), [
      { sign: " ", text: before[inBefore] ?? "" },
    ]);
    [b, a] = [inBefore + 1, inAfter + 1];
  }
  parts.push(diffLines(before.slice(b), after.slice(a)));
  return parts.flat();
}

type Pair = readonly [number, number];

/** Places of the lines that occur exactly once on each side, by their place in `before`. */
function commonOnce(before: readonly string[], after: readonly string[]): readonly Pair[] {
  const inAfter = placesOfSingles(after);
  return [...placesOfSingles(before)].flatMap(([text, place]): Pair[] => {
    const other = inAfter.get(text);
    return other === undefined ? [] : [[place, other]];
  });
}

function placesOfSingles(lines: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (const [place, text] of lines.entries()) {
    if (places.has(text)) repeated.add(text);
    places.set(text, place);
  }
  for (const text of repeated) places.delete(text);
  return places;
}

/** Longest run of pairs that rises on both sides (patience sorting). */
function longestRise(pairs: readonly Pair[]): readonly Pair[] {
  interface Card {
    readonly pair: Pair;
    readonly left: Card | undefined;
  }
  const tops: Card[] = [];
  for (const pair of pairs) {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tops[middle]?.pair[1] ?? 0) < pair[1]) low = middle + 1;
      else high = middle;
    }
    tops[low] = { pair, left: low === 0 ? undefined : tops[low - 1] };
  }
  const rise: Pair[] = [];
  for (let card = tops.at(-1); card !== undefined; card = card.left) rise.push(card.pair);
  return rise.reverse();
}

function hunks(lines: readonly Line[]): readonly string[] {
  const shown = lines.map((_, i) => lines.slice(Math.max(0, i - context), i + context + 1).some((l) => l.sign !== " "));
  const result: string[] = [];
  let [before, after] = [1, 1];
  for (let at = 0; at < lines.length; ) {
    let end = at;
    while (end < lines.length && shown[end] === shown[at]) end += 1;
    const part = lines.slice(at, end);
    const [old, now] = [part.filter((l) => l.sign !== "+").length, part.filter((l) => l.sign !== "-").length];
    if (shown[at])
      result.push(`@@ -${place(before, old)} +${place(after, now)} @@`, ...part.map((l) => l.sign + l.text));
    [before, after, at] = [before + old, after + now, end];
  }
  return result;
}

/** An empty side is named by the line before it, as `diff -u` does. */
function place(first: number, count: number): string {
  return `${count === 0 ? first - 1 : first},${count}`;
}
