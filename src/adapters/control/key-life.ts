/** How long a key may live. */

/** 90 days, in seconds: Tailscale's longest; others take more and count it wrongly. */
const longestKey = 7_776_000;

/** Throws RangeError: whoever asks for another life has not read the server's capabilities. */
export function checkLife(expirySeconds: number): void {
  if (Number.isInteger(expirySeconds) && expirySeconds >= 1 && expirySeconds <= longestKey) return;
  throw new RangeError(`a key cannot live ${expirySeconds} seconds`);
}
