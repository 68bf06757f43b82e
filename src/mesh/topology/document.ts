/** From YAML text to plain values, with the place of each, and `{ env: NAME }` replaced by the variable's value. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { MeshError, type Where } from "../error.ts";
import { meshErrors } from "../errors.ts";
import { inertText } from "../inert.ts";
import { variablePattern } from "./patterns.ts";

type MeshCode = keyof typeof meshErrors.specs;

export type Path = readonly (string | number)[];
export type Value = string | number | boolean | null | Value[] | ValueMap;
/** Without a prototype, so that no key of a file is special. */
export interface ValueMap {
  [key: string]: Value;
}

export interface SourceOptions {
  /** Name of the file, for places. */
  readonly file: string;
  /** Looks up an environment variable. */
  readonly env: (name: string) => string | undefined;
}

/** What a topology file says, before it is known to make sense. */
export interface Source {
  /** Undefined when the file cannot be read any further than `errors` say. */
  readonly value: ValueMap | undefined;
  readonly errors: readonly MeshError[];
  /** Place of a value, or of the key of the nearest mapping or list where it is missing. */
  place(path: Path): Where;
  /** Place of the key of a value. */
  keyPlace(path: Path): Where;
  /** Name of the variable that a value came from. */
  variable(path: Path): string | undefined;
  /** Whether a value could not be had, which `errors` say; something empty stands for it. */
  isUnreadable(path: Path): boolean;
}

const maxCharacters = 2 ** 19;
const maxDepth = 32;
/** Pairs of clusters are links, so that their number is squared. */
const maxClusters = 500;
/** Enough to see what is wrong. */
const maxErrors = 200;
/** Values after aliases are resolved; fifty clusters of twenty nodes have a tenth of it. */
const maxValues = 100_000;

/** A path as one text, to look places up by. */
export function pathKey(path: Path): string {
  return path.join("\u0000");
}

/** Reads the text; what is wrong with it is in `errors`. */
export function readSource(text: string, options: SourceOptions): Source {
  const whole = { file: options.file };
  if (text.length > maxCharacters) {
    return unreadable(
      [meshErrors("MESH_TOPOLOGY_TOO_LARGE", `the file has more than ${maxCharacters} characters`, { where: whole })],
      whole,
    );
  }
  try {
    return new Reader(text, options).read();
  } catch (cause) {
    if (cause instanceof MeshError) return unreadable([cause], whole);
    // The YAML library recurses: thousands of nested brackets exhaust its stack.
    return unreadable(
      [meshErrors("MESH_TOPOLOGY_TOO_LARGE", "the file is nested too deeply to be read", { where: whole, cause })],
      whole,
    );
  }
}

function unreadable(errors: readonly MeshError[], where: Where): Source {
  return {
    value: undefined,
    errors,
    place: () => where,
    keyPlace: () => where,
    variable: () => undefined,
    isUnreadable: () => false,
  };
}

interface Place {
  readonly value: number;
  readonly key: number;
}

class Reader {
  readonly #options: SourceOptions;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #errors: MeshError[] = [];
  readonly #places = new Map<string, Place>();
  readonly #variables = new Map<string, string>();
  readonly #unreadable = new Set<string>();
  readonly #targets = new Map<Alias, unknown>();
  /** Anchored values that are being read, to notice one that holds itself. */
  readonly #open = new Set<unknown>();
  #values = 0;

  constructor(text: string, options: SourceOptions) {
    this.#options = options;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
      // Duplicates are found here, in one pass and with their names; the library compares every key with every other.
      uniqueKeys: false,
      schema: "core",
      merge: false,
      logLevel: "error",
    });
  }

  read(): Source {
    const { contents, errors, warnings } = this.#document;
    const wrong = [...errors, ...warnings].map((e) =>
      meshErrors("MESH_TOPOLOGY_SYNTAX", inertText(e.message, 200), { where: this.#at(e.pos[0]) }),
    );
    const start = contents?.range[0] ?? 0;
    if (wrong.length > 0) return unreadable(wrong, this.#at(start));
    if (!isMap(contents)) {
      const nothing = contents === null || (isScalar(contents) && contents.value === null);
      const what = nothing ? "the file is empty" : "the file is not a mapping of keys to values";
      return unreadable([meshErrors("MESH_TOPOLOGY_EMPTY", what, { where: this.#at(start) })], this.#at(start));
    }
    this.#findTargets();
    this.#places.set("", { value: start, key: start });
    const value = this.#readMap(contents, []);
    const clusters = value["clusters"];
    if (clusters !== null && typeof clusters === "object" && Object.keys(clusters).length > maxClusters) {
      throw this.#tooLarge(this.#nearest(["clusters"]).key, `there are more than ${maxClusters} clusters`);
    }
    return {
      value,
      errors: this.#errors,
      place: (path) => this.#at(this.#nearest(path).value),
      keyPlace: (path) => this.#at(this.#nearest(path).key),
      variable: (path) => this.#variables.get(pathKey(path)),
      isUnreadable: (path) => this.#unreadable.has(pathKey(path)),
    };
  }

  #at(offset: number): Where {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#options.file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #nearest(path: Path): Place {
    for (let length = path.length; length > 0; length--) {
      const found = this.#places.get(pathKey(path.slice(0, length)));
      if (found) return length === path.length ? found : { value: found.key, key: found.key };
    }
    return this.#places.get("") ?? { value: 0, key: 0 };
  }

  /** An alias means the last anchor of its name before it. */
  #findTargets(): void {
    const anchors = new Map<string, unknown>();
    visit(this.#document, {
      Value: (_, node) => {
        if (node.anchor) anchors.set(node.anchor, node);
      },
      Alias: (_, alias) => {
        this.#targets.set(alias, anchors.get(alias.source));
      },
    });
  }

  #read(node: unknown, path: Path, key: number): Value {
    const where = offsetOf(node) ?? key;
    if (++this.#values > maxValues)
      throw this.#tooLarge(where, `aliases multiply the file to more than ${maxValues} values`);
    if (path.length > maxDepth) throw this.#tooLarge(where, `values are nested more than ${maxDepth} deep`);
    this.#places.set(pathKey(path), { value: where, key });
    return this.#resolve(node, path, where);
  }

  #resolve(node: unknown, path: Path, where: number): Value {
    if (isAlias(node)) {
      const target = this.#targets.get(node);
      if (target === undefined) {
        const message = `there is no anchor "${inertText(node.source, 80)}" before this alias`;
        return this.#fail(path, where, "MESH_TOPOLOGY_SYNTAX", message);
      }
      if (this.#open.has(target)) throw this.#tooLarge(where, "an alias stands within its own anchor");
      return this.#resolve(target, path, where);
    }
    this.#open.add(node);
    try {
      if (isMap(node)) return this.#variableOf(node, path, where) ?? this.#readMap(node, path);
      if (isSeq(node)) return node.items.map((item, n) => this.#read(item, [...path, n], offsetOf(item) ?? where));
      return isScalar(node) ? plain(node.value) : null;
    } finally {
      this.#open.delete(node);
    }
  }

  #readMap(map: YAMLMap, path: Path): ValueMap {
    const result: ValueMap = Object.create(null);
    for (const pair of map.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const offset = offsetOf(pair.key) ?? 0;
      if (Object.hasOwn(result, key)) {
        const message = `the key "${inertText(key, 80)}" stands here a second time`;
        this.#report(offset, "MESH_TOPOLOGY_DUPLICATE_KEY", message);
      } else if (key === "__proto__") {
        // The schema library drops it silently; nothing of a file may vanish without a word.
        this.#report(offset, "MESH_TOPOLOGY_UNKNOWN_KEY", `unknown key "__proto__"`);
      } else {
        result[key] = this.#read(pair.value, [...path, key], offset);
      }
    }
    return result;
  }

  /** The value that `{ env: NAME }` stands for; undefined when the mapping is something else. */
  #variableOf(map: YAMLMap, path: Path, where: number): Value | undefined {
    const [pair, more] = map.items;
    if (!pair || more || holdsNames(path) || !isScalar(pair.key) || pair.key.value !== "env") return undefined;
    const name = isScalar(pair.value) ? pair.value.value : undefined;
    if (typeof name !== "string" || !new RegExp(variablePattern).test(name)) {
      return this.#fail(
        path,
        where,
        "MESH_TOPOLOGY_VALUE",
        "`env` takes the name of an environment variable: letters, digits and _",
      );
    }
    if (isReserved(name))
      return this.#fail(path, where, "MESH_ENV_REFUSED", `the variable ${name} is not for the topology file`);
    const value = this.#options.env(name);
    if (value === undefined || value === "")
      return this.#fail(path, where, "MESH_ENV_MISSING", `the environment variable ${name} is not set`);
    this.#variables.set(pathKey(path), name);
    return value;
  }

  #report(offset: number, code: MeshCode, message: string): void {
    if (this.#errors.length < maxErrors) this.#errors.push(meshErrors(code, message, { where: this.#at(offset) }));
  }

  /** Reports why a value cannot be had; the result stands for it. */
  #fail(path: Path, where: number, code: MeshCode, message: string): Value {
    this.#report(where, code, message);
    this.#unreadable.add(pathKey(path));
    return "";
  }

  #tooLarge(offset: number, message: string): MeshError {
    return meshErrors("MESH_TOPOLOGY_TOO_LARGE", message, { where: this.#at(offset) });
  }
}

/** Mappings whose keys are names that the user chose: a single key `env` there is a name. */
function holdsNames(path: Path): boolean {
  const [top, , below] = path;
  if (path.length === 1) return top === "clusters" || top === "stores" || top === "stored-keys";
  return path.length === 3 && top === "clusters" && below === "nodes";
}

/** Variables in which the runner and the actions keep credentials. */
function isReserved(name: string): boolean {
  return /^(INPUT_|ACTIONS_|STATE_|GITHUB_TOKEN$|VAULT_TOKEN$)/i.test(name);
}

function plain(value: unknown): Value {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    default:
      return null;
  }
}

function offsetOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const [start]: readonly unknown[] = node.range;
  return typeof start === "number" ? start : undefined;
}
