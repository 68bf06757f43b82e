// The files and lines by which a step talks to GitHub's runner, read as the runner reads them.

/** Parses GITHUB_OUTPUT, GITHUB_STATE and GITHUB_ENV: `name=value` and `name<<DELIMITER` … `DELIMITER`. */
export function parseFileCommand(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line === "") continue;
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values[line.slice(0, equals)] = line.slice(equals + 1);
      continue;
    }
    if (heredoc < 0) throw new Error(`invalid format '${line}'`);
    const delimiter = line.slice(heredoc + 2);
    const end = lines.indexOf(delimiter, i + 1);
    if (delimiter === "" || end < 0) throw new Error(`matching delimiter not found '${delimiter}'`);
    values[line.slice(0, heredoc)] = lines.slice(i + 1, end).join("\n");
    i = end;
  }
  return values;
}

const decode = (text: string): string => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");

/**
 * What the runner does with a step's output: it learns masks and swallows the lines that carry them. `log` keeps everything
 * else as it was written, unmasked, so that a leak shows; `shown` is what a reader of the log on GitHub sees.
 */
export class LogReader {
  readonly #masks = new Set<string>();
  #rest = "";
  #log = "";

  constructor(masks: Iterable<string> = []) {
    for (const mask of masks) this.#masks.add(mask);
  }

  get log(): string {
    return this.#log;
  }

  get masks(): readonly string[] {
    return [...this.#masks];
  }

  /** Takes a piece of output and answers what a reader sees of its whole lines. */
  read(piece: string): string {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map((line) => this.#line(`${line}\n`)).join("");
  }

  end(): string {
    const rest = this.#rest;
    this.#rest = "";
    return rest === "" ? "" : this.#line(rest);
  }

  #line(line: string): string {
    const mask = /^\s*::add-mask::(.*?)\r?\n?$/.exec(line)?.[1];
    if (mask !== undefined) {
      for (const part of decode(mask).split(/\r?\n/)) if (part.trim() !== "") this.#masks.add(part);
      this.#log += "::add-mask::***\n";
      return "";
    }
    this.#log += line;
    let shown = line;
    // the longest first, so that one mask inside another leaves nothing over
    for (const secret of [...this.#masks].sort((a, b) => b.length - a.length)) shown = shown.replaceAll(secret, "***");
    return shown;
  }
}
