/** The step summary, within the size that the runner takes. */
import { appendFileSync } from "node:fs";

/** GitHub drops a summary above 1 MiB altogether; other steps of the job have their own. */
export const summaryLimit = 1024 * 1024 - 4096;

const cutNote = "\n\n*The rest is cut: a step summary holds 1 MiB. The plan and result files have everything.*\n";

/** Appends the blocks to the step's summary; does nothing where there is none. */
export function writeSummary(blocks: readonly string[]): void {
  const file = process.env["GITHUB_STEP_SUMMARY"];
  if (file && blocks.length > 0) appendFileSync(file, fitSummary(blocks, summaryLimit));
}

/** Whole blocks until the limit in bytes; the first that does not fit is cut at a line end, its code fence closed. */
export function fitSummary(blocks: readonly string[], limit: number): string {
  const whole = `${blocks.join("\n\n")}\n`;
  if (Buffer.byteLength(whole) <= limit) return whole;
  const room = limit - Buffer.byteLength(cutNote) - Buffer.byteLength("\n```\n</details>");
  const cut = Buffer.from(whole).subarray(0, Math.max(0, room)).toString("utf8");
  const kept = cut.slice(0, Math.max(0, cut.lastIndexOf("\n")));
  const fence = (kept.match(/^```/gm) ?? []).length % 2 === 1 ? "\n```" : "";
  const details = count(kept, "<details>") > count(kept, "</details>") ? "\n</details>" : "";
  return `${kept}${fence}${details}${cutNote}`;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
