// tailscaled as its makers deliver it: an archive with a checksum beside it. Nodes start without it.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { cached, digest } from "./cache.ts";
import { must } from "./exec.ts";
import { source } from "./paths.ts";
import { tar } from "./tar.ts";
import { architecture, tailscaleVersion } from "./tools.ts";

export const archiveName = `tailscale_${tailscaleVersion}_${architecture}.tgz`;

/** What /etc/default/tailscaled says in the lab: there is nobody to send logs to, and trying costs a second at every stop. */
export const tailscaledDefaults = `# Set the port to listen on for incoming VPN packets.
# Remote nodes will automatically be informed about the new port number,
# but you might want to configure this in order to set external firewall
# settings.
PORT="41641"

# Extra flags you might want to pass to tailscaled.
FLAGS="--no-logs-no-support"
TS_NO_LOGS_NO_SUPPORT=true
`;

export interface Archive {
  readonly path: string;
  readonly sha256: string;
}

export async function packArchive(binaries: string): Promise<Archive> {
  const folder = await cached(
    `archive-${tailscaleVersion}-${digest(binaries, tailscaledDefaults)}`,
    archiveName,
    async (draft) => {
      const module = join(source, "tools", "tailscale");
      const sources = (await must(["go", "list", "-m", "-f", "{{.Dir}}", "tailscale.com"], { cwd: module })).trim();
      const unit = (name: string): Buffer => readFileSync(join(sources, "cmd", "tailscaled", name));
      const top = archiveName.replace(/\.tgz$/, "");
      const content = tar([
        { name: `${top}/`, folder: true },
        { name: `${top}/tailscale`, mode: 0o755, data: readFileSync(join(binaries, "tailscale")) },
        { name: `${top}/tailscaled`, mode: 0o755, data: readFileSync(join(binaries, "tailscaled")) },
        { name: `${top}/systemd/`, folder: true },
        { name: `${top}/systemd/tailscaled.defaults`, data: Buffer.from(tailscaledDefaults) },
        ...["tailscaled.service", "tailscale-online.target", "tailscale-wait-online.service"].map((name) => ({
          name: `${top}/systemd/${name}`,
          data: unit(name),
        })),
      ]);
      const packed = gzipSync(content, { level: 6 });
      writeFileSync(join(draft, archiveName), packed);
      writeFileSync(join(draft, `${archiveName}.sha256`), createHash("sha256").update(packed).digest("hex"));
    },
  );
  return {
    path: join(folder, archiveName),
    sha256: readFileSync(join(folder, `${archiveName}.sha256`), "utf8"),
  };
}
