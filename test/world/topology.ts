/** The clusters of the design's example: one router each. */
export function twoRouters(): readonly ClusterSpec[] {
  return demoClusters.map((c) => {
    const [first] = c.machines;
    if (!first) return c;
    const dns = {
      namespace: "kube-system",
      name: "coredns-8457768f98-abcde",
      ip: first.slice.replace("0/24", "7"),
      pid: 1701,
    };
    const pods = [...first.pods.filter((p) => p.namespace !== "kube-system"), dns];
    const list = c.serviceList.map((s) => ({
      ...s,
      endpoints: s.name === "kube-dns" ? [dns.ip] : s.endpoints.slice(0, 1),
    }));
    return { ...c, serviceList: list, machines: [{ ...first, pods }] };
  });
}

/** The clusters of the demo: a homelab of two machines and one machine in the cloud, as in the README. */
import type { ClusterSpec, ServiceSpec } from "./machine.ts";

function services(base: string, dns: string, server: string, web: readonly string[]): readonly ServiceSpec[] {
  return [
    {
      namespace: "default",
      name: "kubernetes",
      ip: `${base}.0.1`,
      ports: [{ protocol: "tcp", port: 443 }],
      endpoints: [server],
    },
    {
      namespace: "kube-system",
      name: "kube-dns",
      ip: `${base}.0.10`,
      ports: [
        { protocol: "udp", port: 53 },
        { protocol: "tcp", port: 53 },
      ],
      endpoints: [dns],
    },
    { namespace: "default", name: "web", ip: `${base}.69.92`, ports: [{ protocol: "tcp", port: 80 }], endpoints: web },
  ];
}

export const demoClusters: readonly ClusterSpec[] = [
  {
    name: "homelab",
    tag: "tag:homelab",
    pods: "10.42.0.0/16",
    services: "10.43.0.0/16",
    serviceList: services("10.43", "10.42.2.3", "10.10.10.10", ["10.42.0.3", "10.42.2.2"]),
    machines: [
      {
        name: "homelab-1",
        cluster: "homelab",
        address: "10.10.10.10",
        gateway: "10.10.10.1",
        k3s: "server",
        slice: "10.42.0.0/24",
        pods: [{ namespace: "default", name: "web-76gn7", ip: "10.42.0.3", pid: 1571 }],
      },
      {
        name: "homelab-2",
        cluster: "homelab",
        address: "10.10.10.11",
        gateway: "10.10.10.1",
        k3s: "agent",
        slice: "10.42.2.0/24",
        pods: [
          { namespace: "default", name: "web-t87g6", ip: "10.42.2.2", pid: 1622 },
          { namespace: "kube-system", name: "coredns-8457768f98-flclx", ip: "10.42.2.3", pid: 1688 },
        ],
      },
    ],
  },
  {
    name: "oracle",
    tag: "tag:oracle",
    pods: "10.52.0.0/16",
    services: "10.53.0.0/16",
    serviceList: services("10.53", "10.52.0.4", "10.0.0.26", ["10.52.0.2"]),
    machines: [
      {
        name: "oracle-1",
        cluster: "oracle",
        address: "10.0.0.26",
        gateway: "10.0.0.1",
        k3s: "server",
        slice: "10.52.0.0/24",
        pods: [
          { namespace: "default", name: "web-vfthj", ip: "10.52.0.2", pid: 1433 },
          { namespace: "kube-system", name: "coredns-8457768f98-6zklk", ip: "10.52.0.4", pid: 1480 },
        ],
      },
    ],
  },
];
