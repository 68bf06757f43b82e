/** How one exchange reaches a server: straight (`direct.ts`) or through a proxy (`proxied.ts`). */
import type { SecureContext } from "node:tls";

export interface Exchange {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Must be read, or left by an error. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Transport extends AsyncDisposable {
  /** Throws the errors of sockets and TLS as they are; `failure.ts` knows their codes. */
  send(url: URL, exchange: Exchange): Promise<Answer>;
}

export interface TransportSettings {
  /** Undefined = Node's own. */
  readonly trust: SecureContext | undefined;
  /** Milliseconds: until connected, until the answer begins, between two parts of it. */
  readonly timeouts: { readonly connect: number; readonly headers: number; readonly body: number };
}

/** Connections to one server at a time. */
export const mostConnections = 4;
