// Where the lab keeps its things, and what it is called on this machine.
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const checkout = resolve(import.meta.dirname, "../..");
export const source = import.meta.dirname;

/** The folder of a checkout that is its lab. Another name is another lab of the same checkout, beside the first. */
export const labFolder = process.env["TAILMESH_LAB_FOLDER"] || ".lab";

/** What `up` leaves for outsiders: topology, keys, inputs. Ignored by git. */
export const handover = join(checkout, labFolder);
/** What only the lab itself reads. Not under /run: the world has a private one. */
export const state = join(handover, "state");

export const cache =
  process.env["TAILMESH_LAB_CACHE"] || join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tailmesh-lab");

/** The name of a lab's cgroups, by its folder. Everything that runs in them is its own, and nothing else is. */
export const labNameOf = (folder: string): string =>
  `tailmesh-lab-${createHash("sha256").update(folder).digest("hex").slice(0, 8)}`;
export const labName = labNameOf(handover);

export const nodeFolder = (node: string): string => join(state, "nodes", node);
export const nodeRoot = (node: string): string => join(nodeFolder(node), "root");
