export { n as getExecOutput } from "./vendor-actions-exec.js";
