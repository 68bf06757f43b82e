// Bad input and a hostile world: each a coded error with its place and a hint, exit 1, nothing changed; and text stays text.
import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as yaml from "yaml";
import { Lab } from "../client.ts";
import { ask, resultOf, untouchedState } from "../product.ts";

const lab = new Lab();

interface Topology {
  ssh: Record<string, unknown>;
  tailnet: Record<string, unknown>;
  clusters: Record<string, Record<string, unknown> & { nodes: Record<string, unknown> }>;
  [key: string]: unknown;
}

/** A variant of the lab's topology beside it, by name. */
function variant(name: string, change: (t: Topology) => void): string {
  const topology = yaml.parse(lab.read("tailmesh.yaml")) as Topology;
  change(topology);
  writeFileSync(lab.file(name), yaml.stringify(topology));
  return name;
}

const homelab = (t: Topology) => t.clusters["homelab"] ?? fail();

function fail(): never {
  throw new Error("no such cluster in the lab's topology");
}

beforeAll(async () => {
  await lab.run("heal");
  const step = await lab.action("converge");
  expect(step.exit, step.log.slice(-2000)).toBe(0);
});

afterAll(() => {
  for (const name of ["bad.yaml", "hostile.hujson"]) rmSync(lab.file(name), { force: true });
});

describe("refused", () => {
  let before: readonly string[];
  beforeAll(async () => {
    before = await untouchedState(lab);
  });

  afterAll(async () => {
    expect(await untouchedState(lab)).toEqual(before);
  });

  const files: readonly (readonly [string, string, (t: Topology) => void])[] = [
    [
      "an unknown key",
      "MESH_TOPOLOGY_UNKNOWN_KEY",
      (t) => {
        t["clusterz"] = {};
      },
    ],
    [
      "an overlap",
      "MESH_CIDR_OVERLAP",
      (t) => {
        homelab(t)["pods"] = "10.52.128.0/17";
      },
    ],
    [
      "host bits",
      "MESH_CIDR_HOST_BITS",
      (t) => {
        homelab(t)["pods"] = "10.42.0.1/16";
      },
    ],
    [
      "an unknown role",
      "MESH_TOPOLOGY_CHOICE",
      (t) => {
        homelab(t).nodes["homelab-2"] = { address: "10.10.10.11", role: "gateway" };
      },
    ],
    [
      "two clusters on K3s' defaults",
      "MESH_K3S_DEFAULTS",
      (t) => {
        Object.assign(t.clusters["oracle"] ?? fail(), { pods: "10.42.0.0/16", services: "10.43.0.0/16" });
      },
    ],
  ];

  it.each(files)("%s", async (_, code, change) => {
    const step = await lab.action("converge", { topology: variant("bad.yaml", change) });
    expect(step.exit).toBe(1);
    expect(step.log).toMatch(new RegExp(`::error title=${code},file=bad.yaml,line=\\d+,col=\\d+`));
    expect(resultOf(step).error).toMatchObject({ code, hint: expect.stringMatching(/\S/) });
  });

  const outside: readonly (readonly [string, string, (t: Topology) => void])[] = [
    [
      "a wrong host key",
      "MESH_SSH_HOST_KEY",
      (t) => {
        homelab(t).nodes["homelab-2"] = {
          address: "10.10.10.11",
          ssh: { "host-key": "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        };
      },
    ],
    [
      "an unreachable node",
      "MESH_SSH_",
      (t) => {
        homelab(t).nodes["homelab-2"] = {
          address: "10.10.10.11",
          ssh: { host: "198.18.0.99", "host-key": "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        };
      },
    ],
    [
      "refused sudo",
      "MESH_SUDO_REFUSED",
      (t) => {
        t.ssh["user"] = "nosudo";
      },
    ],
    [
      "an untrusted certificate",
      "MESH_TLS_UNTRUSTED",
      (t) => {
        delete t.tailnet["ca"];
      },
    ],
  ];

  it.each(outside)("%s", async (_, code, change) => {
    const step = await lab.action("converge", { topology: variant("bad.yaml", change) });
    expect(step.exit).toBe(1);
    expect(step.log, step.log.slice(-1500)).toMatch(new RegExp(`::error title=${code}`));
    expect(resultOf(step).error).toMatchObject({ hint: expect.stringMatching(/\S/), where: expect.anything() });
  });

  it("an expired API key", async () => {
    const made = (await ask(lab, "POST", "/api/v1/apikey", {
      expiration: new Date(Date.now() + 60_000).toISOString(),
    })) as { apiKey: string };
    await ask(lab, "POST", "/api/v1/apikey/expire", {
      prefix: made.apiKey.slice("hskey-api-".length, "hskey-api-".length + 12),
    });
    const step = await lab.action("converge", { "api-key": made.apiKey });
    expect(step.exit).toBe(1);
    expect(step.log).toMatch(/::error title=MESH_CREDENTIAL_REJECTED/);
  });

  it("a control server that is down", async () => {
    await lab.run("fault", "control-down");
    try {
      const step = await lab.action("converge");
      expect(step.exit).toBe(1);
      expect(step.log).toMatch(/::error title=MESH_(HTTP_UNREACHABLE|CONTROL_DOWN)/);
      expect(await untouchedState(lab)).toEqual(before);
    } finally {
      await lab.run("heal");
    }
    before = await untouchedState(lab); // healing started tailscaled anew
  });

  it("several inputs at once, before anything is asked", async () => {
    const step = await lab.action("converge", { mode: "maybe", concurrency: "many", allow: "everything" });
    expect(step.exit).toBe(1);
    expect(step.log.match(/::error title=MESH_INPUT_INVALID/g)).toHaveLength(3);
  });
});

it("works with a user that needs sudo", async () => {
  const step = await lab.action("converge", {
    topology: variant("bad.yaml", (t) => {
      t.ssh["user"] = "deploy";
    }),
  });
  expect(step.exit, step.log.slice(-2000)).toBe(0);
  expect(step.outputs).toMatchObject({ changed: "false", verdict: "reachable" });
});

describe("hostile text", () => {
  const poison =
    "::stop-commands::pwn\u001b[31m </details><script>alert(1)</script> `$(reboot)` ](javascript:x) @everyone ::set-output name=x::y";
  /** Commands that a run may print; anything else that begins a line like one came from outside. */
  const ours = /^::(add-mask|group|endgroup|debug|notice|warning|error|save-state|set-output)\b/;

  function inert(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
    for (const line of text.split("\n")) {
      if (line.trimStart().startsWith("::")) expect(line).toMatch(ours);
      expect(line).not.toMatch(/^\s*::(stop-commands|set-output)/);
    }
  }

  it("in a policy comment is inert in log and summary, and stays in the policy", async () => {
    const { policy } = (await ask(lab, "GET", "/api/v1/policy")) as { policy: string };
    const hostile = `// ${poison.replaceAll("\u001b", "")}\n${policy.slice(policy.indexOf("\n") + 1)}`;
    writeFileSync(
      lab.file("hostile.hujson"),
      JSON.stringify({ policy: hostile.replace('"tag:ci": []', '"tag:ci": [], "tag:extra": []') }),
    );
    await put("hostile.hujson");
    // Something must differ for a diff to be shown.
    const step = await lab.action("acl-apply", {
      topology: variant("bad.yaml", (t) => {
        (t.clusters["oracle"] ?? fail())["tag"] = "tag:cloud";
      }),
      mode: "plan",
    });
    inert(step.log);
    inert(step.summary);
    expect(step.summary).not.toContain("\n</details><script>");
    expect(step.log).toContain("MESH_POLICY_FOREIGN");
    writeFileSync(lab.file("hostile.hujson"), JSON.stringify({ policy }));
    await put("hostile.hujson");
  });

  async function put(file: string): Promise<void> {
    const { url, apiKey, caFile } = JSON.parse(lab.read("control.json")) as Record<string, string>;
    await lab.runner(
      `curl -fsS -m 10 --cacert ${caFile} -X PUT -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' --data-binary @${lab.file(file)} ${url}/api/v1/policy`,
    );
  }

  it("from a node is inert in log, summary and files", async () => {
    const conf = "/var/lib/rancher/k3s/agent/etc/flannel/net-conf.json";
    const text = JSON.stringify({ Network: `${poison}\n::stop-commands::x\n`, Backend: { Type: "vxlan" } });
    await lab.exec("homelab-2", `cp ${conf} /root/kept.json; printf '%s' '${text.replaceAll("'", "'\\''")}' > ${conf}`);
    try {
      const step = await lab.action("converge", {}, "--debug");
      expect(step.exit).toBe(1);
      expect(step.log).toContain("MESH_NODE_CIDR_DRIFT");
      inert(step.log);
      inert(step.summary);
      expect(step.summary).not.toContain("<script>");
    } finally {
      await lab.exec("homelab-2", `mv /root/kept.json ${conf}`);
    }
  });

  it("as a device name is inert", async () => {
    await lab.exec("homelab-2", `tailscale set --hostname='${"x</td>`y`::z"}'`);
    try {
      const step = await lab.action("connectivity-check", {}, "--debug");
      inert(step.log);
      inert(step.summary);
      expect(step.summary).not.toContain("</td>");
    } finally {
      await lab.exec("homelab-2", "tailscale set --hostname=homelab-2");
    }
  });

  it("in the topology is refused, and inert in the refusal", async () => {
    const step = await lab.action("converge", {
      topology: variant("bad.yaml", (t) => {
        homelab(t).nodes[poison] = "10.10.10.12";
        t.ssh["user"] = "$(reboot)";
      }),
    });
    expect(step.exit).toBe(1);
    inert(step.log);
    inert(step.summary);
    expect(step.summary).not.toContain("<script>");
  });
});
