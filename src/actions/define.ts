/** An action as data: its inputs, its outputs, and the job it makes of them. */
import { joinErrors } from "../mesh/error.ts";
import { Secret } from "../mesh/secret.ts";
import type { Job, Planned } from "../plan/job.ts";
import type { Host } from "../ports/host.ts";
import type { Wiring } from "../wiring.ts";
import { type LifeInputs, lifeInputs } from "./common.ts";
import { actionError } from "./errors.ts";
import { type Inputs, Unfit, type Values } from "./inputs.ts";

/** What must hold between inputs that are good each by itself. */
export interface InputRule<Known extends Inputs> {
  /** The one to be changed when it does not hold. */
  readonly input: keyof Known & string;
  /** To be read after that input's name. */
  readonly why: string;
  holds(inputs: Values<Known>): boolean;
}

export interface ActionSpec<Known extends Inputs> {
  readonly name: string;
  readonly inputs: Known;
  readonly rules?: readonly InputRule<Known>[];
  /** Its own outputs; the common ones come with the common life. */
  readonly outputs: readonly string[];
  /** It never writes: every run is one of `mode: plan`. */
  readonly readsOnly?: boolean;
  job(inputs: Values<Known>, wiring: Wiring): Promise<Job<unknown, Planned>>;
  /** Undoes what only an unfinished or failed main step leaves; what it throws becomes a warning. */
  post?(inputs: Values<Known>, wiring: Wiring): Promise<void>;
}

/** One run of an action, its inputs read. */
export interface Prepared {
  readonly life: LifeInputs;
  job(wiring: Wiring): Promise<Job<unknown, Planned>>;
  post(wiring: Wiring): Promise<void>;
}

export interface Action {
  readonly name: string;
  readonly inputs: Inputs;
  readonly outputs: readonly string[];
  /** Masks every secret, then reads all inputs. Throws MESH_INPUT_INVALID with every problem there is. */
  prepare(host: Host): Prepared;
}

export function defineAction<const Known extends Inputs>(spec: ActionSpec<Known>): Action {
  return {
    name: spec.name,
    inputs: spec.inputs,
    outputs: spec.outputs,
    prepare(host) {
      const given = givenTexts(spec.inputs, host);
      const inputs = readInputs(spec.inputs, given);
      const broken = (spec.rules ?? []).filter((rule) => !rule.holds(inputs));
      refuse(broken.map(({ input, why }) => [input, why]));
      const life = readInputs(lifeInputs, given);
      return {
        life: spec.readsOnly === true ? { ...life, mode: "plan" } : life,
        job: (wiring) => spec.job(inputs, wiring),
        post: async (wiring) => spec.post?.(inputs, wiring),
      };
    },
  };
}

/** What is set, secrets masked on the way: nothing runs before that. */
function givenTexts(inputs: Inputs, host: Host): ReadonlyMap<string, string> {
  const names = Object.keys(inputs);
  const given = new Map(
    names.map((name) => [name, host.input(name)] as const).filter(([, text]) => text.trim() !== ""),
  );
  for (const [name, text] of given) if (inputs[name]?.isSecret) host.reporter.mask(new Secret(text));
  return given;
}

/** Throws MESH_INPUT_INVALID, one error for each input that does not fit. */
function readInputs<Known extends Inputs>(inputs: Known, given: ReadonlyMap<string, string>): Values<Known> {
  const read = Object.entries(inputs).map(([name, input]) => [name, input.read(given.get(name))] as const);
  const unfit = read.flatMap(([name, value]) => (value instanceof Unfit ? [[name, value.why] as const] : []));
  refuse(unfit);
  const values = Object.fromEntries(read);
  if (!isWhole(values, inputs)) throw new Error("an input was not read");
  return values;
}

function isWhole<Known extends Inputs>(values: object, inputs: Known): values is Values<Known> {
  return Object.keys(inputs).every((name) => Object.hasOwn(values, name));
}

/** Throws when there are any, one error each. A value is never repeated: it could be a secret in the wrong place. */
function refuse(problems: readonly (readonly [name: string, why: string])[]): void {
  const [first, ...rest] = problems.map(([name, why]) =>
    actionError("MESH_INPUT_INVALID", `input ${name} ${why}`, { where: { address: `input/${name}` } }),
  );
  if (first !== undefined) throw joinErrors([first, ...rest]);
}
