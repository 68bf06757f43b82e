export { t as GitHub, r as getOctokitOptions } from "./vendor-actions-cache.js";
