// What `up` leaves in .lab/ for whoever uses the lab from outside, and nothing that belongs to the lab alone.
import { copyFileSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as yaml from "yaml";
import { type Archive, archiveName } from "./archive.ts";
import { v2Access, v2Servers } from "./control-v2.ts";
import { apiKey, controlUrl } from "./headscale.ts";
import { hostKeyLine } from "./nodes.ts";
import { handover } from "./paths.ts";
import { pki } from "./pki.ts";
import { tailscaleVersion } from "./tools.ts";
import type { LabTopology } from "./topology.ts";

const at = (name: string): string => join(handover, name);

/** tailmesh.yaml for one of the control servers. */
function topologyFile(topology: LabTopology, control: { readonly kind: string; readonly url: string }): string {
  const clusters = topology.clusters.map((cluster) => [
    cluster.name,
    {
      pods: cluster.pods,
      services: cluster.services,
      nodes: Object.fromEntries(
        cluster.nodes.map((node, index) => {
          // only what is not the default is said
          const k3s = node.k3s === (index === 0 ? "server" : "agent") ? undefined : node.k3s;
          const more = { ...(node.statedRole && { role: node.statedRole }), ...(k3s && { k3s }) };
          const short = Object.keys(more).length === 0;
          return [node.name, short ? node.address : { address: node.address, ...more }];
        }),
      ),
    },
  ]);
  return yaml.stringify({
    version: 1,
    ssh: { user: "root", "known-hosts": "known_hosts" },
    tailnet: { control: control.kind, url: control.url, ca: "ca.crt" },
    clusters: Object.fromEntries(clusters),
  });
}

function inputs(archive: Archive): Record<string, Record<string, string>> {
  const control = { "api-key": apiKey() };
  const ssh = { "ssh-private-key": readFileSync(pki.sshKey, "utf8") };
  const install = {
    "tailscale-version": tailscaleVersion,
    "tailscale-archive": at("tailscale_{version}_{arch}.tgz"),
    "tailscale-sha256": archive.sha256,
  };
  return {
    "acl-apply": control,
    "key-mint": control,
    "node-provision": { ...control, ...ssh, ...install },
    "connectivity-check": { ...control, ...ssh },
    "topology-plan": { ...control, ...ssh, ...install },
    converge: { ...control, ...ssh, ...install },
  };
}

export function handOver(topology: LabTopology, archive: Archive): void {
  const secret = { mode: 0o600 };
  writeFileSync(at("tailmesh.yaml"), topologyFile(topology, { kind: "headscale", url: controlUrl }));
  for (const { topology: file, kind, url } of v2Servers) writeFileSync(at(file), topologyFile(topology, { kind, url }));
  writeFileSync(at("known_hosts"), `${topology.nodes.map(hostKeyLine).join("\n")}\n`);
  copyFileSync(pki.authority, at("ca.crt"));
  writeFileSync(at("id_ed25519"), readFileSync(pki.sshKey), secret);
  copyFileSync(`${pki.sshKey}.pub`, at("id_ed25519.pub"));
  writeFileSync(at("inputs.json"), `${JSON.stringify(inputs(archive), null, 2)}\n`, secret);
  const access = { url: controlUrl, apiKey: apiKey(), caFile: at("ca.crt") };
  writeFileSync(at("control.json"), `${JSON.stringify(access, null, 2)}\n`, secret);
  writeFileSync(at("control-v2.json"), `${JSON.stringify(v2Access(at("ca.crt")), null, 2)}\n`, secret);
  if (existsSync(at(archiveName))) rmSync(at(archiveName));
  try {
    linkSync(archive.path, at(archiveName));
  } catch {
    copyFileSync(archive.path, at(archiveName)); // the cache lies on another disk
  }
}
