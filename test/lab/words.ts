// What was typed: a verb's words, its flags, and the command after `--`.
import { parseArgs } from "node:util";

export interface Words {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** What stands after `--`. */
  readonly command: readonly string[];
}

export function parse(words: readonly string[]): Words {
  const cut = words.indexOf("--");
  const own = cut < 0 ? words : words.slice(0, cut);
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      joined: flag,
      nat: flag,
      topology: text,
      json: flag,
      "no-post": flag,
      debug: flag,
      "kill-on": text,
      "kill-after": text,
      "fault-on": text,
      fault: text,
      all: flag,
      crash: flag,
      list: flag,
      bare: flag,
      help: flag,
    },
  });
  return { positionals, flags: values, command: cut < 0 ? [] : words.slice(cut + 1) };
}

/** One word is a line for the shell, several are a command as it stands. */
export function asCommand(words: readonly string[]): readonly string[] {
  if (words.length === 0) throw new Error("no command after --");
  return words.length === 1 ? ["/bin/sh", "-c", words[0] ?? ""] : words;
}
