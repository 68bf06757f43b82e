/** The one error class of Tailmesh, and how a noun declares its codes. */

/** What an error means for the reader, and whether trying again helps (docs/errors.md explains each). */
export type ErrorKind =
  | "config" // your file or inputs
  | "denied" // credentials lack a right
  | "conflict" // someone changed it meanwhile
  | "unreachable" // network, DNS, SSH handshake
  | "remote" // the other side answered with failure
  | "refused" // a guard stopped a dangerous plan
  | "unverified" // applied, did not converge in time
  | "bug"; // anything else

/** Where it happened: a place in a file, or an address such as `node/homelab-1` or `https://hs.example`. */
export interface Where {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly address?: string;
}

export interface ErrorDetails {
  readonly hint?: string;
  readonly where?: Where;
  readonly cause?: unknown;
  /** Further problems found in the same pass, each reported in its own right. */
  readonly also?: readonly MeshError[];
}

export class MeshError extends Error {
  override readonly name = "MeshError";
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string;
  readonly where: Where | undefined;
  readonly also: readonly MeshError[];

  constructor(code: string, kind: ErrorKind, message: string, hint: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.kind = kind;
    this.hint = hint;
    this.where = details.where;
    this.also = details.also ?? [];
  }
}

/** One line of a noun's error catalogue: `meaning` is for docs/errors.md, `hint` is what to do about it. */
export interface ErrorSpec {
  readonly kind: ErrorKind;
  readonly meaning: string;
  readonly hint: string;
}

export interface ErrorFactory<Code extends string> {
  (code: Code, message: string, details?: ErrorDetails): MeshError;
  readonly specs: Readonly<Record<Code, ErrorSpec>>;
}

/** Declares the codes of one noun; the result makes errors and carries the catalogue for the docs. */
export function defineErrors<Code extends string>(specs: Record<Code, ErrorSpec>): ErrorFactory<Code> {
  const make = (code: Code, message: string, details: ErrorDetails = {}): MeshError =>
    new MeshError(code, specs[code].kind, message, details.hint ?? specs[code].hint, details);
  return Object.assign(make, { specs });
}

/** Many problems as one throwable: the first carries the others in `also`. */
export function joinErrors(errors: readonly [MeshError, ...MeshError[]]): MeshError {
  const [first, ...rest] = errors;
  if (rest.length === 0) return first;
  return new MeshError(first.code, first.kind, first.message, first.hint, {
    ...(first.where ? { where: first.where } : {}),
    cause: first.cause,
    also: [...first.also, ...rest],
  });
}

/** An error and all it carries along, flat. */
export function allErrors(error: MeshError): readonly MeshError[] {
  return [error, ...error.also];
}
