/** `tailmesh policy render`: the policy that acl-apply would write, to the byte. Asks no server. */
import { decodeText } from "../hujson/tree.ts";
import { renderLocally } from "../policy/render.ts";
import { readArguments, usageError } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { Terminal } from "./terminal.ts";

export const policyRender: Command = {
  words: ["policy", "render"],
  usage: "[--topology FILE] [--base FILE]",
  help: "The policy that acl-apply would write. --base is the policy that is on the server.",
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, {
      topology: { type: "string", default: "tailmesh.yaml" },
      base: { type: "string" },
    });
    if (positionals.length > 0) usageError("policy render takes options only");
    const read = (file: string): string => decodeText(terminal.read(file));
    // Reading a topology is the one thing here that needs libraries; other commands start without them.
    const { parseTopology } = await import("../mesh/topology/parse.ts");
    const mesh = parseTopology(read(values.topology), { file: values.topology, env: terminal.env });
    const files = values.base === undefined ? readFiles(mesh.policyFiles, terminal) : [];
    terminal.write(renderLocally(mesh, files, values.base === undefined ? undefined : read(values.base)));
    return 0;
  },
};

function readFiles(paths: readonly string[], terminal: Terminal) {
  return paths.map((file) => ({ file, text: decodeText(terminal.read(file)) }));
}
