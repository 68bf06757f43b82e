/** The dead-man ping: a watchdog elsewhere is told that a run ended well, and tells somebody when it was not for too long. */
import { MeshError } from "../../mesh/error.ts";
import type { Secret } from "../../mesh/secret.ts";
import { httpErrors } from "./errors.ts";
import type { Http } from "./http.ts";

/** Milliseconds in all. */
const patience = 10_000;

/**
 * One GET; any 2xx is well. Throws MESH_PING_REFUSED with the reason and without any part of the address: whoever has it can
 * keep the watchdog quiet. The client must be one that logs nothing.
 */
export async function sendPing(http: Pick<Http, "request">, url: Secret, limit: number = patience): Promise<void> {
  const why = await attempt(http, url, AbortSignal.timeout(limit), limit);
  if (why !== undefined) throw httpErrors("MESH_PING_REFUSED", `the address of \`ping-url\`: ${why}`);
}

async function attempt(
  http: Pick<Http, "request">,
  url: Secret,
  signal: AbortSignal,
  limit: number,
): Promise<string | undefined> {
  try {
    const { status } = await http.request({ method: "GET", url: url.reveal().trim(), signal, bodyLimit: 65_536 });
    return status >= 200 && status < 300 ? undefined : `it was answered ${status}`;
  } catch (error) {
    if (signal.aborted) return `no answer within ${limit / 1000} s`;
    if (!(error instanceof MeshError)) throw error;
    return reasons[error.code] ?? "no connection, or it broke";
  }
}

/** Messages of the client name the host. */
const reasons: Readonly<Record<string, string>> = {
  MESH_HTTP_URL: "it is not an http or https URL, or carries a user name",
  MESH_HTTP_REDIRECT: "it sends us to another host, which is not followed",
  MESH_HTTP_PROXY: "the proxy does not pass it on",
  MESH_HTTP_TOO_LARGE: "the answer is too large",
  MESH_TLS_UNTRUSTED: "its certificate is not trusted by this machine",
  MESH_TLS_INVALID: "its certificate is not valid",
};
