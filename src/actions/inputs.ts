/** Kinds of input: text from `with:` into values with types. An unset input is an absent one. */
import { readDuration } from "../mesh/duration.ts";
import { Secret } from "../mesh/secret.ts";

/** Why a text cannot be the value of an input, to be read after the input's name. Never repeats it: it may be a secret. */
export class Unfit {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** How the text of one input is read. */
export interface Input<Value> {
  /** Whether the text is masked before anything else is done. */
  readonly isSecret: boolean;
  /** Undefined: the step did not set it. */
  read(text: string | undefined): Value | Unfit;
}

export type Inputs = Readonly<Record<string, Input<unknown>>>;

/** What the inputs' texts become. */
export type Values<Known extends Inputs> = {
  readonly [Name in keyof Known]: Known[Name] extends Input<infer Value> ? Value : never;
};

function input<Value>(read: Input<Value>["read"]): Input<Value> {
  return { isSecret: false, read };
}

/** Free text, or nothing. */
export function text(): Input<string | undefined> {
  return input((given) => given);
}

/** Free text with a default. */
export function textOr(fallback: string): Input<string> {
  return input((given) => given ?? fallback);
}

/** Text of one form. */
export function matching<Fallback extends string | undefined>(
  pattern: RegExp,
  why: string,
  fallback: Fallback,
): Input<string | Fallback> {
  return input((given) => (given === undefined ? fallback : pattern.test(given) ? given : new Unfit(why)));
}

/** One of a few words; the first is the default. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words): Input<Words[number]> {
  return input((given) => (given === undefined ? words[0] : (wordOf(words, given) ?? unlisted("must", words))));
}

/** `true` or `false` and nothing else; false by default. */
export function flag(): Input<boolean> {
  return truth(false);
}

/** As `flag`, true by default. */
export function switchOn(): Input<boolean> {
  return truth(true);
}

function truth(fallback: boolean): Input<boolean> {
  return input((given) => {
    if (given === undefined) return fallback;
    return given === "true" || given === "false" ? given === "true" : new Unfit("must be true or false");
  });
}

/** Entries parted by commas or line ends. */
export function list(fallback = ""): Input<readonly string[]> {
  return input((given = fallback) => splitList(given));
}

/** Entries out of a few words. */
export function choices<const Words extends readonly [string, ...string[]]>(
  words: Words,
  fallback: string,
): Input<readonly Words[number][]> {
  return input((given = fallback) => {
    const entries = splitList(given);
    const known = entries.flatMap((entry) => wordOf(words, entry) ?? []);
    return known.length === entries.length ? known : unlisted("each entry must", words);
  });
}

/** A whole number within bounds. */
export function integer(first: number, last: number, fallback: number): Input<number> {
  return input((given) => {
    if (given === undefined) return fallback;
    const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    return value >= first && value <= last ? value : new Unfit(`must be a whole number from ${first} to ${last}`);
  });
}

/** A time span such as `300s`, `10m`, `2h`, in seconds. */
export function span(first: string, last: string, fallback: string): Input<number> {
  return input((given = fallback) => {
    const value = readDuration(given) ?? Number.NaN;
    const fits = value >= (readDuration(first) ?? 0) && value <= (readDuration(last) ?? 0);
    return fits ? value : new Unfit(`must be a time span from ${first} to ${last}, such as ${fallback}`);
  });
}

/** A credential that must be there. */
export function secret(): Input<Secret> {
  return { isSecret: true, read: (given) => (given === undefined ? new Unfit("is required") : new Secret(given)) };
}

/** A credential that may be absent. */
export function optionalSecret(): Input<Secret | undefined> {
  return { isSecret: true, read: (given) => (given === undefined ? undefined : new Secret(given)) };
}

function wordOf<Word extends string>(words: readonly Word[], given: string): Word | undefined {
  return words.find((word) => word === given);
}

function unlisted(must: string, words: readonly string[]): Unfit {
  return new Unfit(`${must} be one of ${words.join(", ")}`);
}

/** Entries parted by commas or line ends; blanks around them do not count. */
export function splitList(value: string): readonly string[] {
  return value
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
