/** A value that cannot be printed by accident. */

const shown = "[secret]";

/** Holds a key, token or private key. Only `reveal()` gives the text; string, JSON and inspect forms do not. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself. Call it only where it leaves for its one destination. */
  reveal(): string {
    return this.#value;
  }

  get isEmpty(): boolean {
    return this.#value.trim() === "";
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}
