import { R as MeshError } from "./mesh.js";
// src/ports/control.ts
async function visibleDevices(control) {
	if (!control.capabilities.devices.list) return null;
	try {
		return await control.listDevices();
	} catch (error) {
		if (error instanceof MeshError && error.code === "MESH_CREDENTIAL_DENIED") return null;
		throw error;
	}
}
export { visibleDevices as t };
