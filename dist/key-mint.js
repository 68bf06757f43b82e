import { p as strictObject } from "./shared/vendor-schema.js";
import { n as clusterOf } from "./shared/mesh.js";
import { A as list, M as span, S as controlInputs, T as meshInputs, _ as needsKey, a as loadMesh, b as defineAction, d as orphanedKeys, f as revokeChange, g as mintedIds, h as mintKeys, i as controlSettings, k as flag, l as joinPlans, m as mintChange, p as checkLifetime, s as emptyOutcome, t as main, u as visibleDevices, v as revokeUnused, x as changeInputs } from "./shared/main.js";
import { t as formatKeyFile } from "./shared/file.js";
import { n as isTag } from "./shared/parse.js";
import { t as lazyKeys } from "./shared/revoke.js";
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
		preview: () => outcomeOf({
			ids: [],
			file: "",
			expires: ""
		}),
		async apply(planned) {
			await revokeUnused(control, planned.orphans.map((key) => key.id), reporter);
			minted = await mintToFile(ports, planned.requests);
		},
		async verify() {
			return outcomeOf(minted ?? await writeKeys(ports, [], [], ""));
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
		prefixes: []
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
function outcomeOf(minted) {
	return {
		...emptyOutcome,
		outputs: {
			"key-ids": minted.ids.join(","),
			"key-file": minted.file,
			expires: minted.expires
		}
	};
}
// src/actions/key-mint.ts
const tagsMessage = "must be tags such as tag:nas, parted by commas";
const tagList = list().transform((entries, context) => {
	const tags = entries.filter(isTag);
	if (tags.length < entries.length) context.addIssue({
		code: "custom",
		message: tagsMessage
	});
	return tags;
});
const action = defineAction({
	name: "key-mint",
	inputs: strictObject({
		...meshInputs,
		...changeInputs,
		...controlInputs,
		tags: tagList,
		expiry: span("1m", "90d", "10m"),
		reusable: flag()
	}).refine(({ tags, clusters, nodes }) => tags.length === 0 || clusters.length + nodes.length === 0, {
		path: ["tags"],
		message: "is for one key that belongs to no node: leave out clusters and nodes"
	}),
	outputs: [
		"key-file",
		"key-ids",
		"expires"
	],
	async job(inputs, wiring) {
		const { mesh, selection } = await loadMesh(inputs, wiring);
		const control = await wiring.control(controlSettings(mesh, inputs))();
		const { workspace, reporter, clock, state, env } = wiring;
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
	post: (inputs, wiring) => postKeyMint(lazyKeys(inputs, wiring), wiring.state, wiring)
});
// \0entry:key-mint
await main(action);
export {};
