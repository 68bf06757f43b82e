import { a as revokeUnstored, i as rotateJob, o as unstoredKeys } from "./rotate.js";
import { C as span, S as optionalSecret, a as controlSettings, b as flag, c as trustedFiles, d as changeInputs, f as controlInputs, i as storedPlace, l as openStore, n as ownerOf, o as loadMesh, r as runIdOf, t as main, u as defineAction, v as topologyInputs, x as integer } from "./main.js";
import { t as lazyKeys } from "./revoke.js";
// src/actions/key-rotate.ts
const action = defineAction({
	name: "key-rotate",
	inputs: {
		...topologyInputs,
		...changeInputs,
		...controlInputs,
		force: flag(),
		grace: span("0s", "90d", "24h"),
		"max-revocations": integer(0, 1e3, 3),
		"github-token": optionalSecret(),
		"ping-url": optionalSecret()
	},
	outputs: [
		"rotated",
		"next-due",
		"report-file",
		"metrics-file"
	],
	async job(inputs, wiring) {
		const { mesh } = await loadMesh({
			...inputs,
			clusters: [],
			nodes: []
		}, wiring);
		const control = await wiring.control(controlSettings(mesh, inputs))();
		const { workspace, reporter, clock, state, signal } = wiring;
		const url = inputs["ping-url"];
		return rotateJob({
			control,
			workspace,
			reporter,
			clock,
			state,
			signal,
			store: (name) => openStore(mesh, name, inputs, wiring),
			shown: (text) => wiring.shown(text),
			...url === void 0 ? {} : { ping: () => wiring.ping(url, trustedFiles(mesh, inputs["ca-file"])) }
		}, {
			storedKeys: mesh.storedKeys ?? [],
			owner: ownerOf(wiring.env),
			runId: runIdOf(wiring),
			force: inputs.force,
			grace: inputs.grace,
			maxRevocations: inputs["max-revocations"]
		});
	},
	async post(inputs, wiring) {
		if (unstoredKeys(wiring.state).length === 0) return;
		const { reporter, state } = wiring;
		await revokeUnstored(state, {
			control: lazyKeys(inputs, wiring),
			reporter,
			find: (name) => storedPlace(name, inputs, wiring)
		});
	}
});
// \0start:key-rotate
const start = () => main(action);
export { start };
