// Linters of workflows that are Python packages: pinned, and put once into the cache.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cached, digest } from "./cache.ts";
import { must } from "./exec.ts";
import { source } from "./paths.ts";

const requirements = join(source, "linters", "requirements.txt");

/** Where zizmor and shellcheck are; both are programs that do not care where they lie. */
export async function buildLinters(): Promise<string> {
  const python = (await must(["python3", "--version"])).trim();
  const name = `linters-${digest(readFileSync(requirements, "utf8"), python, process.arch)}`;
  const folder = await cached(name, "zizmor and shellcheck", async (draft) => {
    await must(["python3", "-m", "venv", draft]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    await must([join(draft, "bin", "python"), ...pip, "-r", requirements], { milliseconds: 600_000 });
    copyFileSync(requirements, join(draft, "requirements.txt"));
  });
  return join(folder, "bin");
}
