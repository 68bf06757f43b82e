"""The desired state of a joined node, as one would write it in pyinfra. On a converged mesh nothing changes."""

import io
import json

from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import files, server, systemd

data = host.data

if data.tailscale_version not in host.get_fact(Command, "tailscale version"):
    raise SystemExit("tailscale is not installed")

for file in data.mesh_files:
    files.put(src=io.StringIO(file["content"]), dest=file["path"], mode=file["mode"], user="root")

for unit in data.mesh_units:
    systemd.service(service=unit, running=True, enabled=True)

if host.get_fact(Command, "sysctl -n net.ipv4.ip_forward") != "1":
    server.shell(commands="sysctl -q -p /etc/sysctl.d/99-tailmesh.conf")

prefs = json.loads(host.get_fact(Command, "tailscale debug prefs"))
if (
    not prefs["RouteAll"]
    or prefs["CorpDNS"]
    or not prefs["NoSNAT"]
    or sorted(prefs["AdvertiseRoutes"] or []) != sorted(data.advertised)
):
    routes = ",".join(data.advertised)
    server.shell(
        commands="tailscale set --accept-routes=true --accept-dns=false --snat-subnet-routes=false "
        f"--advertise-routes={routes}"
    )

rules = host.get_fact(Command, "ip -4 rule show pref 2500")
chains = host.get_fact(Command, "iptables -w 10 -t mangle -S")
hooked = all(f"-j {chain}" in chains for chain in ("TAILMESH-MSS", "TAILMESH-GUARD"))
if not hooked or not all(prefix in rules for prefix in data.guarded):
    server.shell(commands="/usr/local/lib/tailmesh/guard.sh apply")
