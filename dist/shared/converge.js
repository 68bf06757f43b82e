import { n as revokeChange, r as checkKeyFile, t as orphanedKeys } from "./orphans.js";
import { n as mintChange, o as revokeUnused, r as mintKeys } from "./mint.js";
import { D as advertisedRoutes, H as joinErrors, I as inertMarkdown, L as inertMermaid, M as Cidr, O as clusterOf, P as parseIPv4, R as inertText, S as joinPlans, V as defineErrors, f as visibleDevices, h as emptyOutcome, x as emptyPlan, z as MeshError } from "./mesh.js";
import { n as localOverlaps } from "./topology.js";
import "./early.js";
import { a as radarMarkdown, c as sameTags, f as storedMark, i as radarLines, m as overdueRotations, n as expiryRadar, p as overdueErrors, r as expiryWarnings, t as expiryErrors, u as readStoredMark } from "./radar.js";
import { a as applyHeldTests, c as observePolicy, i as logLines, n as takeBackPolicy, o as applyPolicy, r as policySummary, u as openNotes } from "./policy.js";
import { S as string, _ as optional, c as boolean, g as object, h as number, m as nullish, s as array, w as union, y as record } from "./vendor-schema.js";
// src/facts/paths.ts
const owned = {
	sysctl: "/etc/sysctl.d/99-tailmesh.conf",
	guardConf: "/etc/tailmesh/guard.conf",
	guardScript: "/usr/local/lib/tailmesh/guard.sh",
	guardService: "/etc/systemd/system/tailmesh-guard.service",
	guardApplyService: "/etc/systemd/system/tailmesh-guard-apply.service",
	guardTimer: "/etc/systemd/system/tailmesh-guard.timer",
	tailscaledDropIn: "/etc/systemd/system/tailscaled.service.d/tailmesh.conf",
	networkdDropIn: "/etc/systemd/networkd.conf.d/50-tailmesh.conf"
};
const watched = {
	tailscaledDefaults: "/etc/default/tailscaled",
	tailscaledUnit: "/etc/systemd/system/tailscaled.service"
};
const binaries = {
	tailscaled: "/usr/sbin/tailscaled",
	tailscale: "/usr/bin/tailscale"
};
const undoUnit = "tailmesh-undo";
const units = [
	"tailscaled.service",
	"k3s.service",
	"k3s-agent.service",
	"systemd-networkd.service",
	"tailmesh-guard.service",
	"tailmesh-guard.timer",
	`${undoUnit}.timer`
];
const guardPreference = 2500;
const chains = {
	mss: "TAILMESH-MSS",
	guard: "TAILMESH-GUARD"
};
const tunnel = "tailscale0";
// src/facts/local.ts
function localPrefixes(facts) {
	return [...facts].flatMap(([node, f]) => [...f.addresses.filter((a) => a.interface !== "lo" && a.interface !== "tailscale0").map((a) => ({
		node,
		prefix: `${a.address}/${a.bits}`,
		interface: a.interface
	})), ...f.routes.main.filter((r) => r.to !== "default" && r.dev !== null && r.dev !== "tailscale0").map((r) => ({
		node,
		prefix: r.to,
		interface: r.dev ?? ""
	}))]);
}
// src/facts/device.ts
function deviceOf(devices, node, tag, facts) {
	const status = facts?.tailscale.status;
	const key = status?.self?.publicKey;
	const byKey = key ? devices.find((d) => d.nodeKey === key) : void 0;
	if (byKey) return byKey;
	const own = status?.addresses ?? [];
	const byAddress = own.length > 0 ? devices.find((d) => d.addresses.some((a) => own.includes(a))) : void 0;
	if (byAddress) return byAddress;
	const named = devices.filter((d) => d.tags.includes(tag) && (d.label === node.hostname || d.hostname === node.hostname));
	return named.find((d) => d.online) ?? named[0];
}
// src/nodes/errors.ts
const nodeError = defineErrors({
	MESH_NODE_NO_SYSTEMD: {
		kind: "refused",
		meaning: "The node does not run systemd, which the guard unit, the timed undo and tailscaled's unit need.",
		hint: "Use a node with systemd, or take this node out of the topology."
	},
	MESH_NODE_TOOL_MISSING: {
		kind: "refused",
		meaning: "A command that the work on the node needs is not installed there.",
		hint: "Install the package that brings the command (iptables, iproute2, util-linux, tar) and run again."
	},
	MESH_NODE_ARCH: {
		kind: "refused",
		meaning: "There is no tailscale archive for the machine type of the node.",
		hint: "Install tailscale on the node by hand; Tailmesh then leaves the binary alone and does the rest."
	},
	MESH_NODE_NO_K3S: {
		kind: "refused",
		meaning: "Neither k3s.service nor k3s-agent.service exists on the node.",
		hint: "Install K3s with the CIDRs of the topology first; nothing was changed."
	},
	MESH_NODE_CIDR_DRIFT: {
		kind: "refused",
		meaning: "K3s runs with other pod or service CIDRs than the topology says.",
		hint: "Write the live CIDRs into the topology, or rebuild the cluster: K3s fixes its CIDRs at the first start."
	},
	MESH_NODE_CNI: {
		kind: "refused",
		meaning: "The cluster's network is not flannel with vxlan or host-gw, or K3s' own VPN integration is on.",
		hint: "Only flannel's vxlan and host-gw are supported. Remove vpn-auth from K3s' configuration if it is set."
	},
	MESH_NODE_FOREIGN_CONTROL: {
		kind: "refused",
		meaning: "tailscaled on the node is logged in to another control server.",
		hint: "Log it out by hand (`tailscale logout`) if the node shall belong to this mesh; nothing was changed."
	},
	MESH_NODE_FOREIGN_TAG: {
		kind: "refused",
		meaning: "The node is joined, but without its cluster's tag.",
		hint: "Give the device the tag on the control server, or log the node out by hand so that it joins with a tagged key."
	},
	MESH_NODE_USERSPACE: {
		kind: "refused",
		meaning: "tailscaled runs with userspace networking, which cannot route pods.",
		hint: "Remove --tun=userspace-networking from /etc/default/tailscaled and restart tailscaled."
	},
	MESH_NODE_TAILSCALE_OLD: {
		kind: "refused",
		meaning: "tailscale was installed by the node's package manager and is older than 1.90.",
		hint: "Upgrade the package on the node; Tailmesh does not mix archive and package installs."
	},
	MESH_NODE_NEEDS_APPROVAL: {
		kind: "refused",
		meaning: "The control server holds the node back until an administrator approves the device.",
		hint: "Approve the device in the control server's console and run again."
	},
	MESH_NODE_ABSENT: {
		kind: "config",
		meaning: "The topology asks for a node or cluster to be absent; this version does not take nodes off the mesh.",
		hint: "Take the node off by hand (`tailscale logout`, remove /etc/tailmesh) and delete it from the topology."
	},
	MESH_NODE_PLAIN: {
		kind: "config",
		meaning: "The topology has a node of the role plain; this version sets up routers and members only.",
		hint: "Make the node a member (it then runs tailscaled), or leave it out."
	},
	MESH_FOREIGN_ROUTE: {
		kind: "refused",
		meaning: "Another device of the tailnet serves a prefix that this node would accept too.",
		hint: "If that is wanted, list the prefix under `accept` in the topology; otherwise withdraw it at that device."
	},
	MESH_STAGE_FAILED: {
		kind: "remote",
		meaning: "A command on the node failed; the steps before it are done, those after it are not.",
		hint: "Read the command's own words above. Running again continues from there."
	},
	MESH_NODE_BUSY: {
		kind: "conflict",
		meaning: "Another run has been changing the node for more than 30 seconds.",
		hint: "Let the other run end (use a `concurrency` group in the workflow), then run again."
	},
	MESH_LOGIN_FAILED: {
		kind: "remote",
		meaning: "tailscale could not log in on the node.",
		hint: "See `journalctl -u tailscaled` on the node; it must reach the control server over TCP 443 and trust its certificate."
	},
	MESH_LOGIN_KEY: {
		kind: "denied",
		meaning: "The control server did not accept the auth key.",
		hint: "Keys work once and for minutes. Run again: a fresh key is minted for the node."
	},
	MESH_LOGIN_NO_KEY: {
		kind: "config",
		meaning: "A node needs to log in, but the key file has no key for it.",
		hint: "Run key-mint in the same job before node-provision, with the same nodes selected."
	},
	MESH_NOT_APPROVED: {
		kind: "unverified",
		meaning: "A router's routes were advertised but did not become approved in time.",
		hint: "Check autoApprovers in the policy (acl-apply writes them), or approve the routes on the control server; then run again."
	},
	MESH_NOT_CONFIRMED: {
		kind: "unverified",
		meaning: "After a risky change no new connection to the node could confirm it; the node takes the change back by itself.",
		hint: "Wait until the timed undo has fired (see undo-after), look at the node's routes, then run again."
	},
	MESH_NOT_CONVERGED: {
		kind: "unverified",
		meaning: "The changes were made, but the node does not show them afterwards.",
		hint: "Run again; if it stays, something else on the node changes the same setting back."
	}
});
// src/nodes/approval.ts
function unapproved(plans, devices, facts) {
	return plans.flatMap(({ desired }) => {
		if (desired.routes.length === 0) return [];
		const device = deviceOf(devices, desired.node, desired.tag, facts.get(desired.node.name));
		const missing = desired.routes.filter((r) => !device?.enabledRoutes.includes(r));
		return missing.length === 0 ? [] : [{
			desired,
			device,
			missing
		}];
	});
}
function approvalChange(found, wire) {
	return {
		address: `route/${found.desired.node.name}`,
		resource: "route",
		kind: "update",
		why: "the router advertises routes that are not approved",
		diff: `approved: + ${found.missing.join(", ")}`,
		risk: "reversible",
		undo: "take the approval back on the control server",
		does: [wire]
	};
}
async function approveRoutes(control, found) {
	for (const { device, missing } of found) if (device) await control.setEnabledRoutes(device.id, [...new Set([...device.enabledRoutes, ...missing])].sort());
}
const patience = 3e4;
async function awaitApproval(control, plans, facts, clock, signal) {
	const started = clock.now().getTime();
	for (let pause = 150;; pause = Math.min(pause * 1.5, 1500)) {
		const devices = await visibleDevices(control);
		if (devices === null) return "not-verified";
		const [first, ...rest] = unapproved(plans, devices, facts).map((u) => nodeError("MESH_NOT_APPROVED", u.device ? `${u.missing.join(", ")} of ${u.desired.node.name} is not approved` : `the control server does not show ${u.desired.node.name} with ${u.desired.tag}`, { where: { address: `node/${u.desired.node.name}` } }));
		if (!first) return "approved";
		if (clock.now().getTime() - started > patience) throw joinErrors([first, ...rest]);
		await clock.sleep(pause, signal);
	}
}
// src/nodes/desired.ts
function desiredNode(mesh, node, settings) {
	const cluster = clusterOf(mesh, node.cluster);
	const present = mesh.clusters.filter((c) => c.state === "present");
	const own = mesh.links.filter((l) => l.from === cluster.name || l.to === cluster.name);
	const linked = new Set(own.flatMap((l) => [l.from, l.to]));
	const expected = present.filter((c) => c.name !== cluster.name && linked.has(c.name)).flatMap(advertisedRoutes);
	return {
		node,
		cluster,
		tag: cluster.tag,
		loginServer: mesh.tailnet.url === "https://api.tailscale.com" ? null : mesh.tailnet.url,
		routes: node.role === "router" ? advertisedRoutes(cluster) : [],
		acceptable: [...present.flatMap(advertisedRoutes), ...mesh.accept.map((c) => c.text)],
		expected,
		settings
	};
}
// src/nodes/step.ts
function step(id, desired, text) {
	return {
		id,
		stage: text.stage,
		run: text.run,
		undo: text.undo,
		needs: text.needs ?? null,
		change: {
			address: `node/${desired.node.name}/${id}`,
			resource: `node.${id}`,
			kind: text.kind,
			why: text.why,
			diff: text.diff,
			risk: text.risk,
			undo: text.undoWords,
			does: text.does
		}
	};
}
function differingFiles(facts, files) {
	return files.filter((f) => {
		const found = facts.files[f.path];
		return !found || found.content !== f.content || found.mode !== f.mode;
	});
}
function putFile(file) {
	return `put ${file.path} ${file.mode} <<'TAILMESH_END'\n${file.content}TAILMESH_END\n`;
}
function quote(word) {
	return /^[A-Za-z0-9_.,:/=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
// src/nodes/steps/install.ts
const dropIn = {
	path: owned.tailscaledDropIn,
	mode: "644",
	content: "[Service]\nRestart=always\nRestartSec=2s\n"
};
function archiveArch(machine) {
	return {
		x86_64: "amd64",
		aarch64: "arm64",
		arm64: "arm64",
		armv7l: "arm",
		armv6l: "arm",
		i386: "386",
		i686: "386",
		riscv64: "riscv64"
	}[machine];
}
function compareVersions(a, b) {
	const left = a.split(".").map(Number);
	const right = b.split(".").map(Number);
	for (let i = 0; i < 3; i++) {
		const difference = (left[i] ?? 0) - (right[i] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}
const installStep = {
	id: "install",
	plan(facts, desired) {
		const { version, package: owner } = facts.tailscale;
		if (version !== null && owner !== null) return { unchanged: `tailscale ${version} belongs to the node's ${owner}` };
		if (version !== null && compareVersions(version, desired.settings.version) >= 0) return { unchanged: `tailscale ${version} is installed` };
		const arch = archiveArch(facts.host.machine) ?? facts.host.machine;
		const name = `tailscale_${desired.settings.version}_${arch}`;
		return step("install", desired, {
			stage: "prepare",
			kind: version === null ? "create" : "update",
			why: version === null ? "tailscale is not installed" : "tailscale is older than asked for",
			diff: `tailscale: ${version ?? "none"} → ${desired.settings.version}`,
			risk: version === null ? "none" : "disruptive",
			undoWords: version === null ? "remove the binaries and the unit" : `install ${version} again`,
			does: [
				`verify and unpack ${name}.tgz`,
				`install ${binaries.tailscaled} and ${binaries.tailscale}`,
				`install ${watched.tailscaledUnit}, and ${watched.tailscaledDefaults} where there is none`,
				...version === null ? [] : ["systemctl restart tailscaled"]
			],
			run: installScript(name, version !== null),
			undo: null,
			needs: "archive"
		});
	}
};
function installScript(name, running) {
	return `( cd "$T" && sha256sum -c payload.sha256 >/dev/null )
mkdir "$T/x"
tar -xzf "$T/payload" -C "$T/x" --no-same-owner
S="$T/x/${name}"
place() { mkdir -p "$P\${2%/*}"; install -m "$3" "$S/$1" "$P$2.tailmesh-new"; mv -f "$P$2.tailmesh-new" "$P$2"; }
place tailscaled ${binaries.tailscaled} 0755
place tailscale ${binaries.tailscale} 0755
place systemd/tailscaled.service ${watched.tailscaledUnit} 0644
[ -e "$P${watched.tailscaledDefaults}" ] || place systemd/tailscaled.defaults ${watched.tailscaledDefaults} 0644
if command -v restorecon >/dev/null 2>&1; then restorecon -F "$P${binaries.tailscaled}" "$P${binaries.tailscale}" "$P${watched.tailscaledUnit}"; fi
rm -rf "$T/x" "$T/payload"
systemctl daemon-reload
${running ? "systemctl restart tailscaled\n" : ""}`;
}
const daemonStep = {
	id: "daemon",
	plan(facts, desired) {
		const { unit, status } = facts.tailscale;
		const dropped = differingFiles(facts, [dropIn]).length > 0;
		if (unit.active === "active" && unit.enabled === "enabled" && status !== null && !dropped && hasInterface(facts)) return { unchanged: "tailscaled is enabled and answers" };
		const restart = unit.active === "active" && (status === null || !hasInterface(facts));
		return step("daemon", desired, {
			stage: "prepare",
			kind: unit.active === "absent" ? "create" : "update",
			why: daemonReason(facts, dropped),
			diff: `tailscaled: ${unit.active} and ${unit.enabled || "not enabled"} → active and enabled, Restart=always`,
			risk: restart ? "disruptive" : "none",
			undoWords: "systemctl disable --now tailscaled",
			does: [
				`write ${dropIn.path}`,
				"systemctl enable tailscaled",
				restart ? "systemctl restart tailscaled" : "systemctl start tailscaled"
			],
			run: `${putFile(dropIn)}systemctl daemon-reload
systemctl enable -q tailscaled
systemctl ${restart ? "restart" : "start"} tailscaled
i=0; until tailscale status --json >/dev/null 2>&1; do i=$((i + 1)); [ $i -lt 50 ] || fail "tailscaled does not answer"; sleep 0.2; done
`,
			undo: null
		});
	}
};
function hasInterface(facts) {
	const { status } = facts.tailscale;
	if (status === null || status.backendState !== "Running") return true;
	return status.addresses.some((a) => facts.addresses.some((f) => f.address === a));
}
function daemonReason(facts, dropped) {
	const { unit, status } = facts.tailscale;
	if (unit.active !== "active") return `tailscaled is ${unit.active === "absent" ? "not set up" : unit.active}`;
	if (status === null) return "tailscaled does not answer";
	if (!hasInterface(facts)) return "tailscaled runs, but its address is on no interface";
	return dropped ? "tailscaled would stay down after a clean exit" : "tailscaled is not enabled at boot";
}
// src/nodes/refusals.ts
const neededTools = [
	"ip",
	"iptables",
	"iptables-save",
	"systemctl",
	"systemd-run",
	"sysctl",
	"tar",
	"sha256sum",
	"flock",
	"timeout"
];
const floor = "1.90.0";
function refusals(facts, desired) {
	const where = { address: `node/${desired.node.name}` };
	return [
		...host(facts, where),
		...k3s(facts, desired, where),
		...tailscale(facts, desired, where),
		...foreign(facts, desired, where)
	];
}
function host(facts, where) {
	const found = [];
	if (facts.host.init !== "systemd") found.push(nodeError("MESH_NODE_NO_SYSTEMD", `${facts.node} runs ${inertText(facts.host.init, 40) || "an unknown init"} as pid 1`, { where }));
	const missing = neededTools.filter((t) => !facts.host.tools.includes(t));
	if (missing.length > 0) found.push(nodeError("MESH_NODE_TOOL_MISSING", `${facts.node} has no ${missing.join(", ")}`, { where }));
	if (facts.tailscale.version === null && archiveArch(facts.host.machine) === void 0) found.push(nodeError("MESH_NODE_ARCH", `${facts.node} is a ${inertText(facts.host.machine, 40)}`, { where }));
	return found;
}
function k3s(facts, desired, where) {
	const k = facts.k3s;
	if (k === null) return [nodeError("MESH_NODE_NO_K3S", `there is no K3s on ${facts.node}`, { where })];
	const found = [];
	const drift = (what, live, wanted) => {
		if (live !== null && live !== wanted) found.push(nodeError("MESH_NODE_CIDR_DRIFT", `${facts.node}: the ${what} CIDR is ${inertText(live, 40)}, the topology says ${wanted}`, { where }));
	};
	drift("pod", k.pods, desired.cluster.pods.text);
	drift("service", k.services, desired.cluster.services.text);
	if (k.vpnAuth || k.flannelBackend !== null && !["vxlan", "host-gw"].includes(k.flannelBackend)) found.push(nodeError("MESH_NODE_CNI", `${facts.node}: ${k.vpnAuth ? "K3s' own VPN integration is on" : `flannel's backend is ${inertText(k.flannelBackend ?? "", 40)}`}`, { where }));
	return found;
}
function tailscale(facts, desired, where) {
	const { status, prefs, version, package: owner } = facts.tailscale;
	const found = [];
	if (version !== null && owner !== null && compareVersions(version, floor) < 0) found.push(nodeError("MESH_NODE_TAILSCALE_OLD", `${facts.node} has tailscale ${version} from ${owner}`, { where }));
	if (status === null || ["NeedsLogin", "NoState"].includes(status.backendState)) return found;
	if (status.backendState === "NeedsMachineAuth") found.push(nodeError("MESH_NODE_NEEDS_APPROVAL", `${facts.node} waits for approval`, { where }));
	if (!status.tun) found.push(nodeError("MESH_NODE_USERSPACE", `${facts.node} has no ${tunnel}`, { where }));
	const wanted = desired.loginServer ?? "https://controlplane.tailscale.com";
	if (prefs && prefs.controlUrl.replace(/\/$/, "") !== wanted) found.push(nodeError("MESH_NODE_FOREIGN_CONTROL", `${facts.node} is logged in to ${inertText(prefs.controlUrl, 200)}, not to ${wanted}`, { where }));
	else if (status.self && status.backendState === "Running" && !status.self.tags.includes(desired.tag)) found.push(nodeError("MESH_NODE_FOREIGN_TAG", `${facts.node} is joined as ${status.self.tags.map((t) => inertText(t, 60)).join(", ") || "a user's device"}, not as ${desired.tag}`, { where }));
	return found;
}
function foreign(facts, desired, where) {
	const known = new Set(desired.acceptable);
	const found = [];
	for (const peer of facts.tailscale.status?.peers ?? []) for (const text of peer.allowedIPs) {
		if (known.has(text) || text.startsWith("100.") && text.endsWith("/32")) continue;
		const prefix = Cidr.parse(text);
		if (prefix === void 0 || prefix.bits === 0) continue;
		if (desired.acceptable.some((p) => Cidr.parse(p)?.contains(prefix))) continue;
		found.push(nodeError("MESH_FOREIGN_ROUTE", `${inertText(peer.hostName, 60)} serves ${prefix.text} to ${facts.node}`, { where }));
	}
	return found;
}
function unsupported(mesh, selected) {
	return selected.flatMap((node) => {
		const where = { address: `node/${node.name}` };
		if (node.state === "absent" || clusterOf(mesh, node.cluster).state === "absent") return [nodeError("MESH_NODE_ABSENT", `${node.name} is to be absent`, { where })];
		return node.role === "plain" ? [nodeError("MESH_NODE_PLAIN", `${node.name} has the role plain`, { where })] : [];
	});
}
// src/nodes/steps/login.ts
function needsLogin(facts) {
	const state = facts.tailscale.status?.backendState;
	if (state === void 0) return !facts.tailscale.profile;
	return state === "NeedsLogin" || state === "NoState";
}
function isUnknown$1(facts) {
	return facts.tailscale.status === null && facts.tailscale.profile;
}
function keptFlags(facts) {
	const prefs = facts.tailscale.prefs;
	if (!prefs) return [];
	return [
		...prefs.runSsh ? ["--ssh"] : [],
		...prefs.shieldsUp ? ["--shields-up"] : [],
		...prefs.operator ? [`--operator=${prefs.operator}`] : [],
		...prefs.advertiseRoutes.includes("0.0.0.0/0") ? ["--advertise-exit-node"] : []
	];
}
function upCommand(facts, desired) {
	const foreign = (facts.tailscale.prefs?.advertiseRoutes ?? []).filter((r) => !r.endsWith("/0"));
	return [
		"tailscale",
		"up",
		"--reset",
		...desired.loginServer ? [`--login-server=${desired.loginServer}`] : [],
		`--hostname=${facts.tailscale.prefs?.hostname || desired.node.hostname}`,
		"--accept-dns=false",
		"--accept-routes=false",
		`--advertise-routes=${foreign.join(",")}`,
		"--snat-subnet-routes=false",
		"--stateful-filtering=false",
		"--netfilter-mode=on",
		"--timeout=60s",
		...keptFlags(facts)
	];
}
const loginStep = {
	id: "login",
	plan(facts, desired) {
		if (isUnknown$1(facts)) return { unchanged: "logged in before; seen again once tailscaled runs" };
		const state = facts.tailscale.status?.backendState;
		if (needsLogin(facts)) {
			const up = upCommand(facts, desired).map(quote).join(" ");
			return step("login", desired, {
				stage: "join",
				kind: "create",
				why: state === void 0 ? "tailscaled is not set up yet" : `tailscaled is in state ${state}`,
				diff: `${state ?? "not installed"} → Running as ${desired.tag}`,
				risk: "none",
				undoWords: "tailscale logout, and delete the device",
				does: [`${up} --auth-key=file:<key>`],
				run: `KEY="$T/payload"
if timeout 90 ${up} --auth-key=file:"$KEY" >"$T/up" 2>&1; then rm -f "$KEY"; else rm -f "$KEY"; cat "$T/up" >&2; exit 1; fi
OWN=$(tailscale ip -4)
i=0; until ip -4 -o addr show dev ${tunnel} 2>/dev/null | grep -qF "inet $OWN/"; do i=$((i + 1)); [ $i -ne 75 ] || systemctl restart tailscaled; [ $i -lt 150 ] || fail "no address on ${tunnel}"; sleep 0.2; done
`,
				undo: null,
				needs: "key"
			});
		}
		if (state === "Stopped") return step("login", desired, {
			stage: "join",
			kind: "update",
			why: "tailscale is logged in but stopped",
			diff: "Stopped → Running",
			risk: "none",
			undoWords: "tailscale down",
			does: ["tailscale up"],
			run: "timeout 60 tailscale up --timeout=45s\n",
			undo: "tailscale down\n"
		});
		return { unchanged: "logged in, no key is used" };
	}
};
// src/nodes/steps/accept.ts
const undoDir = "/run/tailmesh-undo";
function armUndo(seconds, back) {
	return `systemctl stop ${undoUnit}.timer 2>/dev/null || true
mkdir -p "$P${undoDir}"; chmod 700 "$P${undoDir}"
put ${undoDir}/undo.sh 700 <<'TAILMESH_END'
#!/bin/sh
${back}rm -rf "\${TAILMESH_ROOT-}${undoDir}"
TAILMESH_END
systemd-run --quiet --collect --unit=${undoUnit} --on-active=${seconds} /bin/sh "$P${undoDir}/undo.sh"
`;
}
const disarmUndo = `systemctl stop ${undoUnit}.timer 2>/dev/null || true
rm -rf "$P${undoDir}"
`;
const acceptStep = {
	id: "accept",
	plan(facts, desired) {
		if (isUnknown$1(facts)) return null;
		const prefs = facts.tailscale.prefs;
		const armed = facts.units[`${undoUnit}.timer`]?.active === "active";
		if (prefs?.acceptRoutes && !armed) return { unchanged: "routes are accepted" };
		if (prefs?.acceptRoutes) return step("accept", desired, {
			stage: "accept",
			kind: "update",
			why: "an interrupted run left a timed undo that nobody confirmed",
			diff: "accept-routes: true until the undo fires → true",
			risk: "reversible",
			undoWords: "the timed undo is left to fire",
			does: [`systemctl stop ${undoUnit}.timer (over a new connection)`],
			run: "",
			undo: "tailscale set --accept-routes=false\n"
		});
		const command = "tailscale set --accept-routes=true";
		const back = "tailscale set --accept-routes=false";
		return step("accept", desired, {
			stage: "accept",
			kind: "update",
			why: "the node does not accept the other clusters' routes",
			diff: "accept-routes: false → true",
			risk: "reversible",
			undoWords: `${back}, by itself after ${desired.settings.undoAfter} s unless a new connection confirms`,
			does: [`systemd-run --unit=${undoUnit} --on-active=${desired.settings.undoAfter} …`, command],
			run: `${armUndo(desired.settings.undoAfter, `${back}\n`)}${command}\n`,
			undo: `${back}\n`
		});
	}
};
// src/nodes/guard.ts
function localNetworks(facts, desired) {
	if (desired.cluster.lan) return desired.cluster.lan.map((c) => c.text);
	return facts.addresses.filter((a) => a.address === desired.node.address).map((a) => Cidr.around(a.address, a.bits).text);
}
function guardedPrefixes(facts, desired) {
	return [
		desired.cluster.pods.text,
		desired.cluster.services.text,
		...localNetworks(facts, desired)
	];
}
function guardConf(facts, desired) {
	return `${[
		"# Written by Tailmesh; read line by line by guard.sh, never sourced.",
		...guardedPrefixes(facts, desired).map((p) => `own ${p}`),
		`pods ${desired.cluster.pods.text}`
	].join("\n")}\n`;
}
function guardRules(pods) {
	const clamp = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu";
	return {
		mss: [`-o ${tunnel} ${clamp}`, `-i ${tunnel} ${clamp}`],
		guard: [`-d ${pods} -i ${tunnel} ! -p icmp -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP`]
	};
}
const guardScript = `#!/bin/sh
# Tailmesh's guard. apply: make it so; check: report drift, exit 2; remove: take everything away.
set -u
P=\${TAILMESH_ROOT-}
CONF="$P${owned.guardConf}"
PREF=${guardPreference}
PROTO=167
rc=0
[ "\${1-}" = check ] || { exec 9>"$P/run/tailmesh-guard.lock"; flock -w 20 9 || exit 75; }
list() { while read -r kind prefix rest; do [ "$kind" != "$1" ] || echo "$prefix"; done <"$CONF"; }
rules() { ip -4 rule show | sed -n "s/^$PREF:.* to \\\\([^ ]*\\\\) lookup main proto $PROTO.*/\\\\1/p"; }
m() { iptables -w 10 -t mangle "$@"; }
drift() { echo "DRIFT $*"; rc=2; }
bare() { echo "$1" | sed 's#/32$##'; }
mss_rule() { m "$1" ${chains.mss} "$2" ${tunnel} -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu; }
guard_rule() { m "$1" ${chains.guard} -i ${tunnel} -d "$2" ! -p icmp -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP; }
count() { m -S "$1" 2>/dev/null | grep -c -- "$2"; }
chain() { # chain NAME HOOK WANTED-RULES
  m -S "$1" >/dev/null 2>&1 || m -N "$1"
  while [ "$(count "$2" "-j $1")" -gt 1 ]; do m -D "$2" -j "$1"; done
  m -C "$2" -j "$1" 2>/dev/null || m -I "$2" 1 -j "$1"
}
case \${1-} in
apply)
  for c in $(list own); do
    rules | grep -qx "$(bare "$c")" || ip -4 rule add to "$c" lookup main pref $PREF protocol $PROTO || rc=1
  done
  for c in $(rules); do
    found=
    for o in $(list own); do [ "$(bare "$o")" != "$c" ] || found=1; done
    [ -n "$found" ] || ip -4 rule del to "$c" lookup main pref $PREF protocol $PROTO
  done
  chain ${chains.mss} FORWARD
  chain ${chains.guard} PREROUTING
  ok=1
  mss_rule -C -o 2>/dev/null && mss_rule -C -i 2>/dev/null && [ "$(count ${chains.mss} '^-A')" = 2 ] || ok=
  [ -n "$ok" ] || { m -F ${chains.mss}; mss_rule -A -o && mss_rule -A -i || rc=1; }
  ok=1; n=0
  for c in $(list pods); do n=$((n + 1)); guard_rule -C "$c" 2>/dev/null || ok=; done
  [ "$(count ${chains.guard} '^-A')" = $n ] || ok=
  [ -n "$ok" ] || { m -F ${chains.guard}; for c in $(list pods); do guard_rule -A "$c" || rc=1; done; }
  ;;
check)
  for c in $(list own); do rules | grep -qx "$(bare "$c")" || drift "rule $c"; done
  [ "$(count FORWARD '-j ${chains.mss}')" = 1 ] || drift "hook ${chains.mss}"
  [ "$(count PREROUTING '-j ${chains.guard}')" = 1 ] || drift "hook ${chains.guard}"
  mss_rule -C -o 2>/dev/null && mss_rule -C -i 2>/dev/null || drift "rules ${chains.mss}"
  for c in $(list pods); do guard_rule -C "$c" 2>/dev/null || drift "rule ${chains.guard} $c"; done
  ;;
remove)
  for c in $(rules); do ip -4 rule del to "$c" lookup main pref $PREF protocol $PROTO; done
  for pair in ${chains.mss}:FORWARD ${chains.guard}:PREROUTING; do
    while m -D "\${pair#*:}" -j "\${pair%:*}" 2>/dev/null; do :; done
    m -F "\${pair%:*}" 2>/dev/null
    m -X "\${pair%:*}" 2>/dev/null
  done
  ;;
*) echo "usage: guard.sh apply|check|remove" >&2; exit 64 ;;
esac
exit $rc
`;
const service = `[Unit]
Description=Keep this cluster's own prefixes out of the tunnel
DefaultDependencies=no
After=network-pre.target local-fs.target
Before=tailscaled.service network-online.target
ConditionPathExists=${owned.guardConf}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${owned.guardScript} apply

[Install]
WantedBy=multi-user.target
`;
const applyService = `[Unit]
Description=Put the mesh guards back where something removed them
ConditionPathExists=${owned.guardConf}

[Service]
Type=oneshot
ExecStart=${owned.guardScript} apply
`;
const timer = `[Unit]
Description=Put the mesh guards back where something removed them

[Timer]
OnBootSec=90
OnUnitInactiveSec=60
Unit=tailmesh-guard-apply.service

[Install]
WantedBy=timers.target
`;
function guardFiles(facts, desired) {
	return [
		{
			path: owned.guardConf,
			mode: "644",
			content: guardConf(facts, desired)
		},
		{
			path: owned.guardScript,
			mode: "755",
			content: guardScript
		},
		{
			path: owned.guardService,
			mode: "644",
			content: service
		},
		{
			path: owned.guardApplyService,
			mode: "644",
			content: applyService
		},
		{
			path: owned.guardTimer,
			mode: "644",
			content: timer
		}
	];
}
function guardDrift(facts, desired) {
	const drift = [];
	const rules = facts.rules.filter((r) => r.priority === 2500 && r.protocol === String(167));
	for (const prefix of guardedPrefixes(facts, desired)) if (!rules.some((r) => r.to === prefix && r.table === "main")) drift.push(`no ip rule for ${prefix}`);
	for (const rule of rules) if (rule.to === null || !guardedPrefixes(facts, desired).includes(rule.to)) drift.push(`a rule of ours for ${rule.to ?? "all"} is left over`);
	const mangle = facts.netfilter.tables["mangle"] ?? [];
	const wanted = guardRules(desired.cluster.pods.text);
	const hooks = [{
		chain: chains.mss,
		hook: "FORWARD",
		rules: wanted.mss
	}, {
		chain: chains.guard,
		hook: "PREROUTING",
		rules: wanted.guard
	}];
	for (const { chain, hook, rules: lines } of hooks) {
		if (mangle.filter((l) => l === `-A ${hook} -j ${chain}`).length !== 1) drift.push(`${chain} is not hooked in once`);
		const own = mangle.filter((l) => l.startsWith(`-A ${chain} `)).map((l) => l.slice(chain.length + 4));
		if (own.length !== lines.length || !lines.every((l) => own.includes(l))) drift.push(`${chain} has other rules`);
	}
	for (const unit of ["tailmesh-guard.service", "tailmesh-guard.timer"]) {
		const state = facts.units[unit];
		if (state?.enabled !== "enabled" || state.active !== "active") drift.push(`${unit} is not enabled and active`);
	}
	return drift;
}
// src/nodes/steps/guard.ts
const guardStep = {
	id: "guard",
	plan(facts, desired) {
		const files = differingFiles(facts, guardFiles(facts, desired));
		const drift = guardDrift(facts, desired);
		if (files.length === 0 && drift.length === 0) return { unchanged: "the guard is in force" };
		const isNew = !facts.files[owned.guardConf];
		return step("guard", desired, {
			stage: "join",
			kind: isNew ? "create" : "update",
			why: isNew ? "own prefixes could be taken from the tunnel" : [...drift, ...files.map((f) => `${f.path} differs`)].join("; "),
			diff: [`ip rule: to ${guardedPrefixes(facts, desired).join(", ")} → table main`, `mangle FORWARD: clamp MSS both ways; mangle PREROUTING: new connections from the tunnel to this node's own addresses in ${desired.cluster.pods.text} are dropped, ICMP excepted`].join("\n"),
			risk: "reversible",
			undoWords: `${owned.guardScript} remove`,
			does: [
				...files.map((f) => `write ${f.path}`),
				"systemctl daemon-reload",
				"systemctl enable --now tailmesh-guard.service tailmesh-guard.timer",
				`${owned.guardScript} apply`,
				`${owned.guardScript} check`
			],
			run: `${files.map(putFile).join("")}${files.length > 0 ? "systemctl daemon-reload\n" : ""}systemctl enable -q tailmesh-guard.service tailmesh-guard.timer
systemctl restart tailmesh-guard.service
systemctl start tailmesh-guard.timer
"$P${owned.guardScript}" apply
"$P${owned.guardScript}" check >&2
`,
			undo: isNew ? `"$P${owned.guardScript}" remove; systemctl disable -q --now tailmesh-guard.timer tailmesh-guard.service; rm -f ${guardFiles(facts, desired).map((f) => `"$P${f.path}"`).join(" ")}; systemctl daemon-reload\n` : null
		});
	}
};
const networkd = {
	path: owned.networkdDropIn,
	mode: "644",
	content: "[Network]\nManageForeignRoutingPolicyRules=no\nManageForeignRoutes=no\n"
};
const networkdStep = {
	id: "networkd",
	plan(facts, desired) {
		if (facts.units["systemd-networkd.service"]?.active !== "active") return null;
		if (differingFiles(facts, [networkd]).length === 0) return { unchanged: "networkd leaves foreign rules alone" };
		return step("networkd", desired, {
			stage: "join",
			kind: facts.files[networkd.path] ? "update" : "create",
			why: "systemd-networkd would delete the guard's rules at its next restart",
			diff: `${networkd.path}: ManageForeignRoutingPolicyRules=no, ManageForeignRoutes=no`,
			risk: "none",
			undoWords: `remove ${networkd.path}`,
			does: [`write ${networkd.path}`],
			run: putFile(networkd),
			undo: null
		});
	}
};
// src/nodes/steps/prefs.ts
function pref(flag, is, want) {
	return is === want ? [] : [{
		flag,
		is,
		want
	}];
}
function setLine(values) {
	return `tailscale set ${values.map((v) => quote(`--${v.flag}=${v.value}`)).join(" ")}`;
}
const prefsStep = {
	id: "prefs",
	plan(facts, desired) {
		const prefs = facts.tailscale.prefs;
		if (prefs === null || needsLogin(facts)) return null;
		const modes = [
			"off",
			"nodivert",
			"on"
		];
		const differing = [
			...pref("accept-dns", String(prefs.acceptDns), "false"),
			...pref("snat-subnet-routes", String(prefs.snat), "false"),
			...pref("stateful-filtering", String(prefs.statefulFiltering), "false"),
			...pref("netfilter-mode", modes[prefs.netfilterMode] ?? String(prefs.netfilterMode), "on")
		];
		if (differing.length === 0) return { unchanged: "the prefs are as the mesh needs them" };
		const command = setLine(differing.map((p) => ({
			flag: p.flag,
			value: p.want
		})));
		const back = setLine(differing.map((p) => ({
			flag: p.flag,
			value: p.is
		})));
		return step("prefs", desired, {
			stage: "join",
			kind: "update",
			why: "the mesh needs other prefs",
			diff: differing.map((p) => `${p.flag}: ${p.is} → ${p.want}`).join("\n"),
			risk: "reversible",
			undoWords: back,
			does: [command],
			run: `${command}\n`,
			undo: `${back}\n`
		});
	}
};
function wantedRoutes(facts, desired) {
	const own = [desired.cluster.pods.text, desired.cluster.services.text];
	const foreign = (facts.tailscale.prefs?.advertiseRoutes ?? []).filter((r) => !r.endsWith("/0") && !own.includes(r));
	return [...new Set([...desired.routes, ...foreign])].sort();
}
const advertiseStep = {
	id: "advertise",
	plan(facts, desired) {
		if (isUnknown$1(facts)) return null;
		const has = (facts.tailscale.prefs?.advertiseRoutes ?? []).filter((r) => !r.endsWith("/0")).toSorted();
		const wants = wantedRoutes(facts, desired);
		if (has.join() === wants.join()) return desired.routes.length === 0 ? null : { unchanged: "the cluster's prefixes are advertised" };
		const command = `tailscale set --advertise-routes=${wants.join(",")}`;
		const back = `tailscale set --advertise-routes=${has.join(",")}`;
		return step("advertise", desired, {
			stage: "join",
			kind: has.length === 0 ? "create" : "update",
			why: desired.routes.length > 0 ? "the router does not advertise its cluster" : "a member advertises nothing",
			diff: `advertised: ${has.join(", ") || "nothing"} → ${wants.join(", ") || "nothing"}`,
			risk: "reversible",
			undoWords: back,
			does: [command],
			run: `${command} 2>"$T/set" || { cat "$T/set" >&2; exit 1; }\n`,
			undo: `${back}\n`
		});
	}
};
// src/nodes/steps/sysctl.ts
const file = {
	path: owned.sysctl,
	mode: "644",
	content: "net.ipv4.ip_forward = 1\n"
};
// src/nodes/plan.ts
const steps = [
	{
		id: "sysctl",
		plan(facts, desired) {
			const live = facts.sysctls["net.ipv4.ip_forward"];
			const persisted = differingFiles(facts, [file]).length === 0;
			if (persisted && (live === "1" || live === "2")) return { unchanged: "forwarding is on and persisted" };
			return step("sysctl", desired, {
				stage: "prepare",
				kind: facts.files[owned.sysctl] ? "update" : "create",
				why: persisted ? "forwarding is off" : "forwarding is not persisted",
				diff: `net.ipv4.ip_forward: ${live ?? "unknown"} → 1, in ${owned.sysctl}`,
				risk: "none",
				undoWords: `remove ${owned.sysctl}`,
				does: [`write ${owned.sysctl}`, `sysctl -q -p ${owned.sysctl}`],
				run: `${putFile(file)}sysctl -q -p "$P${owned.sysctl}"\n`,
				undo: null
			});
		}
	},
	installStep,
	daemonStep,
	loginStep,
	guardStep,
	networkdStep,
	prefsStep,
	advertiseStep,
	acceptStep
];
function planNode(facts, desired) {
	const refused = refusals(facts, desired);
	const planned = [];
	const unchanged = [];
	for (const s of refused.length > 0 ? [] : steps) {
		const result = s.plan(facts, desired);
		if (result === null) continue;
		if ("unchanged" in result) unchanged.push({
			address: `node/${desired.node.name}/${s.id}`,
			why: result.unchanged
		});
		else planned.push(result);
	}
	return {
		desired,
		facts,
		steps: planned,
		unchanged,
		refused
	};
}
function stageSteps(plan, stage) {
	return plan.steps.filter((s) => s.stage === stage);
}
function nodesPlan(plans) {
	return {
		changes: plans.flatMap((p) => p.steps.map((s) => s.change)),
		unchanged: plans.flatMap((p) => p.unchanged)
	};
}
function wantsKey(plan) {
	return plan.steps.some((s) => s.needs === "key");
}
// src/converge/plan.ts
function involvedNodes(settings) {
	const { mesh, parts, selected, links } = settings;
	const ends = new Set(parts.check ? links.flatMap((l) => [l.from, l.to]) : []);
	const far = mesh.clusters.filter((c) => ends.has(c.name) && c.state === "present").flatMap((c) => c.nodes);
	return [...new Set([...selected, ...far])].filter((n) => n.role !== "plain" && n.state === "present");
}
function planConverge(settings, observed) {
	const { parts } = settings;
	const { policy } = observed;
	const nodes = parts.nodes ? planNodes(settings, observed) : [];
	const orphans = parts.nodes ? findOrphans(settings, observed) : [];
	const passedOver = findPassedOver(observed, policy, nodes);
	return {
		observed,
		plan: joinPlans([
			policy?.plan ?? emptyPlan,
			keyPlan(settings, observed, nodes, orphans),
			nodesPlan(nodes),
			routePlan(observed, passedOver)
		]),
		policy,
		nodes,
		orphans,
		passedOver,
		blocked: whyBlocked(settings, observed, policy, nodes)
	};
}
function findPassedOver(observed, policy, nodes) {
	const { devices, control } = observed;
	const mayApprove = !(control instanceof MeshError) && control.capabilities.devices.approve;
	if (devices === null || !mayApprove) return [];
	const left = unapproved(nodes.filter((p) => !p.steps.some((s) => s.id === "advertise" || s.id === "login")), devices, observed.seen.facts).filter((u) => u.device !== void 0);
	return (policy?.plan.changes.length ?? 0) > 0 && control.capabilities.policy.autoApproveIsRetroactive ? [] : left;
}
function planNodes(settings, observed) {
	return settings.selected.flatMap((node) => {
		const facts = observed.seen.facts.get(node.name);
		return facts ? [planNode(facts, desiredNode(settings.mesh, node, settings.node))] : [];
	});
}
function findOrphans(settings, observed) {
	const { mesh, keyFile = [], startedAt, selected } = settings;
	const clusters = mesh.clusters.filter((c) => selected.some((n) => n.cluster === c.name));
	return orphanedKeys(observed.keys, { clusters }, {
		startedAt,
		keyFile
	});
}
function keyPlan(settings, observed, nodes, orphans) {
	const control = observed.control;
	if (control instanceof MeshError) return emptyPlan;
	const isSeen = observed.devices !== null;
	const minted = settings.keyFile ? [] : nodes.filter(wantsKey).map((p) => mintChange(p.desired.node.name, p.desired.tag, control.wire.mintKey, { isSeen }));
	return {
		changes: [...orphans.map((k) => revokeChange(k, control.wire.revokeKey)), ...minted],
		unchanged: []
	};
}
function routePlan(observed, passedOver) {
	const control = observed.control;
	if (control instanceof MeshError) return emptyPlan;
	return {
		changes: passedOver.map((u) => approvalChange(u, control.wire.setEnabledRoutes)),
		unchanged: []
	};
}
function whyBlocked(settings, observed, policy, nodes) {
	const errors = policy?.blocked ? [policy.blocked] : [];
	if (settings.parts.nodes) {
		errors.push(...settings.selected.flatMap((n) => observed.seen.unreachable.get(n.name) ?? []));
		errors.push(...nodes.flatMap((p) => p.refused));
		errors.push(...unsupported(settings.mesh, settings.selected));
		errors.push(...localOverlaps(settings.mesh, localPrefixes(observed.seen.facts)));
		const needy = nodes.filter(wantsKey).map((p) => p.desired);
		if (settings.keyFile) errors.push(...checkKeyFile(settings.keyFile, observed.keys, needy));
	}
	const [first, ...rest] = errors;
	return first ? joinErrors([first, ...rest]) : null;
}
// src/keys/watch.ts
const longestJoin = 9e5;
async function watchKeys(input) {
	const { storedKeys, now, devices, credentials } = input;
	const found = await Promise.all(storedKeys.map(async (stored) => ({
		stored,
		key: await newestKey(stored, input)
	})));
	const states = found.flatMap(({ stored, key }) => {
		if (key === void 0 || key.expires === null) return [];
		const { name, rotateAfter, renewBefore, expiry: life } = stored;
		return {
			name,
			created: key.created,
			expires: key.expires,
			rotateAfter,
			renewBefore,
			life
		};
	});
	const radar = expiryRadar({
		now,
		storedKeys: states,
		devices,
		credentials
	});
	const missing = found.filter(({ key }) => key === void 0).map(({ stored }) => stored.name);
	return {
		radar,
		errors: [...overdueErrors(overdueRotations(states, now)), ...expiryErrors(radar)],
		warnings: [...missing.map((name) => `stored key ${inertText(name, 80)} has no usable key at the control server: run key-rotate`), ...expiryWarnings(radar)]
	};
}
async function newestKey(stored, input) {
	const { keys, owner, hasDescriptions } = input;
	const mark = await storedMark(stored, owner);
	const isOurs = (key) => {
		const theirs = readStoredMark(key.description);
		if (hasDescriptions) return theirs?.name === mark.name && theirs.owner === mark.owner && theirs.place === mark.place;
		return (key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime()) > longestJoin && !key.ephemeral && sameTags(key.tags, stored.tags);
	};
	return keys.filter((key) => key.state === "usable" && isOurs(key)).toSorted((a, b) => b.created.getTime() - a.created.getTime())[0];
}
// src/converge/watch.ts
async function askExpiring(control, reporter) {
	try {
		return await control.listExpiring();
	} catch (error) {
		if (!(error instanceof MeshError)) throw error;
		reporter.debug(`when API tokens expire is not known: ${error.message}`);
		return null;
	}
}
function lookAtKeys(control, settings, seen) {
	const hasDescriptions = control.capabilities.keys.description;
	return watchKeys({
		...settings,
		...seen,
		hasDescriptions,
		now: control.now()
	});
}
function tellWatch({ radar, warnings, errors }, reporter, mode) {
	for (const line of radarLines(radar)) reporter.info(line);
	for (const warning of warnings) reporter.warn(warning);
	if (mode === "plan") for (const { message, hint } of errors) reporter.warn(`${message}. ${hint}`);
}
function withWatch(outcome, { radar, errors }) {
	const table = radarMarkdown(radar);
	const summary = table.length === 0 ? outcome.summary : [
		...outcome.summary,
		"### What expires",
		...table
	];
	const [first, ...more] = [...outcome.failure === null ? [] : [outcome.failure], ...errors];
	return {
		...outcome,
		summary,
		failure: first === void 0 ? null : joinErrors([first, ...more])
	};
}
// node_modules/p-map/index.js
function pMap(iterable, mapper, options) {
	return mapConcurrently(iterable, mapper, options, false);
}
async function mapConcurrently(iterable, mapper, { concurrency = Number.POSITIVE_INFINITY, stopOnError = true, signal } = {}, isSettled) {
	return new Promise((resolve_, reject_) => {
		validateOptions(iterable, mapper, concurrency);
		const result = [];
		const errors = [];
		let skippedCount = 0;
		let isResolved = false;
		let isIterableDone = false;
		const pendingIndexes = new Set();
		let doneIndex = Number.POSITIVE_INFINITY;
		let currentIndex = 0;
		const iterator = getIterator(iterable);
		const signalListener = () => {
			reject(signal.reason);
		};
		const cleanup = () => {
			signal?.removeEventListener("abort", signalListener);
		};
		const resolve = (value) => {
			resolve_(value);
			cleanup();
		};
		const reject = (reason) => {
			if (isResolved) return;
			isResolved = true;
			reject_(reason);
			cleanup();
			if (!isIterableDone) closeIterator(iterator);
		};
		if (signal) {
			if (signal.aborted) {
				reject(signal.reason);
				return;
			}
			signal.addEventListener("abort", signalListener, { once: true });
		}
		const pull = createPuller(iterator);
		const settleIfFinished = () => {
			if (isResolved || doneIndex === Number.POSITIVE_INFINITY) return;
			for (const index of pendingIndexes) if (index < doneIndex) return;
			if (!stopOnError) {
				const collectedErrors = [];
				for (let index = 0; index < Math.min(doneIndex, errors.length); index++) if (index in errors) collectedErrors.push(errors[index]);
				if (collectedErrors.length > 0) {
					reject(new AggregateError(collectedErrors));
					return;
				}
			}
			isResolved = true;
			if (!isIterableDone) closeIterator(iterator);
			const lastIndex = Math.min(doneIndex, result.length);
			if (lastIndex === result.length && skippedCount === 0) {
				resolve(result);
				return;
			}
			resolve(result.slice(0, lastIndex).filter((value) => value !== pMapSkip));
		};
		const next = async () => {
			if (isResolved || currentIndex >= doneIndex) return;
			const index = currentIndex++;
			pendingIndexes.add(index);
			let nextItem;
			try {
				nextItem = await pull();
			} catch (error) {
				pendingIndexes.delete(index);
				if (index < doneIndex) throw error;
				settleIfFinished();
				return;
			}
			if (nextItem.done) {
				pendingIndexes.delete(index);
				doneIndex = Math.min(doneIndex, index);
				isIterableDone = true;
				settleIfFinished();
				return;
			}
			(async () => {
				try {
					const element = await nextItem.value;
					if (isResolved || index >= doneIndex) return;
					const value = await mapper(element, index);
					if (index >= doneIndex) return;
					if (value === pMapStop) {
						doneIndex = index;
						return;
					}
					if (value === pMapSkip) skippedCount++;
					result[index] = isSettled && value !== pMapSkip ? {
						status: "fulfilled",
						value
					} : value;
				} catch (error) {
					if (index >= doneIndex) return;
					if (isSettled) result[index] = {
						status: "rejected",
						reason: error
					};
					else if (stopOnError) {
						reject(error);
						return;
					} else errors[index] = error;
				} finally {
					pendingIndexes.delete(index);
					settleIfFinished();
				}
				try {
					await next();
				} catch (error) {
					reject(error);
				}
			})().then(() => new Promise(() => {})).then(resolve_);
		};
		(async () => {
			for (let index = 0; index < concurrency; index++) {
				try {
					await next();
				} catch (error) {
					reject(error);
					break;
				}
				if (isResolved || currentIndex >= doneIndex) break;
			}
		})();
	});
}
const pMapSkip = Symbol("skip");
const pMapStop = Symbol("stop");
function validateOptions(iterable, mapper, concurrency) {
	if (iterable?.[Symbol.iterator] === void 0 && iterable?.[Symbol.asyncIterator] === void 0) throw new TypeError(`Expected \`input\` to be either an \`Iterable\` or \`AsyncIterable\`, got (${typeof iterable})`);
	if (typeof mapper !== "function") throw new TypeError("Mapper function is required");
	if (!isLimit(concurrency, 1)) throw new TypeError(`Expected \`concurrency\` to be an integer from 1 and up or \`Infinity\`, got \`${concurrency}\` (${typeof concurrency})`);
}
function isLimit(value, minimum) {
	return Number.isSafeInteger(value) && value >= minimum || value === Number.POSITIVE_INFINITY;
}
function getIterator(iterable) {
	return iterable[Symbol.asyncIterator] === void 0 ? iterable[Symbol.iterator]() : iterable[Symbol.asyncIterator]();
}
async function closeIterator(iterator) {
	try {
		await iterator.return?.();
	} catch {}
}
function createPuller(iterator) {
	let isSourceDone = false;
	const markDone = (item) => {
		if (item?.done) isSourceDone = true;
	};
	return () => {
		if (isSourceDone) return { done: true };
		const result = iterator.next();
		markDone(result);
		if (typeof result?.then !== "function") return result;
		const promise = Promise.resolve(result);
		promise.then(markDone, () => {});
		return promise;
	};
}
// src/facts/errors.ts
const factsError = defineErrors({ MESH_FACTS_INCOMPLETE: {
	kind: "remote",
	meaning: "The script that reads a node's state ended early or answered with something else.",
	hint: "Log in to the node by hand and look for a full disk, a shell profile that prints text, or a missing /run; then run again."
} });
// src/facts/json.ts
function parseJson(text, schema) {
	try {
		return schema.safeParse(JSON.parse(text)).data;
	} catch {
		return;
	}
}
// src/facts/k3s.ts
const defaults = {
	pods: "10.42.0.0/16",
	services: "10.43.0.0/16"
};
function parseK3s(node, read, units) {
	const server = units["k3s.service"];
	const agent = units["k3s-agent.service"];
	const unit = [server, agent].find((u) => u?.active === "active") ?? [server, agent].find((u) => u?.enabled === "enabled");
	if (!unit) return null;
	const rows = parseRows(read.text("kube"));
	const args = effectiveArguments(rows);
	const netconf = parseJson(read.text("netconf"), netconfSchema);
	const subnet = /^FLANNEL_SUBNET=(\S+)$/m.exec(read.text("flannel"))?.[1];
	const network = /^FLANNEL_NETWORK=(\S+)$/m.exec(read.text("flannel"))?.[1];
	const hostname = read.text("host").match(/^hostname=(.*)$/m)?.[1] ?? node;
	return {
		role: unit === server ? "server" : "agent",
		unit,
		version: null,
		pods: args ? args.get("--cluster-cidr") ?? defaults.pods : netconf?.Network ?? network ?? null,
		services: args ? args.get("--service-cidr") ?? defaults.services : null,
		dns: rows.find((r) => r.kind === "Service" && r.name === "kube-dns")?.clusterIp ?? null,
		nodePods: rows.find((r) => r.kind === "Node" && r.name === hostname)?.podCidr || networkOf(subnet),
		flannelBackend: netconf?.Backend?.Type ?? null,
		vpnAuth: args?.has("--vpn-auth") || args?.has("--vpn-auth-file") || netconf?.Backend?.Type === "extension" || false
	};
}
const netconfSchema = object({
	Network: optional(string()),
	Backend: optional(object({ Type: optional(string()) }))
});
function parseRows(text) {
	return text.split("\n").filter((line) => line !== "").map((line) => {
		const [kind = "", , name = "", podCidr = "", clusterIp = "", args = ""] = line.split("	");
		return {
			kind,
			name,
			podCidr,
			clusterIp,
			args
		};
	});
}
function effectiveArguments(rows) {
	for (const row of rows) {
		const list = parseJson(row.args, array(string()));
		if (list?.[0] !== "server") continue;
		const found = new Map();
		list.forEach((word, i) => {
			const [flag = "", value] = word.split("=", 2);
			if (flag.startsWith("--")) found.set(flag, value ?? list[i + 1] ?? "");
		});
		return found;
	}
}
function networkOf(subnet) {
	if (!subnet) return null;
	const [address = "", bits = ""] = subnet.split("/");
	return parseIPv4(address) !== void 0 && /^([0-9]|[12]\d|3[0-2])$/.test(bits) ? Cidr.around(address, Number(bits)).text : null;
}
function parsePods(text) {
	return text.split("\n").map((line) => line.split("	")).flatMap(([namespace = "", name = "", ip = "", pid = ""]) => parseIPv4(ip) !== void 0 && /^\d+$/.test(pid) ? [{
		namespace,
		name,
		ip,
		pid: Number(pid)
	}] : []);
}
// src/facts/sections.ts
function readSections(output, nonce) {
	const sections = [];
	for (const line of output.split("\n")) if (line.startsWith(`${nonce} `)) {
		const [, name = "", word = ""] = line.split(" ");
		sections.push({
			name,
			word,
			lines: []
		});
	} else sections.at(-1)?.lines.push(line);
	return sections.map(({ name, word, lines }) => ({
		name,
		word,
		text: lines.join("\n")
	}));
}
// src/facts/tailscale.ts
const strings = nullish(array(string()));
const peer = object({
	ID: optional(string()),
	HostName: optional(string()),
	DNSName: optional(string()),
	PublicKey: optional(string()),
	TailscaleIPs: strings,
	Tags: strings,
	Online: optional(boolean()),
	KeyExpiry: nullish(string()),
	AllowedIPs: strings,
	PrimaryRoutes: strings,
	CurAddr: optional(string()),
	Relay: optional(string())
});
const status = object({
	BackendState: string(),
	TUN: optional(boolean()),
	TailscaleIPs: strings,
	Self: nullish(peer),
	Peer: nullish(record(string(), peer)),
	Health: strings,
	CurrentTailnet: nullish(object({ Name: string() }))
});
function parseStatus(text) {
	const s = parseJson(text, status);
	if (!s) return null;
	return {
		backendState: s.BackendState,
		tun: s.TUN ?? true,
		addresses: s.TailscaleIPs ?? [],
		self: s.Self ? {
			id: s.Self.ID ?? "",
			hostName: s.Self.HostName ?? "",
			dnsName: s.Self.DNSName ?? "",
			publicKey: s.Self.PublicKey ?? "",
			tags: s.Self.Tags ?? [],
			online: s.Self.Online ?? false,
			keyExpiry: s.Self.KeyExpiry ?? null
		} : null,
		peers: Object.values(s.Peer ?? {}).map(parsePeer),
		health: s.Health ?? [],
		tailnet: s.CurrentTailnet?.Name ?? null
	};
}
function parsePeer(p) {
	return {
		id: p.ID ?? "",
		hostName: p.HostName ?? "",
		addresses: p.TailscaleIPs ?? [],
		tags: p.Tags ?? [],
		online: p.Online ?? false,
		allowedIPs: p.AllowedIPs ?? [],
		primaryRoutes: p.PrimaryRoutes ?? [],
		curAddr: p.CurAddr ?? "",
		relay: p.Relay ?? ""
	};
}
const prefs = object({
	ControlURL: string(),
	RouteAll: boolean(),
	CorpDNS: boolean(),
	WantRunning: boolean(),
	LoggedOut: optional(boolean()),
	ShieldsUp: optional(boolean()),
	Hostname: optional(string()),
	AdvertiseRoutes: strings,
	AdvertiseTags: strings,
	NoSNAT: optional(boolean()),
	NoStatefulFiltering: nullish(union([boolean(), string()])),
	NetfilterMode: number(),
	RunSSH: optional(boolean()),
	OperatorUser: optional(string()),
	AutoUpdate: nullish(object({ Apply: nullish(boolean()) }))
});
function parsePrefs(text) {
	const p = parseJson(text, prefs);
	if (!p) return null;
	return {
		controlUrl: p.ControlURL,
		acceptRoutes: p.RouteAll,
		acceptDns: p.CorpDNS,
		wantRunning: p.WantRunning,
		loggedOut: p.LoggedOut ?? false,
		shieldsUp: p.ShieldsUp ?? false,
		hostname: p.Hostname ?? "",
		advertiseRoutes: p.AdvertiseRoutes ?? [],
		advertiseTags: p.AdvertiseTags ?? [],
		snat: !(p.NoSNAT ?? false),
		statefulFiltering: p.NoStatefulFiltering === false,
		netfilterMode: p.NetfilterMode,
		runSsh: p.RunSSH ?? false,
		operator: p.OperatorUser ?? "",
		autoUpdate: p.AutoUpdate?.Apply ?? null
	};
}
const version = object({ majorMinorPatch: string() });
function parseVersion(text) {
	return parseJson(text, version)?.majorMinorPatch ?? null;
}
// src/facts/parse.ts
function parseFacts(node, output, nonce) {
	const sections = new Map(readSections(output, nonce).map((s) => [s.name, s]));
	if (!sections.has("end")) throw factsError("MESH_FACTS_INCOMPLETE", `reading the state of ${node} ended early: ${tail(output)}`, { where: { address: `node/${node}` } });
	const read = {
		text: (name) => sections.get(name)?.text ?? "",
		word: (name) => sections.get(name)?.word
	};
	const host = parseHost(read);
	const unitFacts = parseUnits(read.text("units"));
	return {
		node,
		host: host.host,
		tailscale: parseTailscale(read, unitFacts),
		addresses: parseAddresses(read.text("addresses")),
		routes: {
			main: parseRoutes(read.text("main")),
			table52: parseRoutes(read.text("table52"))
		},
		rules: parseRules(read.text("rules")),
		netfilter: {
			backend: /\(([a-z_]+)\)/.exec(read.text("iptables"))?.[1] ?? "none",
			tables: parseTables(read.text("netfilter"))
		},
		sysctls: host.sysctls,
		files: parseFiles(read),
		units: unitFacts,
		k3s: parseK3s(node, read, unitFacts),
		pods: parsePods(read.text("pods"))
	};
}
function tail(output) {
	return inertText(output.trim().split("\n").at(-1) ?? "", 200) || "it printed nothing";
}
function parseHost(read) {
	const lines = read.text("host").split("\n");
	const value = (key) => lines.find((l) => l.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
	const values = (key) => lines.filter((l) => l.startsWith(`${key}=`)).map((l) => l.slice(key.length + 1));
	const os = (key) => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(read.text("os"))?.[1] ?? "";
	const [client, , server] = value("ssh").split(" ");
	return {
		host: {
			machine: value("machine"),
			os: {
				id: os("ID"),
				version: os("VERSION_ID"),
				name: os("PRETTY_NAME")
			},
			hostname: value("hostname"),
			bootId: value("boot"),
			init: value("init"),
			sshClient: client || null,
			sshServer: server || null,
			tools: values("tool"),
			time: Number(value("time"))
		},
		sysctls: Object.fromEntries(values("sysctl").map((s) => {
			const [name = "", ...rest] = s.split(" ");
			return [name.replaceAll("/", "."), rest.join(" ")];
		}))
	};
}
const noUnit = {
	active: "absent",
	enabled: "",
	mainPid: 0,
	started: 0
};
function parseUnits(text) {
	const found = Object.fromEntries(units.map((u) => [u, noUnit]));
	for (const block of text.split(/\n\n+/)) {
		const value = (key) => new RegExp(`^${key}=(.*)$`, "m").exec(block)?.[1] ?? "";
		const id = value("Id");
		if (!(id in found) || value("LoadState") === "not-found") continue;
		found[id] = {
			active: value("ActiveState"),
			enabled: value("UnitFileState"),
			mainPid: Number(value("MainPID")),
			started: Number(value("ExecMainStartTimestampMonotonic"))
		};
	}
	return found;
}
function parseTailscale(read, unitFacts) {
	return {
		version: parseVersion(read.text("version")),
		package: read.text("package").trim() || null,
		unit: unitFacts["tailscaled.service"] ?? noUnit,
		status: parseStatus(read.text("status")),
		statusError: inertText(read.text("status.err").trim(), 500),
		prefs: parsePrefs(read.text("prefs")),
		profile: /^profile=yes$/m.test(read.text("host"))
	};
}
const ipAddresses = array(object({
	ifname: optional(string()),
	addr_info: optional(array(object({
		family: optional(string()),
		local: optional(string()),
		prefixlen: optional(number())
	})))
}));
function parseAddresses(text) {
	return (parseJson(text, ipAddresses) ?? []).flatMap((i) => (i.addr_info ?? []).filter((a) => a.family === "inet" && a.local !== void 0).map((a) => ({
		interface: i.ifname ?? "",
		address: a.local ?? "",
		bits: a.prefixlen ?? 32
	})));
}
const ipRoutes = array(object({
	dst: optional(string()),
	gateway: optional(string()),
	dev: optional(string()),
	type: optional(string())
}));
function parseRoutes(text) {
	return (parseJson(text, ipRoutes) ?? []).map((r) => ({
		to: withBits(r.dst ?? ""),
		via: r.gateway ?? null,
		dev: r.dev ?? null,
		type: r.type ?? "unicast"
	}));
}
function withBits(to) {
	return to === "default" || to.includes("/") ? to : `${to}/32`;
}
const ipRules = array(object({
	priority: number(),
	src: optional(string()),
	srclen: optional(number()),
	dst: optional(string()),
	dstlen: optional(number()),
	table: optional(string()),
	protocol: optional(union([string(), number()]))
}));
function parseRules(text) {
	return (parseJson(text, ipRules) ?? []).map((r) => ({
		priority: r.priority,
		from: r.src === void 0 || r.src === "all" ? "all" : `${r.src}/${r.srclen ?? 32}`,
		to: r.dst === void 0 ? null : `${r.dst}/${r.dstlen ?? 32}`,
		table: r.table ?? "",
		protocol: r.protocol === void 0 ? null : String(r.protocol)
	}));
}
function parseTables(text) {
	const tables = {};
	let current = [];
	for (const line of text.split("\n")) if (line.startsWith("*")) {
		current = [];
		tables[line.slice(1)] = current;
	} else if (line !== "") current.push(line);
	return tables;
}
function parseFiles(read) {
	return Object.fromEntries([...Object.values(owned), ...Object.values(watched)].map((path) => {
		const mode = read.word(`file:${path}`);
		return [path, mode === void 0 ? null : {
			mode,
			content: read.text(`file:${path}`)
		}];
	}));
}
// src/facts/script.ts
const tools = [
	"tailscale",
	"systemctl",
	"systemd-run",
	"ip",
	"iptables",
	"iptables-save",
	"nft",
	"sysctl",
	"k3s",
	"nsenter",
	"ping",
	"perl",
	"python3",
	"curl",
	"tar",
	"sha256sum",
	"flock",
	"timeout",
	"dpkg-query",
	"rpm",
	"ufw",
	"firewall-cmd"
];
const sysctls = [
	"net/ipv4/ip_forward",
	"net/ipv4/conf/all/rp_filter",
	"net/ipv4/conf/default/rp_filter",
	"net/bridge/bridge-nf-call-iptables"
];
const netfilterLines = `^[*]|^:(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING|ts-|${chains.mss}|${chains.guard})|^-A (INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING|ts-[a-z]*|${chains.mss}|${chains.guard}|FLANNEL-FWD|FLANNEL-POSTRTG|KUBE-ROUTER-FORWARD) `;
const kubectlRow = "{range .items[*]}{.kind}{\"\\t\"}{.metadata.namespace}{\"\\t\"}{.metadata.name}{\"\\t\"}{.spec.podCIDR}{\"\\t\"}{.spec.clusterIP}{\"\\t\"}{.metadata.annotations.k3s\\.io/node-args}{\"\\n\"}{end}";
const podRow = "{{.status.metadata.namespace}}{{\"\\t\"}}{{.status.metadata.name}}{{\"\\t\"}}{{.status.network.ip}}{{\"\\t\"}}{{.info.pid}}{{\"\\n\"}}";
function factsScript(nonce) {
	return `set -u
P=\${TAILMESH_ROOT-}
export LC_ALL=C
T=$(mktemp -d "$P/run/tailmesh.XXXXXX") || exit 70
trap 'wait; rm -rf "$T"' EXIT
trap 'exit 75' HUP INT PIPE TERM
say() { printf '\\n%s %s %s\\n' '${nonce}' "$1" "$2"; }
put() { n=$1; shift; "$@" >"$T/$n" 2>"$T/$n.err"; echo $? >"$T/$n.rc"; }
have() { command -v "$1" >/dev/null 2>&1; }
show() { if [ -f "$T/$1.rc" ]; then say "$1" "$(cat "$T/$1.rc")"; cat "$T/$1"; if [ -s "$T/$1.err" ]; then say "$1.err" 0; head -c 2000 "$T/$1.err"; fi; fi; }
kube() { k3s kubectl get nodes,services -A --request-timeout=5s -o jsonpath='${kubectlRow}' | awk -F '\\t' '$1 == "Node" || $3 == "kubernetes" || $3 == "kube-dns"'; }
pods() {
  ids=$(k3s crictl pods -q --state Ready | head -n 12); set -- $ids
  case $# in 0) return 0 ;; 1) k3s crictl inspectp -o go-template --template '${podRow}' "$1"; return ;; esac
  k3s crictl inspectp -o go-template --template '{{range .}}${podRow}{{end}}' $ids 2>/dev/null && return 0
  for i in $ids; do k3s crictl inspectp -o go-template --template '${podRow}' "$i"; done
}
firewall() { iptables-save | grep -E '${netfilterLines}'; }
package() { if have dpkg-query && dpkg-query -W -f '\${Status}' tailscale 2>/dev/null | grep -q ' installed$'; then echo dpkg; elif have rpm && rpm -q tailscale >/dev/null 2>&1; then echo rpm; fi; }
if have k3s; then put kube kube & put pods pods & fi
if have iptables-save; then put netfilter firewall & put iptables iptables -V & fi
if have tailscale; then put status timeout 8 tailscale status --json & put prefs timeout 8 tailscale debug prefs & put version tailscale version --json & fi
put package package &
put addresses ip -j addr &
put main ip -j -4 route show table main &
put table52 ip -j -4 route show table 52 &
put rules ip -j -4 rule &
if have systemctl; then put units systemctl show --property=Id,LoadState,ActiveState,UnitFileState,MainPID,ExecMainStartTimestampMonotonic ${units.join(" ")} & fi
say host 0
echo "machine=$(uname -m)"
echo "hostname=$(hostname 2>/dev/null || uname -n)"
echo "boot=$(cat "$P/proc/sys/kernel/random/boot_id" 2>/dev/null)"
echo "init=$(cat "$P/proc/1/comm" 2>/dev/null)"
echo "ssh=\${1:-\${SSH_CONNECTION-}}"
echo "time=$(date +%s)"
if grep -q '"_current-profile"' "$P/var/lib/tailscale/tailscaled.state" 2>/dev/null; then echo "profile=yes"; fi
for t in ${tools.join(" ")}; do if have $t; then echo "tool=$t"; fi; done
for k in ${sysctls.join(" ")}; do if [ -r "$P/proc/sys/$k" ]; then echo "sysctl=$k $(cat "$P/proc/sys/$k")"; fi; done
say os 0
cat "$P/etc/os-release" 2>/dev/null
say flannel 0
cat "$P/run/flannel/subnet.env" 2>/dev/null
say netconf 0
cat "$P/var/lib/rancher/k3s/agent/etc/flannel/net-conf.json" 2>/dev/null
for f in ${[...Object.values(owned), ...Object.values(watched)].join(" ")}; do
  if [ -f "$P$f" ]; then say "file:$f" "$(stat -c %a "$P$f" 2>/dev/null || stat -f %Lp "$P$f")"; head -c 65536 "$P$f"; fi
done
wait
for s in kube pods netfilter iptables status prefs version package addresses main table52 rules units; do show $s; done
say end 0
`;
}
// src/facts/observe.ts
const factsTimeout = 30;
async function observeNodes(shell, nodes, nonce, concurrency) {
	const seen = {
		sessions: new Map(),
		facts: new Map(),
		unreachable: new Map()
	};
	await pMap(nodes, async (node) => {
		try {
			const session = await shell.open(node);
			seen.sessions.set(node.name, session);
			seen.facts.set(node.name, await readFacts(session, nonce));
		} catch (error) {
			if (!(error instanceof MeshError)) throw error;
			seen.unreachable.set(node.name, error);
		}
	}, { concurrency });
	return seen;
}
async function readFacts(session, nonce) {
	const result = await session.run(factsScript(nonce), { timeout: factsTimeout });
	if (result.code !== 0) throw factsError("MESH_FACTS_INCOMPLETE", `reading the state of ${session.node} ended with code ${result.code}: ${inertText(result.stderr.trim(), 300)}`, { where: { address: `node/${session.node}` } });
	return parseFacts(session.node, result.stdout, nonce);
}
async function closeSessions(seen) {
	await Promise.allSettled([...seen.sessions.values()].map((s) => s[Symbol.asyncDispose]()));
	seen.sessions.clear();
}
// src/nodes/login-failure.ts
const reasons = [
	{
		text: /authkey expired|invalid pre auth key|invalid key|API key does not exist/,
		code: "MESH_LOGIN_KEY"
	},
	{
		text: /authkey already used/,
		code: "MESH_LOGIN_KEY",
		hint: "On Headscale a logged-out or expired tagged node cannot log in again while its old entry exists: delete that node on the control server, then run again."
	},
	{
		text: /requested tags .* are invalid or not permitted/,
		code: "MESH_LOGIN_KEY",
		hint: "The tag is missing in the policy's tagOwners: run acl-apply first."
	},
	{
		text: /certificate signed by unknown authority|x509/,
		code: "MESH_LOGIN_FAILED",
		hint: "The node does not trust the control server's certificate: add the CA to the node's system roots."
	},
	{
		text: /timeout waiting for Tailscale service/,
		code: "MESH_LOGIN_FAILED",
		hint: "The node does not reach the control server (TCP 443), its clock is wrong, or the device waits for approval."
	}
];
function loginFailure(node, said) {
	const reason = reasons.find((r) => r.text.test(said));
	const last = inertText(said.trim().split("\n").slice(-3).join(" | "), 500);
	return nodeError(reason?.code ?? "MESH_LOGIN_FAILED", `${node.name} could not log in: ${last}`, {
		where: { address: `node/${node.name}/login` },
		...reason?.hint ? { hint: reason.hint } : {}
	});
}
// src/nodes/script.ts
function prelude(nonce, scratch, payload) {
	return `set -eu
P=\${TAILMESH_ROOT-}
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
umask 022
exec 9>"$P/run/tailmesh.lock"
flock -w 30 9 || { echo "${nonce} busy 0"; exit 76; }
mkdir -p "$P${scratch}"
rm -rf ${leftScratch}
T=$(mktemp -d "$P${scratch}/tailmesh-stage.XXXXXX")
STEP=begin
finish() { rc=$?; rm -rf "$T"; [ $rc = 0 ] || printf '\\n%s failed %s\\n' '${nonce}' "$STEP" || :; exit $rc; }
trap finish EXIT
trap 'exit 75' HUP INT TERM
trap '' PIPE
at() { STEP=$1; printf '\\n%s step %s\\n' '${nonce}' "$1" || :; }
fail() { echo "$*" >&2; exit 1; }
put() { mkdir -p "$P\${1%/*}"; cat >"$P$1.tailmesh-new"; chmod "$2" "$P$1.tailmesh-new"; mv -f "$P$1.tailmesh-new" "$P$1"; }
${payload ? "( umask 077; cat >\"$T/payload\" )\n" : ""}`;
}
const leftScratch = "\"$P/run\"/tailmesh-stage.* \"$P/var/tmp\"/tailmesh-stage.*";
const scratch = {
	archive: "/var/tmp",
	key: "/run",
	none: "/run"
};
function stageScript(steps, nonce, given = {}, then = "") {
	const needs = steps.find((s) => s.needs !== null)?.needs ?? null;
	const payload = needs === "archive" ? given.archive?.bytes : needs === "key" ? given.key : void 0;
	const checksum = needs === "archive" && given.archive ? `echo '${given.archive.sha256}  payload' >"$T/payload.sha256"\n` : "";
	const body = steps.map((s) => `at ${s.id}\n${s.run}`).join("");
	return {
		text: `${prelude(nonce, scratch[needs ?? "none"], needs !== null)}${checksum}${body}${then}`,
		payload
	};
}
function undoScript(steps, nonce) {
	const undo = steps.toReversed().flatMap((s) => s.undo === null ? [] : [`at ${s.id}\n( ${s.undo.trim()} ) || true\n`]);
	return `${prelude(nonce, scratch.none, false)}${undo.join("")}`;
}
function awaitRoutes(prefixes, seconds) {
	if (prefixes.length === 0) return "";
	return `i=0; while :; do R=$(ip -4 route show table 52 2>/dev/null); M=; ${prefixes.map((p) => `echo "$R" | grep -qF '${p} ' || M="$M ${p}"`).join("; ")}; [ -n "$M" ] || break; i=$((i + 1)); [ $i -lt ${seconds * 5} ] || { echo "not arrived:$M" >&2; break; }; sleep 0.2; done
`;
}
const greetPeers = `for a in $(ip -4 route show table 52 2>/dev/null | sed -n 's/^\\(100\\.[0-9.]*\\) dev .*/\\1/p' | grep -v '^100\\.100\\.100\\.100$' | head -n 64); do
  timeout 9 tailscale ping --tsmp --c=1 --timeout=8s "$a" >/dev/null 2>&1 &
done
wait
`;
// src/nodes/provision.ts
const limits = {
	prepare: 600,
	join: 180,
	accept: 60
};
async function provisionNodes(plans, seen, ports, settings) {
	const run = new Provisioning(seen, ports, settings);
	const prepared = await run.stage(plans, "prepare");
	const renewed = await run.lookAgain(prepared);
	const joined = await run.stage(renewed, "join");
	const changed = joined.filter((p) => p.steps.length > 0);
	if (changed.some((p) => stageSteps(p, "join").length > 0)) await ports.approved(joined);
	await run.stage(joined, "accept");
	await run.confirm(changed);
	return run.done;
}
async function undoNode(done, session, nonce) {
	await session.run(undoScript(done.steps, nonce), { timeout: 60 });
}
var Provisioning = class {
	#seen;
	#ports;
	#settings;
	#done = new Map();
	#archives = new Map();
	constructor(seen, ports, settings) {
		this.#seen = seen;
		this.#ports = ports;
		this.#settings = settings;
	}
	get done() {
		return [...this.#done.values()];
	}
	async stage(plans, stage) {
		for (const wave of waves(plans, stage)) {
			this.#settings.signal.throwIfAborted();
			await this.#together(wave, (plan) => this.#runStage(plan, stage));
		}
		return plans;
	}
	async lookAgain(plans) {
		return pMap(plans, async (plan) => {
			if (!isUnknown$1(plan.facts)) return plan;
			const facts = await readFacts(this.#session(plan.desired.node.name), this.#settings.nonce);
			this.#seen.facts.set(plan.desired.node.name, facts);
			const again = planNode(facts, plan.desired);
			if (again.refused[0]) throw joinErrors([again.refused[0], ...again.refused.slice(1)]);
			return {
				...again,
				steps: again.steps.filter((s) => s.stage !== "prepare")
			};
		});
	}
	async confirm(plans) {
		await this.#together(plans, async (plan) => {
			const node = plan.desired.node;
			const risky = stageSteps(plan, "accept").length > 0;
			const session = risky ? await this.#reopen(node, plan) : this.#session(node.name);
			const { nonce } = this.#settings;
			const text = `set -u\nP=\${TAILMESH_ROOT-}\n${risky ? `${disarmUndo}` : ""}${awaitRoutes(plan.desired.expected, 10)}${greetPeers}${factsScript(nonce)}`;
			const facts = parseFacts(node.name, this.#ok(node, await session.run(text, { timeout: 60 }), "confirm"), nonce);
			this.#seen.facts.set(node.name, facts);
			this.#check(plan, facts);
		});
	}
	async #runStage(plan, stage) {
		const steps = stageSteps(plan, stage);
		const node = plan.desired.node;
		const given = {
			...steps.some((s) => s.needs === "archive") ? { archive: await this.#archive(plan) } : {},
			...steps.some((s) => s.needs === "key") ? { key: await this.#key(node) } : {}
		};
		const script = stageScript(steps, this.#settings.nonce, given);
		for (const s of steps) this.#ports.reporter.info(`${s.change.address}: ${s.change.why}`);
		const result = await this.#session(node.name).run(script.text, {
			timeout: limits[stage],
			...script.payload ? { payload: script.payload } : {}
		});
		this.#ok(node, result, stage);
		const done = this.#done.get(node.name) ?? {
			plan,
			steps: []
		};
		done.steps.push(...steps);
		this.#done.set(node.name, done);
	}
	async #key(node) {
		const secret = await this.#ports.keyFor(node);
		return new TextEncoder().encode(`${secret.reveal()}\n`);
	}
	#archive(plan) {
		const arch = archiveArch(plan.facts.host.machine) ?? plan.facts.host.machine;
		const known = this.#archives.get(arch);
		if (known !== void 0) return known;
		const loading = this.#ports.archives.get({
			version: plan.desired.settings.version,
			arch
		});
		this.#archives.set(arch, loading);
		return loading;
	}
	#session(node) {
		const session = this.#seen.sessions.get(node);
		if (!session) throw new RangeError(`no session to ${node}`);
		return session;
	}
	async #reopen(node, plan) {
		try {
			const fresh = await this.#ports.shell.open(node);
			const old = this.#seen.sessions.get(node.name);
			this.#seen.sessions.set(node.name, fresh);
			await old?.[Symbol.asyncDispose]();
			return fresh;
		} catch (cause) {
			throw nodeError("MESH_NOT_CONFIRMED", `${node.name} could not be reached anew; the change is taken back ${plan.desired.settings.undoAfter} s after it was made`, {
				where: { address: `node/${node.name}` },
				cause
			});
		}
	}
	#ok(node, result, stage) {
		if (result.code === 0) return result.stdout;
		const where = { address: `node/${node.name}` };
		const frames = readSections(result.stdout, this.#settings.nonce);
		if (result.code === 76 && frames.some((f) => f.name === "busy")) throw nodeError("MESH_NODE_BUSY", `another run is changing ${node.name}`, { where });
		const failed = frames.findLast((f) => f.name === "failed")?.word ?? stage;
		if (failed === "login") throw loginFailure(node, result.stderr);
		const said = inertText(result.stderr.trim().split("\n").slice(-6).join(" | "), 800);
		throw nodeError("MESH_STAGE_FAILED", `${node.name}: step ${failed} ended with code ${result.code}: ${said}`, { where: { address: `node/${node.name}/${failed}` } });
	}
	#check(plan, facts) {
		const again = planNode(facts, plan.desired);
		const left = [...again.refused.map((e) => e.message), ...again.steps.map((s) => `${s.change.address}: ${s.change.why}`)];
		const missing = plan.desired.expected.filter((p) => !facts.routes.table52.some((r) => r.to === p));
		if (missing.length > 0) this.#ports.reporter.warn(`${plan.desired.node.name} has not received ${missing.join(", ")} yet`);
		if (left.length > 0) throw nodeError("MESH_NOT_CONVERGED", `${plan.desired.node.name} after the changes: ${left.join("; ")}`, { where: { address: `node/${plan.desired.node.name}` } });
	}
	async #together(plans, work) {
		const errors = [];
		await pMap(plans, async (plan) => {
			try {
				await work(plan);
			} catch (error) {
				if (!(error instanceof MeshError)) throw error;
				errors.push(error);
			}
		}, { concurrency: this.#settings.concurrency });
		const [first, ...rest] = errors;
		if (first) throw joinErrors([first, ...rest]);
	}
};
function waves(plans, stage) {
	const result = [];
	const perCluster = new Map();
	for (const plan of plans) {
		const steps = stageSteps(plan, stage);
		if (steps.length === 0) continue;
		const alone = plan.desired.node.role === "router" && steps.some((s) => s.change.risk !== "none") && !wantsKey(plan);
		const cluster = plan.desired.cluster.name;
		const wave = alone ? perCluster.get(cluster) ?? 0 : 0;
		if (alone) perCluster.set(cluster, wave + 1);
		const list = result[wave] ?? [];
		list.push(plan);
		result[wave] = list;
	}
	return result;
}
// src/reach/errors.ts
const reachError = defineErrors({
	MESH_LINK_BROKEN: {
		kind: "unverified",
		meaning: "Pods of one cluster do not get an answer from the other, or a connection that must not exist does.",
		hint: "The message names the first layer that failed and its remedy; the step summary has every link and what was seen."
	},
	MESH_LINK_RELAYED: {
		kind: "unverified",
		meaning: "Traffic flows, but through a relay, and `fail-on: relayed` asks for direct paths.",
		hint: "Open UDP 41641 to the routers, or give at least one side of the link a public address."
	},
	MESH_LINK_NOT_TESTED: {
		kind: "unverified",
		meaning: "Nothing could be sent over a link, so nothing is known about it.",
		hint: "A link is tested from the pods of its nodes: each side needs a ready pod, and the nodes must be reachable by SSH."
	},
	MESH_REGRESSION: {
		kind: "unverified",
		meaning: "A link worked before the run's changes and not after them, so the changes were taken back.",
		hint: "Read the finding of that link in the step summary; then plan the change for fewer nodes at a time."
	},
	MESH_PROBE_INCOMPLETE: {
		kind: "remote",
		meaning: "The script that probes from a node ended early or answered with something else.",
		hint: "Log in to the node by hand and look for a full /run or a shell profile that prints text; then run again."
	}
});
// src/reach/parse.ts
function parseProbes(stdout, nonce) {
	const sections = readSections(stdout, nonce);
	if (sections.at(-1)?.name !== "end") {
		const last = inertText(stdout.trim().split("\n").at(-1) ?? "", 200) || "nothing";
		throw reachError("MESH_PROBE_INCOMPLETE", `the probes ended early; the last line printed was: ${last}`);
	}
	return new Map(sections.slice(0, -1).map((s) => [s.name, {
		code: exitCode(s.word),
		output: s.text.trim()
	}]));
}
function exitCode(word) {
	return /^\d{1,3}$/.test(word) ? Number(word) : 125;
}
function notRun(result) {
	if (!result) return "the node gave no answer for this probe";
	if (result.code === 127) return lastLine(result.output) || "a tool is missing on the node";
	if (result.code === 125 || result.code === 126) return lastLine(result.output) || "it could not be started";
	if (/^nsenter: /m.test(result.output)) return lastLine(result.output);
	if (/(invalid|unrecognized) option|^usage: /im.test(result.output)) return "this node's ping has no such option";
}
function lastLine(text) {
	return text.trim().split("\n").at(-1)?.trim() ?? "";
}
function readPing(result) {
	const answered = /^\d+ bytes from /m.test(result.output) || /, [1-9]\d* (packets )?received/.test(result.output);
	const refusal = /^From .*$/m.exec(result.output)?.[0] ?? /^ping: .*$/m.exec(result.output)?.[0];
	return {
		answered,
		said: answered ? "answered" : refusal ?? "no answer"
	};
}
function readProgram(result) {
	const [word = "", ...rest] = lastLine(result.output).split(" ");
	return word === "" || result.code === 124 ? {
		word: "timeout",
		rest: ""
	} : {
		word,
		rest: rest.join(" ")
	};
}
function readTailscalePing(result) {
	const pongs = result.output.split("\n").flatMap((line) => {
		const found = /^pong from (\S+) \(([\d.]+)(?:, \d+)?\) via (\S+)/.exec(line.trim());
		const [, name = "", address = "", via = ""] = found ?? [];
		if (!found) return [];
		return [{
			name,
			address,
			path: /^(DERP|peer-relay)\(/.test(via) ? "relayed" : "direct"
		}];
	});
	const pong = pongs.find((p) => p.path === "direct") ?? pongs.at(-1) ?? null;
	return {
		pong,
		said: pong ? `pong from ${pong.name}` : lastLine(result.output) || "no answer"
	};
}
function readRoute(result) {
	return {
		device: / dev (\S+)/.exec(result.output)?.[1] ?? null,
		said: result.output.split("\n")[0]?.trim() || "no route"
	};
}
function readDrops(result) {
	const found = /^dropped ([\d.e+]+) ([\d.e+]+)$/m.exec(result?.output ?? "");
	if (!found) return null;
	const before = Number(found[1]);
	const after = Number(found[2]);
	return Number.isFinite(before) && Number.isFinite(after) ? Math.max(0, after - before) : null;
}
// src/reach/pods.ts
function probePod(cluster, node, facts) {
	const rank = (namespace) => namespace === "kube-system" ? 0 : 1;
	const [pod] = (facts?.pods ?? []).filter((p) => Number.isSafeInteger(p.pid) && p.pid > 1).filter((p) => parseIPv4(p.ip) !== void 0 && cluster.pods.containsAddress(p.ip)).toSorted((a, b) => rank(a.namespace) - rank(b.namespace) || compare(a.name, b.name) || compare(a.ip, b.ip));
	return pod ? {
		node: node.name,
		address: pod.ip,
		pid: pod.pid
	} : void 0;
}
function compare(a, b) {
	return a < b ? -1 : a > b ? 1 : 0;
}
function pairPods(sources, targets) {
	if (sources.length * targets.length <= 16) return sources.flatMap((s) => targets.map((t) => [s, t]));
	const rounds = Math.max(sources.length, targets.length);
	return Array.from({ length: rounds }, (_, i) => [sources[i % sources.length], targets[i % targets.length]]).flatMap(([s, t]) => s && t ? [[s, t]] : []);
}
// src/reach/probe.ts
const listenerId = "listener";
const dropsId = "drops";
const listenerPorts = {
	first: 2e4,
	last: 29999
};
const fullSize = 1252;
const knownName = "kubernetes.default.svc.cluster.local";
// src/reach/ports.ts
function allowedBy(ports) {
	const any = (protocol, first, last) => ports.length === 0 || ports.some((p) => covers$1(p, protocol, first, last));
	return {
		icmp: any("icmp", 0, 0),
		transfer: any("tcp", listenerPorts.first, listenerPorts.last),
		https: any("tcp", 443, 443),
		dnsUdp: any("udp", 53, 53),
		dnsTcp: any("tcp", 53, 53)
	};
}
function covers$1(port, protocol, first, last) {
	if (port.protocol !== "any" && port.protocol !== protocol) return false;
	if (protocol === "icmp" || port.first === void 0) return true;
	return port.first <= first && last <= (port.last ?? port.first);
}
function namedTcpPorts(ports) {
	return ports.flatMap((p) => p.protocol === "tcp" && p.first !== void 0 ? [p.first] : []);
}
function portText(port) {
	const name = port.protocol === "any" ? "*" : port.protocol;
	if (port.first === void 0) return name;
	return port.last === void 0 || port.last === port.first ? `${name}:${port.first}` : `${name}:${port.first}-${port.last}`;
}
// src/reach/probes.ts
function planProbes(mesh, facts, links) {
	const drafts = new Map([...facts.keys()].map((n) => [n, {
		probes: [],
		gaps: [],
		fetches: 0,
		awaitsForbidden: false
	}]));
	const sides = new Map(mesh.clusters.map((c) => [c.name, sideOf(c, facts)]));
	for (const link of links) planLink(link, false, sides, facts, drafts);
	for (const link of mesh.forbid) planLink(link, true, sides, facts, drafts);
	return new Map([...drafts].map(([name, draft]) => [name, finish(name, draft, mesh, sides, facts)]));
}
function presentNodes(cluster) {
	return cluster.state === "present" ? cluster.nodes.filter((n) => n.state === "present") : [];
}
function sideOf(cluster, facts) {
	const nodes = presentNodes(cluster);
	return {
		cluster,
		nodes,
		pods: nodes.flatMap((n) => probePod(cluster, n, facts.get(n.name)) ?? [])
	};
}
function planLink(link, forbidden, sides, facts, drafts) {
	const from = sides.get(link.from);
	const to = sides.get(link.to);
	if (!from || !to || link.from === link.to) return;
	const pair = {
		from: link.from,
		to: link.to,
		forbidden
	};
	const sourceNodes = from.nodes.filter((n) => n.role !== "plain" && facts.has(n.name));
	const sources = from.pods.filter((p) => sourceNodes.some((n) => n.name === p.node));
	for (const node of sourceNodes) {
		const draft = drafts.get(node.name);
		if (!sources.some((p) => p.node === node.name)) draft?.gaps.push({
			pair,
			node: node.name,
			reason: `no ready pod with its own network on ${node.name}`
		});
		if (!forbidden) draft?.probes.push(...hostProbes(pair, link, node, to, facts));
	}
	const wanted = forbidden ? forbiddenProbes : podProbes;
	for (const probe of wanted(pair, link, sources, to, facts)) {
		drafts.get(probe.source)?.probes.push(probe.probe);
		const far = probe.probe.run.kind === "fetch" ? drafts.get(probe.probe.target ?? "") : void 0;
		if (!far) continue;
		if (forbidden) far.awaitsForbidden = true;
		else far.fetches += 1;
	}
	const gaps = linkGaps$1(pair, link, to);
	for (const node of sourceNodes.slice(0, 1)) drafts.get(node.name)?.gaps.push(...gaps);
}
function linkGaps$1(pair, link, to) {
	const allowed = allowedBy(link.ports);
	const gaps = [];
	const say = (reason) => gaps.push({
		pair,
		node: null,
		reason
	});
	if (to.pods.length === 0) say(`no ready pod was found in ${to.cluster.name}`);
	if (pair.forbidden || link.ports.length === 0) return gaps;
	const only = `the link allows only ${link.ports.map(portText).join(", ")}`;
	if (!allowed.icmp && !allowed.transfer) say(`pod to pod: ${only}`);
	if (!allowed.https) say(`ClusterIP: ${only}`);
	if (!allowed.dnsTcp && !allowed.dnsUdp) say(`DNS: ${only}`);
	if (!allowed.icmp || !allowed.transfer) say(`full-size packets and transfer: ${only}`);
	return gaps;
}
function podProbes(pair, link, sources, to, facts) {
	const allowed = allowedBy(link.ports);
	return [...pairPods(sources, to.pods).flatMap(([s, t]) => pairProbes$1(pair, allowed, s, t)), ...sources.flatMap((s) => serviceProbes(pair, allowed, s, to, facts))];
}
function pairProbes$1(pair, allowed, source, target) {
	const base = {
		pair,
		target: target.node,
		pid: source.pid
	};
	const id = (kind) => `${pair.from}/${pair.to}/${kind}/${target.node}`;
	const { address } = target;
	const probes = [];
	if (allowed.icmp) {
		probes.push({
			...base,
			id: id("ping"),
			layer: "pod",
			run: {
				kind: "ping",
				address,
				size: null
			}
		});
		probes.push({
			...base,
			id: id("full-size"),
			layer: "mtu",
			run: {
				kind: "ping",
				address,
				size: fullSize
			}
		});
	}
	if (allowed.transfer) probes.push({
		...base,
		id: id("transfer"),
		layer: "pod",
		run: {
			kind: "fetch",
			address
		}
	});
	return probes.map((probe) => ({
		source: source.node,
		probe
	}));
}
function serviceProbes(pair, allowed, source, to, facts) {
	const base = {
		pair,
		target: null,
		pid: source.pid
	};
	const id = (kind) => `${pair.from}/${pair.to}/${kind}`;
	const kubernetes = to.cluster.services.address(1);
	const query = {
		kind: "dns",
		address: dnsAddress(to, facts),
		name: knownName,
		answer: kubernetes
	};
	const probes = [];
	if (allowed.https) probes.push({
		...base,
		id: id("service"),
		layer: "service",
		run: {
			kind: "tcp",
			address: kubernetes,
			port: 443
		}
	});
	if (allowed.dnsUdp) probes.push({
		...base,
		id: id("dns-udp"),
		layer: "dns",
		run: {
			...query,
			transport: "udp"
		}
	});
	if (allowed.dnsTcp) probes.push({
		...base,
		id: id("dns-tcp"),
		layer: "dns",
		run: {
			...query,
			transport: "tcp"
		}
	});
	return probes.map((probe) => ({
		source: source.node,
		probe
	}));
}
function dnsAddress(side, facts) {
	return side.nodes.flatMap((n) => facts.get(n.name)?.k3s?.dns ?? []).find((a) => parseIPv4(a) !== void 0) ?? side.cluster.services.address(10);
}
function forbiddenProbes(pair, link, sources, to) {
	const allowed = allowedBy(link.ports);
	const kubernetes = to.cluster.services.address(1);
	const id = (kind, target) => `forbid/${pair.from}/${pair.to}/${kind}/${target}`;
	const onPods = pairPods(sources, to.pods).flatMap(([s, t]) => {
		const base = {
			pair,
			layer: "grant",
			target: t.node,
			pid: s.pid
		};
		const { address } = t;
		const probes = namedTcpPorts(link.ports).map((port) => ({
			...base,
			id: id(`tcp-${port}`, t.node),
			run: {
				kind: "tcp",
				address,
				port
			}
		}));
		if (allowed.icmp) probes.push({
			...base,
			id: id("ping", t.node),
			run: {
				kind: "ping",
				address,
				size: null
			}
		});
		if (allowed.transfer) probes.push({
			...base,
			id: id("transfer", t.node),
			run: {
				kind: "fetch",
				address
			}
		});
		return probes.map((probe) => ({
			source: s.node,
			probe
		}));
	});
	if (!allowed.https) return onPods;
	const service = sources.map((s) => {
		const run = {
			kind: "tcp",
			address: kubernetes,
			port: 443
		};
		const base = {
			pair,
			layer: "grant",
			target: null,
			pid: s.pid
		};
		return {
			source: s.node,
			probe: {
				...base,
				id: id("service", to.cluster.name),
				run
			}
		};
	});
	return [...onPods, ...service];
}
function hostProbes(pair, link, node, to, facts) {
	if (facts.get(node.name)?.tailscale.status?.backendState !== "Running") return [];
	const base = {
		pair,
		pid: null
	};
	const id = (kind, target) => `${pair.from}/${pair.to}/${kind}/${target}`;
	const routers = to.nodes.filter((n) => n.role === "router").flatMap((n) => tailnetAddress(n, to.cluster, facts.get(node.name), facts.get(n.name)) ?? []);
	const addresses = routers.map((r) => r.address);
	const inTunnel = [to.pods[0]?.address ?? to.cluster.pods.address(1), to.cluster.services.address(1)];
	const [pod] = to.pods;
	return [
		...routers.map((r) => {
			const run = {
				kind: "path",
				address: r.address
			};
			return {
				...base,
				id: id("path", r.node),
				layer: "path",
				target: r.node,
				run
			};
		}),
		...inTunnel.map((address) => {
			return {
				...base,
				id: id("route", address),
				layer: "route",
				target: null,
				run: {
					kind: "route",
					address,
					tunnel: true
				}
			};
		}),
		...pod ? podOwner(pod, addresses) : []
	];
	function podOwner(target, owners) {
		const { address } = target;
		const probes = [];
		const owner = {
			kind: "owner",
			address,
			routers: owners
		};
		probes.push({
			...base,
			id: id("owner", target.node),
			layer: "route",
			target: target.node,
			run: owner
		});
		if (allowedBy(link.ports).icmp) {
			const grant = {
				kind: "grant",
				address
			};
			probes.push({
				...base,
				id: id("grant", target.node),
				layer: "grant",
				target: target.node,
				run: grant
			});
		}
		return probes;
	}
}
function tailnetAddress(router, cluster, seenBy, own) {
	const peer = seenBy?.tailscale.status?.peers.find((p) => p.tags.includes(cluster.tag) && p.hostName === router.hostname);
	const address = [...own?.tailscale.status?.addresses ?? [], ...peer?.addresses ?? []].find((a) => parseIPv4(a) !== void 0);
	return address === void 0 ? void 0 : {
		node: router.name,
		address
	};
}
function finish(name, draft, mesh, sides, facts) {
	const node = mesh.clusters.flatMap((c) => c.nodes).find((n) => n.name === name);
	const pod = node ? sides.get(node.cluster)?.pods.find((p) => p.node === name) : void 0;
	const busy = draft.fetches > 0 || draft.awaitsForbidden;
	const listener = pod && busy ? {
		pid: pod.pid,
		address: pod.address,
		expected: draft.awaitsForbidden ? 0 : draft.fetches
	} : null;
	const tailscale = node !== void 0 && facts.get(name)?.tailscale.status?.backendState === "Running";
	const own = node && tailscale && node.role !== "plain" ? guardProbes(mesh, node, facts) : [];
	return {
		node: name,
		probes: [...draft.probes, ...own],
		listener,
		countDrops: tailscale && node?.role === "router",
		gaps: draft.gaps
	};
}
function guardProbes(mesh, node, facts) {
	const cluster = clusterOf(mesh, node.cluster);
	const own = presentNodes(cluster).flatMap((n) => probePod(cluster, n, facts.get(n.name)) ?? []);
	const pods = own.length > 0 ? own.map((p) => p.address) : [cluster.pods.address(1)];
	const client = facts.get(node.name)?.host.sshClient ?? null;
	const ours = client !== null && parseIPv4(client) !== void 0 && !viaTailnet(node, client) ? [client] : [];
	return [
		...pods,
		cluster.services.address(1),
		...ours
	].map((address) => ({
		id: `guard/${address}`,
		layer: "guards",
		pair: null,
		target: null,
		pid: null,
		run: {
			kind: "route",
			address,
			tunnel: false
		}
	}));
}
function viaTailnet(node, client) {
	const value = parseIPv4(client) ?? 0;
	return node.ssh.via === "tailnet" || value >>> 22 === 401;
}
function linkPorts(ports) {
	return ports.length === 0 ? "everything" : ports.map(portText).join(", ");
}
// src/reach/programs.ts
const transferBytes = 1048576;
const stallSeconds = 2.5;
const perlProgram = `use strict; use warnings; use Socket; use Fcntl; use Errno qw(EINPROGRESS EINTR EAGAIN ECONNREFUSED ETIMEDOUT);
my $now = eval { require Time::HiRes; \\&Time::HiRes::time } || do { require POSIX; my $tick = POSIX::sysconf(POSIX::_SC_CLK_TCK()); sub { (POSIX::times())[0] / $tick } };
$| = 1; $SIG{PIPE} = 'IGNORE';
my ($mode, @a) = @ARGV;
sub done { print join(' ', @_), "\\n"; exit($_[0] eq 'ok' ? 0 : 1) }
sub ready { my ($s, $write, $t) = @_; my $b = ''; vec($b, fileno($s), 1) = 1;
  return ($write ? select(undef, $b, undef, $t) : select($b, undef, undef, $t)) > 0 }
sub failed { my $e = shift; local $! = $e;
  return $e == ECONNREFUSED ? 'refused' : $e == ETIMEDOUT ? 'timeout' : "unreachable $!" }
sub dial { my ($ip, $port, $until) = @_; my $last = 'timeout'; my $to = inet_aton($ip) or done('error', 'address');
  while ((my $left = $until - $now->()) > 0) {
    socket(my $s, PF_INET, SOCK_STREAM, 0) or done('error', $!);
    fcntl($s, F_SETFL, O_NONBLOCK);
    my $e = connect($s, sockaddr_in($port, $to)) ? 0 : $! + 0;
    if ($e == EINPROGRESS) {
      done($last eq 'refused' ? $last : 'timeout') unless ready($s, 1, $left);
      $e = unpack('i', getsockopt($s, SOL_SOCKET, SO_ERROR)) }
    return $s unless $e;
    $last = failed($e);
    select(undef, undef, undef, 0.1) }
  done($last) }
sub fetch { my ($ip, $port, $connect, $total) = @_; my $start = $now->(); my $s = dial($ip, $port, $start + $connect);
  my ($n, $idle, $end) = (0, $now->(), $start + $total);
  while (1) { my $t = $now->(); my $left = $end - $t; my $quiet = ${stallSeconds} - ($t - $idle); $left = $quiet if $quiet < $left;
    done('stalled', $n) if $left <= 0;
    next unless ready($s, 0, $left);
    my $r = sysread($s, my $b, 65536);
    if (!defined $r) { next if $! == EAGAIN || $! == EINTR; done('stalled', $n) }
    last unless $r;
    $n += $r; $idle = $now->() }
  done($n == ${transferBytes} ? 'ok' : 'short', $n, int(1000 * ($now->() - $start))) }
sub feed { my ($c, $seconds) = @_; $SIG{ALRM} = 'DEFAULT'; alarm($seconds + 1); fcntl($c, F_SETFL, 0);
  my $b = "\\0" x 65536;
  for (1 .. ${transferBytes} / 65536) { my $o = 0; while ($o < 65536) { my $w = syswrite($c, $b, 65536 - $o, $o); exit 1 unless $w; $o += $w } }
  shutdown($c, 1); sysread($c, $b, 1); exit 0 }
sub serve { my ($port, $want, $seconds, $quiet) = @_; my $start = $now->(); my $end = $start + $seconds; my %kid; my $n = 0;
  socket(my $l, PF_INET, SOCK_STREAM, 0) or done('error', $!);
  setsockopt($l, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($l, sockaddr_in($port, INADDR_ANY)) && listen($l, 64) or done('busy', $!);
  fcntl($l, F_SETFL, O_NONBLOCK);
  while ((my $left = $end - $now->()) > 0 && !($want && $n >= $want)) {
    while ((my $k = waitpid(-1, 1)) > 0) { $n++; delete $kid{$k} }
    last if !%kid && $now->() - $start > $quiet;
    next if !ready($l, 0, $left < 0.05 ? $left : 0.05) || keys %kid >= 64 || !accept(my $c, $l);
    my $k = fork; next unless defined $k;
    if (!$k) { close $l; feed($c, $seconds) }
    $kid{$k} = 1; close $c }
  kill 'TERM', keys %kid;
  done($n >= $want ? 'ok' : 'late', $n, $want) }
my $id = int(rand(65536));
sub question { my $name = shift;
  return pack('n6', $id, 0x100, 1, 0, 0, 0) . join('', map { pack('C/a*', $_) } split(/\\./, $name)) . pack('Cnn', 0, 1, 1) }
sub answer { my $m = shift; return if length $m < 12; my ($i, $f, $qd, $an) = unpack('n4', $m); return if $i != $id;
  done('rcode', $f & 15) if $f & 15;
  my $o = 12; my @ip;
  my $skip = sub { while ($o < length $m) { my $l = ord substr($m, $o, 1); if ($l >= 192) { $o += 2; return } $o += 1 + $l; return unless $l } };
  for (1 .. $qd) { $skip->(); $o += 4 }
  for (1 .. $an) { $skip->(); last if $o + 10 > length $m; my ($t, $c, $x, $n) = unpack('nnNn', substr($m, $o, 10));
    last if $o + 10 + $n > length $m;
    push @ip, inet_ntoa(substr($m, $o + 10, 4)) if $t == 1 && $n == 4; $o += 10 + $n }
  done(@ip ? ('ok', sort @ip) : 'empty') }
sub dns_udp { my ($ip, $name, $seconds) = @_; my $end = $now->() + $seconds; my $last = 'timeout';
  socket(my $s, PF_INET, SOCK_DGRAM, 0) or done('error', $!);
  connect($s, sockaddr_in($a[3] || 53, inet_aton($ip))) or done(failed($! + 0));
  while ((my $left = $end - $now->()) > 0) {
    defined send($s, question($name), 0) or $last = failed($! + 0);
    my $again = $now->() + ($left < 1 ? $left : 1);
    while ((my $t = $again - $now->()) > 0) { next unless ready($s, 0, $t);
      if (defined recv($s, my $m, 4096, 0)) { answer($m) } else { $last = failed($! + 0); select(undef, undef, undef, $t); last } } }
  done($last) }
sub dns_tcp { my ($ip, $name, $seconds) = @_; my $end = $now->() + $seconds; my $s = dial($ip, $a[3] || 53, $end); my $m = '';
  syswrite($s, pack('n/a*', question($name)));
  while ((my $left = $end - $now->()) > 0) { next unless ready($s, 0, $left);
    my $r = sysread($s, $m, 4096, length $m); next if !defined $r && ($! == EAGAIN || $! == EINTR);
    done('empty') unless $r;
    answer(substr($m, 2)) if length $m >= 2 && length $m >= 2 + unpack('n', $m) }
  done('timeout') }
if ($mode eq 'serve') { serve(@a) } elsif ($mode eq 'fetch') { fetch(@a) }
elsif ($mode eq 'tcp') { my $t = $now->(); dial($a[0], $a[1], $t + $a[2]); done('ok', int(1000 * ($now->() - $t))) }
elsif ($mode eq 'dns-udp') { dns_udp(@a) } elsif ($mode eq 'dns-tcp') { dns_tcp(@a) }
done('error', 'mode');
`;
const pythonProgram = `import errno, os, random, select, signal, socket, struct, sys, time
now = time.monotonic
def done(*words):
    sys.stdout.write(" ".join(str(w) for w in words) + "\\n")
    sys.stdout.flush()
    os._exit(0 if words[0] == "ok" else 1)
def ready(s, write, t):
    r, w, _ = select.select([] if write else [s], [s] if write else [], [], max(t, 0))
    return bool(r or w)
def failed(e):
    if e == errno.ECONNREFUSED: return ("refused",)
    if e == errno.ETIMEDOUT: return ("timeout",)
    return ("unreachable", os.strerror(e or 0))
def dial(ip, port, until):
    last = ("timeout",)
    while until - now() > 0:
        s = socket.socket()
        s.setblocking(False)
        e = s.connect_ex((ip, port))
        if e == errno.EINPROGRESS:
            if not ready(s, True, until - now()):
                done(*(last if last[0] == "refused" else ("timeout",)))
            e = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if e == 0: return s
        s.close()
        last = failed(e)
        time.sleep(0.1)
    done(*last)
def fetch(ip, port, connect, total):
    start = now()
    s = dial(ip, int(port), start + float(connect))
    n, idle, end = 0, now(), start + float(total)
    while True:
        left = min(end - now(), ${stallSeconds} - (now() - idle))
        if left <= 0: done("stalled", n)
        if not ready(s, False, left): continue
        try: b = s.recv(65536)
        except (BlockingIOError, InterruptedError): continue
        except OSError: done("stalled", n)
        if not b: break
        n += len(b)
        idle = now()
    done("ok" if n == ${transferBytes} else "short", n, int(1000 * (now() - start)))
def feed(c, seconds):
    signal.alarm(int(float(seconds)) + 1)
    c.setblocking(True)
    try:
        c.sendall(bytes(${transferBytes}))
        c.shutdown(socket.SHUT_WR)
        c.recv(1)
    except OSError: os._exit(1)
    os._exit(0)
def serve(port, want, seconds, quiet):
    want, start, end, kids, n = int(want), now(), now() + float(seconds), set(), 0
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        l.bind(("0.0.0.0", int(port)))
        l.listen(64)
    except OSError as e: done("busy", os.strerror(e.errno or 0))
    l.setblocking(False)
    while end - now() > 0 and not (want and n >= want):
        while kids:
            k, _ = os.waitpid(-1, os.WNOHANG)
            if not k: break
            n += 1
            kids.discard(k)
        if not kids and now() - start > float(quiet): break
        if not ready(l, False, min(end - now(), 0.05)) or len(kids) >= 64: continue
        try: c, _ = l.accept()
        except OSError: continue
        k = os.fork()
        if k == 0:
            l.close()
            feed(c, seconds)
        kids.add(k)
        c.close()
    for k in kids: os.kill(k, signal.SIGTERM)
    done("ok" if n >= want else "late", n, want)
ident = random.randrange(65536)
def question(name):
    q = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return struct.pack("!6H", ident, 0x100, 1, 0, 0, 0) + q + b"\\0" + struct.pack("!2H", 1, 1)
def skip(m, o):
    while o < len(m):
        if m[o] >= 192: return o + 2
        if m[o] == 0: return o + 1
        o += 1 + m[o]
    return o
def answer(m):
    if len(m) < 12: return
    i, f, qd, an = struct.unpack("!4H", m[:8])
    if i != ident: return
    if f & 15: done("rcode", f & 15)
    o, ips = 12, []
    for _ in range(qd): o = skip(m, o) + 4
    for _ in range(an):
        o = skip(m, o)
        if o + 10 > len(m): break
        t, _, _, n = struct.unpack("!HHIH", m[o:o + 10])
        if o + 10 + n > len(m): break
        if t == 1 and n == 4: ips.append(socket.inet_ntoa(m[o + 10:o + 14]))
        o += 10 + n
    done(*(["ok"] + sorted(ips) if ips else ["empty"]))
def dns_udp(ip, name, seconds, port="53"):
    end, last = now() + float(seconds), ("timeout",)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try: s.connect((ip, int(port)))
    except OSError as e: done(*failed(e.errno))
    while end - now() > 0:
        again = min(now() + 1, end)
        try: s.send(question(name))
        except OSError as e: last = failed(e.errno)
        while again - now() > 0:
            if not ready(s, False, again - now()): continue
            try: answer(s.recv(4096))
            except OSError as e:
                last = failed(e.errno)
                time.sleep(max(again - now(), 0))
    done(*last)
def dns_tcp(ip, name, seconds, port="53"):
    end, m = now() + float(seconds), b""
    s = dial(ip, int(port), end)
    q = question(name)
    s.send(struct.pack("!H", len(q)) + q)
    while end - now() > 0:
        if not ready(s, False, end - now()): continue
        try: b = s.recv(4096)
        except (BlockingIOError, InterruptedError): continue
        except OSError: b = b""
        if not b: done("empty")
        m += b
        if len(m) >= 2 and len(m) >= 2 + struct.unpack("!H", m[:2])[0]: answer(m[2:])
    done("timeout")
def tcp(ip, port, connect):
    start = now()
    dial(ip, int(port), start + float(connect))
    done("ok", int(1000 * (now() - start)))
modes = {"serve": serve, "fetch": fetch, "tcp": tcp, "dns-udp": dns_udp, "dns-tcp": dns_tcp}
if len(sys.argv) < 2 or sys.argv[1] not in modes: done("error", "mode")
modes[sys.argv[1]](*sys.argv[2:])
`;
const dropsFunction = `drops() { timeout 2 tailscale metrics print 2>/dev/null </dev/null | awk '/^tailscaled_/ { seen = 1 } /^tailscaled_inbound_dropped_packets_total[{].*reason="acl"/ { n += $NF } END { if (seen) printf "%.0f\\n", n }'; }`;
function probeScript(node, options) {
	const jobs = [...node.listener ? [listenerJob(node.listener.pid, node.listener.expected, options)] : [], ...node.probes.map((p) => probeJob(p, options))].map((job, i) => ({
		...job,
		number: i + 1
	}));
	return `set -u
P=\${TAILMESH_ROOT-}
N='${options.nonce}'
export LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
mkdir -p "$P/run"
D=$(mktemp -d "$P/run/tailmesh-probe.XXXXXX") || exit 70
trap 'wait; rm -rf "$D"' EXIT
trap 'exit 75' HUP INT PIPE TERM
if command -v perl >/dev/null 2>&1; then X=perl; else X=python3; fi
case $X in
perl) cat >"$D/program" <<'TAILMESH_END'
${perlProgram}TAILMESH_END
;;
*) cat >"$D/program" <<'TAILMESH_END'
${pythonProgram}TAILMESH_END
;;
esac
have() { for c in $1; do command -v "$c" >/dev/null 2>&1 || { echo "$c is not installed"; return 1; }; done; }
probe() { # NUMBER TOOLS COMMAND…
  i=$1; w=$2; shift 2
  if have "timeout $w" >"$D/$i.out"; then
    { timeout ${options.seconds} "$@" </dev/null >"$D/$i.out" 2>&1; echo $? >"$D/$i.rc"; } &
  else echo 127 >"$D/$i.rc"; fi
}
frame() { # NUMBER ID
  printf '\\n%s %s %s\\n' "$N" "$2" "$(cat "$D/$1.rc" 2>/dev/null || echo 125)"
  head -c 4000 "$D/$1.out" 2>/dev/null
}
${dropsFunction}
${node.countDrops ? "drops >\"$D/before\" &\n" : ""}${jobs.map((j) => `probe ${j.number} ${j.line}`).join("\n")}
wait
${jobs.map((j) => `frame ${j.number} '${plain(j.id)}'`).join("\n")}
${node.countDrops ? dropsFrame : ""}printf '\\n%s end 0\\n' "$N"
`;
}
const dropsFrame = `printf '\\n%s ${dropsId} 0\\ndropped %s %s\\n' "$N" "$(cat "$D/before")" "$(drops)"\n`;
function plain(id) {
	return id.replace(/[^A-Za-z0-9._/-]/g, "_");
}
function listenerJob(pid, expected, options) {
	const line = inPod(pid, `serve ${options.port} ${expected} ${options.seconds - .2} 4.5`);
	return {
		id: listenerId,
		line
	};
}
function probeJob(probe, options) {
	return {
		id: probe.id,
		line: commandOf(probe.run, probe.pid, options)
	};
}
function commandOf(run, pid, options) {
	switch (run.kind) {
		case "path": return `tailscale tailscale ping --c=4 --timeout=1s ${run.address}`;
		case "owner": return `tailscale tailscale ping --c=1 --timeout=3s ${run.address}`;
		case "grant": return `tailscale tailscale ping --icmp --c=1 --timeout=3s ${run.address}`;
		case "route": return `ip ip -4 route get ${run.address}`;
		case "ping": return inNamespace(pid, "ping", `ping -n -c 1 -w 3 ${sizeFlags(run.size)}${run.address}`);
		case "tcp": return inPod(pid, `tcp ${run.address} ${run.port} 3`);
		case "fetch": return inPod(pid, `fetch ${run.address} ${options.port} 3 ${options.seconds - .4}`);
		case "dns": return inPod(pid, `dns-${run.transport} ${run.address} ${run.name} 3`);
	}
}
function sizeFlags(size) {
	return size === null ? "" : `-M do -s ${size} `;
}
function inPod(pid, words) {
	return inNamespace(pid, "\"$X\"", `"$X" "$D/program" ${words}`);
}
function inNamespace(pid, tool, command) {
	if (pid === null) return `${tool} ${command}`;
	return `${tool === "\"$X\"" ? "\"nsenter $X\"" : `"nsenter ${tool}"`} nsenter -t ${pid} -n ${command}`;
}
// src/reach/check.ts
const execSeconds = 15;
async function probeLinks(sessions, mesh, facts, links, options) {
	const plans = [...planProbes(mesh, facts, links).values()].filter((p) => p.probes.length > 0 || p.listener);
	const done = await Promise.all(plans.map(async (plan) => {
		const session = sessions.get(plan.node);
		const results = session ? await probeNode(session, plan, options) : void 0;
		return results ? [[plan.node, results]] : [];
	}));
	return new Map(done.flat());
}
async function probeNode(session, plan, options) {
	try {
		const script = probeScript(plan, {
			...options,
			seconds: 6
		});
		const { code, stdout, stderr } = await session.run(script, { timeout: execSeconds });
		if (code !== 0) throw reachError("MESH_PROBE_INCOMPLETE", `${plan.node} exited ${code}: ${lastLine(stderr)}`);
		return parseProbes(stdout, options.nonce);
	} catch (error) {
		if (error instanceof MeshError) return void 0;
		throw error;
	}
}
// src/reach/netfilter.ts
function readHook(netfilter, chain) {
	const lines = netfilter.tables["filter"];
	if (!lines || lines.length === 0) return void 0;
	const rules = lines.filter((l) => l.startsWith(`-A ${chain} `));
	const hook = rules.findIndex((r) => new RegExp(`-j ts-${chain.toLowerCase()}$`).test(r.trim()));
	const before = hook < 0 ? rules : rules.slice(0, hook);
	const policy = lines.flatMap((l) => new RegExp(`^:${chain} (\\S+)`).exec(l)?.[1] ?? [])[0] ?? "ACCEPT";
	return {
		chain,
		present: hook >= 0,
		rejecting: before.find((r) => rejectsAll(r, chain)) ?? null,
		policy
	};
}
function rejectsAll(rule, chain) {
	const bare = rule.replace(/-m comment --comment ("[^"]*"|\S+)/g, "").replace(/\s+/g, " ");
	const found = new RegExp(`^-A ${chain}((?: (?:-i|-o) \\S+)*) -j (?:REJECT|DROP)(?: --reject-with \\S+)? ?$`).exec(bare);
	if (!found) return false;
	return (found[1] ?? "").trim().split(/ ?-[io] /).filter((i) => i !== "").every((i) => i === "tailscale0" || i === "cni0" || i.startsWith("flannel") || i === "tailscale+");
}
function dropsFor(netfilter, network) {
	return Object.entries(netfilter.tables).flatMap(([table, lines]) => lines.filter((l) => /-j (DROP|REJECT)\b/.test(l) && !ours(l) && names(l, network)).map((l) => `${table}: ${l}`));
}
function ours(line) {
	return line.startsWith(`-A ${chains.guard} `) || /^-A (ts|KUBE|FLANNEL)-/.test(line);
}
function names(line, network) {
	if (/ ! -[sd] /.test(line)) return false;
	const text = / -d (\S+)/.exec(line)?.[1] ?? / -s (\S+)/.exec(line)?.[1];
	return (text === void 0 ? void 0 : Cidr.parse(text.includes("/") ? text : `${text}/32`))?.overlaps(network) ?? false;
}
function clampsSegments(netfilter) {
	const lines = netfilter.tables["mangle"];
	if (!lines) return void 0;
	const clamps = (flag) => lines.some((l) => l.includes(` ${flag} tailscale0 `) && l.includes("-j TCPMSS"));
	return clamps("-i") && clamps("-o") && lines.some((l) => l.startsWith("-A FORWARD ") && l.includes(chains.mss));
}
// src/reach/remedies.ts
const provision = (node) => `run node-provision for ${node}`;
const remedies = {
	controlDown: (url) => `start the control server ${url} or repair the way to it; traffic goes on meanwhile, but nothing can join or change`,
	controlLost: (node, url) => `let ${node} reach ${url} (TCP 443, DNS, clock, trusted certificate); see \`journalctl -u tailscaled\` there`,
	notInstalled: (node) => `${provision(node)}: tailscale is not installed there`,
	daemonDown: (node) => `start it on ${node}: \`systemctl enable --now tailscaled\`; it says why in \`journalctl -u tailscaled\``,
	daemonStopped: (node) => `turn it on again on ${node}: \`tailscale up\``,
	needsLogin: (node) => `${provision(node)}: it mints a key and logs the node in`,
	needsApproval: (node) => `approve the device ${node} at the control server`,
	unknownDevice: (node) => `${node} was deleted at the control server and does not know it: ${provision(node)}, which logs it in again`,
	wrongTag: (node, tag) => `give ${node} the tag ${tag}: ${provision(node)}, or set it at the control server`,
	keyExpired: (node) => `log ${node} in again: ${provision(node)}`,
	keyExpires: (node) => `disable key expiry of ${node} at the control server; a tagged node has none`,
	noInterface: (node) => `restart it on ${node}: \`systemctl restart tailscaled\``,
	userspace: (node) => `remove --tun=userspace-networking from /etc/default/tailscaled on ${node}; pods cannot use it`,
	notAdvertised: (node, routes) => `${provision(node)}: it advertises ${routes} again`,
	notApproved: (tag, routes) => `run acl-apply: the policy must auto-approve ${routes} for ${tag}; routes offered before that must be approved once`,
	notServing: (cluster) => `bring a router of ${cluster} online; see its finding, or \`tailscale status\` there`,
	notDistributed: (from, to) => `run acl-apply: without a grant between ${from} and ${to} the control server hides one's nodes from the other`,
	notGranted: (from, to, what) => `run acl-apply: the policy must grant ${from} → ${to}: ${what}`,
	shieldsUp: (node) => `allow incoming connections on ${node}: \`tailscale set --shields-up=false\``,
	acceptOff: (node) => `${provision(node)}, which sets guards first and then \`tailscale set --accept-routes\``,
	notInTable: (node) => `restart it on ${node}: \`systemctl restart tailscaled\`; it fills routing table 52`,
	noGuard: (node) => `${provision(node)}: it puts the rules back (\`systemctl restart tailmesh-guard\` does it for now)`,
	sshInTunnel: (node, client) => `guard the network of ${client} on ${node}: list it under \`lan\` and ${provision(node)}`,
	noHook: (node) => `let tailscaled on ${node} put its chains back: \`systemctl restart tailscaled\` after every firewall reload`,
	rejectFirst: (node, chain) => `on ${node} move the rule below the ts- chain of ${chain}, or \`systemctl restart tailscaled\`, which goes to the top again`,
	netfilterOff: (node) => `on ${node}: \`tailscale set --netfilter-mode=on\``,
	relayed: (node, router) => `open UDP 41641 between ${node} and ${router}; by the relay it works, but slowly`,
	noPath: (node, router) => `let ${node} and ${router} reach each other by UDP 41641 or both reach a relay by TCP 443: \`tailscale netcheck\` on both`,
	wrongRoute: (node, prefix) => `find what takes ${prefix} on ${node}: \`ip rule\`, \`ip route get\`; rules of others before 5270 win over the tunnel`,
	wrongRouter: (prefix) => `find who else advertises ${prefix} (\`tailscale status --json\`) and withdraw it there`,
	forwardingOff: (node) => `${provision(node)}, or on it: \`sysctl -w net.ipv4.ip_forward=1\``,
	podSilent: (node, cluster) => `look on the router of ${cluster}, and on ${node}, for a firewall rule or NetworkPolicy that drops forwarded packets of tailscale0`,
	serviceSilent: (cluster, address) => `see whether kube-proxy of ${cluster} serves ${address} and nothing there drops its service network arriving on tailscale0`,
	dnsSilent: (cluster, address) => `look at CoreDNS of ${cluster} (\`kubectl -n kube-system get pods,endpointslices -l k8s-app=kube-dns\`), asked at ${address}`,
	tooBig: (nodes) => `run node-provision for ${nodes}: the segment size must be clamped on both sides; and let ICMP type 3 code 4 pass`,
	noClamp: (node) => `${provision(node)}: it puts the chain TAILMESH-MSS back`,
	mustNotConnect: (from, to, what) => `run acl-apply and look for a grant that lets ${from} reach ${to} (${what}) in the operator's part of the policy`
};
// src/reach/node-findings.ts
const week = 604800;
function controlFindings(evidence) {
	if (!("error" in evidence.control)) return [];
	const { error } = evidence.control;
	if (error.kind === "denied" || error.kind === "config") return [];
	return [{
		layer: "control",
		node: null,
		breaks: false,
		evidence: `${error.code}: ${error.message}`,
		remedy: remedies.controlDown(evidence.mesh.tailnet.url)
	}];
}
function daemonFindings(evidence, node) {
	const facts = evidence.facts.get(node.name);
	if (!facts) return [];
	const { version, status, statusError, unit } = facts.tailscale;
	const found = finder(node);
	if (version === null) return [found("daemon", "no tailscale command", remedies.notInstalled(node.name))];
	if (!status) {
		const said = statusError === "" ? "" : `, ${statusError}`;
		return [found("daemon", `tailscaled is ${unit.active} and does not answer${said}`, remedies.daemonDown(node.name))];
	}
	const state = stateFinding(evidence, node, status);
	if (state) return [state];
	return [
		...connectionFindings(evidence, node, status),
		...identityFindings(evidence, node, facts, status),
		...interfaceFindings(node, facts, status)
	];
}
function finder(node) {
	return (layer, evidence, remedy, breaks = true) => ({
		layer,
		node: node.name,
		breaks,
		evidence,
		remedy
	});
}
function stateFinding(evidence, node, status) {
	const found = finder(node);
	const said = `BackendState is ${status.backendState}${status.health.length > 0 ? `: ${status.health[0]}` : ""}`;
	switch (status.backendState) {
		case "Running": return;
		case "Stopped": return found("daemon", said, remedies.daemonStopped(node.name));
		case "NeedsLogin": return found("identity", said, remedies.needsLogin(node.name));
		case "NeedsMachineAuth": return found("identity", said, remedies.needsApproval(node.name));
		default: return found("control", said, remedies.controlLost(node.name, evidence.mesh.tailnet.url));
	}
}
function connectionFindings(evidence, node, status) {
	if (status.self?.online !== false) return [];
	const remedy = remedies.controlLost(node.name, evidence.mesh.tailnet.url);
	return [finder(node)("control", "the node has no connection to the control server", remedy, false)];
}
function identityFindings(evidence, node, facts, status) {
	const { tag } = clusterOf(evidence.mesh, node.cluster);
	const found = finder(node);
	const findings = [];
	if ("devices" in evidence.control && !ownDevice(evidence, node)) findings.push(found("identity", "the node says Running, and the control server knows no device with its key or address", remedies.unknownDevice(node.name)));
	if (status.self && !status.self.tags.includes(tag)) {
		const has = status.self.tags.join(", ") || "no tag";
		findings.push(found("identity", `the node has ${has}, not ${tag}`, remedies.wrongTag(node.name, tag)));
	}
	const expiry = status.self?.keyExpiry ? Date.parse(status.self.keyExpiry) / 1e3 - facts.host.time : Infinity;
	const when = `the node's key expires at ${status.self?.keyExpiry}`;
	if (expiry <= 0) findings.push(found("identity", when, remedies.keyExpired(node.name)));
	else if (expiry < week) findings.push(found("identity", when, remedies.keyExpires(node.name), false));
	return findings;
}
function ownDevice(evidence, node) {
	if (!("devices" in evidence.control)) return void 0;
	const facts = evidence.facts.get(node.name);
	const device = deviceOf(evidence.control.devices, node, clusterOf(evidence.mesh, node.cluster).tag, facts);
	const status = facts?.tailscale.status;
	if (!device || !status) return device;
	return device.nodeKey !== null && device.nodeKey === status.self?.publicKey || device.addresses.some((a) => status.addresses.includes(a)) ? device : void 0;
}
function interfaceFindings(node, facts, status) {
	const found = finder(node);
	if (!status.tun) return [found("interface", "tailscaled runs without a tunnel interface", remedies.userspace(node.name))];
	const own = status.addresses.find((a) => parseIPv4(a) !== void 0);
	if (own === void 0 || facts.addresses.length === 0) return [];
	if (facts.addresses.some((a) => a.interface === "tailscale0" && a.address === own)) return [];
	return [found("interface", `${own} is not on ${tunnel}`, remedies.noInterface(node.name))];
}
function routesOf(cluster, facts) {
	if (cluster.advertise === "cluster") return advertisedRoutes(cluster);
	return [facts?.k3s?.nodePods ?? [], cluster.services.text].flat();
}
function routerFindings(evidence, node) {
	const facts = evidence.facts.get(node.name);
	const cluster = clusterOf(evidence.mesh, node.cluster);
	const wanted = routesOf(cluster, facts);
	const found = finder(node);
	const findings = [];
	const prefs = facts?.tailscale.prefs;
	const silent = prefs ? wanted.filter((r) => !prefs.advertiseRoutes.includes(r)) : [];
	if (silent.length > 0) {
		const said = `the node does not advertise ${silent.join(", ")}`;
		findings.push(found("advertised", said, remedies.notAdvertised(node.name, silent.join(", "))));
	}
	const device = ownDevice(evidence, node);
	const pending = device ? wanted.filter((r) => !device.enabledRoutes.includes(r)) : [];
	if (pending.length > 0) {
		const said = `the control server has not approved ${pending.join(", ")} of ${node.name}`;
		findings.push(found("approved", said, remedies.notApproved(cluster.tag, pending.join(", "))));
	}
	if (prefs?.shieldsUp) findings.push(found("grant", "the node blocks incoming connections", remedies.shieldsUp(node.name)));
	return findings;
}
function servingFindings(evidence, cluster, routers) {
	const devices = routers.flatMap((r) => ownDevice(evidence, r) ?? []);
	if (devices.length === 0) return [];
	const remedy = remedies.notServing(cluster.name);
	const finding = (said) => ({
		layer: "serving",
		node: null,
		breaks: true,
		evidence: said,
		remedy
	});
	if (devices.every((d) => !d.online)) return [finding(`the control server sees no router of ${cluster.name} online`)];
	if (devices.some((d) => d.servingRoutes === null) || cluster.advertise !== "cluster") return [];
	const idle = advertisedRoutes(cluster).filter((r) => devices.some((d) => d.enabledRoutes.includes(r)) && !devices.some((d) => d.servingRoutes?.includes(r)));
	return idle.length > 0 ? [finding(`no router of ${cluster.name} serves ${idle.join(", ")}`)] : [];
}
function guardFindings(evidence, node) {
	const facts = evidence.facts.get(node.name);
	if (facts?.tailscale.status?.backendState !== "Running" || facts.rules.length === 0) return [];
	const cluster = clusterOf(evidence.mesh, node.cluster);
	const bare = [cluster.pods, cluster.services].filter((prefix) => !facts.rules.some((r) => guards(r.to, prefix) && isEarly(r.priority, r.table)));
	if (bare.length === 0) return [];
	const stolen = bare.some((prefix) => facts.routes.table52.some((r) => covers(r.to, prefix.text)));
	const said = `no rule keeps ${bare.join(", ")} out of the tunnel${stolen ? ", and the tunnel has a route for it" : ""}`;
	return [finder(node)("guards", said, remedies.noGuard(node.name), stolen)];
}
const tailscalePreference = 5270;
function isEarly(priority, table) {
	return priority < tailscalePreference && (table === "main" || table === "254");
}
function guards(to, prefix) {
	return to !== null && Cidr.parse(to)?.contains(prefix) === true;
}
function covers(to, inner) {
	const outer = Cidr.parse(to);
	const prefix = Cidr.parse(inner.includes("/") ? inner : `${inner}/32`);
	return outer !== void 0 && prefix !== void 0 && outer.bits > 0 && outer.contains(prefix);
}
function hookFindings(evidence, node) {
	const facts = evidence.facts.get(node.name);
	if (facts?.tailscale.status?.backendState !== "Running") return [];
	const found = finder(node);
	if (facts.tailscale.prefs && facts.tailscale.prefs.netfilterMode === 0) return [found("hooks", "netfilter-mode is off", remedies.netfilterOff(node.name), false)];
	return ["FORWARD", "INPUT"].flatMap((chain) => {
		const hook = readHook(facts.netfilter, chain);
		if (!hook || hook.present && hook.rejecting === null) return [];
		const first = hook.rejecting === null ? "" : `; packets are refused by ${hook.rejecting}`;
		if (!hook.present) {
			const breaks = hook.rejecting !== null || hook.policy !== "ACCEPT";
			return [found("hooks", `${chain} does not call Tailscale's chain${first}`, remedies.noHook(node.name), breaks)];
		}
		const said = `${hook.rejecting} comes before Tailscale's chain`;
		return [found("hooks", said, remedies.rejectFirst(node.name, chain))];
	});
}
function forwardingFindings(evidence, node) {
	const facts = evidence.facts.get(node.name);
	if (facts?.sysctls["net.ipv4.ip_forward"] !== "0") return [];
	const health = facts.tailscale.status?.health.find((h) => h.includes("IP forwarding is disabled"));
	const said = `net.ipv4.ip_forward is 0${health ? ` (${health})` : ""}`;
	return [finder(node)("pod", said, remedies.forwardingOff(node.name))];
}
function clampFindings(evidence, node) {
	const facts = evidence.facts.get(node.name);
	if (facts?.tailscale.status?.backendState !== "Running") return [];
	if (clampsSegments(facts.netfilter) !== false) return [];
	return [finder(node)("mtu", "the segment size of TCP is not clamped to the tunnel", remedies.noClamp(node.name), false)];
}
function droppingRules(evidence, cluster, network) {
	return cluster.nodes.flatMap((n) => {
		const facts = evidence.facts.get(n.name);
		return facts ? dropsFor(facts.netfilter, network).map((r) => `on ${n.name}: ${r}`) : [];
	});
}
// src/reach/diagnosis.ts
function pairProbes(view) {
	const { from, to } = {
		from: view.node.cluster,
		to: view.to.name
	};
	return view.plan.probes.filter((p) => p.pid === null && p.pair?.from === from && p.pair.to === to && !p.pair.forbidden);
}
function pathsSeen(view) {
	const results = view.evidence.results.get(view.node.name);
	return pairProbes(view).flatMap((p) => {
		const result = p.run.kind === "path" ? results?.get(p.id) : void 0;
		if (!result || notRun(result) !== void 0) return [];
		return [{
			router: p.target ?? "",
			...readTailscalePing(result)
		}];
	});
}
function servingAddress(view) {
	const results = view.evidence.results.get(view.node.name);
	const probe = pairProbes(view).find((p) => p.run.kind === "owner");
	const result = probe ? results?.get(probe.id) : void 0;
	return result ? readTailscalePing(result).pong?.address : void 0;
}
function pathOf(view) {
	const answered = pathsSeen(view).flatMap((p) => p.pong ? [{
		...p.pong,
		router: p.router
	}] : []);
	const serving = answered.filter((p) => p.address === servingAddress(view));
	const chosen = serving.length > 0 ? serving : answered;
	const found = chosen.find((p) => p.path === "relayed") ?? chosen[0];
	return found ? {
		path: found.path,
		router: found.router
	} : void 0;
}
function relayFindings(view) {
	const found = pathOf(view);
	if (found?.path !== "relayed") return [];
	const evidence = `${view.node.name} reaches ${found.router} by a relay only`;
	const remedy = remedies.relayed(view.node.name, found.router);
	return [{
		layer: "path",
		node: view.node.name,
		breaks: false,
		evidence,
		remedy
	}];
}
function farPeers(view, facts) {
	const own = view.routers.flatMap((r) => view.evidence.facts.get(r.name)?.tailscale.status?.addresses ?? []);
	return (facts.tailscale.status?.peers ?? []).filter((p) => p.tags.includes(view.to.tag) || p.addresses.some((a) => own.includes(a)));
}
function expectedRoutes(view) {
	return [...new Set(view.routers.flatMap((r) => routesOf(view.to, view.evidence.facts.get(r.name))))];
}
function arrived(facts, prefix) {
	return (facts.tailscale.status?.peers ?? []).some((p) => p.allowedIPs.some((a) => covers(a, prefix)));
}
function receiveFindings(view) {
	const facts = view.evidence.facts.get(view.node.name);
	if (facts?.tailscale.status?.backendState !== "Running") return [];
	return [...missingFindings(view, facts, expectedRoutes(view).filter((r) => !arrived(facts, r))), ...acceptFindings(view, facts)];
}
function missingFindings(view, facts, missing) {
	if (missing.length === 0) return [];
	const base = {
		node: view.node.name,
		breaks: true
	};
	const from = view.node.cluster;
	const to = view.to.name;
	if (farPeers(view, facts).length > 0 && missing.every((r) => isServed(view, r))) {
		const evidence = `${missing.join(", ")} is served, and the control server keeps it from ${view.node.name}`;
		return [{
			...base,
			layer: "grant",
			evidence,
			remedy: remedies.notGranted(from, to, missing.join(", "))
		}];
	}
	const peers = farPeers(view, facts).length === 0 ? `, which sees no node of ${to}` : "";
	const evidence = `${missing.join(", ")} did not reach ${view.node.name}${peers}`;
	return [{
		...base,
		layer: "distributed",
		evidence,
		remedy: remedies.notDistributed(from, to)
	}];
}
function isServed(view, route) {
	return view.routers.some((r) => {
		const device = ownDevice(view.evidence, r);
		if (!device?.online || !device.enabledRoutes.includes(route)) return false;
		return device.servingRoutes === null || device.servingRoutes.includes(route);
	});
}
function acceptFindings(view, facts) {
	const base = {
		layer: "accepted",
		node: view.node.name,
		breaks: true
	};
	if (facts.tailscale.prefs && !facts.tailscale.prefs.acceptRoutes) return [{
		...base,
		evidence: "accept-routes is off",
		remedy: remedies.acceptOff(view.node.name)
	}];
	const unused = expectedRoutes(view).filter((r) => arrived(facts, r)).filter((r) => !facts.routes.table52.some((t) => covers(t.to, r)));
	if (unused.length === 0) return [];
	const evidence = `${unused.join(", ")} arrived and is not in routing table 52`;
	return [{
		...base,
		evidence,
		remedy: remedies.notInTable(view.node.name)
	}];
}
function failureFindings(view, outcomes) {
	return [
		...noPathFindings(view),
		...routeFindings(view),
		...grantFindings(view, outcomes)
	];
}
function noPathFindings(view) {
	const seen = pathsSeen(view);
	const [first] = seen;
	if (!first || seen.some((p) => p.pong || isUnknown(p.said))) return [];
	const evidence = `tailscale ping from ${view.node.name} to ${first.router}: ${first.said}`;
	const remedy = remedies.noPath(view.node.name, first.router);
	return [{
		layer: "path",
		node: view.node.name,
		breaks: true,
		evidence,
		remedy
	}];
}
function isUnknown(said) {
	return said.includes("no matching peer");
}
function routeFindings(view) {
	const facts = view.evidence.facts.get(view.node.name);
	const results = view.evidence.results.get(view.node.name);
	const base = {
		layer: "route",
		node: view.node.name,
		breaks: true
	};
	return pairProbes(view).flatMap((p) => {
		const result = results?.get(p.id);
		if (!facts || !result || notRun(result) !== void 0) return [];
		if (p.run.kind === "route" && inTable(facts, p.run.address)) {
			const { device, said } = readRoute(result);
			if (device === "tailscale0") return [];
			const remedy = remedies.wrongRoute(view.node.name, view.to.pods.containsAddress(p.run.address) ? view.to.pods.text : view.to.services.text);
			return [{
				...base,
				evidence: `packets leave by another way: ${said}`,
				remedy
			}];
		}
		if (p.run.kind === "owner" && inTable(facts, p.run.address)) {
			const { pong, said } = readTailscalePing(result);
			if (!(pong !== null && p.run.routers.length > 0 && !p.run.routers.includes(pong.address)) && !isUnknown(said)) return [];
			return [{
				...base,
				evidence: `tailscale ping ${p.run.address}: ${said}`,
				remedy: remedies.wrongRouter(view.to.pods.text)
			}];
		}
		return [];
	});
}
function inTable(facts, address) {
	return facts.routes.table52.some((t) => covers(t.to, address));
}
function grantFindings(view, outcomes) {
	const { evidence, to, routers } = view;
	if ([view.node, ...routers].some((n) => forwardingFindings(evidence, n).length > 0)) return [];
	const drops = dropsAt(evidence, routers);
	const icmp = icmpSeen(view);
	const silent = outcomes.some((o) => o.state === "failed" && o.probe.run.kind === "ping" && o.probe.run.size === null);
	if (!(drops === null ? icmp?.pong === null && !otherwiseExplained(view) : drops > 0 && (icmp === null || icmp.pong === null || !silent))) return [];
	const link = evidence.mesh.links.find((l) => l.from === view.node.cluster && l.to === to.name);
	const counted = drops === null ? "" : `; ${to.name}'s router dropped ${drops} packets by its policy meanwhile`;
	const said = icmp ? `tailscale ping --icmp from ${view.node.name}: ${icmp.said}` : `no answer to ${view.node.name}`;
	const remedy = remedies.notGranted(view.node.cluster, to.name, linkPorts(link?.ports ?? []));
	return [{
		layer: "grant",
		node: view.node.name,
		breaks: true,
		evidence: `${said}${counted}`,
		remedy
	}];
}
function dropsAt(evidence, routers) {
	const counts = routers.flatMap((r) => readDrops(evidence.results.get(r.name)?.get("drops")) ?? []);
	return counts.length === 0 ? null : counts.reduce((a, b) => a + b, 0);
}
function icmpSeen(view) {
	const probe = pairProbes(view).find((p) => p.run.kind === "grant");
	const result = probe ? view.evidence.results.get(view.node.name)?.get(probe.id) : void 0;
	if (!result || notRun(result) !== void 0) return null;
	const seen = readTailscalePing(result);
	return isUnknown(seen.said) ? null : seen;
}
function otherwiseExplained(view) {
	const { evidence, routers, to } = view;
	return routers.some((r) => hookFindings(evidence, r).some((f) => f.breaks)) || droppingRules(evidence, to, to.pods).length > 0;
}
function stolenFindings(evidence, node, plan) {
	const results = evidence.results.get(node.name);
	const cluster = clusterOf(evidence.mesh, node.cluster);
	return (plan?.probes ?? []).flatMap((p) => {
		const result = p.run.kind === "route" && !p.run.tunnel ? results?.get(p.id) : void 0;
		if (p.run.kind !== "route" || !result || readRoute(result).device !== "tailscale0") return [];
		const { address } = p.run;
		const own = cluster.pods.containsAddress(address) || cluster.services.containsAddress(address);
		const remedy = own || parseIPv4(address) === void 0 ? remedies.noGuard(node.name) : remedies.sshInTunnel(node.name, address);
		return [{
			layer: "guards",
			node: node.name,
			breaks: own,
			evidence: `${node.name} sends ${address} into the tunnel`,
			remedy
		}];
	});
}
// src/reach/layers.ts
const layers = [
	"control",
	"daemon",
	"identity",
	"interface",
	"advertised",
	"approved",
	"serving",
	"distributed",
	"accepted",
	"guards",
	"hooks",
	"path",
	"route",
	"grant",
	"pod",
	"service",
	"dns",
	"mtu"
];
function layerRank(layer) {
	return layers.indexOf(layer);
}
// src/reach/finding.ts
function sortFindings(findings) {
	return [...new Map(findings.map((f) => [`${f.layer}\n${f.node}\n${f.evidence}\n${f.remedy}`, f])).values()].toSorted((a, b) => layerRank(a.layer) - layerRank(b.layer) || Number(b.breaks) - Number(a.breaks));
}
// src/reach/traffic.ts
function trafficOutcomes(evidence, plan, from, to, forbidden) {
	const results = evidence.results.get(plan.node);
	const mine = plan.probes.filter((p) => p.pid !== null && p.pair?.from === from && p.pair.to === to && p.pair.forbidden === forbidden);
	return mine.map((probe) => {
		const result = results?.get(probe.id);
		const why = notRun(result);
		const base = {
			node: plan.node,
			probe,
			layer: probe.layer
		};
		if (!result || why !== void 0) return {
			...base,
			state: "not-run",
			said: why ?? ""
		};
		return {
			...base,
			...readOutcome(probe, result, evidence, () => answersSmall(mine, probe, results))
		};
	});
}
function readOutcome(probe, result, evidence, small) {
	const { run } = probe;
	switch (run.kind) {
		case "ping": {
			const { answered, said } = readPing(result);
			if (answered) return {
				state: "passed",
				said
			};
			if (run.size !== null && !small()) return {
				state: "not-run",
				said: "small packets are not answered either"
			};
			return {
				state: "failed",
				said: `${run.size === null ? "ping" : `ping with ${run.size} bytes`} to ${run.address}: ${said}`
			};
		}
		case "fetch": return readTransfer(run.address, result, listenerTrouble(evidence, probe.target));
		case "tcp": {
			const { word, rest } = readProgram(result);
			if (word === "ok") return {
				state: "passed",
				said: "connected"
			};
			return {
				state: "failed",
				said: `TCP to ${run.address}:${run.port}: ${[word, rest].join(" ").trim()}`
			};
		}
		case "dns": return readDns(run, result);
		case "path":
		case "owner":
		case "grant":
		case "route": return {
			state: "not-run",
			said: ""
		};
	}
}
function readTransfer(address, result, trouble) {
	const { word, rest } = readProgram(result);
	const bytes = rest.split(" ")[0] ?? "";
	switch (word) {
		case "ok": return {
			state: "passed",
			said: `${bytes} bytes`
		};
		case "stalled":
		case "short": return {
			state: "failed",
			layer: "mtu",
			said: `TCP to ${address} connects, then ${word} after ${bytes} bytes of 1 MiB`
		};
		case "refused":
			if (trouble !== void 0) return {
				state: "not-run",
				said: trouble
			};
			return {
				state: "failed",
				said: `TCP to ${address}: refused`
			};
		default: return {
			state: "failed",
			said: `TCP to ${address}: ${[word, rest].join(" ").trim()}`
		};
	}
}
function listenerTrouble(evidence, target) {
	const results = evidence.results.get(target ?? "");
	if (!results) return `nothing could be started on ${target}`;
	const result = results.get(listenerId);
	const why = notRun(result);
	if (!result || why !== void 0) return `no listener on ${target}: ${why}`;
	const { word, rest } = readProgram(result);
	if (word === "late") return `the listener on ${target} was not met in time`;
	return word === "ok" || result.code === 124 ? void 0 : `no listener on ${target}: ${word} ${rest}`;
}
function readDns(run, result) {
	const { word, rest } = readProgram(result);
	const question = `${run.transport.toUpperCase()} query for ${run.name} to ${run.address}`;
	if (word === "ok" && rest.split(" ").includes(run.answer)) return {
		state: "passed",
		said: rest
	};
	if (word === "ok") return {
		state: "failed",
		said: `${question}: answered ${rest}, not ${run.answer}`
	};
	return {
		state: "failed",
		said: `${question}: ${word === "rcode" ? rcodes[Number(rest)] ?? `rcode ${rest}` : [word, rest].join(" ").trim()}`
	};
}
const rcodes = {
	1: "FORMERR",
	2: "SERVFAIL",
	3: "NXDOMAIN",
	4: "NOTIMP",
	5: "REFUSED"
};
function answersSmall(probes, big, results) {
	const small = probes.find((p) => p.run.kind === "ping" && p.run.size === null && p.target === big.target);
	const result = small ? results?.get(small.id) : void 0;
	return result !== void 0 && notRun(result) === void 0 && readPing(result).answered;
}
function gotThrough(outcome) {
	return outcome.state === "passed" || outcome.layer === "mtu" || / (refused|rcode|answered|empty)\b/i.test(outcome.said);
}
// src/reach/judge.ts
function judgeLinks(evidence) {
	const plans = planProbes(evidence.mesh, evidence.facts, evidence.links);
	const known = (cluster) => presentNodes(clusterOf(evidence.mesh, cluster)).some((n) => evidence.facts.has(n.name));
	const forbidden = evidence.mesh.forbid.filter((l) => l.from !== l.to && known(l.from));
	return [...evidence.links.map((l) => judgeLink(evidence, plans, l)), ...forbidden.map((l) => judgeForbidden(evidence, plans, l))];
}
function sourcesOf(evidence, cluster) {
	return presentNodes(clusterOf(evidence.mesh, cluster)).filter((n) => n.role !== "plain");
}
function judgeLink(evidence, plans, link) {
	const to = clusterOf(evidence.mesh, link.to);
	const routers = presentNodes(to).filter((n) => n.role === "router");
	const views = sourcesOf(evidence, link.from).flatMap((node) => {
		const plan = plans.get(node.name);
		return plan ? [{
			evidence,
			node,
			plan,
			to,
			routers
		}] : [];
	});
	const outcomes = views.flatMap((v) => trafficOutcomes(evidence, v.plan, link.from, link.to, false));
	const failing = views.filter((v) => outcomes.some((o) => o.node === v.node.name && o.state === "failed"));
	const findings = sortFindings([
		...standingFindings(evidence, link, plans, views),
		...views.flatMap(relayFindings),
		...failing.flatMap((v) => failureFindings(v, outcomes.filter((o) => o.node === v.node.name))),
		...outcomes.filter((o) => o.state === "failed").map((o) => failedProbe(evidence, link, o))
	]);
	const gaps = linkGaps(evidence, link, views, outcomes);
	const verdict = verdictOf(outcomes, views, evidence, link);
	const blamed = verdict === "broken" ? findings.find((f) => f.breaks) : findings[0];
	return {
		from: link.from,
		to: link.to,
		forbidden: false,
		verdict,
		path: linkPath(views),
		layer: blamed?.layer ?? null,
		remedy: blamed?.remedy ?? (verdict === "not-tested" ? untestedRemedy(gaps) : null),
		findings,
		gaps,
		passed: outcomes.filter((o) => o.state === "passed").length,
		failed: outcomes.filter((o) => o.state === "failed").length
	};
}
function standingFindings(evidence, link, plans, views) {
	const from = clusterOf(evidence.mesh, link.from);
	const to = clusterOf(evidence.mesh, link.to);
	const sources = sourcesOf(evidence, link.from);
	const far = presentNodes(to);
	const routers = far.filter((n) => n.role === "router");
	const passing = [...sources, ...routers];
	const guarded = [...sources, ...far.filter((n) => n.role !== "plain")];
	const upstream = [...routers.flatMap((n) => [...daemonFindings(evidence, n), ...routerFindings(evidence, n)]), ...servingFindings(evidence, to, routers)];
	const explained = upstream.some((f) => f.breaks && layerRank(f.layer) < layerRank("distributed"));
	return [
		...controlFindings(evidence),
		...sources.flatMap((n) => daemonFindings(evidence, n)),
		...upstream,
		...views.flatMap(receiveFindings).filter((f) => f.layer !== "distributed" || !explained),
		...guarded.flatMap((n) => [...guardFindings(evidence, n), ...stolenFindings(evidence, n, plans.get(n.name))]),
		...passing.flatMap((n) => [...hookFindings(evidence, n), ...clampFindings(evidence, n)]),
		...[...presentNodes(from), ...far].flatMap((n) => forwardingFindings(evidence, n))
	];
}
function failedProbe(evidence, link, outcome) {
	const to = clusterOf(evidence.mesh, link.to);
	const from = clusterOf(evidence.mesh, link.from);
	const onPods = () => [...droppingRules(evidence, to, to.pods), ...droppingRules(evidence, from, from.pods)];
	const rules = outcome.layer === "pod" ? onPods() : outcome.layer === "service" ? droppingRules(evidence, to, to.services) : [];
	const seen = rules.length > 0 ? `; ${rules.join("; ")}` : "";
	return {
		layer: outcome.layer,
		node: outcome.node,
		breaks: true,
		evidence: `from a pod on ${outcome.node}: ${outcome.said}${seen}`,
		...rules.length === 0 && { onlyPackets: true },
		remedy: probeRemedy(outcome, link, to.services.address(1))
	};
}
function probeRemedy(outcome, link, kubernetes) {
	switch (outcome.layer) {
		case "service": return remedies.serviceSilent(link.to, kubernetes);
		case "dns": return remedies.dnsSilent(link.to, outcome.probe.run.kind === "route" ? link.to : outcome.probe.run.address);
		case "mtu": return remedies.tooBig(`${outcome.node} and the routers of ${link.to}`);
		default: return remedies.podSilent(outcome.node, link.to);
	}
}
function verdictOf(outcomes, views, evidence, link) {
	if (outcomes.some((o) => o.state === "failed")) return "broken";
	if (!outcomes.some((o) => o.state === "passed")) return "not-tested";
	const unasked = sourcesOf(evidence, link.from).some((n) => evidence.unreachable.has(n.name));
	const mute = views.some((v) => {
		const own = outcomes.filter((o) => o.node === v.node.name);
		return own.length > 0 && !own.some((o) => o.state === "passed");
	});
	return unasked || mute ? "not-tested" : "reachable";
}
function linkGaps(evidence, link, views, outcomes) {
	const ends = [link.from, link.to].flatMap((c) => presentNodes(clusterOf(evidence.mesh, c)));
	const planned = views.flatMap((v) => v.plan.gaps.filter((g) => !g.pair.forbidden && g.pair.from === link.from && g.pair.to === link.to));
	const notRun = outcomes.filter((o) => o.state === "not-run");
	const unseen = unverifiedReason(evidence);
	return [...new Set([
		...ends.flatMap((n) => {
			const error = evidence.unreachable.get(n.name);
			return error ? [`${n.name} could not be asked: ${error.message}`] : [];
		}),
		...planned.map((g) => g.reason),
		...notRun.map((o) => `${o.node}, ${o.probe.id}: ${o.said}`),
		...unseen === null ? [] : [`${unverifiedLayers.join(", ")}: not verified, ${unseen}`]
	])];
}
const unverifiedLayers = ["approved", "serving"];
function unverifiedReason({ control }) {
	if ("hidden" in control) return control.hidden;
	return "error" in control && (control.error.kind === "denied" || control.error.kind === "config") ? `${control.error.code}: ${control.error.message}` : null;
}
function untestedRemedy(gaps) {
	return gaps[0] ?? "select a node of the cluster that the link starts from";
}
function linkPath(views) {
	const paths = views.flatMap((v) => pathOf(v)?.path ?? []);
	if (paths.length === 0) return null;
	return paths.includes("relayed") ? "relayed" : "direct";
}
function judgeForbidden(evidence, plans, link) {
	const outcomes = sourcesOf(evidence, link.from).flatMap((n) => plans.get(n.name) ?? []).flatMap((p) => trafficOutcomes(evidence, p, link.from, link.to, true));
	const through = outcomes.filter((o) => o.state !== "not-run" && gotThrough(o));
	const what = link.ports.length === 0 ? "everything" : link.ports.map(portText).join(", ");
	const remedy = remedies.mustNotConnect(link.from, link.to, what);
	const findings = sortFindings(through.map((o) => {
		const said = `from a pod on ${o.node} (${o.probe.id}): ${o.said}`;
		return {
			layer: "grant",
			node: o.node,
			breaks: true,
			evidence: said,
			remedy
		};
	}));
	const ran = outcomes.some((o) => o.state !== "not-run");
	const verdict = through.length > 0 ? "broken" : ran ? "apart" : "not-tested";
	const gaps = ran ? [] : ["nothing that is forbidden could be tried"];
	return {
		from: link.from,
		to: link.to,
		forbidden: true,
		verdict,
		path: null,
		layer: findings[0]?.layer ?? null,
		remedy: findings[0]?.remedy ?? (verdict === "not-tested" ? untestedRemedy(gaps) : null),
		findings,
		gaps,
		passed: outcomes.length - through.length,
		failed: through.length
	};
}
function linkResults(judgements) {
	return judgements.flatMap((j) => {
		const { from, to, verdict, path, layer, remedy } = j;
		return verdict === "apart" ? [] : [{
			from,
			to,
			verdict,
			path,
			layer,
			remedy
		}];
	});
}
function isUnexplained({ verdict, layer, findings }) {
	const first = findings.filter((f) => f.breaks && f.layer === layer);
	return verdict === "broken" && layer === "pod" && first.every((f) => f.onlyPackets === true);
}
function worstVerdict(judgements) {
	const verdicts = judgements.map((j) => j.verdict);
	if (verdicts.includes("broken")) return "broken";
	if (verdicts.includes("not-tested") || verdicts.length === 0) return "not-tested";
	return "reachable";
}
function allFindings(judgements) {
	return sortFindings(judgements.flatMap((j) => j.findings));
}
// src/reach/render.ts
const signs = {
	reachable: "✅",
	broken: "❌",
	"not-tested": "❔",
	apart: "⛔"
};
const words = {
	reachable: "reachable",
	broken: "broken",
	"not-tested": "not tested",
	apart: "kept apart"
};
const strokes = {
	reachable: "#2da44e",
	broken: "#cf222e",
	"not-tested": "#8c959f",
	apart: "#8c959f"
};
const warned = "#bf8700";
function reachLines(judgements) {
	return judgements.flatMap((j) => [
		`${headline(j)}`,
		...j.findings.map((f) => `    ${f.layer}${f.node === null ? "" : ` (${f.node})`}: ${f.evidence}; ${f.remedy}`),
		...j.gaps.map((g) => `    not tested: ${g}`)
	]);
}
function headline(j) {
	const where = j.layer === null ? "" : j.verdict === "reachable" ? `, warning at ${j.layer}` : ` at ${j.layer}`;
	const path = j.path === null ? "" : ` (${j.path})`;
	const counted = j.passed + j.failed === 0 ? "" : `, ${j.passed} of ${j.passed + j.failed} probes passed`;
	return `${j.from} → ${j.to}: ${words[j.verdict]}${where}${path}${counted}`;
}
function reachMarkdown(judgements) {
	if (judgements.length === 0) return ["No link was selected, so nothing was tested."];
	return [
		...[
			`### Links: ${words[worstVerdict(judgements)]}`,
			table(judgements),
			drawing(judgements)
		],
		findingsBlock(judgements),
		gapsBlock(judgements)
	].filter((b) => b !== "");
}
function table(judgements) {
	return [
		"| link | verdict | path | layer | remedy |",
		"| --- | --- | --- | --- | --- |",
		...judgements.map((j) => {
			return `| ${[
				`${inertMarkdown(j.from)} → ${inertMarkdown(j.to)}`,
				`${signs[j.verdict]} ${words[j.verdict]}${j.verdict === "reachable" && j.layer !== null ? " ⚠️" : ""}`,
				j.path ?? "–",
				j.layer ?? "–",
				j.remedy === null ? "–" : inertMarkdown(j.remedy)
			].join(" | ")} |`;
		})
	].join("\n");
}
function drawing(judgements) {
	const names = [...new Set(judgements.flatMap((j) => [j.from, j.to]))];
	const id = (name) => `c${names.indexOf(name)}`;
	return [
		"```mermaid",
		"flowchart LR",
		...[
			...names.map((n) => `  ${id(n)}["${inertMermaid(n)}"]`),
			...judgements.map((j) => `  ${id(j.from)} ${arrow(j)}|"${inertMermaid(label(j))}"| ${id(j.to)}`),
			...judgements.map((j, i) => `  linkStyle ${i} stroke:${stroke(j)},stroke-width:2px`)
		],
		"```"
	].join("\n");
}
function arrow(j) {
	return j.verdict === "reachable" ? "-->" : j.verdict === "broken" ? "--x" : "-.->";
}
function stroke(j) {
	return j.verdict === "reachable" && j.layer !== null ? warned : strokes[j.verdict];
}
function label(j) {
	return [
		words[j.verdict],
		j.layer ?? [],
		j.path ?? []
	].flat().join(" ");
}
function findingsBlock(judgements) {
	const findings = allFindings(judgements);
	if (findings.length === 0) return "";
	const rows = findings.map((f) => {
		return `| ${[
			f.layer,
			f.node === null ? "–" : inertMarkdown(f.node),
			inertMarkdown(f.evidence),
			inertMarkdown(f.remedy)
		].join(" | ")} |`;
	});
	return folded(`${findings.length} findings, first cause first`, [...["| layer | node | seen | remedy |", "| --- | --- | --- | --- |"], ...rows].join("\n"));
}
function gapsBlock(judgements) {
	const gaps = judgements.flatMap((j) => j.gaps.map((g) => `- ${inertMarkdown(`${j.from} → ${j.to}: ${g}`)}`));
	return gaps.length === 0 ? "" : folded(`${gaps.length} things not tested`, [...new Set(gaps)].join("\n"));
}
function folded(title, body) {
	return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
// src/reach/outcome.ts
function matrixFile(judgements) {
	return `${JSON.stringify({
		version: 1,
		verdict: worstVerdict(judgements),
		links: judgements
	}, void 0, 2)}\n`;
}
async function checkOutcome(judgements, failOn, workspace) {
	const matrix = await workspace.writeRunFile("reach-matrix.json", matrixFile(judgements));
	return {
		outputs: {
			verdict: worstVerdict(judgements),
			"matrix-file": matrix
		},
		links: linkResults(judgements),
		summary: reachMarkdown(judgements),
		failure: failureOf(judgements, failOn)
	};
}
function failureOf(judgements, failOn) {
	const [first, ...rest] = judgements.flatMap((j) => linkError(j, failOn) ?? []);
	if (!first) return null;
	const { code, kind, message, hint, where } = first;
	return new MeshError(code, kind, message, hint, {
		...where ? { where } : {},
		also: rest
	});
}
function linkError(j, failOn) {
	const details = {
		where: { address: `link/${j.from}/${j.to}` },
		...j.remedy === null ? {} : { hint: j.remedy }
	};
	const first = j.findings.find((f) => f.breaks && f.layer === j.layer);
	const seen = first ? `: ${first.evidence}` : "";
	if (j.verdict === "broken" && j.forbidden) return reachError("MESH_LINK_BROKEN", `${j.from} → ${j.to} must not connect, and does${seen}`, details);
	if (j.verdict === "broken") return reachError("MESH_LINK_BROKEN", `${headline(j)}${seen}`, details);
	if (j.verdict === "not-tested") return reachError("MESH_LINK_NOT_TESTED", headline(j), details);
	if (failOn === "relayed" && j.path === "relayed") return reachError("MESH_LINK_RELAYED", headline(j), details);
}
function regressions(before, after) {
	const worked = (l) => before.some((b) => b.from === l.from && b.to === l.to && b.verdict === "reachable");
	return after.filter((l) => l.verdict === "broken" && worked(l));
}
// src/converge.ts
function convergeJob(ports, settings) {
	return new ConvergeJob(ports, settings);
}
function policyBlocks({ policy, observed }) {
	if (policy) return policySummary(policy);
	return observed.open.length === 0 ? [] : [observed.open.map((note) => `- ${inertMarkdown(note)}`).join("\n")];
}
const settle = 3e3;
const notListed = "the credential may not list devices (scope `devices:core:read`)";
function controlView(devices, control) {
	if (control instanceof MeshError) return { error: control };
	return devices === null ? { hidden: notListed } : { devices };
}
var ConvergeJob = class {
	#ports;
	#settings;
	#seen = {
		sessions: new Map(),
		facts: new Map(),
		unreachable: new Map()
	};
	#unusedKeys = new Set();
	#done = [];
	#policyWritten;
	#policyVersion = "";
	#linksBefore = [];
	#written = false;
	#hasWarned = false;
	constructor(ports, settings) {
		this.#ports = ports;
		this.#settings = settings;
	}
	async observe() {
		const [server, seen] = await Promise.allSettled([this.#askControl(), this.#askNodes()]);
		if (server.status === "rejected") throw server.reason;
		if (seen.status === "rejected") throw seen.reason;
		return {
			...server.value,
			seen: seen.value
		};
	}
	async #askControl() {
		const { parts, watch } = this.#settings;
		try {
			const control = await this.#ports.control();
			const listed = visibleDevices(control);
			const [policy, open, devices, keys, credentials] = await Promise.all([
				parts.policy ? this.#observePolicy(control, () => listed) : void 0,
				parts.check && !parts.policy ? this.#openNotes(control) : [],
				listed,
				parts.nodes ? control.listKeys() : [],
				watch ? askExpiring(control, this.#ports.reporter) : null
			]);
			return {
				control,
				policy,
				open,
				devices,
				keys,
				watch: watch && await lookAtKeys(control, watch, {
					keys,
					devices,
					credentials
				})
			};
		} catch (error) {
			if (!(error instanceof MeshError) || parts.policy || parts.nodes) throw error;
			return {
				control: error,
				policy: void 0,
				open: [],
				devices: [],
				keys: []
			};
		}
	}
	async #observePolicy(control, devices) {
		const { workspace, past, reporter } = this.#ports;
		const { mesh, policy: options } = this.#settings;
		const planned = await observePolicy({
			control,
			workspace,
			past
		}, {
			mesh,
			options
		}, devices);
		for (const warning of planned.warnings) reporter.warn(warning);
		for (const line of logLines(planned)) reporter.info(line);
		return planned;
	}
	async #openNotes(control) {
		try {
			const notes = openNotes(await control.getPolicy(), this.#settings.mesh.tailnet.control);
			for (const note of notes) this.#ports.reporter.warn(note);
			return notes;
		} catch (error) {
			if (!(error instanceof MeshError)) throw error;
			this.#ports.reporter.debug(`whether the policy lets everything through is not known: ${error.message}`);
			return [];
		}
	}
	async #askNodes() {
		const { parts, concurrency, nonce } = this.#settings;
		if (!parts.nodes && !parts.check) return this.#seen;
		this.#seen = await observeNodes(this.#ports.shell, involvedNodes(this.#settings), nonce, concurrency);
		return this.#seen;
	}
	plan(observed) {
		return planConverge(this.#settings, observed);
	}
	preview(planned) {
		const outcome = {
			...emptyOutcome,
			outputs: {
				...this.#nodeOutputs([]),
				...this.#policyOutputs(planned)
			},
			summary: policyBlocks(planned)
		};
		const { watch } = planned.observed;
		if (watch === void 0) return outcome;
		tellWatch(watch, this.#ports.reporter, "plan");
		return withWatch(outcome, {
			...watch,
			errors: []
		});
	}
	async apply(planned) {
		if (planned.blocked) throw planned.blocked;
		const control = await this.#ports.control();
		this.#linksBefore = await this.#probeBefore(planned);
		this.#written = true;
		if (planned.policy?.text != null) {
			this.#policyWritten = planned.policy;
			this.#policyVersion = (await applyPolicy(control, planned.policy, this.#ports.reporter)).version;
		}
		const rewrite = planned.policy?.rewrite;
		if (rewrite) await this.#ports.workspace.write(rewrite.file, rewrite.text);
		await revokeUnused(control, planned.orphans.map((k) => k.id), this.#ports.reporter);
		await approveRoutes(control, planned.passedOver);
		this.#done = await provisionNodes(planned.nodes, this.#seen, this.#provisionPorts(control), {
			nonce: this.#settings.nonce,
			concurrency: this.#settings.concurrency,
			signal: this.#settings.signal
		});
		this.#unusedKeys.clear();
		if (planned.policy?.text != null) await this.#awaitApproval(control, planned.nodes);
		if (planned.policy && planned.policy.held.length > 0) await this.#writeHeldTests(control, planned.policy);
	}
	async #awaitApproval(control, plans) {
		const { clock, reporter } = this.#ports;
		if (await awaitApproval(control, plans, this.#seen.facts, clock, this.#settings.signal) === "approved" || this.#hasWarned) return;
		this.#hasWarned = true;
		reporter.warn(`approval of routes is not verified: ${notListed}`);
	}
	async #writeHeldTests(control, policy) {
		const stored = await applyHeldTests(control, policy, await visibleDevices(control) ?? [], this.#ports.reporter);
		if (stored) this.#policyVersion = stored.version;
	}
	#provisionPorts(control) {
		const { shell, archives, reporter } = this.#ports;
		return {
			shell,
			archives,
			reporter,
			keyFor: (node) => this.#keyFor(control, node),
			approved: (plans) => this.#awaitApproval(control, plans)
		};
	}
	async #keyFor(control, node) {
		const { keyFile, mesh, runId } = this.#settings;
		const given = keyFile?.find((e) => e.node === node.name);
		if (given) return given.secret;
		if (keyFile) throw nodeError("MESH_LOGIN_NO_KEY", `the key file has no key for ${node.name}`);
		const minted = await mintKeys(control, [{
			node,
			tags: [clusterOf(mesh, node.cluster).tag],
			runId
		}], this.#ports);
		for (const m of minted) this.#unusedKeys.add(m.key.id);
		const [first] = minted;
		if (!first) throw nodeError("MESH_LOGIN_NO_KEY", `no key was minted for ${node.name}`);
		return first.secret;
	}
	async verify(planned) {
		const outcome = await this.#verifyMesh(planned);
		const { watch } = planned.observed;
		if (watch === void 0) return outcome;
		tellWatch(watch, this.#ports.reporter, "apply");
		return withWatch(outcome, watch);
	}
	async #verifyMesh(planned) {
		const outputs = {
			...this.#nodeOutputs(this.#done),
			...this.#policyOutputs(planned)
		};
		const summary = policyBlocks(planned);
		if (!this.#settings.parts.check) return {
			...emptyOutcome,
			outputs,
			summary
		};
		const judged = await this.#checkPatiently(planned.observed);
		for (const line of reachLines(judged)) this.#ports.reporter.info(line);
		const worse = regressions(this.#linksBefore, linkResults(judged));
		if (worse.length > 0) throw await this.#takeBack(worse);
		const outcome = await checkOutcome(judged, this.#settings.failOn, this.#ports.workspace);
		return {
			...outcome,
			outputs: {
				...outputs,
				...outcome.outputs
			},
			summary: [...summary, ...outcome.summary]
		};
	}
	async #probeBefore(planned) {
		if (!this.#settings.parts.check) return [];
		return this.#settings.links.some((l) => [l.from, l.to].every((c) => this.#hasTraffic(c))) ? linkResults(await this.#judge(planned.observed.devices, planned.observed.control)) : [];
	}
	#hasTraffic(cluster) {
		return (this.#settings.mesh.clusters.find((c) => c.name === cluster)?.nodes ?? []).some((n) => this.#seen.facts.get(n.name)?.tailscale.prefs?.acceptRoutes === true);
	}
	async #checkPatiently(observed) {
		let judged = await this.#check(observed);
		const isEarly = () => this.#written ? worstVerdict(judged) === "broken" : judged.some(isUnexplained);
		for (let more = 2; more > 0 && isEarly(); more--) {
			await this.#ports.clock.sleep(settle, this.#settings.signal);
			judged = await this.#check(observed);
		}
		return judged;
	}
	async #check(observed) {
		if (!this.#written) return this.#judge(observed.devices, observed.control);
		const control = await this.#ports.control();
		const [devices] = await Promise.all([visibleDevices(control), this.#lookAtOthers()]);
		return this.#judge(devices, control);
	}
	async #lookAtOthers() {
		const changed = new Set(this.#done.map((d) => d.plan.desired.node.name));
		const others = [...this.#seen.sessions].filter(([name]) => !changed.has(name));
		await Promise.all(others.map(async ([name, session]) => {
			this.#seen.facts.set(name, await readFacts(session, this.#settings.nonce));
		}));
	}
	async #judge(devices, control) {
		const { mesh, links, nonce, probePort } = this.#settings;
		const { facts, sessions, unreachable } = this.#seen;
		const results = await probeLinks(sessions, mesh, facts, links, {
			nonce,
			port: probePort
		});
		return judgeLinks({
			mesh,
			links,
			control: controlView(devices, control),
			facts,
			unreachable,
			results
		});
	}
	async #takeBack(worse) {
		const names = worse.map((l) => `${l.from}→${l.to} (${l.layer ?? "unknown"})`).join(", ");
		this.#ports.reporter.warn(`traffic got worse on ${names}; taking this run's changes back`);
		for (const done of this.#done.toReversed()) {
			const session = this.#seen.sessions.get(done.plan.desired.node.name);
			if (session) await undoNode(done, session, this.#settings.nonce);
		}
		const policy = await this.#takeBackPolicy(worse);
		return reachError("MESH_REGRESSION", `${names} worked before this run and not after it; its changes were taken back${policy}`);
	}
	async #takeBackPolicy(worse) {
		if (this.#policyWritten === void 0) return "";
		if (this.#settings.rollback === false) return "; the policy stays as written: rollback is false";
		return `; ${await takeBackPolicy(await this.#ports.control(), this.#policyWritten, worse)}`;
	}
	#nodeOutputs(done) {
		return this.#settings.parts.nodes ? { "nodes-changed": done.map((d) => d.plan.desired.node.name).join(",") } : {};
	}
	#policyOutputs(planned) {
		return planned.policy ? { etag: this.#policyVersion || planned.policy.version } : {};
	}
	async close() {
		try {
			if (this.#unusedKeys.size > 0) await this.#revokeLeft();
		} finally {
			await closeSessions(this.#seen);
		}
	}
	async #revokeLeft() {
		const control = await this.#ports.control();
		await revokeUnused(control, [...this.#unusedKeys], this.#ports.reporter);
	}
};
export { convergeJob };
