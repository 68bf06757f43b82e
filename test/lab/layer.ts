// What a machine with K3s on it has above the bare root file system. Nothing of Tailscale's, except how its daemon shall be quiet.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tailscaledDefaults } from "./archive.ts";
import { cached, contents, digest } from "./cache.ts";
import { source } from "./paths.ts";
import type { Tools } from "./tools.ts";

// Units that have no use in a container, or would write what belongs to the machine.
const masked = [
  [
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
    "systemd-modules-load.service",
    "systemd-hwdb-update.service",
  ],
  ["systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount"],
  ["sys-kernel-config.mount", "sys-fs-fuse-connections.mount", "dev-hugepages.mount", "systemd-random-seed.service"],
  ["systemd-timesyncd.service", "systemd-networkd.service", "systemd-resolved.service", "containerd.service"],
  [
    "e2scrub_reap.service",
    "e2scrub_all.timer",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "fstrim.timer",
  ],
].flat();

// sysctl files of the distribution that set values of the whole machine.
const maskedSysctl = ["50-pid-max.conf", "99-protect-links.conf", "50-default.conf", "50-bubblewrap.conf"];

export async function buildLayer(tools: Tools): Promise<string> {
  const recipe = readFileSync(import.meta.filename, "utf8");
  const key = digest(contents(join(source, "node")), tools.hyperkube, tools.crictl, tailscaledDefaults, recipe);
  return await cached(`layer-${key}`, "node layer", async (layer) => {
    const place = (path: string): string => {
      const full = join(layer, path);
      mkdirSync(dirname(full), { recursive: true });
      return full;
    };
    const write = (path: string, text: string, mode = 0o644): void => {
      writeFileSync(place(path), text);
      chmodSync(place(path), mode);
    };
    const install = (from: string, path: string, mode = 0o755): void => {
      copyFileSync(from, place(path));
      chmodSync(place(path), mode);
    };
    install(join(tools.hyperkube, "hyperkube"), "usr/local/lib/k3s/hyperkube");
    install(join(tools.crictl, "crictl"), "usr/local/lib/k3s/crictl");
    install(join(source, "node", "k3s"), "usr/local/bin/k3s");
    for (const unit of ["k3s.service", "k3s-agent.service", "host-firewall.service"]) {
      install(join(source, "node", unit), `etc/systemd/system/${unit}`, 0o644);
    }
    install(join(source, "node", "host-firewall"), "usr/local/sbin/host-firewall");
    for (const name of ["kubectl", "crictl"])
      write(`usr/local/bin/${name}`, `#!/bin/sh\nexec k3s ${name} "$@"\n`, 0o755);

    write("etc/default/tailscaled", tailscaledDefaults);
    write("etc/tmpfiles.d/kmsg.conf", "L+ /dev/kmsg - - - - /dev/null\n");
    // pods whose first process ignores SIGTERM would hold a shutdown for 90 s
    write("etc/systemd/system.conf.d/lab.conf", "[Manager]\nDefaultTimeoutStopSec=2s\n");
    for (const name of maskedSysctl) symlinkSync("/dev/null", place(`etc/sysctl.d/${name}`));
    for (const unit of masked) symlinkSync("/dev/null", place(`etc/systemd/system/${unit}`));
  });
}
