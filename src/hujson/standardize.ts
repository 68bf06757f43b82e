/** HuJSON to plain JSON of the same length: every byte keeps its place. */
import type { Document } from "./tree.ts";

/** Comments and trailing commas become spaces; line ends and tabs inside comments stay. */
export function standardize(document: Document): Uint8Array {
  const plain = document.bytes.slice();
  for (const comment of document.comments) {
    for (let at = comment.start; at < comment.end; at += 1) {
      const byte = plain[at];
      if (byte !== 10 && byte !== 13 && byte !== 9) plain[at] = 32;
    }
  }
  for (const comma of document.trailingCommas) plain[comma] = 32;
  return plain;
}
