import { i as mintedIds, o as revokeUnused } from "./mint.js";
import { a as controlSettings, o as loadMesh } from "./main.js";
// src/actions/revoke.ts
function lazyKeys(inputs, wiring) {
	let opened;
	const control = () => {
		opened ??= open(inputs, wiring);
		return opened;
	};
	return {
		listKeys: async () => (await control()).listKeys(),
		revokeKey: async (id) => (await control()).revokeKey(id)
	};
}
async function revokeMinted(inputs, wiring) {
	await revokeUnused(lazyKeys(inputs, wiring), mintedIds(wiring.state), wiring.reporter);
}
async function open(inputs, wiring) {
	const { mesh } = await loadMesh({
		...inputs,
		clusters: [],
		nodes: []
	}, wiring);
	return wiring.control(controlSettings(mesh, inputs))();
}
export { revokeMinted as n, lazyKeys as t };
