/** An action as data: its inputs, its outputs, and the job it makes of them. */
import type * as z from "zod";
import { joinErrors, type MeshError } from "../mesh/error.ts";
import { Secret } from "../mesh/secret.ts";
import type { Job, Planned } from "../plan/job.ts";
import type { Host } from "../ports/host.ts";
import type { Wiring } from "../wiring.ts";
import { type LifeInputs, LifeSchema } from "./common.ts";
import { actionError } from "./errors.ts";
import { isSecretInput } from "./inputs.ts";

export interface ActionSpec<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly inputs: z.ZodObject<Shape>;
  /** Its own outputs; the common ones come with the common life. */
  readonly outputs: readonly string[];
  /** It never writes: every run is one of `mode: plan`. */
  readonly readsOnly?: boolean;
  job(inputs: z.output<z.ZodObject<Shape>>, wiring: Wiring): Promise<Job<unknown, Planned>>;
  /** Undoes what only an unfinished or failed main step leaves; what it throws becomes a warning. */
  post?(inputs: z.output<z.ZodObject<Shape>>, wiring: Wiring): Promise<void>;
}

/** One run of an action, its inputs read. */
export interface Prepared {
  readonly life: LifeInputs;
  job(wiring: Wiring): Promise<Job<unknown, Planned>>;
  post(wiring: Wiring): Promise<void>;
}

export interface Action {
  readonly name: string;
  readonly inputs: z.ZodObject;
  readonly outputs: readonly string[];
  /** Masks every secret, then reads all inputs. Throws MESH_INPUT_INVALID with every problem there is. */
  prepare(host: Host): Prepared;
}

export function defineAction<Shape extends z.ZodRawShape>(spec: ActionSpec<Shape>): Action {
  return {
    name: spec.name,
    inputs: spec.inputs,
    outputs: spec.outputs,
    prepare(host) {
      const raw = rawInputs(spec.inputs, host);
      const parsed = spec.inputs.safeParse(raw);
      if (!parsed.success) throw inputErrors(parsed.error);
      const life = LifeSchema.parse(raw);
      return {
        life: spec.readsOnly === true ? { ...life, mode: "plan" } : life,
        job: (wiring) => spec.job(parsed.data, wiring),
        post: async (wiring) => spec.post?.(parsed.data, wiring),
      };
    },
  };
}

/** What is set, secrets masked on the way: nothing runs before that. */
function rawInputs(inputs: z.ZodObject, host: Host): Readonly<Record<string, string>> {
  const names = Object.keys(inputs.shape);
  const set = names.map((name) => [name, host.input(name)] as const).filter(([, value]) => value.trim() !== "");
  for (const [name, value] of set) {
    const schema = inputs.shape[name];
    if (schema !== undefined && isSecretInput(schema)) host.reporter.mask(new Secret(value));
  }
  return Object.fromEntries(set);
}

/** One error for each problem. A value is never repeated: it could be a secret in the wrong place. */
function inputErrors(error: z.ZodError): MeshError {
  const [first, ...rest] = error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "inputs");
    return actionError("MESH_INPUT_INVALID", `input ${name} ${issue.message}`, { where: { address: `input/${name}` } });
  });
  return first === undefined
    ? actionError("MESH_INPUT_INVALID", "the inputs do not fit")
    : joinErrors([first, ...rest]);
}
