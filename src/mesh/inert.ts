/**
 * Text from outside (nodes, servers, files of others) made harmless for the place where it is shown.
 * Nothing that was not written by us reaches a log, a summary or a drawing without one of these.
 */

const maxShown = 2000;

/** Control characters, escapes, bidirectional and invisible marks become visible `\u{..}`; newlines too. */
export function inertText(text: string, limit: number = maxShown): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}… (${text.length - limit} more characters)` : text;
  return cut.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu,
    (c) => (c === "\t" ? " " : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`),
  );
}

/**
 * One log line: as `inertText`, and GitHub's runner finds no workflow command in it. The runner takes `::x::` where a line
 * begins with it (blanks before it count as nothing) and `##[x]` anywhere.
 */
export function inertLine(text: string, limit: number = maxShown): string {
  return inertText(text, limit)
    .replace(/^(\s*):(?=:)/, "$1:\u200b")
    .replaceAll("##[", "#\u200b#[");
}

/** A Markdown table cell or inline text: no markup, mention, link, HTML or cell border survives. */
export function inertMarkdown(text: string, limit: number = 400): string {
  return inertText(text, limit)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_{}[\]()#+!|~$@:]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A Mermaid label inside double quotes. */
export function inertMermaid(text: string, limit: number = 80): string {
  return inertText(text, limit).replace(/[^A-Za-z0-9 ./_-]/g, (c) => `#${c.codePointAt(0)};`);
}
