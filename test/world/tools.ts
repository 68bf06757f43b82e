/** The commands that the simulated machines find: stubs that ask the world, and this computer's own plain tools. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Real tools: they work on the files they are given and on nothing else. */
const plain = [
  "sh",
  "cat",
  "mkdir",
  "mktemp",
  "mkfifo",
  "rm",
  "rmdir",
  "mv",
  "cp",
  "ln",
  "ls",
  "chmod",
  "touch",
  "install",
  "tar",
  "gzip",
  "sed",
  "grep",
  "awk",
  "head",
  "tail",
  "cut",
  "tr",
  "sort",
  "uniq",
  "wc",
  "date",
  "sleep",
  "dd",
  "stat",
  "env",
  "basename",
  "dirname",
  "readlink",
  "seq",
  "xargs",
  "tee",
  "find",
  "expr",
  "cmp",
  "base64",
  "sha256sum",
  "timeout",
  "flock",
  "true",
  "false",
  "od",
  "printf",
] as const;

/** Where this computer lacks one of them, as macOS does. */
const stand: Readonly<Record<string, string>> = {
  timeout: '#!/bin/sh\nshift\nexec "$@"\n',
  flock: "#!/bin/sh\nexit 0\n",
  sha256sum: '#!/bin/sh\nexec /usr/bin/shasum -a 256 "$@"\n',
};

/** Answered on the spot, without the world. */
const local: Readonly<Record<string, string>> = {
  sudo: `#!/bin/sh
if [ -e "$TAILMESH_ROOT/../sudo-refused" ]; then echo "sudo: a password is required" >&2; exit 1; fi
[ "$1" != -n ] || shift
exec "$@"
`,
  restorecon: "#!/bin/sh\nexit 0\n",
  chown: "#!/bin/sh\nexit 0\n",
};

export const stubFile = join(import.meta.dirname, "stub.sh");

/** Fills a folder; returns the search path for it. `tailscale` is not in it: it has to be installed first. */
export function furnishTools(folder: string, simulated: Iterable<string>): string {
  const bin = join(folder, "bin");
  const tools = join(folder, "tools");
  for (const f of [bin, tools]) mkdirSync(f, { recursive: true });
  const executable = (path: string, text: string): void => {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  };
  copyFileSync(stubFile, join(folder, "stub"));
  chmodSync(join(folder, "stub"), 0o755);
  for (const name of simulated) if (name !== "tailscale") symlinkSync("../stub", join(bin, name));
  for (const [name, text] of Object.entries(local)) executable(join(bin, name), text);
  for (const name of plain) {
    const found = find(name);
    if (found !== undefined) symlinkSync(found, join(tools, name));
    else if (name in stand) executable(join(tools, name), stand[name] ?? "");
  }
  return `${bin}${delimiter}${tools}`;
}

function find(name: string): string | undefined {
  const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", ...(process.env["PATH"] ?? "").split(delimiter)];
  return folders.map((f) => join(f, name)).find((path) => existsSync(path));
}
