/** What can go wrong between us and a web server before it has answered. */
import { defineErrors } from "../../mesh/error.ts";

export const httpErrors = defineErrors({
  MESH_HTTP_URL: {
    kind: "config",
    meaning: "An address is not an http or https URL, or it carries a user name or password.",
    hint: "Write it as https://host[:port]. Credentials belong in the inputs for them, never in the address.",
  },
  MESH_HTTP_UNREACHABLE: {
    kind: "unreachable",
    meaning: "No connection to the server, or it broke before the answer was complete.",
    hint: "Is the host name right, the server running, and its port open from this runner? `curl -v` to the same address shows which.",
  },
  MESH_HTTP_PROXY: {
    kind: "unreachable",
    meaning: "The proxy of HTTPS_PROXY or HTTP_PROXY does not pass the connection on.",
    hint: "Check the proxy's address and rules, or name the host in NO_PROXY if it is to be reached directly.",
  },
  MESH_HTTP_REDIRECT: {
    kind: "remote",
    meaning: "The server sends us to another host. A credential is never carried there.",
    hint: "If the other address is the right one, write it in place of this one. Often this is a login page in front of the server.",
  },
  MESH_HTTP_TOO_LARGE: {
    kind: "remote",
    meaning: "An answer is larger than what is reasonable for it and was not read to its end.",
    hint: "Is this address the server you mean? A download of this size belongs to another address.",
  },
  MESH_TLS_UNTRUSTED: {
    kind: "config",
    meaning: "The server's certificate is signed by nobody this machine trusts. Nothing was sent to it.",
    hint: "For a private authority, give its PEM certificate as input `ca-file` or as `tailnet.ca` of the topology. If the authority is a public one, someone may be in between.",
  },
  MESH_TLS_INVALID: {
    kind: "remote",
    meaning:
      "The server's certificate is expired, not valid yet, or for another name; or the port does not speak TLS. Nothing was sent to it.",
    hint: "Renew the certificate, use the name that is in it, or correct this machine's clock. `openssl s_client -connect host:port` shows it.",
  },
  MESH_CA_INVALID: {
    kind: "config",
    meaning: "The file of additional roots holds no readable PEM certificate.",
    hint: "It must hold one or more blocks from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, of authorities and not of a key.",
  },
  MESH_PING_REFUSED: {
    kind: "remote",
    meaning: "The watchdog that is told of a good run does not take it. The run itself is not concerned.",
    hint: "Open the address of `ping-url` by hand: was the check there deleted, or is the secret cut off?",
  },
});
