const { readFileSync } = process.getBuiltinModule("node:fs");
const { resolve } = process.getBuiltinModule("node:path");
// src/adapters/http/early.ts
let early;
function dialEarly({ hostname, port: given }) {
	const host = hostname.replace(/^\[|\]$/g, "");
	const port = Number(given) || 443;
	const { isIP } = process.getBuiltinModule("node:net");
	const servername = isIP(host) === 0 ? { servername: host } : {};
	const socket = process.getBuiltinModule("node:tls").connect({
		host,
		port,
		ALPNProtocols: ["http/1.1"],
		...servername
	});
	socket.unref();
	socket.on("error", () => void 0);
	early = {
		host,
		port,
		socket
	};
}
function takeEarly(host, port) {
	if (early === void 0 || early.host !== host || early.port !== (Number(port) || 443)) return void 0;
	const { socket } = early;
	early = void 0;
	return socket.destroyed ? void 0 : socket.ref();
}
// src/mesh/tailscale-api.ts
const tailscaleApi = "https://api.tailscale.com";
// src/mesh/topology/likely-server.ts
function likelyServer(text) {
	const tailnet = /^tailnet:(.*(?:\r?\n(?:[ \t#].*)?)*)/m.exec(text)?.[1] ?? "";
	if (/\bca:/.test(tailnet)) return void 0;
	const [, written] = /\burl:[ \t]*(.*)/.exec(tailnet) ?? [];
	if (written === void 0) return /\bcontrol:[ \t]*["']?headscale/.test(tailnet) ? void 0 : tailscaleApi;
	const url = /^["']?(https:\/\/[^\s"',}#]+)/.exec(written)?.[1];
	return url !== void 0 && URL.canParse(url) ? url : void 0;
}
// src/wiring/early.ts
function expectControl(env) {
	const isSet = (...names) => names.some((name) => Boolean(env[name]));
	if (!isSet("INPUT_API-KEY", "INPUT_OAUTH-CLIENT-ID")) return;
	if (isSet("INPUT_CA-FILE", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")) return;
	if (env["INPUT_OFFLINE"] === "true" || env["STATE_tailmesh-main-has-run"]) return;
	try {
		const file = resolve(env["GITHUB_WORKSPACE"] || process.cwd(), env["INPUT_TOPOLOGY"] || "tailmesh.yaml");
		const server = likelyServer(readFileSync(file, "utf8"));
		if (server !== void 0) dialEarly(new URL(server));
	} catch {}
}
export { tailscaleApi as n, takeEarly as r, expectControl as t };
