/** docs/errors.md: every code, what it means and what to do. */
import { type CatalogueEntry, errorCatalogue } from "./error-catalogues.ts";

const kinds = [
  ["config", "Your file or inputs", "Correct them; nothing was changed."],
  ["denied", "Credentials lack a right", "Give the right that the message names."],
  ["conflict", "Someone changed it meanwhile", "Run again: it plans from what is there now."],
  ["unreachable", "Network, DNS or SSH handshake", "Trying again may help."],
  ["remote", "The other side answered with failure", "Read its answer in the message."],
  ["refused", "A guard stopped a dangerous plan", "The message names the input that allows it."],
  ["unverified", "Applied, did not converge in time", "Running again is safe."],
  ["bug", "Anything else", "Report it."],
] as const;

export async function errorsDocument(root: string): Promise<string> {
  const entries = await errorCatalogue(root);
  const subjects = [...new Set(entries.map(subjectOf))];
  const sections = subjects.map((subject) =>
    section(
      subject,
      entries.filter((entry) => subjectOf(entry) === subject),
    ),
  );
  return `${[intro(), ...sections].join("\n\n")}\n`;
}

function intro(): string {
  const rows = kinds.map(([kind, meaning, remedy]) => `| \`${kind}\` | ${meaning} | ${remedy} |`);
  return [
    "# Errors",
    "",
    "The title of an annotation is the error's code; look for it here. Made by `npm run generate` from `src/**/errors.ts`.",
    "",
    "| kind | what it means | what helps |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** `policy`, `adapters/ssh`. */
function subjectOf({ file }: CatalogueEntry): string {
  return file.replace(/^src\//, "").replace(/\/errors\.ts$/, "");
}

function section(subject: string, entries: readonly CatalogueEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.code < b.code ? -1 : 1));
  const items = sorted.map(({ code, kind, meaning, hint }) => `### ${code}\n\n*${kind}.* ${meaning}\n\n${hint}`);
  return [`## ${subject}`, ...items].join("\n\n");
}
