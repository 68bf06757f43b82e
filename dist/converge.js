import { t as expectControl } from "./shared/early.js";
// \0entry:converge
expectControl(process.env);
const { start } = await import("./shared/start-converge.js");
await start();
export {};
