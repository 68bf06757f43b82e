/**
 * `npm run demo`: the whole job on two simulated clusters, with the bundle that users run. Everything that is printed as
 * true was checked; the exit code is 0 only if all of it was.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Fault, faultNamed } from "./faults.ts";
import { type ResultFile, runStep, type Step } from "./runner.ts";
import { Screen } from "./screen.ts";
import { startWorld, type World } from "./world.ts";

const drawing = `
  homelab (pods 10.42.0.0/16, services 10.43.0.0/16)        oracle (pods 10.52.0.0/16, services 10.53.0.0/16)
  ┌──────────────────────────┐                               ┌──────────────────────────┐
  │ homelab-1  10.10.10.10   │ router                 router │ oracle-1   10.0.0.26     │
  │ homelab-2  10.10.10.11   │ member  ◄── tailnet ──►       │                          │
  └──────────────────────────┘                               └──────────────────────────┘`;

class Story {
  readonly screen: Screen;
  readonly world: World;
  checked = 0;
  failed = 0;

  constructor(screen: Screen, world: World) {
    this.screen = screen;
    this.world = world;
  }

  /** Prints what was found to be true, or that it is not. */
  claim(text: string, holds: boolean, otherwise = ""): void {
    this.checked += 1;
    if (!holds) this.failed += 1;
    const wrong = `${this.screen.paint("✗", "red")} not so: ${text}${otherwise ? ` (${otherwise})` : ""}`;
    this.screen.line(holds ? `  ${this.screen.paint("✓", "green")} ${text}` : `  ${wrong}`);
  }

  /** Runs an action and shows its news as they come. */
  async step(name: string, inputs: Readonly<Record<string, string>> = {}): Promise<Step> {
    const words = Object.entries(inputs).map(([k, v]) => `${k}: ${v}`);
    const title = `${name === "converge" ? "tailmesh" : `tailmesh/actions/${name}`}${words.length ? ` with ${words.join(", ")}` : ""}`;
    const step = await this.screen.during(title, () =>
      runStep(this.world, name, {
        inputs,
        onLog: (text) => {
          for (const line of text.split("\n")) this.#news(line);
        },
      }),
    );
    this.screen.line(this.screen.paint(`  ${title}: exit ${step.exit} after ${step.seconds.toFixed(1)} s`, "dim"));
    return step;
  }

  /** Of the action's log what a reader wants to see pass by: what happens, not the plan's details nor what stays as it is. */
  #news(line: string): void {
    if (/^(::|\s|= |[+~-] |Plan [0-9a-f]{64})/.test(line)) return;
    this.screen.progress(line);
  }

  /** The plan in short, a line for each thing that changes. */
  plan(result: ResultFile | undefined): void {
    const parts = new Map<string, string[]>();
    for (const { address } of result?.changes ?? []) {
      const [kind = "", name = "", ...rest] = address.split("/");
      const [subject, what] =
        kind === "policy" ? [kind, [name, ...rest].join(" ")] : [`${kind} ${name}`, rest.join(" ")];
      parts.set(subject, [...(parts.get(subject) ?? []), what || "one, single-use, ten minutes"]);
    }
    for (const [subject, what] of parts)
      this.screen.line(`    ${subject.padEnd(16)} ${this.screen.paint(what.join(", "), "dim")}`);
  }

  links(result: ResultFile | undefined): void {
    for (const l of result?.links ?? []) {
      const good = l.verdict === "reachable";
      const what = this.screen.paint(l.verdict, good ? "green" : "red");
      const more = good ? (l.path ?? "") : `layer ${l.layer}: ${l.remedy}`;
      this.screen.line(`    ${l.from.padEnd(8)} → ${l.to.padEnd(8)} ${what}  ${more}`);
    }
  }

  changesSince(count: number): number {
    return this.world.effects.slice(count).filter((e) => e.kind !== "exec").length;
  }
}

const allReachable = (step: Step): boolean =>
  step.result !== undefined &&
  step.result.links.length === 2 &&
  step.result.links.every((l) => l.verdict === "reachable");

async function tell(story: Story): Promise<void> {
  const { screen, world } = story;
  screen.title("1. What would be done");
  const planned = await story.step("converge", { mode: "plan" });
  const changes = planned.result?.changes ?? [];
  story.plan(planned.result);
  story.claim(
    `the plan has ${changes.length} changes`,
    planned.exit === 0 && changes.length > 0,
    planned.log.slice(-800),
  );
  story.claim("planning changed nothing, on no machine and not on the control server", story.changesSince(0) === 0);

  screen.title("2. From bare machines to traffic");
  const first = await story.step("converge");
  story.links(first.result);
  story.claim(
    "one run joined both clusters",
    first.exit === 0 && first.outputs["changed"] === "true",
    first.log.slice(-800),
  );
  story.claim("pods reach pods, ClusterIPs and cluster DNS of the other cluster, both ways", allReachable(first));

  screen.title("3. A second run");
  const before = { effects: world.effects.length, daemons: daemons(world), traffic: world.traffic };
  const second = await story.step("converge");
  story.claim("changed=false, and all links still pass", second.outputs["changed"] === "false" && allReachable(second));
  story.claim("no write call, no command that changes a machine", story.changesSince(before.effects) === 0);
  story.claim("tailscaled was not disturbed: same processes", daemons(world) === before.daemons);
  const connections = world.traffic.connections - before.traffic.connections;
  const execs = world.traffic.execs - before.traffic.execs;
  const machines = world.machines.length;
  story.claim(
    `one SSH connection for each of ${machines} machines, ${execs} execs`,
    connections === machines && execs <= 2 * machines,
  );

  const fault = faultNamed("accept-routes-off");
  screen.title(`4. Something breaks: ${fault.what}`);
  await fault.inject(world);
  await diagnose(story, fault);

  screen.title("5. Another run mends it");
  const mended = await story.step("converge");
  story.claim(
    `only ${(mended.result?.changes ?? []).map((c) => c.address).join(", ")} was changed`,
    mended.exit === 0 && mended.result?.changes.length === 1,
  );
  const proof = await story.step("connectivity-check");
  story.links(proof.result);
  story.claim("traffic flows again, both ways", proof.exit === 0 && allReachable(proof));
}

async function diagnose(story: Story, fault: Fault): Promise<void> {
  const check = await story.step("connectivity-check");
  story.links(check.result);
  const blamed = check.result?.links.filter((l) => l.verdict === "broken").map((l) => l.layer) ?? [];
  story.claim("the check fails", check.exit === 1 && blamed.length > 0);
  story.claim(
    `it blames the layer "${fault.layer}" and says what to do`,
    blamed.every((l) => l === fault.layer),
  );
}

/** Process ids and start times of every tailscaled. */
function daemons(world: World): string {
  return world.machines.map((m) => JSON.stringify(m.units.get("tailscaled.service") ?? null)).join();
}

async function main(): Promise<number> {
  const started = performance.now();
  const screen = new Screen(process.stdout, process.env);
  if (!existsSync(join(import.meta.dirname, "../../dist/converge.js"))) {
    screen.line("dist/converge.js is not there: npm run build");
    return 1;
  }
  screen.line(
    `${screen.paint("Tailmesh", "bold")}: K3s clusters joined over a tailnet, and the proof that traffic flows`,
  );
  screen.line(
    screen.paint(
      "Simulated: machines, network and control server are made up on loopback; the actions are real.",
      "yellow",
    ),
  );
  screen.line(drawing);
  await using world = await startWorld();
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.once(signal, () => void world[Symbol.asyncDispose]().finally(() => process.exit(128 + number)));
  }
  const story = new Story(screen, world);
  await tell(story);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  screen.line();
  const summary = `${story.checked - story.failed} of ${story.checked} claims checked and true, ${seconds} s, simulated`;
  screen.line(screen.paint(summary, "bold", story.failed > 0 ? "red" : "green"));
  return story.failed > 0 ? 1 : 0;
}

process.exitCode = await main();
