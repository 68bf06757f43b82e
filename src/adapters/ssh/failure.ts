/** Errors of ssh2 and of sockets during the handshake, told in our words. */
import { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import { sshErrors } from "./errors.ts";

/** What is being dialled: `user@host:port` and the address of the node it is for. */
export interface Dialled {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

const bySocket: Readonly<Record<string, readonly [keyof typeof sshErrors.specs, string]>> = {
  ECONNREFUSED: ["MESH_SSH_REFUSED", "connection refused"],
  ENOTFOUND: ["MESH_SSH_DNS", "no such host name"],
  EAI_AGAIN: ["MESH_SSH_DNS", "the name server did not answer"],
  ETIMEDOUT: ["MESH_SSH_TIMEOUT", "connection timed out"],
  EHOSTUNREACH: ["MESH_SSH_UNREACHABLE", "no route to the host"],
  ENETUNREACH: ["MESH_SSH_UNREACHABLE", "no route to the network"],
  ECONNRESET: ["MESH_SSH_UNREACHABLE", "connection reset during the handshake"],
};

/** Why there is no connection. */
export function explain(error: unknown, to: Dialled): MeshError {
  if (error instanceof MeshError) return error;
  const details = { where: { address: to.address }, cause: error };
  const target = `${to.host}:${to.port}`;
  const told = error instanceof Error ? error.message : String(error);
  const socket = bySocket[textOf(error, "code")];
  if (socket) return sshErrors(socket[0], `${target}: ${socket[1]}`, details);
  if (/privateKey|passphrase/i.test(told)) {
    const encrypted = /no passphrase/i.test(told) ? "it is encrypted and no passphrase is given" : "it cannot be read";
    return sshErrors("MESH_SSH_KEY", `the SSH private key: ${encrypted}`, { cause: error });
  }
  switch (textOf(error, "level")) {
    case "client-authentication":
      return sshErrors("MESH_SSH_AUTH", `${target}: the key is not accepted for user ${to.user}`, details);
    case "client-timeout":
      return sshErrors("MESH_SSH_TIMEOUT", `${target}: no SSH handshake in time`, details);
    case "handshake":
    case "protocol":
      return sshErrors("MESH_SSH_PROTOCOL", `${target}: ${inertText(told, 200)}`, details);
    default:
      return sshErrors("MESH_SSH_UNREACHABLE", `${target}: ${inertText(told, 200)}`, details);
  }
}

/** Whether both sides have no type of host key in common. */
export function isNoCommonHostKey(error: unknown): boolean {
  return error instanceof Error && /no matching host key format/i.test(error.message);
}

function textOf(error: unknown, property: "code" | "level"): string {
  if (!(error instanceof Error)) return "";
  const value: unknown = Reflect.get(error, property);
  return typeof value === "string" ? value : "";
}
