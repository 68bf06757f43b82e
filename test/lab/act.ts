// Workflows under act, on the lab's runner machine: an engine that is not ours reads the files and starts the actions.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Lab } from "./client.ts";
import type { V2Access } from "./control-v2.ts";
import { must, run } from "./exec.ts";
import { running } from "./record.ts";

/** How GitHub names the lab's repository, and who its tokens are for. */
const repository = "lab/mesh";

export interface ActEvent {
  readonly name: "push" | "pull_request" | "schedule" | "workflow_dispatch";
  /** The file's name below .github/workflows. */
  readonly workflow: string;
  /** The rest of the event's payload. */
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly inputs?: Readonly<Record<string, string | boolean>>;
}

/** What the repository's settings hold; lab's own values reach the workflows by these alone. */
export interface ActSettings {
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Of the runner, such as where a job asks for its ID token. */
  readonly env: Readonly<Record<string, string>>;
}

/** Settings that let a job of this lab log in. */
export function labSettings(lab: Lab): ActSettings {
  const access = JSON.parse(lab.read("control-v2.json")) as V2Access;
  const { converge = {} } = JSON.parse(lab.read("inputs.json")) as Record<string, Record<string, string>>;
  return {
    vars: {
      TAILSCALE_CLIENT_ID: access.identityClientId,
      TAILSCALE_AUDIENCE: access.audience,
      TAILSCALE_ARCHIVE: converge["tailscale-archive"] ?? "",
      TAILSCALE_SHA256: converge["tailscale-sha256"] ?? "",
    },
    secrets: { SSH_PRIVATE_KEY: converge["ssh-private-key"] ?? "" },
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: access.idTokenRequestUrl,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: access.idTokenRequestToken,
    },
  };
}

/** The release that the workflows name their actions by: this checkout's. */
export function release(lab: Lab): string {
  return (JSON.parse(readFileSync(join(lab.root, "package.json"), "utf8")) as { version: string }).version;
}

/** Outputs of the steps, as act tells them; of two with one name, the later. */
export function outputsOf({ log }: ActRun): Readonly<Record<string, string>> {
  return Object.fromEntries([...log.matchAll(/::set-output:: ([\w-]+)=(.*)$/gm)].map(([, k = "", v = ""]) => [k, v]));
}

/** A secret in the forms in which it could leak, by a part of it that nothing else contains: OpenSSH keys begin all alike. */
export function leakForms(secret: string): readonly string[] {
  const lines = secret.trim().split("\n");
  const core = lines[Math.floor(lines.length / 2)]?.slice(4, -4) ?? "";
  if (core.length < 12) throw new Error("too short to be looked for");
  const bytes = Buffer.from(core);
  const aligned = [0, 1, 2].map((n) =>
    Buffer.concat([Buffer.alloc(n, 120), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  return [core, ...aligned, bytes.toString("hex"), encodeURIComponent(core)];
}

export const noSettings: ActSettings = { vars: {}, secrets: {}, env: {} };

export interface ActRun {
  readonly exit: number;
  readonly log: string;
  /** Keys that lay in key files while it ran. */
  readonly keys: readonly string[];
}

/** A repository in the lab's state folder that act runs workflows of. */
export class ActRepository {
  readonly folder: string;
  readonly #home: string;
  readonly #product: string;
  readonly #release: string;
  readonly #enter: readonly string[];

  /** `enter` are words before a command that bring it onto the runner's machine; none for who is there already. */
  constructor(lab: Lab, name: string, enter: readonly string[] = lab.argv("runner", "--")) {
    this.#enter = enter;
    this.#release = release(lab);
    const base = lab.file(join("state", `act-${name}`));
    rmSync(base, { recursive: true, force: true });
    this.folder = join(base, "repository");
    this.#home = join(base, "home");
    this.#product = join(base, "tailmesh");
    for (const folder of [this.folder, this.#home, this.#product]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    // act packs all of a repository that it is given: only what a release has of use to it
    for (const part of ["action.yml", "package.json", "actions", "dist", ".github"])
      cpSync(join(lab.root, part), join(this.#product, part), { recursive: true });
  }

  /** Files as they are, bytes and all. */
  copy(from: string, to: string): void {
    mkdirSync(dirname(join(this.folder, to)), { recursive: true });
    cpSync(from, join(this.folder, to), { recursive: true });
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** Everything into a first commit on the default branch. */
  async commit(): Promise<void> {
    await this.#git("init", "--quiet", "--initial-branch=main");
    await this.#git("remote", "add", "origin", `https://github.com/${repository}.git`);
    await this.#git("add", "--all");
    await this.#git("commit", "--quiet", "--message", "The mesh");
  }

  async checkOut(branch: string): Promise<void> {
    await this.#git("checkout", "--quiet", branch);
  }

  /** A branch with a commit of its own: act finds the ref by the commit, and of two refs on one it takes `main`. */
  async branchOff(branch: string): Promise<void> {
    await this.#git("checkout", "--quiet", "-B", branch);
    await this.#git("commit", "--quiet", "--allow-empty", "--message", `On ${branch}`);
  }

  async #git(...words: readonly string[]): Promise<void> {
    const who = ["-c", "user.name=lab", "-c", "user.email=lab@example.com", "-c", "commit.gpgsign=false"];
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    await must(["git", ...who, ...words], { cwd: this.folder, env });
  }

  /**
   * One event. act hides nothing of what a step prints (`--insecure-secrets`): whatever the log is without secrets, it is so by
   * the actions' own doing.
   */
  async run(event: ActEvent, settings: ActSettings): Promise<ActRun> {
    const file = (name: string, value: unknown): string => {
      const path = join(this.#home, name);
      writeFileSync(path, JSON.stringify(value), { mode: 0o600 });
      return path;
    };
    const payload = {
      repository: { full_name: repository, default_branch: "main", private: true, visibility: "private" },
      ...event.payload,
      // every one a string, as GitHub sends them
      ...(event.inputs && { inputs: Object.fromEntries(Object.entries(event.inputs).map(([k, v]) => [k, String(v)])) }),
    };
    const act = join(running().tools.act, "act");
    const paths = [dirname(process.execPath), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    const words = [
      ...["env", "-i", `HOME=${this.#home}`, `PATH=${paths.join(":")}`, "LANG=C.UTF-8", act, event.name],
      ...[
        "-W",
        join(".github/workflows", event.workflow),
        "-e",
        file("event.json", payload),
        "--defaultbranch",
        "main",
      ],
      ...["-P", "ubuntu-24.04=-self-hosted", "--no-cache-server", "--action-offline-mode", "--insecure-secrets"],
      ...["--local-repository", `tailmesh/tailmesh@v${this.#release}=${this.#product}`],
      // values in files: what a command line has, everybody on the machine reads
      ...["--secret-file", file("secrets.yml", settings.secrets), "--var-file", file("vars.yml", settings.vars)],
      ...["--env-file", file("env.yml", settings.env)],
    ];
    const keys = new Set<string>();
    const watch = setInterval(() => this.#lookForKeys(keys), 100);
    try {
      const { code, stdout, stderr } = await run([...this.#enter, ...words], {
        cwd: this.folder,
        milliseconds: 300_000,
      });
      return { exit: code, log: `${stdout}\n${stderr}`, keys: [...keys] };
    } finally {
      clearInterval(watch);
    }
  }

  /** Files that act's jobs left; their temporary folders are gone with them. */
  leftKeyFiles(): readonly string[] {
    return globSync("**/auth-keys", { cwd: join(this.#home, ".cache") });
  }

  #lookForKeys(keys: Set<string>): void {
    const cache = join(this.#home, ".cache", "act");
    if (!existsSync(cache)) return;
    for (const file of globSync("*/tmp/tailmesh/*/auth-keys", { cwd: cache })) {
      try {
        for (const [, key = ""] of readFileSync(join(cache, file), "utf8").matchAll(/^\S+ (\S+)$/gm)) keys.add(key);
      } catch {
        // removed meanwhile by its post step
      }
    }
  }
}
