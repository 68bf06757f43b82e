// Progress lines on standard error, with the seconds since the verb began.
const began = Date.now();

export function progress(text: string): void {
  process.stderr.write(`lab ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}\n`);
}

export async function timed<T>(text: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const answer = await work();
  progress(`${text} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  return answer;
}
