// src/mesh/cidr.ts
var Cidr = class Cidr {
	base;
	bits;
	#text;
	constructor(base, bits) {
		this.base = base;
		this.bits = bits;
	}
	static parse(text) {
		const [address = "", length, ...rest] = text.split("/");
		if (length === void 0 || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(length)) return void 0;
		const base = parseIPv4(address);
		const bits = Number(length);
		if (base === void 0 || bits > 32) return void 0;
		const cidr = new Cidr(base, bits);
		return (base & cidr.#mask) >>> 0 === base ? cidr : void 0;
	}
	static around(address, bits) {
		const value = parseIPv4(address);
		if (value === void 0 || bits < 0 || bits > 32) throw new RangeError(`not an IPv4 prefix: ${address}/${bits}`);
		return new Cidr((value & maskOf(bits)) >>> 0, bits);
	}
	static of(base, bits) {
		if (!Number.isInteger(base) || base < 0 || base > 4294967295 || !Number.isInteger(bits) || bits < 0 || bits > 32) return void 0;
		return (base & maskOf(bits)) >>> 0 === base ? new Cidr(base, bits) : void 0;
	}
	get #mask() {
		return maskOf(this.bits);
	}
	get size() {
		return 2 ** (32 - this.bits);
	}
	get text() {
		this.#text ??= `${formatIPv4(this.base)}/${this.bits}`;
		return this.#text;
	}
	address(n) {
		return formatIPv4(this.base + n >>> 0);
	}
	containsAddress(address) {
		const value = parseIPv4(address);
		return value !== void 0 && (value & this.#mask) >>> 0 === this.base;
	}
	contains(other) {
		return other.bits >= this.bits && (other.base & this.#mask) >>> 0 === this.base;
	}
	overlaps(other) {
		return this.contains(other) || other.contains(this);
	}
	equals(other) {
		return this.base === other.base && this.bits === other.bits;
	}
	toString() {
		return this.text;
	}
	toJSON() {
		return this.text;
	}
};
function maskOf(bits) {
	return bits === 0 ? 0 : -1 << 32 - bits >>> 0;
}
function parseIPv4(text) {
	const parts = text.split(".");
	if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255)) return void 0;
	return parts.reduce((sum, p) => sum * 256 + Number(p), 0);
}
function formatIPv4(value) {
	return [
		24,
		16,
		8,
		0
	].map((shift) => value >>> shift & 255).join(".");
}
// src/mesh/mesh.ts
const tailscaleApi = "https://api.tailscale.com";
function meshNodes(mesh) {
	return mesh.clusters.flatMap((c) => c.nodes);
}
function tailscaleNodes(mesh) {
	return meshNodes(mesh).filter((n) => n.role !== "plain" && n.state === "present");
}
function clusterOf(mesh, name) {
	const found = mesh.clusters.find((c) => c.name === name);
	if (!found) throw new RangeError(`no cluster ${name}`);
	return found;
}
function advertisedRoutes(cluster) {
	const { pods, services } = cluster;
	return pods.text < services.text ? [pods.text, services.text] : [services.text, pods.text];
}
export { tailscaleNodes as a, parseIPv4 as c, tailscaleApi as i, clusterOf as n, Cidr as o, meshNodes as r, formatIPv4 as s, advertisedRoutes as t };
