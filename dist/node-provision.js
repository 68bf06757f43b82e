import { m as strictObject } from "./shared/vendor-schema.js";
import { d as controlInputs, g as sshInputs, l as defineAction, m as meshInputs, p as installInputs, t as main, u as changeInputs, w as text } from "./shared/main.js";
import { s as keyError } from "./shared/mint.js";
import { n as parseKeyFile } from "./shared/file.js";
import { t as meshJob } from "./shared/mesh-job.js";
import { n as revokeMinted } from "./shared/revoke.js";
// src/actions/key-file.ts
async function readKeyFile(file, { workspace, reporter }) {
	if (file === void 0) return void 0;
	const text = await workspace.read(file);
	if (text === void 0) throw keyError("MESH_KEY_FILE_MISSING", `there is no key file ${file}`, { where: { file } });
	const entries = parseKeyFile(text, file);
	for (const entry of entries) reporter.mask(entry.secret);
	return entries;
}
// src/actions/node-provision.ts
const action = defineAction({
	name: "node-provision",
	inputs: strictObject({
		...meshInputs,
		...changeInputs,
		...controlInputs,
		...sshInputs,
		...installInputs,
		"key-file": text()
	}),
	outputs: ["nodes-changed"],
	job: async (inputs, wiring) => meshJob(inputs, wiring, {
		parts: {
			policy: false,
			nodes: true,
			check: false
		},
		install: inputs,
		keyFile: await readKeyFile(inputs["key-file"], wiring)
	}),
	post: revokeMinted
});
// \0entry:node-provision
await main(action);
export {};
