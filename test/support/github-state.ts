/** What the in-process GitHub keeps: environments with their own box keys, secrets that it really opens, variables, comments. */
import sodium from "libsodium-wrappers";

export interface FakeSecret {
  /** What was in the box. */
  readonly value: string;
  readonly created: Date;
  readonly updated: Date;
}

export interface FakeVariable {
  readonly value: string;
  readonly created: Date;
  readonly updated: Date;
}

export interface FakeEnvironment {
  readonly name: string;
  readonly keyId: string;
  /** Base64. */
  readonly publicKey: string;
  readonly secrets: Map<string, FakeSecret>;
  readonly variables: Map<string, FakeVariable>;
}

export interface FakeComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly user: { readonly login: string; readonly type: "Bot" | "User" };
}

/** A refusal as GitHub words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** Bytes of a secret or a variable. */
const largest = 48 * 1024;
const most = 100;

export class GitHubState {
  readonly repository: string;
  readonly environments = new Map<string, FakeEnvironment>();
  readonly comments: FakeComment[] = [];
  readonly now: () => Date;
  readonly #privateKeys = new Map<string, Uint8Array>();
  #count = 0;

  private constructor(repository: string, now: () => Date) {
    this.repository = repository;
    this.now = now;
  }

  static async create(repository: string, environments: readonly string[], now: () => Date): Promise<GitHubState> {
    await sodium.ready;
    const state = new GitHubState(repository, now);
    for (const name of environments) state.addEnvironment(name);
    return state;
  }

  /** Its key is its own: a box for another environment does not open here. */
  addEnvironment(name: string): FakeEnvironment {
    const keys = sodium.crypto_box_keypair();
    const environment = {
      name,
      keyId: `56838957651281478${++this.#count}`,
      publicKey: sodium.to_base64(keys.publicKey, sodium.base64_variants.ORIGINAL),
      secrets: new Map(),
      variables: new Map(),
    };
    this.environments.set(name.toLowerCase(), environment);
    this.#privateKeys.set(environment.keyId, keys.privateKey);
    return environment;
  }

  /** Names of environments are told apart without their case. */
  environment(name: string): FakeEnvironment {
    const found = this.environments.get(name.toLowerCase());
    if (!found) throw new Refusal(404, "Not Found");
    return found;
  }

  /** True when it was not there before. */
  putSecret(environment: FakeEnvironment, name: string, body: Readonly<Record<string, unknown>>): boolean {
    const { encrypted_value: box, key_id: keyId } = body;
    if (typeof box !== "string" || typeof keyId !== "string") {
      throw new Refusal(422, 'Invalid request.\n\n"encrypted_value", "key_id" weren\'t supplied.');
    }
    checkName(name, "Secret");
    if (keyId !== environment.keyId) throw new Refusal(422, "Bad request - key_id does not match the public key");
    const value = this.#open(environment, box);
    if (Buffer.byteLength(value) > largest)
      throw new Refusal(422, "Secret value is too large. It must be 48 KB or smaller");
    return put(environment.secrets, name.toUpperCase(), value, this.now(), "secrets");
  }

  #open(environment: FakeEnvironment, box: string): string {
    const keys = [environment.publicKey, this.#privateKeys.get(environment.keyId)] as const;
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(box) || box === "") {
      throw new Refusal(
        422,
        "Invalid request.\n\nInvalid property /encrypted_value: does not match the pattern of Base64",
      );
    }
    try {
      const publicKey = sodium.from_base64(keys[0], sodium.base64_variants.ORIGINAL);
      const opened = sodium.crypto_box_seal_open(Buffer.from(box, "base64"), publicKey, keys[1] ?? new Uint8Array(32));
      return Buffer.from(opened).toString("utf8");
    } catch {
      throw new Refusal(422, "Improperly encrypted secret");
    }
  }

  createVariable(environment: FakeEnvironment, body: Readonly<Record<string, unknown>>): void {
    const { name, value } = body;
    if (typeof name !== "string" || typeof value !== "string") {
      throw new Refusal(422, 'Invalid request.\n\n"name", "value" weren\'t supplied.');
    }
    checkName(name, "Variable");
    checkSize(value);
    if (environment.variables.has(name.toUpperCase()))
      throw new Refusal(409, "Already exists - Variable already exists");
    put(environment.variables, name.toUpperCase(), value, this.now(), "variables");
  }

  updateVariable(environment: FakeEnvironment, name: string, body: Readonly<Record<string, unknown>>): void {
    const found = environment.variables.get(name.toUpperCase());
    if (!found) throw new Refusal(404, "Not Found");
    const { value = found.value } = body;
    if (typeof value !== "string") throw new Refusal(422, "Invalid request.\n\nInvalid property /value");
    checkSize(value);
    put(environment.variables, name.toUpperCase(), value, this.now(), "variables");
  }
}

function put(map: Map<string, FakeSecret>, name: string, value: string, now: Date, what: string): boolean {
  const before = map.get(name);
  if (before === undefined && map.size >= most)
    throw new Refusal(422, `Limit of ${most} ${what} per environment reached`);
  map.set(name, { value, created: before?.created ?? now, updated: now });
  return before === undefined;
}

function checkName(name: string, what: string): void {
  if (/^GITHUB_/i.test(name)) throw new Refusal(422, `${what} names must not start with GITHUB_.`);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new Refusal(
      422,
      `${what} names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).`,
    );
  }
  if (name.length > 255) throw new Refusal(422, `${what} name is too long`);
}

function checkSize(value: string): void {
  if (Buffer.byteLength(value) > largest)
    throw new Refusal(422, "Variable value is too large. It must be 48 KB or smaller");
}
