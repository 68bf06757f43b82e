import { t as expectControl } from "./shared/early.js";
// \0entry:connectivity-check
expectControl(process.env);
const { start } = await import("./shared/start-connectivity-check.js");
await start();
export {};
