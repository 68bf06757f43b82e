/** A platform that remembers all that an action did to it. */
import { Secret } from "../../src/mesh/secret.ts";
import type { Annotation, Host, Trigger } from "../../src/ports/host.ts";

export interface Recording {
  readonly host: Host;
  /** Everything in the order it happened: `info …`, `mask`, `output changed=true`, `fail …`. */
  readonly events: string[];
  readonly outputs: Map<string, string>;
  readonly annotations: Annotation[];
  readonly summary: string[];
  readonly state: Map<string, string>;
}

export function recordingHost(
  inputs: Readonly<Record<string, string>>,
  trigger: Trigger = { ref: null, defaultBranch: null },
  state: ReadonlyMap<string, string> = new Map(),
): Recording {
  const events: string[] = [];
  const outputs = new Map<string, string>();
  const annotations: Annotation[] = [];
  const summary: string[] = [];
  const masked: string[] = [];
  const saved = new Map<string, string>();
  const host: Host = {
    trigger,
    reporter: {
      info: (line) => void events.push(`info ${line}`),
      debug: (line) => void events.push(`debug ${line}`),
      warn: (line) => void events.push(`warn ${line}`),
      mask(secret: Secret) {
        masked.push(secret.reveal());
        events.push("mask");
      },
      async group(title, work) {
        events.push(`group ${title}`);
        return work();
      },
    },
    state: { save: (name, value) => void saved.set(name, value), load: (name) => state.get(name) },
    redact: (text) => masked.reduce((left, secret) => left.replaceAll(secret, "***"), text),
    shown: (text) => masked.reduce((left, secret) => left.replaceAll(secret, "***"), text),
    detail: (level) => void events.push(`detail ${level}`),
    idToken: async (audience) => new Secret(`fake-id-token-for-${audience}`),
    input: (name) => inputs[name] ?? "",
    output(name, value) {
      events.push(`output ${name}=${value}`);
      outputs.set(name, value);
    },
    annotate: (annotation) => void annotations.push(annotation),
    async summary(blocks) {
      summary.push(...blocks);
    },
    fail: (line) => void events.push(`fail ${line}`),
  };
  return { host, events, outputs, annotations, summary, state: saved };
}
