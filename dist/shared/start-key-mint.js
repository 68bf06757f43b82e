import { a as needsKey, i as mintedIds, n as mintChange, o as revokeUnused, r as mintKeys, s as keyError, t as checkLifetime } from "./mint.js";
import { B as allErrors, H as joinErrors, O as clusterOf, R as inertText, S as joinPlans, f as visibleDevices, h as emptyOutcome, t as isTag } from "./mesh.js";
import { t as formatKeyFile } from "./file.js";
import { n as revokeChange, t as orphanedKeys } from "./orphans.js";
import { a as revokeUnstored, n as prove, o as unstoredKeys, r as rotateEach, s as planRotation, t as look } from "./rotate.js";
import { C as span, E as text, S as optionalSecret, a as controlSettings, b as flag, d as changeInputs, f as controlInputs, h as meshInputs, i as storedPlace, l as openStore, n as ownerOf, o as loadMesh, r as runIdOf, t as main, u as defineAction, w as splitList, y as Unfit } from "./main.js";
import { t as lazyKeys } from "./revoke.js";
// src/keys/job.ts
const stateName = "key-file";
const fileName = "auth-keys";
function keyMintJob(ports, settings) {
	const { control, reporter, clock } = ports;
	const startedAt = clock.now();
	let minted;
	return {
		async observe() {
			checkLifetime(control, settings.expirySeconds);
			const [devices, keys] = await Promise.all([visibleDevices(control), control.listKeys()]);
			if (devices === null) reporter.warn("which nodes are joined is not verified: the credential may not list devices, so every node gets a key");
			return {
				devices,
				keys
			};
		},
		plan: (observed) => planMint(control, settings, observed, startedAt),
		preview: () => outcomeOf$1({
			ids: [],
			file: "",
			expires: ""
		}),
		async apply(planned) {
			await revokeUnused(control, planned.orphans.map((key) => key.id), reporter);
			minted = await mintToFile(ports, planned.requests);
		},
		async verify() {
			return outcomeOf$1(minted ?? await writeKeys(ports, [], [], ""));
		},
		async close() {}
	};
}
async function postKeyMint(control, state, ports) {
	const file = state.load(stateName);
	if (file !== void 0 && file !== "") try {
		await ports.workspace.removeRunFile(file);
	} catch {
		ports.reporter.warn(`the key file ${file} could not be removed`);
	}
	await revokeUnused(control, mintedIds(state), ports.reporter);
}
function planMint(control, settings, observed, startedAt) {
	const { mesh, expirySeconds, reusable } = settings;
	const runId = settings.runId ?? startedAt.toISOString().replace(/\D/g, "").slice(0, 14);
	const request = (name, tags) => ({
		node: { name },
		tags,
		runId,
		expirySeconds,
		reusable
	});
	const [tag, ...more] = settings.tags ?? [];
	const candidates = tag === void 0 ? settings.nodes.filter((n) => n.role !== "plain" && n.state === "present") : [];
	const clusters = mesh.clusters.filter((c) => candidates.some((node) => node.cluster === c.name));
	const orphans = orphanedKeys(observed.keys, { clusters }, {
		startedAt,
		keyFile: []
	});
	const { devices } = observed;
	const lacking = candidates.filter((node) => devices === null || needsKey(node, clusterOf(mesh, node.cluster), devices));
	const requests = tag === void 0 ? lacking.map((node) => request(node.name, [clusterOf(mesh, node.cluster).tag])) : [request([tag, ...more].map((t) => t.slice(4)).join("+"), [tag, ...more])];
	const joined = candidates.filter((node) => !lacking.includes(node));
	const mint = {
		changes: requests.map((r) => mintChange(r.node.name, r.tags, control.wire.mintKey, {
			...r,
			isSeen: observed.devices !== null
		})),
		unchanged: joined.map((node) => ({
			address: `key/${node.name}`,
			why: "the node is joined with its tag and needs no key"
		}))
	};
	const revoke = {
		changes: orphans.map((key) => revokeChange(key, control.wire.revokeKey)),
		unchanged: []
	};
	return {
		plan: joinPlans([revoke, mint]),
		requests,
		orphans
	};
}
async function mintToFile(ports, requests) {
	const entries = [];
	const ids = [];
	let expires = "";
	for (const request of requests) for (const { key, secret } of await mintKeys(ports.control, [request], ports)) {
		entries.push({
			node: request.node.name,
			secret
		});
		ids.push(key.id);
		const ends = key.expires?.toISOString() ?? "";
		expires = expires === "" || ends < expires ? ends : expires;
	}
	return writeKeys(ports, entries, ids, expires);
}
async function writeKeys(ports, entries, ids, expires) {
	const file = await ports.workspace.writeRunFile(fileName, formatKeyFile(entries), { secret: true });
	ports.state.save(stateName, file);
	return {
		ids,
		file,
		expires
	};
}
function outcomeOf$1(minted) {
	return {
		...emptyOutcome,
		outputs: {
			"key-ids": minted.ids.join(","),
			"key-file": minted.file,
			expires: minted.expires
		}
	};
}
// src/keys/stored-mint.ts
const usualGrace = 86400;
function storedMintJob(ports, settings) {
	const { control } = ports;
	const { stored, all, owner, runId } = settings;
	let ends = [];
	return {
		async observe() {
			const [looks, server] = await look(ports, {
				storedKeys: [stored],
				all,
				owner,
				force: true
			});
			return {
				looks,
				server
			};
		},
		plan({ looks, server }) {
			const rotation = planRotation(looks, server, {
				force: true,
				grace: usualGrace,
				maxRevocations: Number.POSITIVE_INFINITY
			}, {
				all,
				wire: control.wire
			});
			return {
				plan: {
					changes: rotation.plan.changes.filter(({ resource }) => resource === "stored-key"),
					unchanged: rotation.plan.unchanged
				},
				turns: rotation.turns,
				blocked: joined(rotation.failures.map(({ error }) => error))
			};
		},
		preview: () => outcomeOf([]),
		async apply({ turns }) {
			ends = await prove(ports, await rotateEach(ports, runId, turns));
		},
		verify: async () => outcomeOf(ends),
		async close() {}
	};
}
function outcomeOf(ends) {
	const keys = ends.flatMap((end) => end.kind === "rotated" || end.kind === "overtaken" ? end.key : []);
	return {
		...emptyOutcome,
		outputs: {
			"key-ids": keys.map(({ id }) => id).join(","),
			"key-file": "",
			expires: keys[0]?.expires?.toISOString() ?? ""
		},
		failure: joined(ends.flatMap((end) => end.kind === "failed" ? end.error : []))
	};
}
function joined([first, ...more]) {
	return first === void 0 ? null : joinErrors([first, ...more.flatMap(allErrors)]);
}
// src/actions/key-mint.ts
const tagsMessage = "must be tags such as tag:nas, parted by commas";
const tagList = {
	isSecret: false,
	read(given = "") {
		const entries = splitList(given);
		const tags = entries.filter(isTag);
		return tags.length < entries.length ? new Unfit(tagsMessage) : tags;
	}
};
const action = defineAction({
	name: "key-mint",
	inputs: {
		...meshInputs,
		...changeInputs,
		...controlInputs,
		tags: tagList,
		expiry: span("1m", "90d", "10m"),
		reusable: flag(),
		"stored-key": text(),
		"github-token": optionalSecret()
	},
	rules: [
		{
			input: "tags",
			why: "is for one key that belongs to no node: leave out clusters and nodes",
			holds: ({ tags, clusters, nodes }) => tags.length === 0 || clusters.length + nodes.length === 0
		},
		{
			input: "stored-key",
			why: "is for one key of the topology: leave out clusters, nodes and tags",
			holds: ({ tags, clusters, nodes, ...inputs }) => inputs["stored-key"] === void 0 || tags.length + clusters.length + nodes.length === 0
		},
		{
			input: "stored-key",
			why: "has its expiry and reusable from the topology: leave them out",
			holds: ({ expiry, reusable, ...inputs }) => inputs["stored-key"] === void 0 || expiry === 600 && !reusable
		}
	],
	outputs: [
		"key-file",
		"key-ids",
		"expires"
	],
	async job(inputs, wiring) {
		const { mesh, selection } = await loadMesh(inputs, wiring);
		const stored = inputs["stored-key"] === void 0 ? void 0 : storedKeyOf(mesh, inputs["stored-key"]);
		const control = await wiring.control(controlSettings(mesh, inputs))();
		const { workspace, reporter, clock, state, signal, env } = wiring;
		if (stored !== void 0) return storedMintJob({
			control,
			reporter,
			state,
			signal,
			store: (name) => openStore(mesh, name, inputs, wiring)
		}, {
			stored,
			all: mesh.storedKeys ?? [],
			owner: ownerOf(env),
			runId: runIdOf(wiring)
		});
		return keyMintJob({
			control,
			workspace,
			reporter,
			clock,
			state
		}, {
			mesh,
			nodes: selection.nodes,
			...inputs.tags.length === 0 ? {} : { tags: inputs.tags },
			expirySeconds: inputs.expiry,
			reusable: inputs.reusable,
			...env["GITHUB_RUN_ID"] ? { runId: env["GITHUB_RUN_ID"] } : {}
		});
	},
	async post(inputs, wiring) {
		const { reporter, state } = wiring;
		const keys = lazyKeys(inputs, wiring);
		await postKeyMint(keys, state, wiring);
		if (unstoredKeys(state).length === 0) return;
		await revokeUnstored(state, {
			control: keys,
			reporter,
			find: (name) => storedPlace(name, inputs, wiring)
		});
	}
});
function storedKeyOf(mesh, name) {
	const stored = mesh.storedKeys?.find((one) => one.name === name);
	if (stored !== void 0) return stored;
	const names = (mesh.storedKeys ?? []).map((one) => one.name).join(", ");
	throw keyError("MESH_STORED_KEY_UNKNOWN", `the topology has no stored key ${inertText(name, 80)}${names === "" ? "; it has none at all" : `: there are ${names}`}`);
}
// \0start:key-mint
const start = () => main(action);
export { start };
