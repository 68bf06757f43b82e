/** This job's identity, from the runner. */
import * as core from "@actions/core";
import { inertText } from "../../mesh/inert.ts";
import { Secret } from "../../mesh/secret.ts";
import { runnerError } from "./errors.ts";

/** A token that GitHub signs for one audience, minutes long. Throws MESH_ID_TOKEN_MISSING. */
export async function fetchIdToken(audience: string): Promise<Secret> {
  try {
    return new Secret(await core.getIDToken(audience));
  } catch (cause) {
    const said = cause instanceof Error ? inertText(cause.message, 300) : "no reason given";
    throw runnerError("MESH_ID_TOKEN_MISSING", `the runner gave no ID token for ${inertText(audience, 200)}: ${said}`, {
      cause,
    });
  }
}
