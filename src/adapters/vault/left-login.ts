/** A login that a main step could not end: kept in a file of the run until the post step has ended it. */
import * as z from "zod/mini";
import { Secret } from "../../mesh/secret.ts";
import type { Http } from "../http/http.ts";
import { VaultApi } from "./api.ts";
import { endLogin } from "./session.ts";

const LeftSchema = z.object({
  url: z.string(),
  namespace: z.optional(z.string()),
  token: z.string(),
  caFiles: z.array(z.string()),
});

export interface LeftLogin {
  readonly url: string;
  readonly namespace?: string | undefined;
  readonly token: Secret;
  /** PEM files that the server was trusted by. */
  readonly caFiles: readonly string[];
}

/** For a file of mode 0600. */
export function leftLoginText({ token, ...rest }: LeftLogin): string {
  return JSON.stringify({ ...rest, token: token.reveal() });
}

/** Undefined for anything else. */
export function readLeftLogin(text: string): LeftLogin | undefined {
  try {
    const { token, ...rest } = LeftSchema.parse(JSON.parse(text));
    return { ...rest, token: new Secret(token) };
  } catch {
    return undefined;
  }
}

/** Throws as every request to Vault does. */
export async function endLeftLogin({ url, namespace, token }: LeftLogin, http: Http): Promise<void> {
  const api = new VaultApi(url, http);
  api.hide(token);
  await endLogin(api, token, namespace);
}
