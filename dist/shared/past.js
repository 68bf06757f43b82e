import { z as MeshError } from "./mesh.js";
import { t as parseTopology } from "./topology.js";
// src/actions/past.ts
function pastOf(topology, { history, env }) {
	return {
		history,
		topology,
		readMesh(text) {
			try {
				return parseTopology(text, {
					file: topology,
					env: (name) => env[name]
				});
			} catch (error) {
				if (error instanceof MeshError) return void 0;
				throw error;
			}
		}
	};
}
export { pastOf };
