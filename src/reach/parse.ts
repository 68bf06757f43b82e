/** Reads what the probe script printed, and what single answers mean. */
import { readSections } from "../facts/sections.ts";
import { inertText } from "../mesh/inert.ts";
import { reachError } from "./errors.ts";

/** What one probe printed. */
export interface ProbeResult {
  /** Exit code; 124 = ran into the time limit, 127 = a tool is missing. */
  readonly code: number;
  readonly output: string;
}

/**
 * Results by probe id.
 * @throws MeshError MESH_PROBE_INCOMPLETE when the closing frame is missing
 */
export function parseProbes(stdout: string, nonce: string): ReadonlyMap<string, ProbeResult> {
  const sections = readSections(stdout, nonce);
  if (sections.at(-1)?.name !== "end") {
    const last = inertText(stdout.trim().split("\n").at(-1) ?? "", 200) || "nothing";
    throw reachError("MESH_PROBE_INCOMPLETE", `the probes ended early; the last line printed was: ${last}`);
  }
  return new Map(
    sections
      .slice(0, -1)
      .map((s): [string, ProbeResult] => [s.name, { code: exitCode(s.word), output: s.text.trim() }]),
  );
}

function exitCode(word: string): number {
  return /^\d{1,3}$/.test(word) ? Number(word) : 125;
}

/** Why a probe could not be run at all; undefined when it was. */
export function notRun(result: ProbeResult | undefined): string | undefined {
  if (!result) return "the node gave no answer for this probe";
  if (result.code === 127) return lastLine(result.output) || "a tool is missing on the node";
  if (result.code === 125 || result.code === 126) return lastLine(result.output) || "it could not be started";
  if (/^nsenter: /m.test(result.output)) return lastLine(result.output);
  if (/(invalid|unrecognized) option|^usage: /im.test(result.output)) return "this node's ping has no such option";
  return undefined;
}

/** The last line that has something on it, for evidence. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

/** Whether ping got an answer, and what it said where it did not. */
export function readPing(result: ProbeResult): { readonly answered: boolean; readonly said: string } {
  const answered = /^\d+ bytes from /m.test(result.output) || /, [1-9]\d* (packets )?received/.test(result.output);
  const refusal = /^From .*$/m.exec(result.output)?.[0] ?? /^ping: .*$/m.exec(result.output)?.[0];
  return { answered, said: answered ? "answered" : (refusal ?? "no answer") };
}

/** First word of the program's answer, and the rest. */
export function readProgram(result: ProbeResult): { readonly word: string; readonly rest: string } {
  const [word = "", ...rest] = lastLine(result.output).split(" ");
  return word === "" || result.code === 124 ? { word: "timeout", rest: "" } : { word, rest: rest.join(" ") };
}

export interface Pong {
  /** Tailnet address of the node that answered. */
  readonly address: string;
  readonly name: string;
  readonly path: "direct" | "relayed";
}

/** The best pong that `tailscale ping` printed; else what it said instead. */
export function readTailscalePing(result: ProbeResult): { readonly pong: Pong | null; readonly said: string } {
  const pongs = result.output.split("\n").flatMap((line): Pong[] => {
    const found = /^pong from (\S+) \(([\d.]+)(?:, \d+)?\) via (\S+)/.exec(line.trim());
    const [, name = "", address = "", via = ""] = found ?? [];
    if (!found) return [];
    return [{ name, address, path: /^(DERP|peer-relay)\(/.test(via) ? "relayed" : "direct" }];
  });
  const pong = pongs.find((p) => p.path === "direct") ?? pongs.at(-1) ?? null;
  return { pong, said: pong ? `pong from ${pong.name}` : lastLine(result.output) || "no answer" };
}

/** Interface of `ip route get`; null when there is no route. */
export function readRoute(result: ProbeResult): { readonly device: string | null; readonly said: string } {
  const device = / dev (\S+)/.exec(result.output)?.[1] ?? null;
  return { device, said: result.output.split("\n")[0]?.trim() || "no route" };
}

/** How many packets the policy dropped while the probes ran; null where the daemon does not count. */
export function readDrops(result: ProbeResult | undefined): number | null {
  const found = /^dropped ([\d.e+]+) ([\d.e+]+)$/m.exec(result?.output ?? "");
  if (!found) return null;
  const before = Number(found[1]);
  const after = Number(found[2]);
  return Number.isFinite(before) && Number.isFinite(after) ? Math.max(0, after - before) : null;
}
