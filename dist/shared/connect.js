export { t as connectControl } from "./control.js";
