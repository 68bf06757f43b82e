export { t as NodeSSH } from "./vendor-ssh.js";
