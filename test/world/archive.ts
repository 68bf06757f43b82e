/** The simulated tailscale as an archive like Tailscale's own: what gets installed are the stubs. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tar } from "../lab/tar.ts";
import { simulatedVersion } from "./commands/tailscale.ts";
import { stubFile } from "./tools.ts";

const unit = `[Unit]
Description=Tailscale node agent (simulated)

[Service]
EnvironmentFile=/etc/default/tailscaled
ExecStart=/usr/sbin/tailscaled --state=/var/lib/tailscale/tailscaled.state --port=\${PORT} $FLAGS
Restart=on-failure

[Install]
WantedBy=multi-user.target
`;

export interface SimulatedArchive {
  readonly path: string;
  readonly sha256: string;
}

export function writeArchive(folder: string): SimulatedArchive {
  const top = `tailscale_${simulatedVersion}_amd64`;
  const stub = readFileSync(stubFile);
  const packed = gzipSync(
    tar([
      { name: `${top}/`, folder: true },
      { name: `${top}/tailscale`, mode: 0o755, data: stub },
      { name: `${top}/tailscaled`, mode: 0o755, data: stub },
      { name: `${top}/systemd/`, folder: true },
      { name: `${top}/systemd/tailscaled.service`, data: Buffer.from(unit) },
      { name: `${top}/systemd/tailscaled.defaults`, data: Buffer.from('PORT="41641"\nFLAGS=""\n') },
    ]),
  );
  const path = join(folder, `${top}.tgz`);
  writeFileSync(path, packed);
  return { path, sha256: createHash("sha256").update(packed).digest("hex") };
}
