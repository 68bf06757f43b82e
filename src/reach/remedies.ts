/** One line of what to do about each kind of finding, with the names of this mesh in it. */

const provision = (node: string) => `run node-provision for ${node}`;

export const remedies = {
  controlDown: (url: string) =>
    `start the control server ${url} or repair the way to it; traffic goes on meanwhile, but nothing can join or change`,
  controlLost: (node: string, url: string) =>
    `let ${node} reach ${url} (TCP 443, DNS, clock, trusted certificate); see \`journalctl -u tailscaled\` there`,
  notInstalled: (node: string) => `${provision(node)}: tailscale is not installed there`,
  daemonDown: (node: string) =>
    `start it on ${node}: \`systemctl enable --now tailscaled\`; it says why in \`journalctl -u tailscaled\``,
  daemonStopped: (node: string) => `turn it on again on ${node}: \`tailscale up\``,
  needsLogin: (node: string) => `${provision(node)}: it mints a key and logs the node in`,
  needsApproval: (node: string) => `approve the device ${node} at the control server`,
  unknownDevice: (node: string) =>
    `${node} was deleted at the control server and does not know it: ${provision(node)}, which logs it in again`,
  wrongTag: (node: string, tag: string) =>
    `give ${node} the tag ${tag}: ${provision(node)}, or set it at the control server`,
  keyExpired: (node: string) => `log ${node} in again: ${provision(node)}`,
  keyExpires: (node: string) => `disable key expiry of ${node} at the control server; a tagged node has none`,
  noInterface: (node: string) => `restart it on ${node}: \`systemctl restart tailscaled\``,
  userspace: (node: string) =>
    `remove --tun=userspace-networking from /etc/default/tailscaled on ${node}; pods cannot use it`,
  notAdvertised: (node: string, routes: string) => `${provision(node)}: it advertises ${routes} again`,
  notApproved: (tag: string, routes: string) =>
    `run acl-apply: the policy must auto-approve ${routes} for ${tag}; routes offered before that must be approved once`,
  notServing: (cluster: string) =>
    `bring a router of ${cluster} online; see its finding, or \`tailscale status\` there`,
  notDistributed: (from: string, to: string) =>
    `run acl-apply: without a grant between ${from} and ${to} the control server hides one's nodes from the other`,
  notGranted: (from: string, to: string, what: string) =>
    `run acl-apply: the policy must grant ${from} → ${to}: ${what}`,
  shieldsUp: (node: string) => `allow incoming connections on ${node}: \`tailscale set --shields-up=false\``,
  acceptOff: (node: string) => `${provision(node)}, which sets guards first and then \`tailscale set --accept-routes\``,
  notInTable: (node: string) => `restart it on ${node}: \`systemctl restart tailscaled\`; it fills routing table 52`,
  noGuard: (node: string) =>
    `${provision(node)}: it puts the rules back (\`systemctl restart tailmesh-guard\` does it for now)`,
  sshInTunnel: (node: string, client: string) =>
    `guard the network of ${client} on ${node}: list it under \`lan\` and ${provision(node)}`,
  noHook: (node: string) =>
    `let tailscaled on ${node} put its chains back: \`systemctl restart tailscaled\` after every firewall reload`,
  rejectFirst: (node: string, chain: string) =>
    `on ${node} move the rule below the ts- chain of ${chain}, or \`systemctl restart tailscaled\`, which goes to the top again`,
  netfilterOff: (node: string) => `on ${node}: \`tailscale set --netfilter-mode=on\``,
  relayed: (node: string, router: string) =>
    `open UDP 41641 between ${node} and ${router}; by the relay it works, but slowly`,
  noPath: (node: string, router: string) =>
    `let ${node} and ${router} reach each other by UDP 41641 or both reach a relay by TCP 443: \`tailscale netcheck\` on both`,
  wrongRoute: (node: string, prefix: string) =>
    `find what takes ${prefix} on ${node}: \`ip rule\`, \`ip route get\`; rules of others before 5270 win over the tunnel`,
  wrongRouter: (prefix: string) =>
    `find who else advertises ${prefix} (\`tailscale status --json\`) and withdraw it there`,
  forwardingOff: (node: string) => `${provision(node)}, or on it: \`sysctl -w net.ipv4.ip_forward=1\``,
  podSilent: (node: string, cluster: string) =>
    `look on the router of ${cluster}, and on ${node}, for a firewall rule or NetworkPolicy that drops forwarded packets of tailscale0`,
  serviceSilent: (cluster: string, address: string) =>
    `see whether kube-proxy of ${cluster} serves ${address} and nothing there drops its service network arriving on tailscale0`,
  dnsSilent: (cluster: string, address: string) =>
    `look at CoreDNS of ${cluster} (\`kubectl -n kube-system get pods,endpointslices -l k8s-app=kube-dns\`), asked at ${address}`,
  tooBig: (nodes: string) =>
    `run node-provision for ${nodes}: the segment size must be clamped on both sides; and let ICMP type 3 code 4 pass`,
  noClamp: (node: string) => `${provision(node)}: it puts the chain TAILMESH-MSS back`,
  mustNotConnect: (from: string, to: string, what: string) =>
    `run acl-apply and look for a grant that lets ${from} reach ${to} (${what}) in the operator's part of the policy`,
} as const;
