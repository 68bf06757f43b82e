export { i as openApiReply } from "./v2-wire2.js";
