export { t as parseTopology } from "./topology.js";
