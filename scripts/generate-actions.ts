/** Tables of inputs and outputs in the READMEs, between markers, from action.yml. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ActionMetadata, readAction } from "./action-metadata.ts";

type InputEntry = readonly [name: string, input: ActionMetadata["inputs"][string]];

/** Inputs that few ever set; the READMEs have them under "Advanced". */
const rareInputs: ReadonlySet<string> = new Set([
  ...["allow", "plan", "fail-on-changes", "allow-ref", "detail", "concurrency", "ssh-passphrase", "reusable", "tags"],
  ...["allow-lockout", "rollback", "max-revocations", "vault-token", "vault-role-id", "vault-secret-id"],
  ...["tailscale-version", "tailscale-archive", "tailscale-sha256", "undo-after"],
]);

/** The README's text with its tables made anew; markers that are not there are left out. */
export function actionTables(root: string, readme: string): string {
  const text = readFileSync(join(root, readme), "utf8");
  const metadata = join(dirname(readme), "action.yml");
  if (!existsSync(join(root, metadata))) return text;
  const action = readAction(root, metadata);
  const isRare = ([name]: InputEntry): boolean => rareInputs.has(name);
  const inputs = Object.entries(action.inputs);
  const common = inputsTable(inputs.filter((input) => !isRare(input)));
  const rare = inputsTable(inputs.filter(isRare));
  return between(between(between(text, "inputs", common), "advanced", rare), "outputs", outputsTable(action));
}

function between(text: string, name: string, table: string): string {
  const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  return text.replace(pattern, (_all, start: string, end: string) => `${start}\n${table}\n\n${end}`);
}

function inputsTable(inputs: readonly InputEntry[]): string {
  const rows = inputs.map(
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
