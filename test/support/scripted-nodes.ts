/** Nodes that answer with captured facts: bare until their join stage has run, joined after it. */
import { readFileSync } from "node:fs";
import type { MeshError } from "../../src/mesh/error.ts";
import type { Node } from "../../src/mesh/mesh.ts";
import { Secret } from "../../src/mesh/secret.ts";
import type { RunOptions, Shell, ShellResult, ShellSession } from "../../src/ports/shell.ts";
import { captured } from "./facts.ts";
import type { FakeControl } from "./fake-control.ts";

export interface Exec {
  readonly node: string;
  /** `facts`, or the ids of the steps that the script has. */
  readonly what: string;
}

export class ScriptedNodes implements Shell {
  readonly execs: Exec[] = [];
  connections = 0;
  readonly #control: FakeControl;
  readonly #joined: Set<string>;
  /** Answers of certain execs instead of success, by `node what`. */
  readonly failures = new Map<string, ShellResult>();
  readonly unreachable = new Map<string, MeshError>();

  constructor(control: FakeControl, joined: readonly string[]) {
    this.#control = control;
    this.#joined = new Set(joined);
  }

  async open(node: Node): Promise<ShellSession> {
    const error = this.unreachable.get(node.name);
    if (error) throw error;
    this.connections += 1;
    return {
      node: node.name,
      run: (script, options) => this.#run(node, script, options),
      async [Symbol.asyncDispose]() {},
    };
  }

  async #run(node: Node, script: string, options: RunOptions): Promise<ShellResult> {
    const steps = [...script.matchAll(/^at ([a-z]+)$/gm)].map((m) => m[1]);
    const what = steps.join(" ") || "facts";
    this.execs.push({ node: node.name, what });
    const failure = this.failures.get(`${node.name} ${what}`);
    if (failure) return failure;
    if (steps.includes("login")) {
      const key = new TextDecoder().decode(options.payload).trim();
      const facts = captured(node.name, "joined");
      this.#control.join(new Secret(key), node.hostname, facts.tailscale.prefs?.advertiseRoutes ?? []);
      this.#joined.add(node.name);
    }
    return { code: 0, stdout: what === "facts" ? this.#facts(node.name) : "", stderr: "" };
  }

  #facts(node: string): string {
    const state = this.#joined.has(node) ? "joined" : "bare";
    return readFileSync(new URL(`../fixtures/facts/${node}.${state}.txt`, import.meta.url), "utf8");
  }
}
