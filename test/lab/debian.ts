// The Debian packages of the machine: one list, scripts/debian-packages.txt, and installing what of it is missing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { must, run } from "./exec.ts";
import { checkout } from "./paths.ts";
import { progress } from "./progress.ts";

export function packages(): string[] {
  return readFileSync(join(checkout, "scripts", "debian-packages.txt"), "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
}

async function missing(): Promise<string[]> {
  const wanted = packages();
  const { stdout } = await run(["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", ...wanted]);
  const there = new Set(
    stdout
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return wanted.filter((name) => !there.has(name));
}

export async function installPackages(): Promise<void> {
  const names = await missing();
  if (names.length === 0) return;
  progress(`installing ${names.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await must(["apt-get", "update", "-qq"], { env, milliseconds: 300_000 });
  await must(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names], { env, milliseconds: 600_000 });
  const still = await missing();
  if (still.length > 0) throw new Error(`apt-get installed, and still not there: ${still.join(" ")}`);
}
