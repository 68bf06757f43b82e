export { t as policyJob } from "./policy.js";
