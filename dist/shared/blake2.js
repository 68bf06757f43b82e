export { t as _BLAKE2, n as _BLAKE2b, r as _BLAKE2s, i as _compress, a as blake2b, o as blake2s } from "./vendor-sealed-box.js";
