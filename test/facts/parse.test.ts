import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFacts } from "../../src/facts/parse.ts";
import { factsScript } from "../../src/facts/script.ts";
import { readSections } from "../../src/facts/sections.ts";
import { MeshError } from "../../src/mesh/error.ts";
import { captured } from "../support/facts.ts";

describe("facts of real nodes", () => {
  it("reads a bare K3s server", () => {
    const facts = captured("homelab-1", "bare");
    expect(facts.host).toMatchObject({ machine: "x86_64", init: "systemd", hostname: "homelab-1" });
    expect(facts.tailscale).toMatchObject({ version: null, status: null, prefs: null, profile: false });
    expect(facts.tailscale.unit.active).toBe("absent");
    expect(facts.k3s).toMatchObject({
      role: "server",
      pods: "10.42.0.0/16",
      services: "10.43.0.0/16",
      dns: "10.43.0.10",
      nodePods: "10.42.0.0/24",
      flannelBackend: "vxlan",
      vpnAuth: false,
    });
    expect(facts.pods.map((p) => [p.namespace, p.ip])).toEqual([
      ["default", "10.42.0.3"],
      ["kube-system", "10.42.0.2"],
    ]);
    expect(facts.addresses).toContainEqual({ interface: "eth0", address: "10.10.10.10", bits: 24 });
    expect(facts.routes.table52).toEqual([]);
    expect(facts.files["/etc/tailmesh/guard.conf"]).toBeNull();
  });

  it("reads an agent without the API: flannel tells the pod network, nothing the services", () => {
    const facts = captured("homelab-2", "bare");
    expect(facts.k3s).toMatchObject({ role: "agent", pods: "10.42.0.0/16", services: null, nodePods: "10.42.1.0/24" });
  });

  it("reads a joined router", () => {
    const facts = captured("homelab-1", "joined");
    expect(facts.tailscale).toMatchObject({ version: "1.102.5", package: null, profile: true });
    expect(facts.tailscale.status).toMatchObject({ backendState: "Running", tun: true, health: [] });
    expect(facts.tailscale.status?.self?.tags).toEqual(["tag:homelab"]);
    expect(facts.tailscale.prefs).toMatchObject({
      acceptRoutes: true,
      acceptDns: false,
      snat: false,
      statefulFiltering: false,
      netfilterMode: 2,
      advertiseRoutes: ["10.42.0.0/16", "10.43.0.0/16"],
    });
    expect(facts.routes.table52.map((r) => r.to)).toEqual(expect.arrayContaining(["10.52.0.0/16", "10.53.0.0/16"]));
    expect(facts.rules.filter((r) => r.protocol === "167").map((r) => r.to)).toEqual([
      "10.42.0.0/16",
      "10.43.0.0/16",
      "10.10.10.0/24",
    ]);
    expect(facts.units["tailmesh-guard.timer"]).toMatchObject({ active: "active", enabled: "enabled" });
    expect(facts.netfilter.tables["mangle"]).toContain("-A FORWARD -j TAILMESH-MSS");
    expect(facts.files["/etc/sysctl.d/99-tailmesh.conf"]).toEqual({
      mode: "644",
      content: "net.ipv4.ip_forward = 1\n",
    });
  });

  it("refuses an answer without its end", () => {
    const whole = readFileSync(new URL("../fixtures/facts/homelab-1.bare.txt", import.meta.url), "utf8");
    const cut = whole.slice(0, whole.indexOf("NONCE end"));
    expect(() => parseFacts("homelab-1", cut, "NONCE")).toThrowError(
      expect.objectContaining({ code: "MESH_FACTS_INCOMPLETE" }),
    );
  });

  it("is not fooled by frames that a node made up", () => {
    const facts = parseFacts(
      "n",
      "\nREAL host 0\nhostname=x\nFAKE host 0\nhostname=evil\nFAKE end 0\n\nREAL end 0\n",
      "REAL",
    );
    expect(facts.host.hostname).toBe("x");
  });

  it("throws nothing but MeshErrors whatever a node says", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("host", "kube", "pods", "status", "rules", "units", "main"), fc.string())),
        (said) => {
          const text = said.map(([name, value]) => `\nN ${name} 0\n${value}`).join("");
          try {
            parseFacts("n", `${text}\nN end 0\n`, "N");
          } catch (error) {
            expect(error).toBeInstanceOf(MeshError);
          }
        },
      ),
    );
  });
});

describe("frames", () => {
  it("gives every text back as it was", () => {
    fc.assert(
      fc.property(
        fc.string().filter((s) => !/^N /m.test(s)),
        (text) => {
          expect(readSections(`\nN a 0\n${text}\nN b 1\n`, "N")[0]).toEqual({ name: "a", word: "0", text });
        },
      ),
    );
  });
});

it("reads every absolute path through the root prefix", () => {
  const paths = factsScript("N").match(/(?<![\w$P}"*.:])\/(etc|run|var|proc|usr)\//g) ?? [];
  const listed = /for f in ([^;]*); do/.exec(factsScript("N"))?.[1]?.match(/\/(etc|run|var|proc|usr)\//g) ?? [];
  expect(paths.length).toBe(listed.length);
});
