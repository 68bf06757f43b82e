/** How keys of ours are described where a server keeps descriptions: `tailmesh NODE RUN`. */

/** At most 50 of [A-Za-z0-9 -], which every server takes. */
export function keyDescription(name: string, runId: string): string {
  const run = plainWord(runId).slice(-18);
  return `tailmesh ${plainWord(name).slice(0, 50 - "tailmesh ".length - 1 - run.length)} ${run}`;
}

/** True for a description of that form. */
export function isOurDescription(text: string): boolean {
  return /^tailmesh [A-Za-z0-9-]+ [A-Za-z0-9-]+$/.test(text);
}

/** A word of [A-Za-z0-9-]. */
export function plainWord(text: string): string {
  return text.replace(/[^A-Za-z0-9-]+/g, "-") || "-";
}
