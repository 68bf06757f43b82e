/** What can go wrong between the runner and a root shell on a node. */
import { defineErrors } from "../../mesh/error.ts";

export const sshErrors = defineErrors({
  MESH_SSH_HOST_KEY: {
    kind: "denied",
    meaning: "The machine that answered is not the one whose host key you vouched for. We did not log in.",
    hint: "If the machine was reinstalled, compare on its console with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` and update `host-key` or the known_hosts file. Otherwise somebody may be in between.",
  },
  MESH_SSH_HOST_UNKNOWN: {
    kind: "config",
    meaning:
      "There is no host key to compare with: none in the topology and none for this host and port in the known_hosts file. We did not log in.",
    hint: "Read the key on the machine itself (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`) and set `ssh.host-key`, or add a line for this very host name and port to the known_hosts file.",
  },
  MESH_SSH_KNOWN_HOSTS: {
    kind: "config",
    meaning: "The known_hosts file that the topology names does not exist.",
    hint: "Paths are relative to the repository. Commit the file, or set `ssh.host-key` instead.",
  },
  MESH_SSH_KEY: {
    kind: "config",
    meaning: "The SSH private key cannot be used: it is not a private key, is encrypted, or its passphrase is wrong.",
    hint: "`ssh-private-key` takes the whole file, from its BEGIN to its END line (OpenSSH or PEM); `ssh-passphrase` its passphrase. `ssh-keygen -yf FILE` tells whether both fit.",
  },
  MESH_SSH_AUTH: {
    kind: "denied",
    meaning: "The node does not let this user in with this key.",
    hint: "Is the key's public half in ~/.ssh/authorized_keys of that user on that machine, and is `ssh.user` the right one? The node's journal of sshd tells why it refused.",
  },
  MESH_SSH_TIMEOUT: {
    kind: "unreachable",
    meaning: "No SSH connection in time.",
    hint: "Is the machine up, and does a firewall or security group let this runner's address in on that port? Behind NAT a node needs `ssh.jump` or `ssh.host`.",
  },
  MESH_SSH_REFUSED: {
    kind: "unreachable",
    meaning: "The machine is there, but nothing listens on the SSH port, or a firewall rejects it.",
    hint: "Check that sshd runs and that `ssh.port` is its port.",
  },
  MESH_SSH_DNS: {
    kind: "unreachable",
    meaning: "The host name of a node cannot be resolved from this runner.",
    hint: "Check `ssh.host` for a typing error; private names do not resolve on GitHub's own runners.",
  },
  MESH_SSH_UNREACHABLE: {
    kind: "unreachable",
    meaning: "There is no network path to the node, or the connection broke during the handshake.",
    hint: "Try `ssh -v` from the same runner. A private address is only reachable from inside its network, or through `ssh.jump`.",
  },
  MESH_SSH_PROTOCOL: {
    kind: "remote",
    meaning: "What answered does not speak SSH as we do: no algorithm in common, or no SSH server at all.",
    hint: "Is `ssh.port` really sshd's? An OpenSSH of the last ten years with its default algorithms always fits.",
  },
  MESH_SSH_JUMP: {
    kind: "remote",
    meaning: "A jump host let us in but does not pass the connection on.",
    hint: "It needs `AllowTcpForwarding yes` in its sshd_config, and must itself reach the next host and port.",
  },
  MESH_SSH_EXEC: {
    kind: "remote",
    meaning: "The node let us in but does not start a command.",
    hint: "A forced command, a restricted shell or `MaxSessions 0` may stand in the way: the user must be able to run /bin/sh.",
  },
  MESH_SSH_EXEC_TIMEOUT: {
    kind: "unreachable",
    meaning:
      "A command on a node did not end within its limit; its channel was closed. It may have done part of its work, and may still be at it.",
    hint: "Run again: every stage starts by looking at what is there. If it repeats, look at the load, the disk and the journal of that node.",
  },
  MESH_SSH_OUTPUT: {
    kind: "remote",
    meaning: "A command on a node printed far more than it can have to say; it was ended.",
    hint: "Look at what that node prints on login (profile files of root) and at its state; then run again.",
  },
  MESH_SSH_LOST: {
    kind: "unreachable",
    meaning:
      "The connection to a node broke while a command ran. It may have done part of its work; what is risky undoes itself.",
    hint: "Run again: it looks at what is there first. If it repeats at the same place, that step cuts the path this runner uses.",
  },
  MESH_SUDO_REFUSED: {
    kind: "denied",
    meaning: "The SSH user may not become root without a password.",
    hint: "Allow it with a line in /etc/sudoers.d/tailmesh: `USER ALL=(root) NOPASSWD: /bin/sh`, or use the user root.",
  },
});
