/** Where everything that the runner shows passes: known secrets are taken out, the rest is made inert. */
import * as core from "@actions/core";
import { inertLine, inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Detail } from "../../ports/host.ts";
import { createPseudonyms, maskDetail } from "./detail.ts";
import { maskForms, shortestMask } from "./masks.ts";

export interface Printer {
  /** Hides a secret from now on: in the runner, which stars it out, and in all that goes through this printer. */
  mask(secret: Secret): void;
  /** How much of the outside world is shown; masked until said otherwise. */
  detail(level: Detail): void;
  /** The text without any known secret. */
  redact(text: string): string;
  /** As `redact`, for files of the run, which may be published: where everybody may read them, as `clean`. */
  file(text: string): string;
  /** The text as it may be shown: no secret, and no more detail than asked for. */
  clean(text: string): string;
  /** One line for the log. */
  line(text: string): string;
  /** Several lines for an annotation. */
  lines(text: string): string;
}

/** `isPublic`: everybody may read what is printed. */
export function createPrinter({ isPublic = false }: { readonly isPublic?: boolean } = {}): Printer {
  let hidden: readonly string[] = [];
  let shown: Detail = "masked";
  const redact = (text: string): string => hidden.reduce((left, form) => left.replaceAll(form, "***"), text);
  const pseudonyms = createPseudonyms();
  const mask = isPublic ? pseudonyms : maskDetail;
  const clean = (text: string): string => (shown === "full" ? redact(text) : mask(redact(text)));
  return {
    clean,
    redact,
    file: isPublic ? clean : redact,
    detail(level) {
      shown = level;
    },
    mask(secret) {
      const value = secret.reveal();
      const forms = maskForms(value);
      if (forms.length === 0 && value.trim() !== "") {
        core.warning(`A secret is shorter than ${shortestMask} characters and cannot be hidden; choose a longer one.`);
      }
      for (const form of forms.filter((text) => !hidden.includes(text))) core.setSecret(form);
      hidden = [...new Set([...hidden, ...forms])].sort((a, b) => b.length - a.length);
    },
    line: (text) => inertLine(clean(text)),
    lines: (text) =>
      clean(text)
        .split("\n")
        .map((line) => inertLine(inertText(line)))
        .join("\n"),
  };
}
