import { a as controlSettings, n as ownerOf, o as loadMesh } from "./main.js";
// src/actions/mesh-job.ts
const noInstall = {
	"tailscale-version": "1.102.5",
	"tailscale-archive": void 0,
	"tailscale-sha256": [],
	"undo-after": 300
};
async function meshJob(inputs, wiring, request) {
	const { mesh, selection } = await loadMesh(inputs, wiring);
	const [{ convergeJob }, { pastOf }] = await Promise.all([import("./converge.js"), import("./past.js")]);
	const { install = noInstall, policy, keyFile, failOn = "broken", parts, watch = false } = request;
	const { storedKeys = [] } = mesh;
	const server = controlSettings(mesh, inputs);
	const { concurrency } = inputs;
	const { reporter, clock, state, workspace, nonce, signal, env } = wiring;
	return convergeJob({
		control: wiring.control(server),
		shell: wiring.shell({
			privateKey: inputs["ssh-private-key"],
			passphrase: inputs["ssh-passphrase"],
			concurrency
		}),
		archives: wiring.archives({
			source: install["tailscale-archive"],
			sha256: install["tailscale-sha256"],
			caFiles: server.caFiles
		}),
		workspace,
		reporter,
		clock,
		state,
		past: pastOf(inputs.topology, wiring)
	}, {
		mesh,
		parts,
		selected: selection.nodes,
		links: selection.links,
		node: {
			version: install["tailscale-version"],
			undoAfter: install["undo-after"]
		},
		policy: policyOptions(policy),
		rollback: request.rollback ?? true,
		keyFile,
		failOn,
		concurrency,
		nonce,
		probePort: probePort(nonce),
		runId: env["GITHUB_RUN_ID"] || nonce.slice(0, 12),
		startedAt: clock.now(),
		signal,
		watch: watch && storedKeys.length > 0 ? {
			storedKeys,
			owner: ownerOf(env)
		} : void 0
	});
}
function policyOptions(inputs) {
	return {
		adopt: inputs?.adopt ?? false,
		onDrift: inputs?.["on-drift"] ?? "fail",
		allowLockout: inputs?.["allow-lockout"] ?? false
	};
}
function probePort(nonce) {
	return 2e4 + Number.parseInt(nonce.slice(0, 4), 16) % 1e4;
}
export { policyOptions as n, meshJob as t };
