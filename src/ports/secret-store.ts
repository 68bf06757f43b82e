/** A place where long-lived keys wait for those who enrol machines outside of Tailmesh. */
import type { Secret } from "../mesh/secret.ts";

/** What is known of a stored key beside its text. Never a secret. */
export interface KeyRecord {
  /** Id of the key at the control server. */
  readonly keyId: string;
  /** Name of the stored key in the topology. */
  readonly name: string;
  readonly tags: readonly string[];
  /** By the control server's clock. */
  readonly created: Date;
  readonly expires: Date;
  /** The key that this one replaced; null for the first. */
  readonly previousKeyId: string | null;
  /** The run that minted it, for people. */
  readonly mintedByRun: string;
}

/** What a place holds, as one consistent look. */
export interface StoreReading {
  /** Opaque; given back with the next write. */
  readonly version: string;
  /**
   * `absent`: nothing there, or removed. `present`: a record of ours. `foreign`: something that is no record of ours; it is
   * never written over.
   */
  readonly kind: "absent" | "present" | "foreign";
  /** Null unless `present`. */
  readonly record: KeyRecord | null;
  /** Text of the key; null where the store cannot be read back, and unless `present`. */
  readonly secret: Secret | null;
  /**
   * False where the record may be older than the text beside it (a run was stopped between the two writes of a store that
   * has to write twice). Whatever key is in the place is then unknown: none may be revoked until a whole write was seen.
   */
  readonly isConsistent: boolean;
}

export type StoreWrite =
  | { readonly kind: "stored"; readonly version: string }
  /** Somebody else wrote since it was read; nothing was changed. */
  | { readonly kind: "conflict" };

/** What a store can do, as data. */
export interface StoreCapabilities {
  /** The text of a key can be read back. */
  readonly readable: boolean;
  /** A write fails when somebody else wrote since; without it the last of two writers wins. */
  readonly compareAndSet: boolean;
}

/** Places are paths in Vault, names of secrets on GitHub, file names in a folder. */
export interface SecretStore {
  /** Name in the topology. */
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  /** The request behind each act (`POST /v1/secret/data/PATH`), for plans; `PLACE` stands for the place. */
  readonly wire: { readonly read: string; readonly write: string };
  /**
   * Whether it could be written, asked without changing anything, so that no key is minted for a store that refuses it.
   * Throws a coded error that names the missing capability, permission or path.
   */
  checkWritable(place: string): Promise<void>;
  read(place: string): Promise<StoreReading>;
  /** One atomic write of text and record, on condition of the version where the store can. Never sent twice blindly. */
  write(place: string, secret: Secret, record: KeyRecord, ifVersion: string): Promise<StoreWrite>;
  /**
   * When the credential that it was given ends, where the store can tell; null: never, not known, or it logs in anew with
   * every run.
   */
  loginExpiry?(): Promise<Date | null>;
  /** What that credential is; default: a Vault token. */
  readonly loginKind?: "vault-token" | "github-token";
  /** Lets go of its login. */
  close(): Promise<void>;
}
