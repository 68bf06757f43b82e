/** What every benchmark does with its times. */

/** The middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Runs all subjects in turn, round by round, so that a busy moment of the machine hits them alike. Answers by name. */
export async function inRounds<Name extends string>(
  rounds: number,
  subjects: Readonly<Record<Name, (round: number) => Promise<number> | number>>,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const entries = Object.entries(subjects) as [Name, (round: number) => Promise<number> | number][];
  const times = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, subject] of entries) times[name].push(await subject(round));
  }
  return times;
}

/** `0.612 s   0.08 × Ansible (budget 0.1)`, to be put behind a name. */
export function row(name: string, value: string, ...notes: readonly string[]): string {
  return `  ${name.padEnd(34)} ${value.padStart(9)}   ${notes.join("   ")}`.trimEnd();
}

/** A ratio to a baseline of the same run, and the budget for it. */
export function against(value: number, baseline: number, name: string, budget?: number): string {
  const ratio = value / baseline;
  const verdict = budget === undefined ? "" : ` (budget ${budget}${ratio <= budget ? "" : ", MISSED"})`;
  return `${ratio.toFixed(ratio < 1 ? 3 : 1)} × ${name}${verdict}`;
}
