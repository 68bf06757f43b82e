/** Kinds of input: text from `with:` into values with types. An unset input is an absent one. */
import * as z from "zod";
import { readDuration } from "../mesh/duration.ts";
import { Secret } from "../mesh/secret.ts";

// zod would write a program for each schema; all of them are used once or twice.
z.config({ jitless: true });

/** Free text, or nothing. */
export function text(): z.ZodType<string | undefined> {
  return z.string().optional();
}

/** Free text with a default. */
export function textOr(fallback: string): z.ZodType<string> {
  return z.string().default(fallback);
}

/** One of a few words; the first is the default. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words): z.ZodType<Words[number]> {
  return z.enum(words, `must be one of ${words.join(", ")}`).default(words[0]);
}

/** `true` or `false` and nothing else; false by default. */
export function flag(): z.ZodType<boolean> {
  return z
    .enum(["true", "false"], "must be true or false")
    .default("false")
    .transform((word) => word === "true");
}

/** As `flag`, true by default. */
export function switchOn(): z.ZodType<boolean> {
  return z
    .enum(["true", "false"], "must be true or false")
    .default("true")
    .transform((word) => word === "true");
}

/** Entries parted by commas or line ends. */
export function list(fallback = ""): z.ZodType<readonly string[]> {
  return z.string().default(fallback).transform(splitList);
}

/** Entries out of a few words. */
export function choices<const Words extends readonly [string, ...string[]]>(
  words: Words,
  fallback: string,
): z.ZodType<readonly Words[number][]> {
  const entries = z.array(z.enum(words, `each entry must be one of ${words.join(", ")}`));
  return z.string().default(fallback).transform(splitList).pipe(entries);
}

/** A whole number within bounds. */
export function integer(first: number, last: number, fallback: number): z.ZodType<number> {
  const message = `must be a whole number from ${first} to ${last}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .default(String(fallback))
    .transform(Number)
    .pipe(z.number().min(first, message).max(last, message));
}

/** A time span such as `300s`, `10m`, `2h`, in seconds. */
export function span(first: string, last: string, fallback: string): z.ZodType<number> {
  const message = `must be a time span from ${first} to ${last}, such as ${fallback}`;
  const bounds = z
    .number(message)
    .min(readDuration(first) ?? 0, message)
    .max(readDuration(last) ?? 0, message);
  return z.string().default(fallback).transform(readDuration).pipe(bounds);
}

/** A credential that must be there. */
export function secret(): z.ZodType<Secret> {
  return z
    .string("is required")
    .transform((value) => new Secret(value))
    .meta({ secret: true });
}

/** A credential that may be absent. */
export function optionalSecret(): z.ZodType<Secret | undefined> {
  return z
    .string()
    .transform((value) => new Secret(value))
    .optional()
    .meta({ secret: true });
}

/** Whether an input was declared by `secret` or `optionalSecret`. */
export function isSecretInput(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodType && schema.meta()?.["secret"] === true;
}

function splitList(value: string): readonly string[] {
  return value
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
