export { y as __TESTS, b as hsalsa, x as salsa20, S as secretbox, C as xsalsa20, w as xsalsa20poly1305 } from "./vendor-sealed-box.js";
