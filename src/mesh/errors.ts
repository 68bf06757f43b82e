/** Errors of the topology file and of what is derived from it. */
import { defineErrors } from "./error.ts";

export const meshErrors = defineErrors({
  MESH_TOPOLOGY_SYNTAX: {
    kind: "config",
    meaning: "The topology file is not valid YAML.",
    hint: "Look at the named line and the one before it: indentation, a missing colon, quote or bracket. Tabs cannot indent YAML.",
  },
  MESH_TOPOLOGY_EMPTY: {
    kind: "config",
    meaning: "The topology file holds no mapping: it is empty, or a list or plain text.",
    hint: "Start from examples/two-clusters.yaml: `version: 1` and `clusters:`.",
  },
  MESH_TOPOLOGY_TOO_LARGE: {
    kind: "config",
    meaning: "The topology file is larger, deeper or holds more aliases than any real network needs.",
    hint: "Write nodes out instead of multiplying them with YAML aliases, and check that the input `topology` names the right file.",
  },
  MESH_TOPOLOGY_MORE: {
    kind: "config",
    meaning: "The topology file has more problems than are shown.",
    hint: "Mend those that are shown and run again; check that the input `topology` names the right file.",
  },
  MESH_TOPOLOGY_DUPLICATE_KEY: {
    kind: "config",
    meaning: "The same key stands twice in one mapping; YAML readers would silently drop one of them.",
    hint: "Remove or rename one of the two.",
  },
  MESH_TOPOLOGY_UNKNOWN_KEY: {
    kind: "config",
    meaning: "The topology file has a key that Tailmesh does not know.",
    hint: "Check the spelling and the indentation. schemas/topology.schema.json lists every key; an editor with a YAML language server completes them.",
  },
  MESH_TOPOLOGY_MISSING_KEY: {
    kind: "config",
    meaning: "A key that is needed is missing.",
    hint: "Add it. examples/two-clusters.yaml has all that are needed, examples/many.yaml has every key.",
  },
  MESH_TOPOLOGY_TYPE: {
    kind: "config",
    meaning:
      "A value is of the wrong kind: text where a mapping is expected, a number where text is, or nothing at all.",
    hint: "Give a value of the kind that the message names; text that looks like a number needs quotes.",
  },
  MESH_TOPOLOGY_CHOICE: {
    kind: "config",
    meaning: "A value is not one of the few that the key allows, such as a role that does not exist.",
    hint: "Use one of the values that the message names.",
  },
  MESH_TOPOLOGY_VALUE: {
    kind: "config",
    meaning: "A value is written in a form that the key does not allow.",
    hint: "Write it as the message says.",
  },
  MESH_TOPOLOGY_NAME: {
    kind: "config",
    meaning: "A name of a cluster, node, store or key is not a plain DNS label.",
    hint: "Use 1 to 63 of a-z, 0-9 and -, with a letter or digit at both ends. Names end up in host names, tags, paths and drawings.",
  },
  MESH_TAG_INVALID: {
    kind: "config",
    meaning: "A tag is not one that control servers accept.",
    hint: "Write it as `tag:` and then a lower-case letter, followed by a-z, 0-9 and -. A cluster whose name begins with a digit needs its own `tag`.",
  },
  MESH_TAG_SHARED: {
    kind: "config",
    meaning:
      "Two clusters, or a cluster and the owner, have the same tag, so that nothing could tell their nodes apart.",
    hint: "Give each cluster a `tag` of its own; the owner tag is the credential's alone.",
  },
  MESH_CIDR_INVALID: {
    kind: "config",
    meaning: "A value is not an IPv4 prefix.",
    hint: "Write four numbers and a length, such as 10.52.0.0/16, without leading zeros.",
  },
  MESH_CIDR_HOST_BITS: {
    kind: "config",
    meaning:
      "A prefix has bits set behind its length, so that it is unclear whether the address or the length is the mistake.",
    hint: "Write the canonical prefix.",
  },
  MESH_CIDR_OVERLAP: {
    kind: "config",
    meaning:
      "A pod or service network shares addresses with another network of the mesh, a local network, or the tailnet itself.",
    hint: "Give one of the two another range. K3s fixes its ranges when a cluster is first started, so a running cluster must be rebuilt for it.",
  },
  MESH_K3S_DEFAULTS: {
    kind: "config",
    meaning:
      "Two clusters both use K3s' default networks (10.42.0.0/16 and 10.43.0.0/16), so that no address tells which of them is meant.",
    hint: "Rebuild one of them with ranges of its own.",
  },
  MESH_LOCAL_OVERLAP: {
    kind: "config",
    meaning:
      "A pod or service network of another cluster shares addresses with what a node holds locally: its LAN, a bridge such as docker0, or a route.",
    hint: "Move the local network (for docker0: `bip` and `default-address-pools` in /etc/docker/daemon.json), or rebuild the other cluster with the free range that the message names.",
  },
  MESH_IPV6_UNSUPPORTED: {
    kind: "config",
    meaning: "An IPv6 address or prefix was given. IPv6 is refused until it is proven end to end.",
    hint: "Give the IPv4 address or prefix. Dual-stack clusters can be joined by their IPv4 networks.",
  },
  MESH_ADDRESS_INVALID: {
    kind: "config",
    meaning: "A value is not an IPv4 address that a node can have, or not a host name that can be dialled.",
    hint: "Write four numbers such as 10.10.10.10, without leading zeros or a length. Where the runner dials another name, give it as `ssh: { host: … }`.",
  },
  MESH_URL_INVALID: {
    kind: "config",
    meaning: "A URL is not an https:// base URL.",
    hint: "Write https://host[:port][/path] without user, query or fragment. http:// is allowed for loopback addresses only, since keys travel over it.",
  },
  MESH_PORT_INVALID: {
    kind: "config",
    meaning: "An entry of `ports` is not written as protocol and port.",
    hint: "Write `tcp:443`, `udp:53`, `tcp:8000-8100`, `tcp:*`, `icmp` or `*`; ports are 1 to 65535, what the client dials.",
  },
  MESH_DURATION_INVALID: {
    kind: "config",
    meaning: "A duration is not a number with a unit, or not in the range that its key allows.",
    hint: "Write a whole number and s, m, h, d or w: `300s`, `10m`, `90d`.",
  },
  MESH_ENV_MISSING: {
    kind: "config",
    meaning: "`{ env: NAME }` names an environment variable that is not set, or empty.",
    hint: "Set it with `env:` on the step or the job of the workflow, from `vars.NAME` or `secrets.NAME`. A secret that the run may not read is empty too.",
  },
  MESH_ENV_REFUSED: {
    kind: "config",
    meaning: "`{ env: NAME }` names a variable that may hold a credential of the runner or an input of the action.",
    hint: "Give the value a variable of its own. Secrets are inputs of the actions and never belong into the topology.",
  },
  MESH_NO_ROUTER: {
    kind: "config",
    meaning: "A cluster has no node that advertises its networks.",
    hint: "Give one present node `role: router`. Without any `role` the first node is the router.",
  },
  MESH_DUPLICATE_NODE: {
    kind: "config",
    meaning: "Two nodes have the same name, or would have the same host name in the tailnet.",
    hint: "Node names are unique in the whole file, also across clusters; so is `hostname`.",
  },
  MESH_DUPLICATE_ADDRESS: {
    kind: "config",
    meaning: "Two nodes of one cluster have the same address.",
    hint: "Each node has an address of its own, K3s' node-ip. Where several nodes are dialled through one address, give it as `ssh: { host, port }`.",
  },
  MESH_HOST_KEY_MISSING: {
    kind: "config",
    meaning: "A machine would be dialled over SSH without anything to recognise it by.",
    hint: "Give `known-hosts: FILE` under `ssh` (for all nodes, a cluster or a node), made with `ssh-keyscan HOST` on a network you trust, or `host-key: SHA256:…` as `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints it on the machine.",
  },
  MESH_HOST_KEY_INVALID: {
    kind: "config",
    meaning: "A host key is neither an OpenSSH public key nor a SHA256 fingerprint, or is given twice.",
    hint: "Write `SHA256:` and 43 characters as ssh-keygen -l prints them, or the whole line of /etc/ssh/ssh_host_ed25519_key.pub; either `host-key` or `known-hosts`, not both in one place.",
  },
  MESH_JUMP_INVALID: {
    kind: "config",
    meaning:
      "A jump host is neither a node of this file nor user@host[:port], or nodes are reached through each other in a circle.",
    hint: "Name a node of this file, write user@host or user@host:port, or use the long form { host, user, port, host-key }.",
  },
  MESH_UNKNOWN_CLUSTER: {
    kind: "config",
    meaning: "A cluster is named that the topology file does not have.",
    hint: "Use one of the names under `clusters`.",
  },
  MESH_UNKNOWN_NODE: {
    kind: "config",
    meaning: "A node is named that the topology file does not have.",
    hint: "Use one of the names under `nodes` of any cluster.",
  },
  MESH_UNKNOWN_STORE: {
    kind: "config",
    meaning: "A store is named that the topology file does not have.",
    hint: "Declare it under `stores`.",
  },
  MESH_SELECTION_EMPTY: {
    kind: "config",
    meaning: "The filters `clusters` and `nodes` together select no node.",
    hint: "A node is selected when it passes both filters; leave one of them out.",
  },
  MESH_LINK_INVALID: {
    kind: "config",
    meaning: "A link joins a cluster to itself, or is both demanded and forbidden.",
    hint: "`links` and `forbid` name two different clusters, and no port of one pair may be in both.",
  },
  MESH_POLICY_SOURCE: {
    kind: "config",
    meaning: "`policy` names both a file and parts, or neither.",
    hint: "Give `file: policy.hujson`, or `parts: [a.hujson, b.hujson]`, or leave `policy` out to build on the policy of the server.",
  },
  MESH_STORE_INVALID: {
    kind: "config",
    meaning: "A store is not exactly one of the known kinds, or is of a kind that cannot do what is asked of it.",
    hint: "A store has exactly one of `vault`, `github` and `file`. `credentials` need a Vault store: GitHub's secrets cannot be read back, and files are for keys.",
  },
  MESH_STORED_KEY_INVALID: {
    kind: "config",
    meaning: "A stored key lacks what it needs, or has too much of it.",
    hint: "Give exactly one of `cluster` and `tags`; `path` for a Vault or file store, `name` for a GitHub store; each place holds one key.",
  },
});
