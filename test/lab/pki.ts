// The lab's private authority, the certificate of the control servers and of the issuer of ID tokens, and the SSH key of the runner.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "./exec.ts";
import { state } from "./paths.ts";
import { internet, serverNames } from "./topology.ts";

const folder = join(state, "pki");

export const pki = {
  authority: join(folder, "ca.crt"),
  certificate: join(folder, "hs.crt"),
  key: join(folder, "hs.key"),
  sshKey: join(folder, "id_ed25519"),
} as const;

export async function makeKeys(): Promise<void> {
  if (existsSync(pki.sshKey)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const openssl = (...words: string[]): Promise<string> => must(["openssl", ...words], { cwd: folder });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const usage = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "30",
    "-subj",
    "/CN=lab CA",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    ...usage,
  );
  await openssl("req", ...newKey, "-subj", `/CN=${internet.controlName}`, "-keyout", "hs.key", "-out", "hs.csr");
  const names = serverNames.map(([name, address]) => `DNS:${name},IP:${address}`).join(",");
  writeFileSync(join(folder, "hs.ext"), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "hs.ext"];
  await openssl("x509", "-req", "-in", "hs.csr", ...signed, "-out", "hs.crt");
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tailmesh-lab", "-f", pki.sshKey]);
}
