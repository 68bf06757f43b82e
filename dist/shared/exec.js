export { b as getExecOutput } from "./vendor-actions-core.js";
