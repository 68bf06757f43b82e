import { t as expectControl } from "./shared/early.js";
// \0entry:topology-plan
expectControl(process.env);
const { start } = await import("./shared/start-topology-plan.js");
await start();
export {};
