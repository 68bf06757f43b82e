import { E as text, _ as sshInputs, d as changeInputs, f as controlInputs, h as meshInputs, m as installInputs, t as main, u as defineAction } from "./main.js";
import { s as keyError } from "./mint.js";
import { n as parseKeyFile } from "./file.js";
import { t as meshJob } from "./mesh-job.js";
import { n as revokeMinted } from "./revoke.js";
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
	inputs: {
		...meshInputs,
		...changeInputs,
		...controlInputs,
		...sshInputs,
		...installInputs,
		"key-file": text()
	},
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
// \0start:node-provision
const start = () => main(action);
export { start };
