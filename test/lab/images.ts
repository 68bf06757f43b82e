// Container images without a registry: an archive around one static binary, imported into containerd as a node starts.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, digest } from "./cache.ts";
import { source } from "./paths.ts";
import { type TarEntry, tar } from "./tar.ts";
import { architecture, type Tools } from "./tools.ts";

function image(name: string, files: readonly TarEntry[], folders: readonly string[], command: string[]): Buffer {
  const all = ["bin", "dev", "etc", "proc", "sys", ...folders].sort();
  const layer = tar([
    ...all.map((folder) => ({ name: `${folder}/`, folder: true })),
    { name: "tmp/", folder: true, mode: 0o1777 },
    ...files,
  ]);
  const layerId = createHash("sha256").update(layer).digest("hex");
  const config = JSON.stringify({
    architecture,
    os: "linux",
    config: { Cmd: command, Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${layerId}`] },
  });
  const configId = createHash("sha256").update(config).digest("hex");
  const manifest = [{ Config: `${configId}.json`, RepoTags: [name], Layers: [`${layerId}/layer.tar`] }];
  return tar([
    { name: `${configId}.json`, data: Buffer.from(config) },
    { name: `${layerId}/`, folder: true },
    { name: `${layerId}/layer.tar`, data: layer },
    { name: "manifest.json", data: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

/** A megabyte that does not compress and is the same everywhere. */
function megabyte(): Buffer {
  const blocks: Buffer[] = [];
  let block = createHash("sha512").update("lab").digest();
  for (let size = 0; size < 1_048_576; size += block.length) {
    block = createHash("sha512").update(block).digest();
    blocks.push(block);
  }
  return Buffer.concat(blocks);
}

const links = [
  "sh",
  "httpd",
  "sleep",
  "ls",
  "cat",
  "nc",
  "ping",
  "wget",
  "nslookup",
  "ip",
  "hostname",
  "printf",
  "ps",
  "env",
];

export async function buildImages(rootFolder: string, tools: Tools): Promise<string> {
  const script = readFileSync(join(source, "node", "whoami"));
  const recipe = readFileSync(import.meta.filename, "utf8");
  const key = digest(rootFolder, tools.coredns, script.toString(), recipe, architecture);
  return await cached(`images-${key}`, "container images", async (draft) => {
    const busybox: TarEntry = {
      name: "bin/busybox",
      mode: 0o755,
      data: readFileSync(join(rootFolder, "bin", "busybox")),
    };
    const save = (name: string, content: Buffer): void => writeFileSync(join(draft, `${name}.tar`), content);
    save("pause", image("lab.local/pause:1", [busybox], [], ["/bin/busybox", "sleep", "2147483647"]));
    save(
      "busybox",
      image(
        "lab.local/busybox:1",
        [
          busybox,
          { name: "www/cgi-bin/whoami", mode: 0o755, data: script },
          { name: "www/1m", data: megabyte() },
          ...links.map((link) => ({ name: `bin/${link}`, link: "/bin/busybox" })),
        ],
        ["www", "www/cgi-bin"],
        ["/bin/httpd", "-f", "-p", "0.0.0.0:8080", "-h", "/www"],
      ),
    );
    const coredns: TarEntry = { name: "coredns", mode: 0o755, data: readFileSync(join(tools.coredns, "coredns")) };
    save("coredns", image("lab.local/coredns:1", [coredns], ["etc/coredns"], ["/coredns"]));
  });
}
