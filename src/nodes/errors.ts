/** What can go wrong while nodes are brought to their desired state. */
import { defineErrors } from "../mesh/error.ts";

export const nodeError = defineErrors({
  MESH_NODE_NO_SYSTEMD: {
    kind: "refused",
    meaning: "The node does not run systemd, which the guard unit, the timed undo and tailscaled's unit need.",
    hint: "Use a node with systemd, or take this node out of the topology.",
  },
  MESH_NODE_TOOL_MISSING: {
    kind: "refused",
    meaning: "A command that the work on the node needs is not installed there.",
    hint: "Install the package that brings the command (iptables, iproute2, util-linux, tar) and run again.",
  },
  MESH_NODE_ARCH: {
    kind: "refused",
    meaning: "There is no tailscale archive for the machine type of the node.",
    hint: "Install tailscale on the node by hand; Tailmesh then leaves the binary alone and does the rest.",
  },
  MESH_NODE_NO_K3S: {
    kind: "refused",
    meaning: "Neither k3s.service nor k3s-agent.service exists on the node.",
    hint: "Install K3s with the CIDRs of the topology first; nothing was changed.",
  },
  MESH_NODE_CIDR_DRIFT: {
    kind: "refused",
    meaning: "K3s runs with other pod or service CIDRs than the topology says.",
    hint: "Write the live CIDRs into the topology, or rebuild the cluster: K3s fixes its CIDRs at the first start.",
  },
  MESH_NODE_CNI: {
    kind: "refused",
    meaning: "The cluster's network is not flannel with vxlan or host-gw, or K3s' own VPN integration is on.",
    hint: "Only flannel's vxlan and host-gw are supported. Remove vpn-auth from K3s' configuration if it is set.",
  },
  MESH_NODE_FOREIGN_CONTROL: {
    kind: "refused",
    meaning: "tailscaled on the node is logged in to another control server.",
    hint: "Log it out by hand (`tailscale logout`) if the node shall belong to this mesh; nothing was changed.",
  },
  MESH_NODE_FOREIGN_TAG: {
    kind: "refused",
    meaning: "The node is joined, but without its cluster's tag.",
    hint: "Give the device the tag on the control server, or log the node out by hand so that it joins with a tagged key.",
  },
  MESH_NODE_USERSPACE: {
    kind: "refused",
    meaning: "tailscaled runs with userspace networking, which cannot route pods.",
    hint: "Remove --tun=userspace-networking from /etc/default/tailscaled and restart tailscaled.",
  },
  MESH_NODE_TAILSCALE_OLD: {
    kind: "refused",
    meaning: "tailscale was installed by the node's package manager and is older than 1.90.",
    hint: "Upgrade the package on the node; Tailmesh does not mix archive and package installs.",
  },
  MESH_NODE_NEEDS_APPROVAL: {
    kind: "refused",
    meaning: "The control server holds the node back until an administrator approves the device.",
    hint: "Approve the device in the control server's console and run again.",
  },
  MESH_NODE_ABSENT: {
    kind: "config",
    meaning: "The topology asks for a node or cluster to be absent; this version does not take nodes off the mesh.",
    hint: "Take the node off by hand (`tailscale logout`, remove /etc/tailmesh) and delete it from the topology.",
  },
  MESH_NODE_PLAIN: {
    kind: "config",
    meaning: "The topology has a node of the role plain; this version sets up routers and members only.",
    hint: "Make the node a member (it then runs tailscaled), or leave it out.",
  },
  MESH_FOREIGN_ROUTE: {
    kind: "refused",
    meaning: "Another device of the tailnet serves a prefix that this node would accept too.",
    hint: "If that is wanted, list the prefix under `accept` in the topology; otherwise withdraw it at that device.",
  },
  MESH_STAGE_FAILED: {
    kind: "remote",
    meaning: "A command on the node failed; the steps before it are done, those after it are not.",
    hint: "Read the command's own words above. Running again continues from there.",
  },
  MESH_NODE_BUSY: {
    kind: "conflict",
    meaning: "Another run has been changing the node for more than 30 seconds.",
    hint: "Let the other run end (use a `concurrency` group in the workflow), then run again.",
  },
  MESH_LOGIN_FAILED: {
    kind: "remote",
    meaning: "tailscale could not log in on the node.",
    hint: "See `journalctl -u tailscaled` on the node; it must reach the control server over TCP 443 and trust its certificate.",
  },
  MESH_LOGIN_KEY: {
    kind: "denied",
    meaning: "The control server did not accept the auth key.",
    hint: "Keys work once and for minutes. Run again: a fresh key is minted for the node.",
  },
  MESH_LOGIN_NO_KEY: {
    kind: "config",
    meaning: "A node needs to log in, but the key file has no key for it.",
    hint: "Run key-mint in the same job before node-provision, with the same nodes selected.",
  },
  MESH_NOT_APPROVED: {
    kind: "unverified",
    meaning: "A router's routes were advertised but did not become approved in time.",
    hint: "Check autoApprovers in the policy (acl-apply writes them), or approve the routes on the control server; then run again.",
  },
  MESH_NOT_CONFIRMED: {
    kind: "unverified",
    meaning:
      "After a risky change no new connection to the node could confirm it; the node takes the change back by itself.",
    hint: "Wait until the timed undo has fired (see undo-after), look at the node's routes, then run again.",
  },
  MESH_NOT_CONVERGED: {
    kind: "unverified",
    meaning: "The changes were made, but the node does not show them afterwards.",
    hint: "Run again; if it stays, something else on the node changes the same setting back.",
  },
});
