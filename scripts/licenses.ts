/** licenses.txt of the bundle: what it contains of others, and under which terms. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "rolldown";

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/** Writes licenses.txt beside the chunks, from the packages whose modules are in them. */
export function licenses(root: string): Plugin {
  return {
    name: "licenses",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
      const packages = [...folders].map((folder) => readPackage(join(root, folder)));
      const sorted = packages.sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: sorted.map(section).join("\n") });
    },
  };
}

/** `node_modules/x` or `node_modules/@scope/x` of a module's path, the innermost one. */
function packageFolder(module: string): string | undefined {
  const match = /^.*?(node_modules\/.*)$/.exec(module);
  const parts = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(match?.[1] ?? "");
  return parts?.[1];
}

function readPackage(folder: string): Package {
  const metadata: { readonly name: string; readonly version: string; readonly license?: string } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const file = readdirSync(folder)
    .sort()
    .find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  return { name: metadata.name, version: metadata.version, license: metadata.license ?? "see below", text };
}

function section({ name, version, license, text }: Package): string {
  const rule = "-".repeat(100);
  return `${rule}\n${name} ${version} (${license})\n\n${text.replaceAll("\r\n", "\n").trim()}\n`;
}
