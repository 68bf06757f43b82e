/** What can be broken in the world, on which layer it shows, and how it is undone. Names and layers are those of the lab. */
import { applyEdits, modify, parse } from "jsonc-parser";
import * as z from "zod";
import type { Layer } from "../../src/reach/layers.ts";
import type { World } from "./world.ts";

export interface Fault {
  readonly name: string;
  readonly layer: Layer;
  readonly what: string;
  /** Whether a run of the root action mends it by itself. */
  readonly mendedByConverge: boolean;
  /** What that run has to be allowed. */
  readonly mendingInputs?: Readonly<Record<string, string>>;
  /** Breaks it and returns how to undo that. */
  inject(world: World): Promise<() => Promise<void>>;
}

const near = "homelab-1";
const far = "oracle-1";

/** A fault made and undone by commands on one machine. */
function byCommands(machine: string, breaks: string, undoes: string): Fault["inject"] {
  return async (world) => {
    await must(world, machine, breaks);
    return () => must(world, machine, undoes);
  };
}

async function must(world: World, machine: string, command: string): Promise<void> {
  const { code, output } = await world.run(machine, `set -e\n${command}`);
  if (code !== 0) throw new Error(`${machine}: ${command}: ${output}`);
}

const reject = "-j REJECT --reject-with icmp-host-prohibited";

export const faults: readonly Fault[] = [
  {
    name: "control-down",
    layer: "control",
    what: "the control server does not answer; what is connected stays connected",
    mendedByConverge: false,
    async inject({ control }) {
      control.up = false;
      return async () => {
        control.up = true;
      };
    },
  },
  {
    name: "tailscaled-stopped",
    layer: "daemon",
    what: "tailscaled is stopped on the far router",
    mendedByConverge: true,
    inject: byCommands(far, "systemctl stop tailscaled", "systemctl start tailscaled"),
  },
  {
    name: "tun-removed",
    layer: "daemon",
    what: "the tunnel's interface is deleted and tailscaled, which then ends with status 0, is not started again",
    mendedByConverge: true,
    inject: byCommands(far, "ip link del tailscale0", "systemctl start tailscaled"),
  },
  {
    name: "node-deleted",
    layer: "identity",
    what: "the far router is deleted at the control server, and does not know it",
    mendedByConverge: false,
    async inject(world) {
      const id = world.machine(far).identity?.id ?? "";
      world.control.forget(id);
      return async () => world.control.restore(id);
    },
  },
  {
    name: "address-lost",
    layer: "interface",
    what: "tailscaled is Running, but its address is not on tailscale0",
    mendedByConverge: true,
    async inject(world) {
      world.machine(far).addressLost = true;
      return async () => {
        world.machine(far).addressLost = false;
      };
    },
  },
  {
    name: "advertise-cleared",
    layer: "advertised",
    what: "the far router advertises nothing any more, as after K3s' uninstall script",
    mendedByConverge: true,
    inject: byCommands(
      far,
      "tailscale set --advertise-routes=",
      "tailscale set --advertise-routes=10.52.0.0/16,10.53.0.0/16",
    ),
  },
  {
    name: "approver-missing",
    layer: "approved",
    what: "the policy approves no routes, and the far router's are not approved",
    mendedByConverge: true,
    // Somebody else wrote the policy: that has to be taken over knowingly.
    mendingInputs: { adopt: "true" },
    async inject(world) {
      const { control } = world;
      const before = control.policy() ?? "{}";
      const id = world.machine(far).identity?.id ?? "";
      control.setPolicy(edited(before, "autoApprovers", undefined));
      control.approve(id, []);
      return async () => control.setPolicy(before);
    },
  },
  {
    name: "accept-routes-off",
    layer: "accepted",
    what: "the near router does not accept routes: its packets for the far cluster leave by the default gateway",
    mendedByConverge: true,
    inject: byCommands(near, "tailscale set --accept-routes=false", "tailscale set --accept-routes=true"),
  },
  {
    name: "guards-removed",
    layer: "guards",
    what: "the rules that keep the near router's own prefixes out of tailscale's table are gone",
    mendedByConverge: true,
    inject: byCommands(
      near,
      "while ip -4 rule del pref 2500 2>/dev/null; do :; done",
      '"$TAILMESH_ROOT/usr/local/lib/tailmesh/guard.sh" apply',
    ),
  },
  {
    name: "reject-forward",
    layer: "hooks",
    what: "a firewall reload put a REJECT above tailscale's hook in FORWARD of the far router",
    mendedByConverge: false,
    inject: byCommands(far, `iptables -w -I FORWARD 1 ${reject}`, `iptables -w -D FORWARD ${reject}`),
  },
  {
    name: "udp-blocked",
    layer: "path",
    what: "no UDP between tailscaled and its peers: everything still passes, by the relay",
    mendedByConverge: false,
    async inject(world) {
      world.machine(far).troubles.add("udp-blocked");
      return async () => {
        world.machine(far).troubles.delete("udp-blocked");
      };
    },
  },
  {
    name: "route-shadowed",
    layer: "route",
    what: "a foreign rule on the near router sends the far cluster's prefixes to the default gateway",
    mendedByConverge: false,
    inject: byCommands(
      near,
      "for c in 10.52.0.0/16 10.53.0.0/16; do ip -4 rule add to $c lookup main pref 1900; done",
      "while ip -4 rule del pref 1900 2>/dev/null; do :; done",
    ),
  },
  {
    name: "no-reverse-grant",
    layer: "grant",
    what: "the policy lets the near cluster reach the far one, and not the other way round",
    mendedByConverge: true,
    // Somebody else wrote the policy: that has to be taken over knowingly.
    mendingInputs: { adopt: "true" },
    async inject({ control }) {
      const before = control.policy() ?? "{}";
      const { grants } = policySchema.parse(parse(before, [], { allowTrailingComma: true }));
      const left = grants?.filter((g) => !g.dst.some((d) => d === "10.42.0.0/16" || d === "10.43.0.0/16"));
      // Tests of what is no longer granted would have the policy refused.
      control.setPolicy(edited(edited(before, "grants", left), "tests", undefined));
      return async () => control.setPolicy(before);
    },
  },
  {
    name: "ip-forward-off",
    layer: "pod",
    what: "the far router does not forward",
    mendedByConverge: true,
    inject: byCommands(far, "sysctl -w net.ipv4.ip_forward=0", "sysctl -w net.ipv4.ip_forward=1"),
  },
  {
    name: "pod-dropped",
    layer: "pod",
    what: "something on the far router drops what comes out of the tunnel for its pods",
    mendedByConverge: false,
    inject: byCommands(
      far,
      "iptables -w -t mangle -I FORWARD 1 -i tailscale0 -d 10.52.0.0/16 -j DROP",
      "iptables -w -t mangle -D FORWARD -i tailscale0 -d 10.52.0.0/16 -j DROP",
    ),
  },
  {
    name: "service-broken",
    layer: "service",
    what: "something on the far router drops what comes out of the tunnel for its services; its pods answer",
    mendedByConverge: false,
    inject: byCommands(
      far,
      "iptables -w -t mangle -I PREROUTING 1 -i tailscale0 -d 10.53.0.0/16 -j DROP",
      "iptables -w -t mangle -D PREROUTING -i tailscale0 -d 10.53.0.0/16 -j DROP",
    ),
  },
  {
    name: "coredns-broken",
    layer: "dns",
    what: "the far cluster has no CoreDNS pod",
    mendedByConverge: false,
    async inject(world) {
      world.machine(far).troubles.add("dns");
      return async () => {
        world.machine(far).troubles.delete("dns");
      };
    },
  },
  {
    name: "mtu-blackhole",
    layer: "mtu",
    what: "no segment size is clamped and no router may say that a packet is too big: headers arrive, bodies do not",
    mendedByConverge: false,
    async inject(world) {
      const tooBig = "-p icmp -m icmp --icmp-type fragmentation-needed -j DROP";
      for (const { name } of world.machines) {
        await must(world, name, `iptables -w -t mangle -F TAILMESH-MSS; iptables -w -I FORWARD 1 ${tooBig}`);
      }
      return async () => {
        for (const { name } of world.machines) {
          await must(
            world,
            name,
            `iptables -w -D FORWARD ${tooBig}; "$TAILMESH_ROOT/usr/local/lib/tailmesh/guard.sh" apply`,
          );
        }
      };
    },
  },
];

/** @throws RangeError when there is none of that name */
export function faultNamed(name: string): Fault {
  const found = faults.find((f) => f.name === name);
  if (!found) throw new RangeError(`no fault ${name}`);
  return found;
}

const policySchema = z.looseObject({ grants: z.array(z.looseObject({ dst: z.array(z.string()) })).optional() });

/** The policy without a member, or with another value of it; comments stay. */
function edited(text: string, member: string, value: unknown): string {
  return applyEdits(text, modify(text, [member], value, {}));
}
