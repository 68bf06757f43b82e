// The end of a lab, whatever state it is in: half built, killed, or gone already.
import { existsSync, rmSync } from "node:fs";
import { hasGroups, removeGroups } from "./cgroups.ts";
import { handover } from "./paths.ts";
import { restoreSysctl } from "./sysctl.ts";

export async function down(): Promise<void> {
  // Everything that runs for the lab runs in its cgroups, or in the world's pid namespace, which ends with its first process.
  if (hasGroups()) await removeGroups();
  restoreSysctl();
  // Its mounts were in the world's own namespace: here these are plain folders.
  if (existsSync(handover)) rmSync(handover, { recursive: true, force: true, maxRetries: 3 });
}
