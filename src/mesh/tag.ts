/** What a tag is, apart from the file that names it: inputs name tags too, and are read before any file. */
import type { Tag } from "./mesh.ts";
import { tagPattern } from "./topology/patterns.ts";

const tagForm = new RegExp(tagPattern);

export function isTag(text: string): text is Tag {
  return tagForm.test(text);
}
