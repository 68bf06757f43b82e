/** JSON of tools that may be missing, old or broken. */
import type * as z from "zod/mini";

/** Undefined when the text is not JSON or not what `schema` says. */
export function parseJson<T>(text: string, schema: z.ZodMiniType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
