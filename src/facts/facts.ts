/** What one round trip learns of a node. Values only; `script.ts` gathers them, `parse.ts` reads them. */

export interface TailscaleStatus {
  /** NoState, NeedsLogin, NeedsMachineAuth, Stopped, Starting, Running. */
  readonly backendState: string;
  readonly tun: boolean;
  /** Own addresses in the tailnet. */
  readonly addresses: readonly string[];
  readonly self: {
    readonly id: string;
    readonly hostName: string;
    readonly dnsName: string;
    readonly publicKey: string;
    readonly tags: readonly string[];
    readonly online: boolean;
    /** RFC 3339, or null when the key does not expire. */
    readonly keyExpiry: string | null;
  } | null;
  readonly peers: readonly TailscalePeer[];
  readonly health: readonly string[];
  readonly tailnet: string | null;
}

export interface TailscalePeer {
  readonly id: string;
  readonly hostName: string;
  readonly addresses: readonly string[];
  readonly tags: readonly string[];
  readonly online: boolean;
  /** Own addresses and routes this peer serves to us. */
  readonly allowedIPs: readonly string[];
  readonly primaryRoutes: readonly string[];
  /** Empty: not direct (or idle). */
  readonly curAddr: string;
  readonly relay: string;
}

export interface TailscalePrefs {
  readonly controlUrl: string;
  readonly acceptRoutes: boolean;
  readonly acceptDns: boolean;
  readonly wantRunning: boolean;
  readonly loggedOut: boolean;
  readonly shieldsUp: boolean;
  readonly hostname: string;
  readonly advertiseRoutes: readonly string[];
  readonly advertiseTags: readonly string[];
  /** snat-subnet-routes. */
  readonly snat: boolean;
  readonly statefulFiltering: boolean;
  /** 0 off, 1 nodivert, 2 on. */
  readonly netfilterMode: number;
  readonly runSsh: boolean;
  readonly operator: string;
  readonly autoUpdate: boolean | null;
}

export interface UnitFacts {
  /** systemd's ActiveState; `absent` when there is no such unit. */
  readonly active: string;
  readonly enabled: string;
  readonly mainPid: number;
  /** ExecMainStartTimestampMonotonic in microseconds. */
  readonly started: number;
}

export interface TailscaleFacts {
  /** `1.102.5`; null when no `tailscale` command exists. */
  readonly version: string | null;
  /** Package that owns the binary (`dpkg`, `rpm`), null for an archive install. */
  readonly package: string | null;
  readonly unit: UnitFacts;
  /** Null when the daemon did not answer; `statusError` says what it said. */
  readonly status: TailscaleStatus | null;
  readonly statusError: string;
  readonly prefs: TailscalePrefs | null;
  /** The state file on disk holds a login, whether or not the daemon runs now. */
  readonly profile: boolean;
}

export interface Address {
  readonly interface: string;
  readonly address: string;
  readonly bits: number;
}

export interface Route {
  /** `default` or a prefix. */
  readonly to: string;
  readonly via: string | null;
  readonly dev: string | null;
  readonly type: string;
}

export interface Rule {
  readonly priority: number;
  /** `all` or a prefix. */
  readonly from: string;
  readonly to: string | null;
  readonly table: string;
  /** iproute2's name or number of the protocol. */
  readonly protocol: string | null;
}

export interface Netfilter {
  /** `nf_tables` or `legacy`. */
  readonly backend: string;
  /** Lines of `iptables-save` by table; only what the checks read: chains and rules in order. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
}

export interface K3sFacts {
  readonly role: "server" | "agent";
  readonly unit: UnitFacts;
  readonly version: string | null;
  /** From the server's effective arguments, ServiceCIDR objects, flannel; null when not known on this node. */
  readonly pods: string | null;
  readonly services: string | null;
  readonly dns: string | null;
  /** This node's own slice of the pod network. */
  readonly nodePods: string | null;
  /** `vxlan`, `host-gw`, …; null when flannel has no configuration here. */
  readonly flannelBackend: string | null;
  readonly vpnAuth: boolean;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  /** Process on the node whose network namespace is the pod's. */
  readonly pid: number;
}

export interface FileFacts {
  /** Octal permission bits without leading zeros, `644`. */
  readonly mode: string;
  /** The text, at most 64 KiB of it. */
  readonly content: string;
}

export interface NodeFacts {
  readonly node: string;
  readonly host: {
    /** `uname -m`. */
    readonly machine: string;
    /** ID, VERSION_ID and PRETTY_NAME of os-release. */
    readonly os: { readonly id: string; readonly version: string; readonly name: string };
    readonly hostname: string;
    readonly bootId: string;
    /** `systemd` or what pid 1 is called. */
    readonly init: string;
    /** The address that our connection comes from, and the one it reached; null when sudo or the server hides it. */
    readonly sshClient: string | null;
    readonly sshServer: string | null;
    /** Commands found on PATH. */
    readonly tools: readonly string[];
    /** Unix time in seconds on the node. */
    readonly time: number;
  };
  readonly tailscale: TailscaleFacts;
  readonly addresses: readonly Address[];
  readonly routes: { readonly main: readonly Route[]; readonly table52: readonly Route[] };
  readonly rules: readonly Rule[];
  readonly netfilter: Netfilter;
  /** Names with dots: `net.ipv4.ip_forward`. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Small files of ours and those we look at, by absolute path; null = not there. */
  readonly files: Readonly<Record<string, FileFacts | null>>;
  readonly units: Readonly<Record<string, UnitFacts>>;
  /** Null when the node has no K3s. */
  readonly k3s: K3sFacts | null;
  /** Ready pods with a network namespace of their own. */
  readonly pods: readonly Pod[];
}
