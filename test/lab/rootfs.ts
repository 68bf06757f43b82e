// The root file system of a node: Debian 12 as a small server has it, with what K3s brings along (containerd, runc, CNI) from Debian.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, digest } from "./cache.ts";
import { must } from "./exec.ts";

const release = "bookworm";

const included = [
  ["systemd", "systemd-sysv", "dbus", "openssh-server", "openssh-client", "sudo"],
  ["iptables", "iproute2", "iputils-ping", "ethtool", "conntrack", "curl", "ca-certificates", "bind9-dnsutils"],
  ["procps", "kmod", "python3-minimal"],
  // for the K3s front alone: product scripts must not count on them
  ["containerd", "runc", "containernetworking-plugins", "busybox-static", "jq", "openssl"],
].flat();

export async function buildRootFolder(): Promise<string> {
  const recipe = readFileSync(import.meta.filename, "utf8");
  return await cached(
    `rootfs-${release}-${digest(recipe, process.arch)}`,
    `Debian ${release} root file system`,
    async (root) => {
      // it mounts things below its target: not where they would stay if it is killed
      await must(
        [
          ...["unshare", "--mount", "--propagation", "private"],
          "debootstrap",
          "--variant=minbase",
          `--include=${included.join(",")}`,
          release,
          root,
        ],
        {
          milliseconds: 1_200_000,
        },
      );
      const inside = (...argv: string[]): Promise<string> => must(["chroot", root, ...argv]);
      // beside root: one who may use sudo without a password, and one who may not
      await inside("useradd", "--create-home", "--shell", "/bin/bash", "deploy");
      await inside("useradd", "--create-home", "--shell", "/bin/bash", "nosudo");
      writeFileSync(join(root, "etc/sudoers.d/deploy"), "deploy ALL=(ALL:ALL) NOPASSWD: ALL\n", { mode: 0o440 });
      for (const gone of ["var/cache/apt/archives", "var/lib/apt/lists"]) {
        rmSync(join(root, gone), { recursive: true, force: true });
        mkdirSync(join(root, gone, "partial"), { recursive: true });
      }
      for (const name of ["rsa", "ecdsa", "ed25519"]) {
        for (const end of ["", ".pub"]) rmSync(join(root, `etc/ssh/ssh_host_${name}_key${end}`), { force: true });
      }
      rmSync(join(root, "etc/resolv.conf"), { force: true });
    },
  );
}
