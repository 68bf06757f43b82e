/** Tables of inputs and outputs in the READMEs, between markers, from action.yml. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ActionMetadata, readAction } from "./action-metadata.ts";

/** The README's text with its tables made anew; markers that are not there are left out. */
export function actionTables(root: string, readme: string): string {
  const text = readFileSync(join(root, readme), "utf8");
  const metadata = join(dirname(readme), "action.yml");
  if (!existsSync(join(root, metadata))) return text;
  const action = readAction(root, metadata);
  return between(between(text, "inputs", inputsTable(action)), "outputs", outputsTable(action));
}

function between(text: string, name: string, table: string): string {
  const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  return text.replace(pattern, (_all, start: string, end: string) => `${start}\n${table}\n\n${end}`);
}

function inputsTable({ inputs }: ActionMetadata): string {
  const rows = Object.entries(inputs).map(
    ([name, input]) =>
      `| \`${name}\` | ${input.required === true ? "required" : defaultText(input.default)} | ${input.description} |`,
  );
  return ["| input | default | what it does |", "| --- | --- | --- |", ...rows].join("\n");
}

function outputsTable({ outputs }: ActionMetadata): string {
  const rows = Object.entries(outputs).map(([name, output]) => `| \`${name}\` | ${output.description} |`);
  return ["| output | what it holds |", "| --- | --- |", ...rows].join("\n");
}

function defaultText(value: string | undefined): string {
  return value === undefined || value === "" ? "" : `\`${value}\``;
}
