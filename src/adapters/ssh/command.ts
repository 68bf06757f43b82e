/** How a script becomes one command line that shows neither the script nor its payload. */

export interface Invocation {
  /** Constant but for the length of the script in bytes. */
  readonly command: string;
  readonly script: Uint8Array;
}

/**
 * The script is read from standard input by its length in bytes; what follows is the payload, left for the script.
 *
 * - Braces around it: a script cut short by a lost connection is a syntax error as a whole, so no half of it is ever run.
 * - `dd` takes exactly that many bytes, in one read where it knows `fullblock` (GNU, BusyBox) and else byte by byte. `head -c`
 *   would do on GNU only: others read ahead and swallow the beginning of the payload.
 * - `&&` stops when the reader is missing; an empty script would otherwise count as success.
 */
export function invocation(script: string, user: string): Invocation {
  const bytes = new TextEncoder().encode(`{\n${script}\n}\n`);
  const n = bytes.length;
  const reader = `dd bs=${n} count=1 iflag=fullblock 2>/dev/null || dd bs=1 count=${n} 2>/dev/null`;
  const shell = `/bin/sh -c 's=$(${reader}) && eval "$s"'`;
  return { command: user === "root" ? shell : `sudo -n ${shell}`, script: bytes };
}

const refusals = [
  /^sudo: a password is required/m,
  /^sudo: a terminal is required/m,
  /^sudo: .*you must have a tty/m,
  /^sudo: no tty present/m,
  /^sudo: PERM_\w+: /m,
  /^sudo: .*must be owned by uid 0/m,
  /^sudo: .*is not in the sudoers file/m,
  /is not in the sudoers file/,
  /^Sorry, user \S+ (is not allowed to execute|may not run sudo)/m,
  /^sudo: I'm sorry .*\. I'm afraid I can't do that/m,
  /sudo: (command )?not found/,
];

/** Whether sudo itself refused, so that nothing of the script has run. */
export function isSudoRefusal(result: {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}): boolean {
  const ownCode = result.code === 1 || result.code === 127;
  return ownCode && result.stdout === "" && refusals.some((pattern) => pattern.test(result.stderr));
}
