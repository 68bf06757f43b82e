/** A store in memory. Remembers what it held, can be made to fail before or after a write, and to be like GitHub's. */
import type { Secret } from "../../src/mesh/secret.ts";
import type {
  KeyRecord,
  SecretStore,
  StoreCapabilities,
  StoreReading,
  StoreWrite,
} from "../../src/ports/secret-store.ts";

export interface Held {
  readonly secret: Secret;
  /** What is noted beside it: in a store that writes twice it can be older than the text. */
  readonly record: KeyRecord | null;
  readonly version: number;
  readonly isConsistent: boolean;
}

export class MemoryStore implements SecretStore {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly wire = { read: "GET /v1/secret/data/PLACE", write: "POST /v1/secret/data/PLACE" };
  readonly places = new Map<string, Held>();
  readonly foreign = new Set<string>();
  readonly calls: string[] = [];
  /** Runs before each call; what it throws, the call throws with nothing done. */
  before: (call: string) => void = () => {};
  /** Runs after each write had its effect; what it throws, the write throws. */
  after: () => void = () => {};

  constructor(name = "vault", capabilities: StoreCapabilities = { readable: true, compareAndSet: true }) {
    this.name = name;
    this.capabilities = capabilities;
  }

  async checkWritable(place: string): Promise<void> {
    this.#begin(`check ${place}`);
  }

  async read(place: string): Promise<StoreReading> {
    this.#begin(`read ${place}`);
    const held = this.places.get(place);
    if (this.foreign.has(place)) {
      return { version: "1", kind: "foreign", record: null, secret: null, isConsistent: true };
    }
    const isConsistent = held?.isConsistent ?? true;
    if (held === undefined || held.record === null) {
      return { version: "0", kind: "absent", record: null, secret: null, isConsistent };
    }
    const secret = this.capabilities.readable ? held.secret : null;
    return { version: String(held.version), kind: "present", record: held.record, secret, isConsistent };
  }

  async write(place: string, secret: Secret, record: KeyRecord, ifVersion: string): Promise<StoreWrite> {
    this.#begin(`write ${place}`);
    const present = this.places.get(place);
    if (this.capabilities.compareAndSet && String(present?.version ?? 0) !== ifVersion) return { kind: "conflict" };
    const version = (present?.version ?? 0) + 1;
    this.places.set(place, { secret, record, version, isConsistent: true });
    this.after();
    return { kind: "stored", version: String(version) };
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }

  count(prefix: string): number {
    return this.calls.filter((call) => call.startsWith(prefix)).length;
  }

  #begin(call: string): void {
    this.calls.push(call);
    this.before(call);
  }
}
