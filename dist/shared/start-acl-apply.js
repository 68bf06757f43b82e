import { S as optionalSecret, a as controlSettings, d as changeInputs, f as controlInputs, g as policyInputs, o as loadMesh, s as nextTurn, t as main, u as defineAction, v as topologyInputs } from "./main.js";
import { n as policyOptions } from "./mesh-job.js";
// src/actions/acl-apply.ts
const action = defineAction({
	name: "acl-apply",
	inputs: {
		...topologyInputs,
		...changeInputs,
		...controlInputs,
		...policyInputs,
		"github-token": optionalSecret()
	},
	outputs: ["etag", "diff-file"],
	async job(inputs, wiring) {
		const { mesh } = await loadMesh({
			...inputs,
			clusters: [],
			nodes: []
		}, wiring);
		const connecting = wiring.control(controlSettings(mesh, inputs))();
		const document = connecting.then((control) => control.getPolicy());
		document.catch(() => void 0);
		await nextTurn();
		const [{ policyJob }, { pastOf }] = await Promise.all([import("./job.js"), import("./past.js")]);
		const control = await connecting;
		await nextTurn();
		const { workspace, reporter, shown } = wiring;
		const token = inputs["github-token"];
		const forge = token && wiring.forge(token);
		return policyJob({
			control,
			document,
			workspace,
			reporter,
			shown,
			past: pastOf(inputs.topology, wiring),
			forge
		}, {
			mesh,
			...policyOptions(inputs)
		});
	}
});
// \0start:acl-apply
const start = () => main(action);
export { start };
