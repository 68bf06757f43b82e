/** Where the control server probably is, told from a topology's text in no time, long before the file has been read. */
import { tailscaleApi } from "../tailscale-api.ts";

/**
 * An https URL that is good for opening a connection early and for nothing else: a file with mistakes has one, too. Undefined
 * where the text alone does not tell: a URL from a variable, no TLS, roots of its own.
 */
export function likelyServer(text: string): string | undefined {
  const tailnet = /^tailnet:(.*(?:\r?\n(?:[ \t#].*)?)*)/m.exec(text)?.[1] ?? "";
  if (/\bca:/.test(tailnet)) return undefined;
  const [, written] = /\burl:[ \t]*(.*)/.exec(tailnet) ?? [];
  if (written === undefined) return /\bcontrol:[ \t]*["']?headscale/.test(tailnet) ? undefined : tailscaleApi;
  const url = /^["']?(https:\/\/[^\s"',}#]+)/.exec(written)?.[1];
  return url !== undefined && URL.canParse(url) ? url : undefined;
}
