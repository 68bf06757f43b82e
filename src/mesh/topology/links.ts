/** Which clusters must reach which, and what must not connect: the file's `links` and `forbid` as one link per ordered pair. */
import type { Link, Port } from "../mesh.ts";
import type { Path } from "./document.ts";
import { overlapping, portsExcept } from "./ports.ts";
import { type Problems, pathText } from "./problems.ts";
import type { LinkEntry } from "./schema.ts";
import { isLabel, readPort } from "./values.ts";

export interface LinkInput {
  readonly links: "full" | readonly LinkEntry[];
  readonly forbid: readonly LinkEntry[];
  /** Every cluster of the file. */
  readonly known: readonly string[];
  /** Those that are not absent; a link that names another counts for nothing. */
  readonly present: readonly string[];
}

export interface Links {
  readonly links: readonly Link[];
  readonly forbid: readonly Link[];
}

interface Written {
  readonly link: Link;
  readonly path: Path;
}

export function deriveLinks(input: LinkInput, problems: Problems): Links {
  const forbidden = readLinks(input.forbid, "forbid", input.known, problems);
  const forbid = onePerPair(forbidden, input.present);
  if (input.links === "full") return { links: fullLinks(input.present, forbid), forbid };
  const demanded = readLinks(input.links, "links", input.known, problems);
  reportContradictions(demanded, forbidden, problems);
  return { links: onePerPair(demanded, input.present), forbid };
}

/** `full` means everything that is not forbidden. */
function fullLinks(names: readonly string[], forbid: readonly Link[]): readonly Link[] {
  const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
  const byPair = new Map(forbid.map((f) => [pairOf(f), f]));
  return pairs.flatMap((pair) => {
    const forbidden = byPair.get(pairOf(pair));
    if (!forbidden) return [{ ...pair, ports: [] }];
    const ports = portsExcept(forbidden.ports);
    return ports.length > 0 ? [{ ...pair, ports }] : [];
  });
}

function readLinks(
  entries: readonly LinkEntry[],
  key: "links" | "forbid",
  known: readonly string[],
  problems: Problems,
): readonly Written[] {
  return entries.map((entry, n) => {
    const path: Path = [key, n];
    const link = { from: entry.from, to: entry.to, ports: readPorts(entry, path, problems) };
    checkEnds(link, path, known, problems);
    return { link, path };
  });
}

/** No ports, or `*` among them, is everything. */
function readPorts(entry: LinkEntry, path: Path, problems: Problems): readonly Port[] {
  const ports = (entry.ports ?? []).map((text, n) => readPort(problems, [...path, "ports", n], text));
  return ports.some((p) => p.protocol === "any") ? [] : ports;
}

function checkEnds(link: Link, path: Path, known: readonly string[], problems: Problems): void {
  for (const end of ["from", "to"] as const) {
    const at = [...path, end];
    if (known.includes(link[end])) continue;
    const hint = `The clusters of this file are: ${known.filter(isLabel).join(", ")}.`;
    problems.at(
      at,
      "MESH_UNKNOWN_CLUSTER",
      `${pathText(at)}: there is no cluster ${problems.quote(at, link[end])}`,
      hint,
    );
  }
  const to = [...path, "to"];
  if (link.from === link.to)
    problems.at(to, "MESH_LINK_INVALID", `${pathText(path)} joins ${problems.quote(to, link.to)} to itself`);
}

function onePerPair(written: readonly Written[], present: readonly string[]): readonly Link[] {
  const pairs = new Map<string, Link>();
  for (const { link } of written) {
    if (!present.includes(link.from) || !present.includes(link.to)) continue;
    const id = pairOf(link);
    const before = pairs.get(id);
    const everything = link.ports.length === 0 || before?.ports.length === 0;
    pairs.set(id, { ...link, ports: everything ? [] : [...(before?.ports ?? []), ...link.ports] });
  }
  return [...pairs.values()];
}

function reportContradictions(demanded: readonly Written[], forbidden: readonly Written[], problems: Problems): void {
  const byPair = Map.groupBy(demanded, (d) => pairOf(d.link));
  for (const { link, path } of forbidden) {
    const other = byPair.get(pairOf(link))?.find((d) => overlapping(d.link.ports, link.ports));
    if (!other || problems.isDamaged(path) || problems.isDamaged(other.path)) continue;
    problems.at(path, "MESH_LINK_INVALID", `${pathText(path)} forbids what ${pathText(other.path)} demands`);
  }
}

function pairOf({ from, to }: Pick<Link, "from" | "to">): string {
  return `${from} ${to}`;
}
