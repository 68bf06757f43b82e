/**
 * The shape of the topology file: which keys exist, what kind of value each has, what it is for. The JSON Schema for editors is made
 * from it. What a text means (a prefix, a tag, a URL) is decided in `values.ts`; patterns here only help editors.
 * Any scalar may be `{ env: NAME }` in the file: `document.ts` puts the variable's value there before this schema sees it.
 */
import * as z from "zod/mini";
import { durationPattern } from "../duration.ts";
import {
  ipv4Pattern,
  labelPattern,
  pathPattern,
  portPattern,
  prefixPattern,
  tagPattern,
  userPattern,
} from "./patterns.ts";

/** What the JSON Schema says of a schema, beside its form. */
const about = z.globalRegistry;

/** A text with a meaning: the pattern is for editors, the parser decides with better words. */
function text(description: string, pattern?: string, examples?: readonly string[]) {
  return z.string().register(about, {
    description,
    ...(pattern ? { pattern } : {}),
    ...(examples ? { examples: [...examples] } : {}),
  });
}

/** A closed object; the message of an unknown key carries the known ones, for `shape.ts`. */
function closed<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  meta: { readonly id?: string; readonly description: string },
) {
  return z
    .strictObject(shape, {
      error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : undefined),
    })
    .register(about, { ...meta });
}

/** A mapping from names to things. */
function named<Value extends z.ZodMiniType>(value: Value, description: string) {
  return z.record(z.string().register(about, { pattern: labelPattern }), value).register(about, { description });
}

const prefix = (description: string) => text(description, prefixPattern, ["10.52.0.0/16"]);
const file = (description: string) => text(`${description} Relative to the workspace.`, pathPattern);
const clusterName = (description: string) => text(description, labelPattern);
const duration = (description: string, example: string) => text(description, durationPattern, [example]);

const HostKeySchema = text(
  "The machine's SSH host key: its SHA256 fingerprint as ssh-keygen -l prints it, or the public key itself.",
  "^(SHA256:[A-Za-z0-9+/]{43}=?|[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?)$",
  [
    "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
  ],
);
const KnownHostsSchema = file("A known_hosts file that holds the machine's host key.");
const SshUserSchema = text(
  "User to log in as; needs sudo without a password unless it is root. Default: root.",
  userPattern,
);
const SshPortSchema = z
  .int()
  .check(z.gte(1))
  .check(z.lte(65_535))
  .register(about, { description: "Port of the SSH server. Default: 22.", examples: [22] });

const JumpHopSchema = z.lazy(() =>
  closed(
    {
      host: text("Host name or IPv4 address of the jump host."),
      user: z.optional(SshUserSchema),
      port: z.optional(SshPortSchema),
      "host-key": z.optional(HostKeySchema),
      "known-hosts": z.optional(KnownHostsSchema),
    },
    { id: "JumpHop", description: "A jump host with a host key of its own." },
  ),
);

const JumpSchema = z.lazy(() =>
  z
    .union([
      text("A node of this file, or user@host[:port]."),
      JumpHopSchema,
      z.array(z.union([text("A node of this file, or user@host[:port]."), JumpHopSchema])),
    ])
    .register(about, {
      description:
        "Machines to go through, in the order they are dialled: a node of this file, user@host[:port], the long form with a host key of its own, or a list of these. An empty list undoes an outer jump.",
      examples: ["homelab-1", "ubuntu@bastion.example.net:2222"],
    }),
);

const SshSchema = closed(
  {
    user: z.optional(SshUserSchema),
    host: z.optional(text("Where the runner dials: a host name or an IPv4 address. Default: the node's address.")),
    port: z.optional(SshPortSchema),
    "host-key": z.optional(HostKeySchema),
    "known-hosts": z.optional(KnownHostsSchema),
    jump: z.optional(JumpSchema),
    via: z.optional(
      z.enum(["direct", "tailnet"]).register(about, {
        description:
          "Which way the runner reaches the node: as the network is, or through the tailnet. Default: direct.",
      }),
    ),
  },
  {
    id: "Ssh",
    description:
      "How machines are reached over SSH. A key of a node wins over that of its cluster, and that over the top level's.",
  },
);

const NodeSchema = closed(
  {
    address: text("The node's own IPv4 address, K3s' node-ip.", ipv4Pattern, ["10.10.10.10"]),
    role: z.optional(
      z.enum(["router", "member", "plain"]).register(about, {
        description:
          "router advertises the cluster's networks and accepts those of others, member only accepts, plain has no tailscaled. Default: the first node is a router, the others are members.",
      }),
    ),
    k3s: z.optional(
      z.enum(["server", "agent"]).register(about, {
        description: "What K3s is on it. Default: the first node is a server, the others are agents.",
      }),
    ),
    hostname: z.optional(text("Host name in the tailnet. Default: the node's name.", labelPattern)),
    state: z.optional(
      z
        .enum(["present", "absent"])
        .register(about, { description: "absent: take the node out of the mesh. Default: present." }),
    ),
    ssh: z.optional(SshSchema),
  },
  { id: "Node", description: "A machine of a cluster." },
);

const ClusterSchema = closed(
  {
    pods: prefix("The cluster's pod network, K3s' cluster-cidr."),
    services: prefix("The cluster's service network, K3s' service-cidr."),
    nodes: named(
      z.union([text("The node's own IPv4 address.", ipv4Pattern), NodeSchema]),
      "The cluster's machines by name. Short form: just the address.",
    ),
    tag: z.optional(
      text("Tag of the cluster's nodes in the tailnet. Default: tag: and the cluster's name.", tagPattern),
    ),
    lan: z.optional(
      z.union([prefix("A local network."), z.array(prefix("A local network."))]).register(about, {
        description:
          "Local networks of the nodes. Default: read from the nodes. LANs of different clusters may be equal.",
      }),
    ),
    "underlay-only": z.optional(
      z.boolean().register(about, {
        description:
          "The nodes reach each other by their local network only; the tailnet must never carry it. Default: false.",
      }),
    ),
    advertise: z.optional(
      z.enum(["cluster", "per-node"]).register(about, {
        description:
          "cluster: each router advertises the whole pod and service network; per-node: each router its own slice of the pod network too. Default: cluster.",
      }),
    ),
    state: z.optional(
      z
        .enum(["present", "absent"])
        .register(about, { description: "absent: take the cluster out of the mesh. Default: present." }),
    ),
    ssh: z.optional(SshSchema),
  },
  { id: "Cluster", description: "A K3s cluster of the mesh." },
);

const LinkSchema = z.lazy(() =>
  closed(
    {
      from: clusterName("Cluster whose pods (or any process on its nodes) open the connection."),
      to: clusterName("Cluster whose pods and services are dialled."),
      ports: z.optional(
        z.array(text("tcp:443, udp:53, tcp:8000-8100, tcp:*, icmp or *.", portPattern)).register(about, {
          description: "What the client dials. Default: everything.",
          examples: [["tcp:443", "icmp"]],
        }),
      ),
    },
    { id: "Link", description: "A connection between two clusters, in one direction." },
  ),
);

const TailnetSchema = closed(
  {
    control: z.optional(
      z
        .enum(["tailscale", "headscale"])
        .register(about, { description: "Kind of control server. Default: tailscale." }),
    ),
    url: z.optional(
      text("Base URL of the control server. Needed for headscale. Default: https://api.tailscale.com.", "^https?://"),
    ),
    name: z.optional(
      text("Name of the tailnet in the API. Default: -, the credential's own.", undefined, ["-", "example.com"]),
    ),
    "owner-tag": z.optional(text("The credential's tag, which owns every cluster tag. Default: tag:ci.", tagPattern)),
    ca: z.optional(file("PEM file of roots to trust for the control server, added to the system's.")),
  },
  { id: "Tailnet", description: "The tailnet and its control server." },
);

const VaultAuthSchema = z.lazy(() =>
  closed(
    {
      method: z.enum(["jwt", "approle", "token"]).register(about, { description: "How to log in." }),
      mount: z.optional(
        text("Where the auth method is mounted. Default: the method's name.", pathPattern, ["jwt/github"]),
      ),
      role: z.optional(text("Role of a JWT login. Default: the mount's default role.")),
    },
    { id: "VaultAuth", description: "A login with its mount and role." },
  ),
);

const VaultSchema = z.lazy(() =>
  closed(
    {
      url: text("Base URL of Vault or OpenBao.", "^https?://", ["https://vault.example.net:8200"]),
      mount: z.optional(text("Mount of the KV v2 engine. Default: secret.", pathPattern)),
      auth: z.optional(
        z
          .union([
            z.enum(["jwt", "approle", "token"]).register(about, { description: "How to log in." }),
            VaultAuthSchema,
          ])
          .register(about, {
            description:
              "How to log in: jwt (GitHub's OIDC token), approle or token; the long form has mount and role. Default: jwt.",
          }),
      ),
      namespace: z.optional(text("Namespace of the secrets.", pathPattern)),
      "auth-namespace": z.optional(text("Namespace of the login. Default: that of the secrets.", pathPattern)),
      ca: z.optional(file("PEM file of roots to trust for Vault, added to the system's.")),
    },
    { id: "Vault", description: "A KV v2 engine of Vault or OpenBao." },
  ),
);

const StoreSchema = z.lazy(() =>
  closed(
    {
      vault: z.optional(VaultSchema),
      github: z.optional(
        closed(
          { environment: text("Name of the GitHub environment that holds the secrets.") },
          { id: "GitHub", description: "Secrets of a GitHub environment." },
        ),
      ),
      file: z.optional(
        closed(
          {
            folder: file("Folder for the keys, relative to the checkout or absolute: one file of mode 0600 for each."),
          },
          { id: "Folder", description: "A folder of the machine that the run is on." },
        ),
      ),
    },
    { id: "Store", description: "A place for secrets: exactly one of vault, github and file." },
  ),
);

const StoredKeySchema = z.lazy(() =>
  closed(
    {
      cluster: z.optional(clusterName("The cluster that the key enrols into. Either this or tags.")),
      tags: z.optional(
        z
          .array(text("A tag.", tagPattern))
          .register(about, { description: "Tags of what the key enrols. Either this or cluster." }),
      ),
      store: text("Name of the store.", labelPattern),
      path: z.optional(
        text("Path of the secret in a Vault store, or of the file in a file store.", pathPattern, ["tailmesh/homelab"]),
      ),
      name: z.optional(
        text("Name of the secret in a GitHub store.", "^[A-Za-z_][A-Za-z0-9_]*$", ["TAILSCALE_AUTHKEY"]),
      ),
      expiry: z.optional(duration("How long a key lives; Tailscale allows up to 90d. Default: 90d.", "90d")),
      "rotate-after": z.optional(duration("Rotate a key that is older than this. Default: a third of expiry.", "30d")),
      "renew-before": z.optional(
        duration("Rotate a key that has less than this to live. Default: half of expiry.", "45d"),
      ),
      reusable: z.optional(
        z.boolean().register(about, { description: "Whether the key enrols more than one device. Default: true." }),
      ),
    },
    {
      id: "StoredKey",
      description: "A named long-lived auth key in a store, for what enrols outside of GitHub Actions.",
    },
  ),
);

/** The whole file. */
export const TopologySchema = closed(
  {
    version: z.literal(1).register(about, { description: "Version of this format." }),
    ssh: z.optional(SshSchema),
    tailnet: z.optional(TailnetSchema),
    clusters: named(ClusterSchema, "The clusters of the mesh by name."),
    links: z.optional(
      z
        .union([
          z.literal("full").register(about, { description: "Every cluster reaches every other." }),
          z.array(LinkSchema),
        ])
        .register(about, { description: "Which clusters must reach which: full (the default) or a list." }),
    ),
    forbid: z.optional(
      z.array(LinkSchema).register(about, {
        description: "What must not connect. A pair in neither links nor forbid is not tested.",
      }),
    ),
    policy: z.optional(
      closed(
        {
          file: z.optional(file("Your tailnet policy (HuJSON); what Tailmesh derives is merged into it.")),
          parts: z.optional(
            z.array(file("A part of your tailnet policy (HuJSON).")).register(about, {
              description: "Parts of your tailnet policy, merged in order, comments kept.",
            }),
          ),
        },
        { description: "Your own tailnet policy: a file or parts. Default: the policy on the server." },
      ),
    ),
    accept: z.optional(
      z.array(prefix("A prefix of another advertiser.")).register(about, {
        description: "Prefixes of other advertisers that cluster nodes may receive; any other is refused.",
      }),
    ),
    stores: z.optional(named(StoreSchema, "Places for secrets by name.")),
    credentials: z.optional(
      closed(
        {
          from: text("Name of a Vault store.", labelPattern),
          path: text("Path of the secret with the fields oauth_client_id and oauth_client_secret.", pathPattern, [
            "tailmesh/oauth",
          ]),
        },
        { description: "Where the control server's OAuth client is kept." },
      ),
    ),
    "stored-keys": z.optional(named(StoredKeySchema, "Long-lived auth keys by name.")),
    rollout: z.optional(
      closed(
        {
          first: z.optional(
            z.array(clusterName("A cluster.")).register(about, {
              description: "Clusters that are changed before all others, in this order.",
            }),
          ),
          "pause-on": z.optional(
            z.enum(["regression"]).register(about, {
              description: "regression: stop after a cluster when a link that worked before is broken.",
            }),
          ),
        },
        { description: "In which order clusters are changed." },
      ),
    ),
    dns: z.optional(
      closed(
        { zone: text("Zone of the names, not one that exists elsewhere.", undefined, ["mesh"]) },
        { description: "Names across clusters: web.default.svc.CLUSTER.ZONE from any cluster." },
      ),
    ),
  },
  {
    description:
      "The network that Tailmesh keeps: its clusters, how they are reached, and which of them must reach which.",
  },
);

export type TopologyFile = z.infer<typeof TopologySchema>;
export type ClusterEntry = z.infer<typeof ClusterSchema>;
export type NodeEntry = z.infer<typeof NodeSchema>;
export type SshEntry = z.infer<typeof SshSchema>;
export type JumpEntry = string | z.infer<typeof JumpHopSchema>;
export type LinkEntry = z.infer<typeof LinkSchema>;
export type StoreEntry = z.infer<typeof StoreSchema>;
export type VaultEntry = z.infer<typeof VaultSchema>;
export type StoredKeyEntry = z.infer<typeof StoredKeySchema>;
