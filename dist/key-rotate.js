import { t as expectControl } from "./shared/early.js";
// \0entry:key-rotate
expectControl(process.env);
const { start } = await import("./shared/start-key-rotate.js");
await start();
export {};
