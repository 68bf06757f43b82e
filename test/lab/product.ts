// What the product's cases share: reading results, counting connections, comparing nodes.
import { readFileSync } from "node:fs";
import type { Lab } from "./client.ts";
import type { StepResult } from "./runner.ts";

export const machines = ["homelab-1", "homelab-2", "oracle-1"] as const;
export type Machine = (typeof machines)[number];

interface LinkLine {
  readonly from: string;
  readonly to: string;
  readonly verdict: string;
  readonly path: string | null;
  readonly layer: string | null;
  readonly remedy: string | null;
}

export interface ResultFile {
  readonly action: string;
  readonly changed: boolean;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly where: unknown;
  } | null;
  readonly links: readonly LinkLine[];
}

/** The result file that a step wrote. */
export function resultOf(step: StepResult): ResultFile {
  return JSON.parse(readFileSync(step.outputs["result-file"] ?? "", "utf8")) as ResultFile;
}

/** Requests to the control server in a debug log: `PUT /api/v1/policy`. */
export function requestsOf(step: StepResult): readonly string[] {
  return [...step.log.matchAll(/^::debug::(GET|PUT|POST|DELETE) https:\/\/[^/]+(\S*) → /gm)].map(
    (m) => `${m[1]} ${m[2]}`,
  );
}

export const isWrite = (request: string): boolean => !request.startsWith("GET ");

/** sshd tells of sessions only in its verbose log. */
export async function listenToSshd(lab: Lab): Promise<void> {
  for (const machine of machines)
    await lab.exec(machine, "echo 'LogLevel VERBOSE' > /etc/ssh/sshd_config.d/99-count.conf && systemctl reload ssh");
}

export async function leaveSshd(lab: Lab): Promise<void> {
  for (const machine of machines)
    await lab.exec(machine, "rm -f /etc/ssh/sshd_config.d/99-count.conf && systemctl reload ssh");
}

export interface SshCount {
  readonly connections: number;
  readonly execs: number;
}

/** Connections and execs that a machine served while `work` ran. */
export async function countSsh(lab: Lab, work: () => Promise<void>): Promise<Readonly<Record<Machine, SshCount>>> {
  const starts = await Promise.all(machines.map((m) => lab.exec(m, "date +%s.%N")));
  await work();
  const counts = await Promise.all(
    machines.map(async (m, i) => {
      const log = await lab.exec(m, `journalctl -u ssh --since @${starts[i]?.trim()} -o cat --no-pager`);
      return {
        connections: log.match(/Accepted publickey/g)?.length ?? 0,
        execs: log.match(/Starting session: command/g)?.length ?? 0,
      };
    }),
  );
  return Object.fromEntries(machines.map((m, i) => [m, counts[i]])) as Record<Machine, SshCount>;
}

/** What a run that changes nothing must leave as it is, to the letter. */
export async function untouchedState(lab: Lab): Promise<readonly string[]> {
  return Promise.all(
    machines.map((m) =>
      lab.exec(
        m,
        `systemctl show -p MainPID,ExecMainStartTimestampMonotonic tailscaled tailmesh-guard.timer
         ip rule; ip route show table 52 | sort; ip route | sort
         iptables-save | sed 's/^#.*//; s/\\[[0-9:]*\\]//'
         tailscale debug prefs
         find /etc/tailmesh /usr/local/lib/tailmesh /etc/systemd/system /etc/sysctl.d /etc/default/tailscaled -type f -printf '%p %T@ %m %s\\n' | sort`,
      ),
    ),
  );
}

/** The end state of a converged mesh without what differs from join to join (addresses, keys, times). */
export async function endState(lab: Lab): Promise<readonly string[]> {
  const nodes = await Promise.all(
    machines.map((m) =>
      lab.exec(
        m,
        `tailscale debug prefs | grep -vE 'NodeID|PrivateNodeKey|NetworkLockKey|"ID"'
         ip rule; ip route show table 52 | grep -v '^100\\.' | sort
         iptables-save -t mangle | grep TAILMESH | sed 's/\\[[0-9:]*\\]//'
         sysctl net.ipv4.ip_forward
         find /etc/tailmesh /usr/local/lib/tailmesh /etc/systemd/system/tail* /etc/sysctl.d/99-tailmesh.conf /usr/sbin/tailscaled /usr/bin/tailscale -type f | sort | xargs sha256sum
         systemctl is-enabled tailscaled tailmesh-guard.service tailmesh-guard.timer; systemctl is-active tailscaled tailmesh-guard.timer
         ls -d /run/tailmesh* /var/tmp/tailmesh* 2>/dev/null || true`,
      ),
    ),
  );
  return [...nodes, await controlState(lab)];
}

/** Policy, devices and usable keys as the control server has them. */
async function controlState(lab: Lab): Promise<string> {
  const { nodes } = (await ask(lab, "GET", "/api/v1/node")) as { nodes: readonly Record<string, unknown>[] };
  const devices = nodes.map((n) => ({
    name: n["givenName"],
    tags: n["tags"],
    approved: n["approvedRoutes"],
    serving: [...(n["subnetRoutes"] as readonly string[])].sort(),
  }));
  const { policy } = (await ask(lab, "GET", "/api/v1/policy")) as { policy: string };
  return JSON.stringify(
    { policy, devices: devices.toSorted((a, b) => String(a.name).localeCompare(String(b.name))) },
    undefined,
    1,
  );
}

/** One call of the control server's own API, from the runner; undefined where the answer is no JSON. */
export async function ask(lab: Lab, method: string, path: string, body?: unknown): Promise<unknown> {
  const { url, apiKey, caFile } = JSON.parse(lab.read("control.json")) as Record<string, string>;
  const data =
    body === undefined
      ? ""
      : `-H 'Content-Type: application/json' --data '${JSON.stringify(body).replaceAll("'", "'\\''")}'`;
  const text = await lab.runner(
    `curl -sS -m 10 --cacert ${caFile} -X ${method} -H 'Authorization: Bearer ${apiKey}' ${data} ${url}${path}`,
  );
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ids of single-use keys that could still be used. */
export async function usableKeys(lab: Lab): Promise<readonly string[]> {
  const { preAuthKeys } = (await ask(lab, "GET", "/api/v1/preauthkey")) as {
    preAuthKeys: readonly { id: string; used: boolean; reusable: boolean; expiration: string }[];
  };
  return preAuthKeys.filter((k) => !k.used && !k.reusable && Date.parse(k.expiration) > Date.now()).map((k) => k.id);
}

/** What the lab's own probes say, which share nothing with the product: `14 of 14`. */
export async function pathsOf(lab: Lab): Promise<string> {
  return /paths between clusters: (\d+ of \d+) answer/.exec(await lab.run("status"))?.[1] ?? "none";
}

/** A shell line in the network namespace of the web pod on a machine. */
export function inPod(line: string): string {
  return `P=$(k3s crictl pods -q --state Ready --label app=web | head -1); PID=$(k3s crictl inspectp -o go-template --template '{{.info.pid}}' $P); nsenter -t $PID -n ${line}`;
}
