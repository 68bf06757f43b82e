/** Errors of sockets, TLS, our limits and undici, told in our words. */
import { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import { httpErrors } from "./errors.ts";

const untrusted: ReadonlySet<string> = new Set([
  "CERT_SIGNATURE_FAILURE", // an authority of that name is known, with another key
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const invalid: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  ERR_SSL_WRONG_VERSION_NUMBER: "that port does not speak TLS",
  EPROTO: "no TLS could be agreed on; perhaps that port does not speak it",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "that port does not speak TLS",
};

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  UND_ERR_SOCKET: "connection closed before the answer was complete",
  ENOTFOUND: "no such host name",
  EAI_AGAIN: "the name server did not answer",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "connection timed out",
  CONNECT_TIMEOUT: "connection timed out",
  HEADERS_TIMEOUT: "no answer in time",
  BODY_TIMEOUT: "the answer stopped in the middle",
  UND_ERR_CONNECT_TIMEOUT: "connection timed out",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_BODY_TIMEOUT: "the answer stopped in the middle",
};

/** The `code` of an error or of the first of its causes that has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return errorCode(inner);
}

export function isUntrusted(error: unknown): boolean {
  return untrusted.has(errorCode(error) ?? "");
}

/** The connection was lost without an answer; a request that changes nothing may be sent again. */
export function isReset(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(errorCode(error) ?? "");
}

/** `host:port` as it is dialled. */
export function hostPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;
}

/** What a failed request means. `limit` is the size of answer that was allowed, in bytes. */
export function explain(error: unknown, url: URL, limit: number): MeshError {
  if (error instanceof MeshError) return error;
  const code = errorCode(error) ?? "";
  const details = { where: { address: url.origin }, cause: error };
  const target = hostPort(url);
  const told = error instanceof Error ? inertText(error.message, 200) : "unknown failure";
  if (untrusted.has(code)) {
    return httpErrors(
      "MESH_TLS_UNTRUSTED",
      `${target}: its certificate is not trusted by this machine (${code})`,
      details,
    );
  }
  if (invalid[code] !== undefined) {
    return httpErrors("MESH_TLS_INVALID", `${target}: ${invalid[code]}: ${told}`, details);
  }
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return httpErrors("MESH_HTTP_TOO_LARGE", `${target}: the answer is larger than ${limit} bytes`, details);
  }
  if (/proxy response|proxy connection/i.test(told) || code === "UND_ERR_PRX_TLS") {
    return httpErrors("MESH_HTTP_PROXY", `${target}: the proxy did not connect: ${told}`, details);
  }
  return httpErrors("MESH_HTTP_UNREACHABLE", `${target}: ${unreachable[code] ?? told}`, details);
}
