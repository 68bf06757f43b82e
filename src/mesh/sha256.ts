/** SHA-256, of the platform: it is fast, and answers at once, as planning is a plain function. */
import { hash } from "node:crypto";

/** Hex digest of the bytes. */
export function sha256(bytes: Uint8Array): string {
  return hash("sha256", bytes);
}
