import { t as expectControl } from "./shared/early.js";
// \0entry:key-mint
expectControl(process.env);
const { start } = await import("./shared/start-key-mint.js");
await start();
export {};
