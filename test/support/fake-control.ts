/** A control server in memory that behaves as Headscale 0.29 was measured to. Counts its calls and can be made to fail. */
import { readHujson } from "../../src/hujson/parse.ts";
import { standardize } from "../../src/hujson/standardize.ts";
import { decodeText } from "../../src/hujson/tree.ts";
import { MeshError } from "../../src/mesh/error.ts";
import type { Tag } from "../../src/mesh/mesh.ts";
import { Secret } from "../../src/mesh/secret.ts";
import type {
  AuthKey,
  Capabilities,
  Control,
  ControlWrite,
  Device,
  ExpiringCredential,
  MintedKey,
  MintRequest,
  PolicyCheck,
  PolicyDocument,
  PolicyFinding,
  PolicyPreview,
  PolicyWrite,
} from "../../src/ports/control.ts";

export const headscaleCapabilities: Capabilities = {
  provider: "headscale-v1",
  serverVersion: "v0.29.2",
  policy: {
    validate: "server",
    preview: false,
    etag: false,
    keepsComments: true,
    testsNeedNodes: true,
    ownerAutogroups: false,
    autoApproveIsRetroactive: true,
  },
  keys: { maxLifetimeSeconds: null, description: false, revokeIsSoft: false },
  devices: { list: true, change: true, approve: true },
};

/** With the two write scopes alone: policy and keys, and no sight of devices. */
export const withoutDevices: Capabilities = {
  ...headscaleCapabilities,
  devices: { list: false, change: false, approve: false },
};

type Call = Exclude<keyof Control, "url" | "capabilities" | "wire" | "now">;

export interface FakeControlOptions {
  /** Undefined: nothing was ever set. */
  readonly policy?: string;
  readonly now?: () => Date;
  readonly capabilities?: Capabilities;
  readonly devices?: readonly Device[];
  readonly keys?: readonly AuthKey[];
}

export class FakeControl implements Control {
  readonly url = "https://hs.example";
  readonly capabilities: Capabilities;
  readonly wire: Readonly<Record<ControlWrite, string>> = {
    setPolicy: "PUT /api/v1/policy",
    mintKey: "POST /api/v1/preauthkey",
    revokeKey: "POST /api/v1/preauthkey/expire",
    setDeviceTags: "POST /api/v1/node/{id}/tags",
    setEnabledRoutes: "POST /api/v1/node/{id}/approve_routes",
    deleteDevice: "DELETE /api/v1/node/{id}",
  };
  /** Names of all calls, in order. */
  readonly calls: Call[] = [];
  /** Texts of the keys that were minted, by id. */
  readonly secrets = new Map<string, Secret>();
  policy: string | undefined;
  devices: Device[];
  keys: AuthKey[];
  /** Null: the credential may not list them. */
  expiring: readonly ExpiringCredential[] | null = [];
  /** Findings that every policy gets; empty = it is accepted. */
  findings: readonly PolicyFinding[] = [];
  /** Runs before each call; what it throws, the call throws. */
  before: (call: Call) => void = () => {};
  readonly #now: () => Date;
  readonly #failures = new Map<Call, Error[]>();
  #nextId = 1;

  constructor(options: FakeControlOptions = {}) {
    this.capabilities = options.capabilities ?? headscaleCapabilities;
    this.policy = options.policy;
    this.devices = [...(options.devices ?? [])];
    this.keys = [...(options.keys ?? [])];
    this.#now = options.now ?? (() => new Date("2026-11-25T00:00:00Z"));
  }

  count(...names: readonly Call[]): number {
    return this.calls.filter((call) => names.includes(call)).length;
  }

  /** Calls that change something. */
  get writes(): number {
    return this.count("setPolicy", "mintKey", "revokeKey", "setDeviceTags", "setEnabledRoutes", "deleteDevice");
  }

  /** The next calls of that name fail, one for each error. */
  fail(call: Call, ...errors: readonly Error[]): void {
    this.#failures.set(call, [...(this.#failures.get(call) ?? []), ...errors]);
  }

  now(): Date {
    return this.#now();
  }

  async getPolicy(): Promise<PolicyDocument> {
    this.#begin("getPolicy");
    return this.#document();
  }

  async checkPolicy(text: string): Promise<PolicyCheck> {
    this.#begin("checkPolicy");
    const findings = this.#judge(text);
    return findings.length > 0 ? { kind: "failed", findings } : { kind: "passed" };
  }

  async previewPolicy(): Promise<PolicyPreview> {
    this.#begin("previewPolicy");
    return { kind: "unsupported" };
  }

  async setPolicy(text: string, ifVersion: string): Promise<PolicyWrite> {
    this.#begin("setPolicy");
    if (ifVersion !== this.#document().version) return { kind: "conflict" };
    const findings = this.#judge(text);
    if (findings.length > 0) return { kind: "rejected", findings };
    this.policy = text;
    this.#approve();
    return { kind: "written", stored: this.#document() };
  }

  async mintKey(request: MintRequest): Promise<MintedKey> {
    this.#begin("mintKey");
    const id = String(this.#nextId++);
    const created = this.#now();
    const prefix = `hskey-auth-${id.padStart(12, "0")}`;
    const secret = new Secret(`${prefix}-${"s".repeat(48)}${id}`);
    const key: AuthKey = {
      id,
      prefix,
      tags: request.tags,
      description: this.capabilities.keys.description ? request.description : "",
      created,
      expires: new Date(created.getTime() + request.expirySeconds * 1000),
      reusable: request.reusable,
      ephemeral: false,
      state: "usable",
    };
    this.keys.push(key);
    this.secrets.set(id, secret);
    return { key, secret };
  }

  async listKeys(): Promise<readonly AuthKey[]> {
    this.#begin("listKeys");
    const now = this.#now();
    return this.keys.map((k) =>
      k.state === "usable" && k.expires && k.expires <= now ? { ...k, state: "expired" } : k,
    );
  }

  async revokeKey(id: string): Promise<"revoked" | "already-gone"> {
    this.#begin("revokeKey");
    const known = this.keys.some((k) => k.id === id && k.state !== "revoked");
    this.keys = this.keys.map((k) => (k.id === id ? { ...k, state: "revoked" } : k));
    return known ? "revoked" : "already-gone";
  }

  async listExpiring(): Promise<readonly ExpiringCredential[] | null> {
    this.#begin("listExpiring");
    return this.expiring;
  }

  async listDevices(): Promise<readonly Device[]> {
    this.#begin("listDevices");
    return this.devices;
  }

  async setDeviceTags(id: string, tags: readonly [Tag, ...Tag[]]): Promise<void> {
    this.#begin("setDeviceTags");
    this.#change(id, { tags });
  }

  async setEnabledRoutes(id: string, routes: readonly string[]): Promise<void> {
    this.#begin("setEnabledRoutes");
    this.#change(id, { enabledRoutes: [...routes].sort() });
  }

  async deleteDevice(id: string): Promise<"deleted" | "already-gone"> {
    this.#begin("deleteDevice");
    const known = this.devices.some((d) => d.id === id);
    this.devices = this.devices.filter((d) => d.id !== id);
    return known ? "deleted" : "already-gone";
  }

  /** A node logs in with a key, as tailscaled would; its routes are approved as the policy says. */
  join(secret: Secret, hostname: string, routes: readonly string[] = []): Device {
    const [id] = [...this.secrets].find(([, s]) => s.reveal() === secret.reveal()) ?? [];
    const key = this.keys.find((k) => k.id === id);
    if (key?.state !== "usable") throw new Error("invalid key");
    if (!key.reusable) this.keys = this.keys.map((k) => (k.id === id ? { ...k, state: "used" } : k));
    const device = fakeDevice(hostname, key.tags, {
      id: String(this.devices.length + 1),
      addresses: [`100.64.0.${this.devices.length + 1}`],
      advertisedRoutes: [...routes],
    });
    this.devices.push(device);
    this.#approve();
    return device;
  }

  #begin(call: Call): void {
    this.calls.push(call);
    this.before(call);
    const error = this.#failures.get(call)?.shift();
    if (error !== undefined) throw error;
  }

  #document(): PolicyDocument {
    return { text: this.policy ?? "", version: `"${hash(this.policy ?? "")}"`, isDefault: this.policy === undefined };
  }

  #change(id: string, change: Partial<Device>): void {
    this.devices = this.devices.map((d) => (d.id === id ? { ...d, ...change } : d));
  }

  #judge(text: string): readonly PolicyFinding[] {
    try {
      readHujson(text);
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      const { line, column } = error.where ?? {};
      return [{ severity: "error", text: error.message, ...(line ? { line } : {}), ...(column ? { column } : {}) }];
    }
    return this.findings;
  }

  /** Auto-approval by exact prefix; retroactive, and never taken back. */
  #approve(): void {
    const policy: { autoApprovers?: { routes?: Record<string, string[]> } } =
      this.policy === undefined ? {} : JSON.parse(decodeText(standardize(readHujson(this.policy))));
    const approvers = policy.autoApprovers?.routes ?? {};
    this.devices = this.devices.map((device) => {
      const approved = device.advertisedRoutes.filter((route) =>
        approvers[route]?.some((tag) => device.tags.includes(tag)),
      );
      const enabledRoutes = [...new Set([...device.enabledRoutes, ...approved])].sort();
      return {
        ...device,
        enabledRoutes,
        servingRoutes: enabledRoutes.filter((r) => device.advertisedRoutes.includes(r)),
      };
    });
  }
}

/** A device that is online and has nothing special about it. */
export function fakeDevice(hostname: string, tags: readonly string[], more: Partial<Device> = {}): Device {
  return {
    id: "1",
    hostname,
    label: hostname,
    addresses: ["100.64.0.1"],
    tags,
    online: true,
    keyExpires: null,
    advertisedRoutes: [],
    enabledRoutes: [],
    servingRoutes: [],
    nodeKey: null,
    ...more,
  };
}

function hash(text: string): string {
  let value = 0;
  for (const letter of text) value = (Math.imul(value, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return `${value.toString(16)}-${text.length}`;
}
