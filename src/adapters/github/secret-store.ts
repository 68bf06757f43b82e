/**
 * The SecretStore port on a GitHub environment: the key as an environment secret, which nobody can read back, and a
 * companion variable `NAME_META` that says which key it is. Two writes cannot be one, so they come in this order: the
 * variable notes the new key as pending, the secret is written, the variable names the new key. Whatever run is stopped in
 * between, the variable says that the secret may hold either.
 */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import type { KeyRecord, SecretStore, StoreReading, StoreWrite } from "../../ports/secret-store.ts";
import { systemClock } from "../clock.ts";
import type { Http } from "../http/http.ts";
import { type Companion, companionText, readCompanion } from "./companion.ts";
import { EnvironmentApi, type EnvironmentReply, isMissing, secretPath, variablePath } from "./environment-api.ts";
import { githubError } from "./errors.ts";
import { sealedBox } from "./sealed-box.ts";

export interface GitHubStoreOptions {
  /** Name of the store in the topology. */
  readonly name: string;
  readonly environment: string;
  /** `owner/name`; undefined outside of GitHub. */
  readonly repository: string | undefined;
  /** `https://api.github.com`. */
  readonly url: string;
  /** Of a GitHub App, or a person's fine-grained one; undefined when none was given. */
  readonly token: Secret | undefined;
  /** Opened at the first request. */
  readonly http: () => Promise<Http>;
  readonly clock?: Clock;
}

/** Throws MESH_GITHUB_TOKEN_MISSING and MESH_GITHUB_REPOSITORY. */
export function createGitHubStore(options: GitHubStoreOptions): SecretStore {
  return new GitHubStore(options);
}

/** GitHub's own limit for names. */
const longestName = 255;
const suffix = "_META";

const secretReply = z.object({ updated_at: z.iso.datetime({ offset: true }) });
const variableReply = z.object({ value: z.string(), updated_at: z.iso.datetime({ offset: true }) });
const keyReply = z.object({ key_id: z.string().check(z.minLength(1)), key: z.string().check(z.minLength(1)) });

/** The two halves of a place as they are; null where there is none. */
interface Seen {
  readonly secretUpdated: Date | null;
  readonly variable: { readonly value: string; readonly updated: Date } | null;
}

class GitHubStore implements SecretStore {
  readonly name: string;
  readonly capabilities = { readable: false, compareAndSet: false };
  readonly loginKind = "github-token";
  readonly wire: SecretStore["wire"];
  readonly #api: EnvironmentApi;

  constructor({ name, environment, repository, url, token, http, clock = systemClock }: GitHubStoreOptions) {
    const where = { address: `store/${name}` };
    const [owner, repo, ...more] = repository?.split("/") ?? [];
    if (!owner || !repo || more.length > 0) {
      throw githubError("MESH_GITHUB_REPOSITORY", `store ${name}: GITHUB_REPOSITORY does not name a repository`, {
        where,
      });
    }
    if (token === undefined || token.isEmpty) {
      throw githubError("MESH_GITHUB_TOKEN_MISSING", `store ${name} is on GitHub, and there is no \`github-token\``, {
        where,
      });
    }
    this.name = name;
    this.#api = new EnvironmentApi({ url, owner, repo, environment, token, http, clock });
    const { path } = this.#api;
    this.wire = {
      read: `GET ${path}/secrets/PLACE and ${path}/variables/PLACE${suffix}`,
      write: `PUT ${path}/secrets/PLACE, and ${path}/variables/PLACE${suffix} before and after`,
    };
  }

  /**
   * The public key and the variable are asked for; then both writes are sent without a body, which GitHub refuses as
   * incomplete where they are allowed at all.
   */
  async checkWritable(place: string): Promise<void> {
    this.#checkName(place);
    await this.#publicKey();
    const variable = await this.#api.call("GET", variablePath(place + suffix));
    if (!isMissing(variable)) this.#api.read(variable, variableReply);
    for (const reply of [
      await this.#api.call("PUT", secretPath(place), {}),
      await this.#api.call("POST", "/variables", {}),
    ]) {
      if (![400, 422].includes(reply.status)) throw this.#api.failure(reply);
    }
  }

  async read(place: string): Promise<StoreReading> {
    this.#checkName(place);
    return readingOf(await this.#look(place));
  }

  async write(place: string, secret: Secret, record: KeyRecord, ifVersion: string): Promise<StoreWrite> {
    this.#checkName(place);
    const before = await this.#look(place);
    const reading = readingOf(before);
    if (reading.version !== ifVersion) return { kind: "conflict" };
    if (reading.kind === "foreign") throw this.#error("MESH_GITHUB_FOREIGN", `${place} holds what is not ours`);
    const { key, key_id } = await this.#publicKey();
    const box = await sealedBox(secret.reveal(), key);
    if (box === undefined) throw this.#error("MESH_GITHUB_FAILED", "GitHub's public key is none of X25519");
    const whole = before.variable === null ? null : (readCompanion(before.variable.value)?.record ?? null);
    const pending: Companion = { record: whole, pending: record };
    await this.#writeVariable(place, companionText(pending), before.variable !== null);
    await this.#writeSecret(place, { encrypted_value: box, key_id });
    const after = await this.#look(place, true);
    if (after.variable?.value !== companionText(pending)) throw await this.#raced(place, after, record);
    const done = companionText({ record, pending: null });
    await this.#writeVariable(place, done, true);
    const last = await this.#look(place, true);
    // A whole write of another run fits between the look before and ours, if this one was held up there.
    const isOverwritten = last.secretUpdated?.getTime() !== after.secretUpdated?.getTime();
    if (isOverwritten && last.variable?.value === done) throw await this.#raced(place, last, record);
    return { kind: "stored", version: versionOf({ ...after, variable: { value: done, updated: new Date(0) } }) };
  }

  async loginExpiry(): Promise<Date | null> {
    return this.#api.tokenExpiry;
  }

  async close(): Promise<void> {
    // The token is the caller's; whoever made it ends it.
  }

  /** `part` of a write, or by itself. */
  async #look(place: string, part: boolean = false): Promise<Seen> {
    const secret = await this.#api.call("GET", secretPath(place), undefined, part);
    const variable = await this.#api.call("GET", variablePath(place + suffix), undefined, part);
    return {
      secretUpdated: isMissing(secret) ? null : new Date(this.#api.read(secret, secretReply).updated_at),
      variable: isMissing(variable) ? null : this.#variable(variable),
    };
  }

  #variable(reply: EnvironmentReply): Seen["variable"] {
    const { value, updated_at } = this.#api.read(reply, variableReply);
    return { value, updated: new Date(updated_at) };
  }

  /** Never kept: each environment has a key of its own, and GitHub may change it. */
  async #publicKey(): Promise<z.output<typeof keyReply>> {
    return this.#api.read(await this.#api.call("GET", "/secrets/public-key"), keyReply);
  }

  async #writeVariable(place: string, value: string, exists: boolean): Promise<void> {
    const name = place + suffix;
    if (!exists) {
      const made = await this.#api.call("POST", "/variables", { name, value });
      // There already: made by this very request, whose first answer was lost, or by another run.
      if (made.status !== 409) return this.#expectSuccess(made);
    }
    this.#expectSuccess(await this.#api.call("PATCH", variablePath(name), { name, value }));
  }

  /** What was written cannot be looked at; that the time of the last change has moved can. */
  async #writeSecret(place: string, body: { encrypted_value: string; key_id: string }): Promise<void> {
    const written = await this.#api.call("PUT", secretPath(place), body);
    this.#expectSuccess(written);
    const shown = await this.#api.call("GET", secretPath(place), undefined, true);
    const { updated_at } = this.#api.read(shown, secretReply);
    const sent = Date.parse(written.headers["date"] ?? "");
    if (Date.parse(updated_at) < sent - aMinute) {
      throw this.#error(
        "MESH_GITHUB_UNPROVEN",
        `GitHub took ${place} and shows it as last changed at ${inertText(updated_at, 40)}`,
      );
    }
  }

  /** Another run writes too. Which of the two keys is in the secret is not known any more, and the variable says so. */
  async #raced(place: string, after: Seen, record: KeyRecord) {
    const theirs = after.variable === null ? undefined : readCompanion(after.variable.value);
    if (after.variable === null || theirs !== undefined) {
      const text = companionText({ record: theirs?.record ?? theirs?.pending ?? null, pending: record });
      await this.#writeVariable(place, text, after.variable !== null);
    }
    return this.#error("MESH_GITHUB_RACE", `another run wrote ${place} at the same time`);
  }

  #expectSuccess(reply: EnvironmentReply): void {
    if (reply.status < 200 || reply.status > 299) throw this.#api.failure(reply);
  }

  /** Before anything is minted, so that a bad name cannot strand a key. */
  #checkName(place: string): void {
    const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(place) && !/^GITHUB_/i.test(place);
    if (isName && place.length + suffix.length <= longestName) return;
    throw this.#error("MESH_GITHUB_NAME", `${inertText(place, 80)} is no name for a secret with a companion`);
  }

  #error(code: keyof typeof githubError.specs, message: string) {
    return githubError(code, message, { where: { address: this.#api.address } });
  }
}

const aMinute = 60_000;

/** A write of ours ends with the variable. GitHub shows whole seconds, and two of its machines may be one apart. */
const clockSlack = 1000;

function readingOf(seen: Seen): StoreReading {
  const { secretUpdated, variable } = seen;
  const companion = variable === null ? undefined : readCompanion(variable.value);
  const none = { version: versionOf(seen), record: null, secret: null };
  const isForeign = (variable !== null && companion === undefined) || (variable === null && secretUpdated !== null);
  if (isForeign) return { ...none, kind: "foreign", isConsistent: true };
  // A variable alone is what a first write leaves that was stopped before the secret, or a secret that was removed.
  if (secretUpdated === null || companion === undefined || variable === null) {
    return { ...none, kind: "absent", isConsistent: true };
  }
  const isTouched = secretUpdated.getTime() > variable.updated.getTime() + clockSlack;
  return {
    ...none,
    kind: "present",
    record: companion.record ?? companion.pending,
    isConsistent: companion.pending === null && !isTouched,
  };
}

/** Changes with either half. */
function versionOf({ secretUpdated, variable }: Seen): string {
  const parts = [secretUpdated?.toISOString() ?? null, variable?.value ?? null];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
