/** The forms in which a secret could turn up, so that each can be hidden. */

/** Shorter values are not masked: hiding `yes` or `42` would star out half the log and tell more than it hides. */
export const shortestMask = 8;

/**
 * Every form worth hiding: the value, each of its lines, the secret part of a tailnet key, and base64, hex and URL forms
 * of all of these. PEM frame lines are no secret.
 */
export function maskForms(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const secretLines = lines.filter((line) => !/^-----(BEGIN|END) [A-Z0-9 ]+-----$/.test(line));
  const parts = /^[a-z]+key-[a-z]+-\S+-\S+$/.test(value) ? [value.slice(value.lastIndexOf("-") + 1)] : [];
  const plain = [value, value.trim(), ...secretLines, ...parts].filter((text) => text.trim().length >= shortestMask);
  const forms = plain.flatMap((text) => [text, ...encodings(text)]).filter((text) => text.length >= shortestMask);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function encodings(text: string): readonly string[] {
  const bytes = Buffer.from(text, "utf8");
  const base64 = bytes.toString("base64");
  const hex = bytes.toString("hex");
  return [
    base64,
    base64.replace(/=+$/, ""),
    bytes.toString("base64url"),
    ...insideBase64(bytes),
    hex,
    hex.toUpperCase(),
    encodeURIComponent(text),
    new URLSearchParams([["", text]]).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
  ];
}

/** What base64 of a longer text shows of this one, wherever it begins in there: only whole groups of three bytes are sure. */
function insideBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((skipped) => {
    const rest = bytes.subarray(skipped);
    return rest.subarray(0, rest.length - (rest.length % 3)).toString("base64");
  });
}
