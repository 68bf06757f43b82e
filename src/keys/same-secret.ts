/** Whether two secrets are the same, in a time that does not tell where they differ. */
import type { Secret } from "../mesh/secret.ts";

export function sameSecret(one: Secret, other: Secret): boolean {
  const [a, b] = [one.reveal(), other.reveal()];
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ (b.charCodeAt(at) || 0);
  return difference === 0;
}
