import { t as expectControl } from "./shared/early.js";
// \0entry:node-provision
expectControl(process.env);
const { start } = await import("./shared/start-node-provision.js");
await start();
export {};
