/** The policy that Tailmesh wrote last, found again in the history of the files it was made of. */
import { canonicalText } from "../hujson/value.ts";
import { MeshError } from "../mesh/error.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { PolicyDocument } from "../ports/control.ts";
import type { Version } from "../ports/history.ts";
import { readPolicy } from "./document.ts";
import { isMarkedBy, markerHash, withoutMarker } from "./marker.ts";
import { renderLocally } from "./render.ts";

export interface LastApplied {
  /** As it was sent, the marker left out. */
  readonly text: string;
  readonly commit: string;
}

export interface Search {
  readonly document: PolicyDocument;
  /** Of the operator's own policy, in order. */
  readonly files: readonly string[];
  readonly topology: string;
  /** Reads an old topology; undefined where it cannot be read any more. */
  readonly readMesh: (text: string) => Mesh | undefined;
}

/**
 * The newest version that gives the policy whose hash the server's text carries; without a hash, the newest that means
 * the same as the server's text. Null when the history has none.
 */
export function findLastApplied(versions: readonly Version[], search: Search): LastApplied | null {
  const hash = markerHash(search.document.text);
  const meaning = hash === undefined ? meaningOf(search.document.text) : undefined;
  for (const { commit, texts } of versions) {
    const text = candidates(texts, search).find((candidate) =>
      hash === undefined ? meaningOf(candidate) === meaning : isMarkedBy(candidate, hash),
    );
    if (text !== undefined) return { text, commit };
  }
  return null;
}

/** What a run at that version would have written, and the files as they were: an adopted one is what was written. */
function candidates(texts: ReadonlyMap<string, string>, search: Search): readonly string[] {
  const files = search.files.flatMap((file) => {
    const text = texts.get(file);
    return text === undefined ? [] : [{ file, text }];
  });
  if (files.length === 0 || files.length < search.files.length) return [];
  const mesh = search.readMesh(texts.get(search.topology) ?? "");
  const rendered = mesh && attempt(() => renderLocally(mesh, files, undefined));
  return [...(rendered === undefined ? [] : [rendered]), ...files.map(({ text }) => text)].map(withoutMarker);
}

function meaningOf(text: string): string | undefined {
  return attempt(() => {
    const { document, root } = readPolicy(text);
    return canonicalText(document, root);
  });
}

/** Old files may not be readable any more. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
}
