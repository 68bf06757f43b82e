/** What tailscale's own words mean when a login fails (texts: tailscale 1.102.5 with Headscale 0.29.2). */
import type { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { Node } from "../mesh/mesh.ts";
import { nodeError } from "./errors.ts";

const reasons: readonly {
  readonly text: RegExp;
  readonly code: "MESH_LOGIN_KEY" | "MESH_LOGIN_FAILED";
  readonly hint?: string;
}[] = [
  { text: /authkey expired|invalid pre auth key|invalid key|API key does not exist/, code: "MESH_LOGIN_KEY" },
  {
    text: /authkey already used/,
    code: "MESH_LOGIN_KEY",
    hint: "On Headscale a logged-out or expired tagged node cannot log in again while its old entry exists: delete that node on the control server, then run again.",
  },
  {
    text: /requested tags .* are invalid or not permitted/,
    code: "MESH_LOGIN_KEY",
    hint: "The tag is missing in the policy's tagOwners: run acl-apply first.",
  },
  {
    text: /certificate signed by unknown authority|x509/,
    code: "MESH_LOGIN_FAILED",
    hint: "The node does not trust the control server's certificate: add the CA to the node's system roots.",
  },
  {
    text: /timeout waiting for Tailscale service/,
    code: "MESH_LOGIN_FAILED",
    hint: "The node does not reach the control server (TCP 443), its clock is wrong, or the device waits for approval.",
  },
];

/** @param said standard error of the login step */
export function loginFailure(node: Node, said: string): MeshError {
  const reason = reasons.find((r) => r.text.test(said));
  const last = inertText(said.trim().split("\n").slice(-3).join(" | "), 500);
  return nodeError(reason?.code ?? "MESH_LOGIN_FAILED", `${node.name} could not log in: ${last}`, {
    where: { address: `node/${node.name}/login` },
    ...(reason?.hint ? { hint: reason.hint } : {}),
  });
}
