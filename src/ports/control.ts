/** The control server: Tailscale's API v2 or Headscale, one port for all. */

import { MeshError } from "../mesh/error.ts";
import type { Tag } from "../mesh/mesh.ts";
import type { Secret } from "../mesh/secret.ts";

export type Provider = "tailscale" | "headscale-v2" | "headscale-v1";

/** Facts about the server, found once when it is connected; callers ask these instead of guessing. */
export interface Capabilities {
  readonly provider: Provider;
  readonly serverVersion: string | null;
  readonly policy: {
    /** `server`: validates syntax and tests before a write; `none`: only the write itself tells. */
    readonly validate: "server" | "none";
    /** The server says which rules of a policy apply to somebody, without storing it. */
    readonly preview: boolean;
    /** False: the version is emulated by hashing the text, with a small race window. */
    readonly etag: boolean;
    readonly keepsComments: boolean;
    /** Tests whose source or destination is a tag fail until a node has it. */
    readonly testsNeedNodes: boolean;
    /** `autogroup:admin` and the like may own tags. */
    readonly ownerAutogroups: boolean;
    /** A new approver approves routes that are already advertised. */
    readonly autoApproveIsRetroactive: boolean;
  };
  readonly keys: {
    readonly maxLifetimeSeconds: number | null;
    /** False: a key cannot be recognised by its description. */
    readonly description: boolean;
    /** A revoked key stays in the list, marked as such. */
    readonly revokeIsSoft: boolean;
  };
  /** What this credential may do with devices. False: what that would prove is not verified. */
  readonly devices: {
    readonly list: boolean;
    /** Tags and removal. */
    readonly change: boolean;
    /** Approving routes. */
    readonly approve: boolean;
  };
}

export interface PolicyDocument {
  /** As stored by the server, HuJSON; empty when `isDefault` and the server has no text. */
  readonly text: string;
  /** Opaque version for the next write. */
  readonly version: string;
  /** Nothing was ever set: the server's own default is in force. */
  readonly isDefault: boolean;
}

export interface PolicyFinding {
  readonly severity: "error" | "warning";
  readonly text: string;
  readonly line?: number;
  /** 1-based, in bytes. */
  readonly column?: number;
}

export type PolicyCheck =
  | { readonly kind: "passed"; readonly warnings?: readonly PolicyFinding[] }
  | { readonly kind: "failed"; readonly findings: readonly PolicyFinding[] }
  | { readonly kind: "unsupported" };

/** A rule that applies to the one who was asked about. */
export interface PreviewMatch {
  readonly users: readonly string[];
  /** `10.0.0.1:443`, `*:*`. */
  readonly ports: readonly string[];
  /** Line of the rule in the policy, from 1. */
  readonly line: number;
}

export type PolicyPreview =
  | { readonly kind: "matches"; readonly matches: readonly PreviewMatch[] }
  | { readonly kind: "failed"; readonly findings: readonly PolicyFinding[] }
  | { readonly kind: "unsupported" };

export type PolicyWrite =
  | { readonly kind: "written"; readonly stored: PolicyDocument }
  /** The old policy is still in force. */
  | { readonly kind: "rejected"; readonly findings: readonly PolicyFinding[] }
  /** Someone else wrote since it was read. */
  | { readonly kind: "conflict" };

export interface MintRequest {
  readonly tags: readonly [Tag, ...Tag[]];
  /** At most 50 of [A-Za-z0-9 -]; dropped where the server has none. */
  readonly description: string;
  readonly expirySeconds: number;
  readonly reusable: boolean;
}

export type KeyState = "usable" | "used" | "expired" | "revoked" | "invalid";

export interface AuthKey {
  readonly id: string;
  /** The public beginning of the key's text (on Headscale `hskey-auth-` and twelve characters), by which a key in a file is recognised; null where the server hides it. */
  readonly prefix: string | null;
  readonly tags: readonly string[];
  readonly description: string;
  readonly created: Date;
  readonly expires: Date | null;
  readonly reusable: boolean;
  readonly ephemeral: boolean;
  readonly state: KeyState;
}

export interface MintedKey {
  readonly key: AuthKey;
  readonly secret: Secret;
}

export interface Device {
  readonly id: string;
  /** What the node asked to be called. */
  readonly hostname: string;
  /** First label of the name in the tailnet. */
  readonly label: string;
  /** 100.x and fd7a:… addresses. */
  readonly addresses: readonly string[];
  readonly tags: readonly string[];
  /** Its owner as policies name people (`alice@example.com`, on Headscale `alice@`); null where the server does not say, and for tagged ones. */
  readonly user?: string | null;
  readonly online: boolean;
  readonly keyExpires: Date | null;
  readonly advertisedRoutes: readonly string[];
  /** Approved. */
  readonly enabledRoutes: readonly string[];
  /** Routes this device is the serving router of; null where the server does not say. */
  readonly servingRoutes: readonly string[] | null;
  /** Node key (`nodekey:…`) where the server shows it. */
  readonly nodeKey: string | null;
}

/** A credential at the server that is no auth key and ends one day. */
export interface ExpiringCredential {
  readonly kind: "api-token" | "oauth-client" | "federated-identity";
  readonly id: string;
  /** What people know it by: its description, or the public beginning of its text. */
  readonly name: string;
  readonly expires: Date;
}

export type ControlWrite =
  | "setPolicy"
  | "mintKey"
  | "revokeKey"
  | "setDeviceTags"
  | "setEnabledRoutes"
  | "deleteDevice";

export interface Control {
  /** Base URL, for messages and for `--login-server`. */
  readonly url: string;
  readonly capabilities: Capabilities;
  /** The request behind each write (`PUT /api/v1/policy`), for plans. */
  readonly wire: Readonly<Record<ControlWrite, string>>;
  /** The server's time, to the second, by its last answer: keys live and die by that clock. */
  now(): Date;
  getPolicy(): Promise<PolicyDocument>;
  checkPolicy(text: string): Promise<PolicyCheck>;
  /** Which rules of a policy that is not stored apply: from a user (`alice@example.com`) or to `ADDRESS:PORT`. */
  previewPolicy(text: string, type: "user" | "ipport", target: string): Promise<PolicyPreview>;
  /** Writes only if the stored policy still is `ifVersion`. */
  setPolicy(text: string, ifVersion: string): Promise<PolicyWrite>;
  mintKey(request: MintRequest): Promise<MintedKey>;
  listKeys(): Promise<readonly AuthKey[]>;
  revokeKey(id: string): Promise<"revoked" | "already-gone">;
  /** Credentials that expire, in one request; null where this credential may not list them, which is no failure. */
  listExpiring(): Promise<readonly ExpiringCredential[] | null>;
  listDevices(): Promise<readonly Device[]>;
  /** Replaces the tags; empty is not allowed by the servers. */
  setDeviceTags(id: string, tags: readonly [Tag, ...Tag[]]): Promise<void>;
  /** Replaces the approved routes. */
  setEnabledRoutes(id: string, routes: readonly string[]): Promise<void>;
  deleteDevice(id: string): Promise<"deleted" | "already-gone">;
}

/** The devices, where the credential may list them; null where it may not. */
export async function visibleDevices(
  control: Pick<Control, "capabilities" | "listDevices">,
): Promise<readonly Device[] | null> {
  if (!control.capabilities.devices.list) return null;
  try {
    return await control.listDevices();
  } catch (error) {
    if (error instanceof MeshError && error.code === "MESH_CREDENTIAL_DENIED") return null;
    throw error;
  }
}
