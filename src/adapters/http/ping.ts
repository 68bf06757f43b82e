/** The dead-man ping: a page elsewhere is told that a run ended well, and tells somebody when it was not for too long. */
import { MeshError } from "../../mesh/error.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Http } from "./http.ts";

/** Milliseconds in all. */
const patience = 10_000;

/**
 * One GET. Undefined when it was answered with success, else why not, without any part of the address: whoever has it can
 * ping, too. The client must be one that logs nothing. Never throws.
 */
export async function ping(http: Http, url: Secret, limit: number = patience): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limit);
  try {
    const { status } = await http.request({ method: "GET", url: url.reveal().trim(), signal, bodyLimit: 65_536 });
    return status >= 200 && status < 300 ? undefined : `it was answered ${status}`;
  } catch (error) {
    if (signal.aborted) return `no answer within ${limit / 1000} s`;
    return error instanceof MeshError ? (reasons[error.code] ?? "no connection, or it broke") : "it failed";
  }
}

const reasons: Readonly<Record<string, string>> = {
  MESH_HTTP_URL: "it is not an http or https URL, or carries a user name",
  MESH_HTTP_REDIRECT: "it sends us to another host, which is not followed",
  MESH_HTTP_PROXY: "the proxy does not pass it on",
  MESH_HTTP_TOO_LARGE: "the answer is too large",
  MESH_TLS_UNTRUSTED: "its certificate is not trusted by this machine",
  MESH_TLS_INVALID: "its certificate is not valid",
};
