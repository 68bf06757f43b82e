/** Every simulated command by name. */
import type { Command } from "./context.ts";
import { ip } from "./ip.ts";
import { iptables, iptablesRestore, iptablesSave } from "./iptables.ts";
import { k3s } from "./kubernetes.ts";
import { plainCommands } from "./plain.ts";
import { type Listeners, probeCommands } from "./probes.ts";
import { systemctl, systemdRun } from "./systemd.ts";
import { tailscale } from "./tailscale.ts";

export function allCommands(listeners: Listeners): ReadonlyMap<string, Command> {
  return new Map<string, Command>(
    Object.entries({
      ...plainCommands,
      ...probeCommands(listeners),
      ip,
      iptables,
      "iptables-save": iptablesSave,
      "iptables-restore": iptablesRestore,
      k3s,
      systemctl,
      "systemd-run": systemdRun,
      tailscale,
    }),
  );
}
