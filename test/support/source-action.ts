/** Runs one action from its sources, as its bundle does: `node source-action.ts NAME`. For tests that end the process at some point. */

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Action } from "../../src/actions/define.ts";
import { main } from "../../src/actions/main.ts";

const [, , name = ""] = process.argv;
const file = join(resolve(import.meta.dirname, "../../src/actions"), `${name}.ts`);
const module: { readonly action: Action } = await import(pathToFileURL(file).href);
await main(module.action);
