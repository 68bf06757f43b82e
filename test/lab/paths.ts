// Where the lab keeps its things, and what it is called on this machine: one lab for each checkout.
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const checkout = resolve(import.meta.dirname, "../..");
export const source = import.meta.dirname;

/** What `up` leaves for outsiders: topology, keys, inputs. Ignored by git. */
export const handover = join(checkout, ".lab");
/** What only the lab itself reads. Not under /run: the world has a private one. */
export const state = join(handover, "state");

export const cache =
  process.env["TAILMESH_LAB_CACHE"] || join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tailmesh-lab");

/** The name of the cgroups of a checkout's lab. Everything that runs in them is its own, and nothing else is. */
export const labNameOf = (root: string): string =>
  `tailmesh-lab-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
export const labName = labNameOf(checkout);

export const nodeFolder = (node: string): string => join(state, "nodes", node);
export const nodeRoot = (node: string): string => join(nodeFolder(node), "root");
