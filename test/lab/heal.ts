// Undoing: every fault, and with `bare` also everything that the product put on nodes and on the control server.

import { tailscaledDefaults } from "./archive.ts";
import { forgetDatabases, hasDatabase, pristine, restoreDatabase, startHeadscale } from "./headscale.ts";
import { forgetPicture, injected, pictureBefore, undoFault } from "./inject.ts";
import { deleteCustomDns } from "./kubernetes.ts";
import { picture, worse } from "./mesh.ts";
import { mustOnNode } from "./nodes.ts";
import { progress, timed } from "./progress.ts";
import { running } from "./record.ts";
import { until } from "./wait.ts";

export async function heal(bare: boolean): Promise<void> {
  for (const name of injected().reverse()) await timed(`${name} undone`, () => undoFault(name));
  if (bare) return await makeBare();
  const before = pictureBefore();
  if (!before) {
    progress("nothing to heal");
    return;
  }
  await timed("the mesh is as before", () =>
    until(
      "the mesh to be as before",
      90_000,
      async () => {
        const differences = worse(before, await picture(running().topology, 1));
        if (differences.length > 0) throw new Error(differences.join("; "));
        return true;
      },
      300,
    ),
  );
  forgetPicture();
  forgetDatabases();
}

// Units first, so that nothing is put back; then the daemon, which takes its own rules away as it stops.
const bareScript = `
for unit in $(systemctl list-unit-files --no-legend 'tailmesh*' | awk '{print $1}'); do systemctl disable --now "$unit"; done
systemctl stop 'tailmesh*' 
systemctl disable --now tailscaled.service
rm -rf /etc/systemd/system/tailmesh* /etc/systemd/system/*.wants/tailmesh* /etc/tailmesh /usr/local/lib/tailmesh /var/lib/tailmesh
rm -rf /etc/systemd/system/tailscale* /etc/systemd/system/*.wants/tailscale* /run/systemd/system/tailscale* /lib/systemd/system/tailscale*
rm -rf /usr/sbin/tailscaled* /usr/bin/tailscale* /var/lib/tailscale* /var/cache/tailscale /run/tailscale /run/tailmesh* /etc/default/tailscaled*
rm -f /etc/sysctl.d/99-tailmesh.conf /etc/systemd/networkd.conf.d/*tailmesh*
systemctl daemon-reload
systemctl reset-failed
ip link del tailscale0
while ip -4 rule del pref 2500; do :; done
for p in 5210 5230 5250 5270; do while ip -4 rule del pref $p; do :; done; while ip -6 rule del pref $p; do :; done; done
ip route flush table 52
ip -6 route flush table 52
for t in filter mangle nat; do
  for cmd in iptables ip6tables; do
    $cmd-save -t $t | grep -E '^-A .*(-j (TAILMESH|ts)-|--comment lab-|"tailmesh)' | sed 's/^-A/-D/' | while read -r r; do eval "$cmd -w -t $t $r"; done
    $cmd-save -t $t | sed -nE 's/^:((TAILMESH|ts)-[^ ]*) .*/\\1/p' | while read -r c; do $cmd -w -t $t -F $c; done
    $cmd-save -t $t | sed -nE 's/^:((TAILMESH|ts)-[^ ]*) .*/\\1/p' | while read -r c; do $cmd -w -t $t -X $c; done
  done
done
cat > /etc/default/tailscaled`;

async function makeBare(): Promise<void> {
  const { topology } = running();
  await timed("nodes", () =>
    Promise.all(
      topology.nodes.map((node) =>
        mustOnNode(node.name, `exec 2>/dev/null >&2\n${bareScript}`, {
          input: tailscaledDefaults,
          milliseconds: 60_000,
        }),
      ),
    ),
  );
  await timed("control server", async () => {
    if (hasDatabase(pristine)) await restoreDatabase(pristine);
    await startHeadscale();
  });
  for (const cluster of topology.clusters) await deleteCustomDns(cluster);
  forgetPicture();
  forgetDatabases();
}
