/** One simulated machine: the folder that its scripts see as `/`, and the state that its commands change. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Netfilter } from "./netfilter.ts";

export interface PodSpec {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly pid: number;
}

export interface MachineSpec {
  readonly name: string;
  readonly cluster: string;
  readonly address: string;
  readonly gateway: string;
  readonly k3s: "server" | "agent";
  /** Its slice of the pod network, a /24. */
  readonly slice: string;
  readonly pods: readonly PodSpec[];
}

export interface ServiceSpec {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly ports: readonly { readonly protocol: "tcp" | "udp"; readonly port: number }[];
  /** Addresses behind it. */
  readonly endpoints: readonly string[];
}

export interface ClusterSpec {
  readonly name: string;
  readonly tag: string;
  readonly pods: string;
  readonly services: string;
  readonly serviceList: readonly ServiceSpec[];
  readonly machines: readonly MachineSpec[];
}

export interface IpRule {
  readonly priority: number;
  readonly to: string | undefined;
  readonly fwmark: string | undefined;
  /** Table name or number, or `unreachable`. */
  readonly table: string;
  readonly protocol: string | undefined;
}

export interface IpRoute {
  readonly to: string;
  readonly dev: string | undefined;
  readonly via: string | undefined;
  readonly type: string;
  readonly metric: number | undefined;
  readonly protocol: string | undefined;
}

export interface Unit {
  active: "active" | "inactive" | "failed";
  enabled: boolean;
  pid: number;
  /** Microseconds of the machine's own clock. */
  started: number;
}

/** A transient timer of systemd-run. */
export interface TransientTimer {
  readonly unit: string;
  readonly seconds: number;
  readonly command: readonly string[];
}

export interface Prefs {
  controlUrl: string;
  acceptRoutes: boolean;
  acceptDns: boolean;
  wantRunning: boolean;
  loggedOut: boolean;
  shieldsUp: boolean;
  hostname: string;
  advertiseRoutes: readonly string[];
  advertiseTags: readonly string[];
  noSnat: boolean;
  noStatefulFiltering: boolean;
  netfilterMode: number;
  runSsh: boolean;
  operator: string;
  autoUpdate: boolean | null;
}

export const freshPrefs = (): Prefs => ({
  controlUrl: "https://controlplane.tailscale.com",
  acceptRoutes: false,
  acceptDns: true,
  wantRunning: false,
  loggedOut: false,
  shieldsUp: false,
  hostname: "",
  advertiseRoutes: [],
  advertiseTags: [],
  noSnat: false,
  noStatefulFiltering: true,
  netfilterMode: 2,
  runSsh: false,
  operator: "",
  autoUpdate: null,
});

/** What tailscaled keeps in its state folder. */
export interface Identity {
  readonly id: string;
  readonly nodeKey: string;
  readonly addresses: readonly string[];
}

export class Machine {
  readonly spec: MachineSpec;
  readonly cluster: ClusterSpec;
  /** The folder that scripts see as `/`. */
  readonly root: string;
  readonly folder: string;
  netfilter = new Netfilter();
  rules: IpRule[] = [];
  /** Routes that somebody added beside the ones that follow from the machine's interfaces. */
  routes: IpRoute[] = [];
  units = new Map<string, Unit>();
  timers = new Map<string, TransientTimer>();
  prefs: Prefs = freshPrefs();
  identity: Identity | undefined;
  loginError = "";
  /** Is the tunnel interface there? */
  tun = false;
  /** A start-up defect of tailscaled: Running, but its address never reached the interface. */
  addressLost = false;
  /** Packets that the policy stopped here. */
  dropped = 0;
  /** Names of the faults that this machine's own state cannot express. */
  readonly troubles = new Set<string>();
  #nextPid = 2000;
  #clock = 10_000_000;

  constructor(spec: MachineSpec, cluster: ClusterSpec, folder: string) {
    this.spec = spec;
    this.cluster = cluster;
    this.folder = folder;
    this.root = join(folder, "root");
    this.#furnish();
    this.boot();
  }

  get name(): string {
    return this.spec.name;
  }

  /** A path as the machine's scripts name it → where it is on this computer. */
  path(absolute: string): string {
    return join(this.root, absolute);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  #furnish(): void {
    const { spec, cluster } = this;
    for (const folder of [
      "etc/default",
      "etc/sysctl.d",
      "etc/systemd/system",
      "etc/systemd/network",
      "lib/systemd/system",
    ])
      mkdirSync(join(this.root, folder), { recursive: true });
    for (const folder of [
      "run/systemd",
      "usr/bin",
      "usr/sbin",
      "usr/local/bin",
      "usr/local/lib",
      "var/lib",
      "tmp",
      "root",
    ])
      mkdirSync(join(this.root, folder), { recursive: true });
    this.write("/etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n');
    this.write("/etc/hostname", `${spec.name}\n`);
    this.write("/etc/resolv.conf", "nameserver 198.18.0.53\n");
    this.write("/proc/1/comm", "systemd\n");
    mkdirSync(this.path("/proc/1/ns"), { recursive: true });
    symlinkSync("net:[4026531840]", this.path("/proc/1/ns/net"));
    for (const pod of spec.pods) {
      mkdirSync(this.path(`/proc/${pod.pid}/ns`), { recursive: true });
      symlinkSync(`net:[${4026532000 + pod.pid}]`, this.path(`/proc/${pod.pid}/ns/net`));
    }
    const k3s = "/var/lib/rancher/k3s/agent/etc/flannel/net-conf.json";
    this.write(k3s, `{"Network":"${cluster.pods}","EnableIPv6":false,"EnableIPv4":true,"Backend":{"Type":"vxlan"}}\n`);
    this.write(
      "/etc/rancher/k3s/config.yaml",
      spec.k3s === "server"
        ? `cluster-cidr: ${cluster.pods}\nservice-cidr: ${cluster.services}\nnode-ip: ${spec.address}\n`
        : `server: https://${cluster.machines[0]?.address}:6443\nnode-ip: ${spec.address}\n`,
    );
    this.units.set(spec.k3s === "server" ? "k3s.service" : "k3s-agent.service", this.newUnit("inactive", true));
    this.units.set("systemd-networkd.service", this.newUnit("inactive", false));
  }

  /** What a fresh kernel and K3s put in place. */
  boot(): void {
    const { cluster } = this;
    const boot = `${this.#clock.toString(16).padStart(8, "0")}-1111-4222-8333-444455556666`;
    this.write("/proc/sys/kernel/random/boot_id", `${boot}\n`);
    this.write("/proc/sys/net/ipv4/ip_forward", "1\n");
    this.write("/proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
    this.write("/proc/sys/net/ipv4/conf/default/rp_filter", "2\n");
    this.write("/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
    this.write(
      "/run/flannel/subnet.env",
      `FLANNEL_NETWORK=${cluster.pods}\nFLANNEL_SUBNET=${this.cni0}/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n`,
    );
    this.netfilter = new Netfilter();
    this.rules = [
      { priority: 0, to: undefined, fwmark: undefined, table: "local", protocol: undefined },
      { priority: 32766, to: undefined, fwmark: undefined, table: "main", protocol: undefined },
      { priority: 32767, to: undefined, fwmark: undefined, table: "default", protocol: undefined },
    ];
    this.routes = [];
    this.timers.clear();
    this.tun = false;
    for (const [name, unit] of this.units) {
      const k3s = name === "k3s.service" || name === "k3s-agent.service";
      this.units.set(name, this.newUnit(k3s ? "active" : "inactive", unit.enabled));
    }
    this.#kubernetesRules();
  }

  /** The chains of kube-proxy and flannel that the mesh's packets meet (as captured on a real node). */
  #kubernetesRules(): void {
    const { pods } = this.cluster;
    const nat = [
      ":KUBE-SERVICES - [0:0]",
      ":FLANNEL-POSTRTG - [0:0]",
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG',
      `-A FLANNEL-POSTRTG -s ${pods} ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully`,
      `-A FLANNEL-POSTRTG ! -s ${pods} -d ${pods} -m comment --comment "flanneld masq" -j MASQUERADE --random-fully`,
    ];
    const filter = [
      ":KUBE-FORWARD - [0:0]",
      ":FLANNEL-FWD - [0:0]",
      '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
      '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
      `-A FLANNEL-FWD -s ${pods} -m comment --comment "flanneld forward" -j ACCEPT`,
      `-A FLANNEL-FWD -d ${pods} -m comment --comment "flanneld forward" -j ACCEPT`,
    ];
    this.netfilter.restore(["*nat", ...nat, "COMMIT", "*filter", ...filter, "COMMIT"].join("\n"), true);
  }

  newUnit(active: Unit["active"], enabled: boolean): Unit {
    if (active !== "active") return { active, enabled, pid: 0, started: 0 };
    this.#nextPid += 7;
    this.#clock += 1_000_000;
    return { active, enabled, pid: this.#nextPid, started: this.#clock };
  }

  /** The bridge of the machine's pods. */
  get cni0(): string {
    return this.spec.slice.replace(/0\/24$/, "1");
  }

  get flannel1(): string {
    return this.spec.slice.replace(/\/24$/, "");
  }

  sysctl(name: string): string {
    return this.#read(`/proc/sys/${name.replaceAll(".", "/")}`);
  }

  #read(path: string): string {
    return readTrimmed(this.path(path));
  }

  /** Is tailscaled up? */
  get daemon(): boolean {
    return this.units.get("tailscaled.service")?.active === "active";
  }
}

function readTrimmed(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
