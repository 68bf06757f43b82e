/**
 * How a stored key is recognised at a control server that keeps descriptions: `tailmesh stored NAME MARK RUN`. Keys for
 * joins have two words behind the first (description.ts), so that neither is ever taken for the other.
 */
import type { StoredKey } from "../mesh/mesh.ts";
import { plainWord } from "./description.ts";

export interface StoredMark {
  /** Of the stored key; a long one is shortened and told from others by a capital X and a hash. */
  readonly name: string;
  /** Stands for the one who rotates it. */
  readonly owner: string;
  /** Stands for the store and the place in it: a key that waits elsewhere is another's business. */
  readonly place: string;
}

const longestName = 13;
const longestRun = 11;
const ownerDigits = 5;
const placeDigits = 3;

/** `owner` is whatever stands for the repository, the same in each of its runs. */
export async function storedMark(key: Pick<StoredKey, "name" | "store" | "place">, owner: string): Promise<StoredMark> {
  const [ownerMark, placeMark, nameMark] = await Promise.all([
    digest(owner, ownerDigits),
    digest(`${key.store}\n${key.place}`, placeDigits),
    digest(key.name, 6),
  ]);
  return {
    name: key.name.length <= longestName ? key.name : `${key.name.slice(0, 6)}X${nameMark}`,
    owner: ownerMark,
    place: placeMark,
  };
}

/** At most 50 of [A-Za-z0-9 -]. */
export function storedDescription(mark: StoredMark, runId: string): string {
  return `tailmesh stored ${mark.name} ${mark.owner}${mark.place} ${plainWord(runId).slice(-longestRun)}`;
}

/** Undefined for any other description. */
export function readStoredMark(description: string): StoredMark | undefined {
  const [, name, owner, place] =
    /^tailmesh stored ([A-Za-z0-9-]+) ([a-z0-9]{5})([a-z0-9]{3}) [A-Za-z0-9-]+$/.exec(description) ?? [];
  return name === undefined || owner === undefined || place === undefined ? undefined : { name, owner, place };
}

/** So many digits of [0-9a-z] out of the text's SHA-256. */
async function digest(text: string, digits: number): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const number = hash.slice(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return (number % 36n ** BigInt(digits)).toString(36).padStart(digits, "0");
}
