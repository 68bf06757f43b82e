import { t as expectControl } from "./shared/early.js";
// \0entry:acl-apply
expectControl(process.env);
const { start } = await import("./shared/start-acl-apply.js");
await start();
export {};
