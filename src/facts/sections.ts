/** The framing of what scripts print: sections that begin with a line the node cannot forge. */

export interface Section {
  readonly name: string;
  /** Third word of the frame line: an exit code, or what the script put there. */
  readonly word: string;
  readonly text: string;
}

/** Splits a script's output at its `<nonce> <name> <word>` lines. Text before the first frame is dropped. */
export function readSections(output: string, nonce: string): readonly Section[] {
  const sections: { name: string; word: string; lines: string[] }[] = [];
  for (const line of output.split("\n")) {
    if (line.startsWith(`${nonce} `)) {
      const [, name = "", word = ""] = line.split(" ");
      sections.push({ name, word, lines: [] });
    } else {
      sections.at(-1)?.lines.push(line);
    }
  }
  // A frame is printed with a newline before it: splitting there leaves the text as it was, its last newline included.
  return sections.map(({ name, word, lines }) => ({ name, word, text: lines.join("\n") }));
}

/** Sections by name: their text ("" when there is none) and the third word of their frame. */
export interface Read {
  text(name: string): string;
  word(name: string): string | undefined;
}
