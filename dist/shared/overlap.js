import { D as meshNodes, E as clusterOf, I as inertText, L as meshErrors, S as Cidr } from "./mesh.js";
// src/mesh/topology/overlap.ts
const reserved = [
	{
		what: "the tailnet's own addresses, 100.64.0.0/10",
		prefix: Cidr.around("100.64.0.0", 10)
	},
	{
		what: "loopback, 127.0.0.0/8",
		prefix: Cidr.around("127.0.0.0", 8)
	},
	{
		what: "link-local addresses, 169.254.0.0/16",
		prefix: Cidr.around("169.254.0.0", 16)
	},
	{
		what: "\"this network\", 0.0.0.0/8",
		prefix: Cidr.around("0.0.0.0", 8)
	},
	{
		what: "multicast and reserved addresses, 224.0.0.0/3",
		prefix: Cidr.around("224.0.0.0", 3)
	}
];
const k3sDefault = {
	pods: Cidr.around("10.42.0.0", 16),
	services: Cidr.around("10.43.0.0", 16)
};
const avoided = [
	k3sDefault.pods,
	k3sDefault.services,
	Cidr.around("172.17.0.0", 16)
];
const pools = [
	[Cidr.around("10.52.0.0", 14), 184549376],
	[Cidr.around("10.0.0.0", 8), 184549376],
	[Cidr.around("172.16.0.0", 12), 2887778304],
	[Cidr.around("192.168.0.0", 16), 3232301056]
];
function freeRange(bits, taken) {
	const size = 2 ** (32 - bits);
	const all = [
		...taken,
		...avoided,
		...reserved.map((r) => r.prefix)
	];
	for (const [first, end] of pools) {
		let base = Math.ceil(first.base / size) * size;
		while (base + size <= end) {
			const candidate = Cidr.of(base, bits);
			const hit = candidate && all.find((c) => c.overlaps(candidate));
			if (!hit) return candidate;
			base = Math.max(base + size, Math.ceil((hit.base + hit.size) / size) * size);
		}
	}
}
var Offers = class {
	#taken;
	constructor(taken) {
		this.#taken = [...taken];
	}
	next(bits) {
		const free = freeRange(bits, this.#taken);
		if (free) this.#taken.push(free);
		return free;
	}
};
function checkOverlaps(mesh, others, problems) {
	const offers = new Offers([...mesh, ...others].map((p) => p.prefix));
	const onDefaults = reportK3sDefaults(mesh, offers, problems);
	mesh.forEach((later, n) => {
		for (const earlier of mesh.slice(0, n)) if (!(onDefaults.has(later) && onDefaults.has(earlier) && later.prefix.equals(earlier.prefix)) && later.prefix.overlaps(earlier.prefix)) report(later, nameOf(earlier, problems), offers, problems);
		for (const other of [...others, ...reserved]) if (later.prefix.overlaps(other.prefix)) report(later, other.what, offers, problems);
	});
}
function report(prefix, other, offers, problems) {
	const free = problems.isFull ? void 0 : offers.next(prefix.prefix.bits);
	const hint = `${free ? `Use a free range such as ${free.text}` : "No private range of that size is free; use a smaller one"}${changeNote(prefix)}`;
	problems.at(prefix.path, "MESH_CIDR_OVERLAP", `${nameOf(prefix, problems)} overlaps ${other}`, hint);
}
function changeNote({ cluster }) {
	return `. K3s fixes its ranges when a cluster is first started: if ${cluster} already runs, it must be rebuilt for it. Nothing was changed.`;
}
function nameOf({ cluster, kind, prefix, path }, problems) {
	return `the ${kind === "pods" ? "pod" : "service"} network of ${cluster}${problems.isHidden(path) ? "" : ` (${prefix.text})`}`;
}
function reportK3sDefaults(mesh, offers, problems) {
	const onDefaults = mesh.filter((p) => p.prefix.equals(k3sDefault[p.kind]));
	const [kept, ...others] = [...new Set(onDefaults.map((p) => p.cluster))].filter((c) => onDefaults.filter((p) => p.cluster === c).length === 2);
	if (kept === void 0) return new Set();
	for (const cluster of others) {
		const first = onDefaults.find((p) => p.cluster === cluster);
		if (!first) continue;
		const [pods, services] = [offers.next(16), offers.next(16)];
		const message = `${kept} and ${cluster} both use K3s' default networks, ${k3sDefault.pods.text} and ${k3sDefault.services.text}, so that an address does not tell which of them is meant`;
		const hint = [
			`One of them must be rebuilt. Keep ${kept}, the first in the file, as it is (or the one that is harder to rebuild) and set up ${cluster} anew`,
			pods && services ? ` with \`cluster-cidr: ${pods.text}\` and \`service-cidr: ${services.text}\` in /etc/rancher/k3s/config.yaml before its first start, and the same here` : " with ranges of its own",
			`. The ranges are fixed when a cluster is first started; editing them later breaks it. Nothing was changed.`
		].join("");
		problems.at(first.path, "MESH_K3S_DEFAULTS", message, hint);
	}
	const told = new Set([kept, ...others]);
	return new Set(onDefaults.filter((p) => told.has(p.cluster)));
}
const ownInterfaces = /^(cni0|flannel[.\w-]*|kube-ipvs0|tailscale0)$/;
function localOverlaps(mesh, local) {
	const held = local.flatMap((l) => {
		const prefix = readLocal(l.prefix);
		return prefix && prefix.bits > 0 && !ownInterfaces.test(l.interface) ? [{
			...l,
			cidr: prefix
		}] : [];
	});
	const offers = new Offers([...mesh.clusters.flatMap((c) => [
		c.pods,
		c.services,
		...c.lan ?? []
	]), ...held.map((h) => h.cidr)]);
	const homes = new Map(meshNodes(mesh).map((n) => [n.name, n.cluster]));
	const errors = new Map();
	for (const { node, cidr, interface: name } of held) {
		const home = homes.get(node);
		if (home === void 0 || isOwn(mesh, home, cidr)) continue;
		for (const cluster of mesh.clusters.filter((c) => c.name !== home)) for (const kind of ["pods", "services"]) {
			if (!cluster[kind].overlaps(cidr)) continue;
			const id = `${node} ${cidr.text} ${cluster.name} ${kind}`;
			if (errors.has(id)) continue;
			const free = offers.next(cluster[kind].bits);
			const network = `${kind === "pods" ? "pod" : "service"} network of ${cluster.name} (${cluster[kind].text})`;
			const message = `${node} itself holds ${cidr.text} on ${inertText(name, 40)}, which overlaps the ${network}`;
			const hint = `Give the local network another range (for docker0: \`bip\` and \`default-address-pools\` in /etc/docker/daemon.json), or ${free ? `rebuild ${cluster.name} with a free range such as ${free.text}` : `rebuild ${cluster.name} with a smaller range`}. Nothing was changed.`;
			errors.set(id, meshErrors("MESH_LOCAL_OVERLAP", message, {
				hint,
				where: { address: `node/${node}` }
			}));
		}
	}
	return [...errors.values()];
}
function isOwn(mesh, cluster, prefix) {
	const { pods, services } = clusterOf(mesh, cluster);
	return pods.contains(prefix) || services.contains(prefix);
}
function readLocal(text) {
	const [, address, length = "32"] = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
	if (address === void 0 || Number(length) > 32) return void 0;
	return Cidr.parse(`${address}/32`) && Cidr.around(address, Number(length));
}
export { localOverlaps as n, checkOverlaps as t };
