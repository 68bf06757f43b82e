export { t as parseTopology } from "./parse.js";
