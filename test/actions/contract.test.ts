/** action.yml says of inputs and outputs exactly what the code does. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { actionFiles, readAction } from "../../scripts/action-metadata.ts";
import { commonOutputs } from "../../src/actions/common.ts";
import type { Action } from "../../src/actions/define.ts";
import { Unfit } from "../../src/actions/inputs.ts";
import { root } from "../support/run-action.ts";

async function load(file: string): Promise<Action> {
  const name = basename(readAction(root, file).runs.main, ".js");
  const module: { readonly action: Action } = await import(pathToFileURL(join(root, `src/actions/${name}.ts`)).href);
  return module.action;
}

const files = actionFiles(root);

test("there are the seven actions, and the root one is converge", () => {
  expect(files).toEqual([
    "action.yml",
    "actions/acl-apply/action.yml",
    "actions/connectivity-check/action.yml",
    "actions/key-mint/action.yml",
    "actions/key-rotate/action.yml",
    "actions/node-provision/action.yml",
    "actions/topology-plan/action.yml",
  ]);
  expect(readAction(root, "action.yml").runs.main).toBe("dist/converge.js");
});

describe.each(files)("%s", (file) => {
  const metadata = readAction(root, file);

  test("has the inputs that the code reads, no more and no fewer", async () => {
    const action = await load(file);
    expect(Object.keys(metadata.inputs).sort()).toEqual(Object.keys(action.inputs).sort());
  });

  test("has the code's defaults, and requires what the code does", async () => {
    const action = await load(file);
    for (const [name, input] of Object.entries(metadata.inputs)) {
      const read = action.inputs[name]?.read;
      if (read === undefined) throw new Error(`the code does not read ${name}`);
      const unset = read(undefined);
      expect(unset instanceof Unfit, `${name} must be given`).toBe(input.required === true);
      if (input.default !== undefined) expect(read(input.default), name).toEqual(unset);
      else if (!(unset instanceof Unfit))
        expect(unset ?? [], `${name} has a default that action.yml does not tell`).toEqual([]);
    }
  });

  test("gives no secret a default", async () => {
    const action = await load(file);
    const secrets = Object.entries(action.inputs).filter(([, { isSecret }]) => isSecret);
    for (const [name] of secrets) expect(metadata.inputs[name]?.default, name).toBeUndefined();
    expect(secrets.length).toBeGreaterThan(0);
  });

  test("has the common outputs and the action's own", async () => {
    const action = await load(file);
    expect(Object.keys(metadata.outputs).sort()).toEqual([...commonOutputs, ...action.outputs].sort());
  });

  test("describes everything in whole sentences", () => {
    const texts = [metadata, ...Object.values(metadata.inputs), ...Object.values(metadata.outputs)];
    for (const { description } of texts) expect(description).toMatch(/^[A-Z`].*\.$/);
  });

  test("starts the bundle of its name, for main and post", () => {
    const { main, post } = metadata.runs;
    expect(post).toBe(main);
    expect(existsSync(resolve(root, dirname(file), main))).toBe(true);
  });

  test("has a README with tables of its inputs and outputs", () => {
    const readme = join(root, dirname(file), "README.md");
    if (file === "action.yml") return;
    const text = readFileSync(readme, "utf8");
    for (const name of [...Object.keys(metadata.inputs), ...Object.keys(metadata.outputs)])
      expect(text).toContain(`| \`${name}\` |`);
  });
});
