/** What the demo shows: one line that changes while something is going on where there is a terminal, plain lines elsewhere. */
import type { WriteStream } from "node:tty";
import { inertText } from "../../src/mesh/inert.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

type Colour = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
const codes: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

export type Output = Pick<WriteStream, "write"> & { readonly isTTY?: boolean; readonly columns?: number };

export class Screen {
  readonly #out: Output;
  readonly #live: boolean;
  readonly #colours: boolean;
  #timer: NodeJS.Timeout | undefined;
  #text = "";
  #frame = 0;

  constructor(out: Output, env: Readonly<Record<string, string | undefined>>) {
    this.#out = out;
    this.#live = out.isTTY === true && env["TERM"] !== "dumb";
    this.#colours = this.#live && !env["NO_COLOR"];
  }

  paint(text: string, ...colours: readonly Colour[]): string {
    if (!this.#colours) return text;
    return colours.reduce((all, c) => `\u001b[${codes[c]}m${all}\u001b[0m`, text);
  }

  line(text = ""): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  title(text: string): void {
    this.line();
    this.line(this.paint(text, "bold"));
  }

  /** Shows what is going on until `work` ends. */
  async during<T>(text: string, work: () => Promise<T>): Promise<T> {
    this.progress(text);
    if (this.#live) this.#timer = setInterval(() => this.#draw(), 80);
    try {
      return await work();
    } finally {
      clearInterval(this.#timer);
      this.#clear();
      this.#timer = undefined;
      this.#text = "";
    }
  }

  /** The latest news. Lines of elsewhere are made inert. */
  progress(text: string): void {
    const shown = inertText(text.trim(), 200);
    if (shown === "" || shown === this.#text) return;
    this.#text = shown;
    if (this.#live) this.#draw();
    else this.#out.write(`  . ${shown}\n`);
  }

  #draw(): void {
    if (this.#timer === undefined) return;
    this.#frame = (this.#frame + 1) % frames.length;
    const room = Math.max(20, (this.#out.columns ?? 80) - 5);
    const text = this.#text.length > room ? `${this.#text.slice(0, room - 1)}…` : this.#text;
    this.#out.write(`\r\u001b[2K  ${this.paint(frames[this.#frame] ?? "", "cyan")} ${this.paint(text, "dim")}`);
  }

  #clear(): void {
    if (this.#timer !== undefined) this.#out.write("\r\u001b[2K");
  }
}
