/** How names and texts of the topology file are written, as sources of regular expressions: one place for parser and editor schema. */

/** A DNS label, lower case; not of digits alone, which some readers take for a number or an address. */
export const labelPattern = "^(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

/** What both control servers take; Headscale refuses capitals. */
export const tagPattern = "^tag:[a-z][a-z0-9-]{0,62}$";

/** Four numbers; the parser also checks that each is at most 255. */
export const ipv4Pattern = "^([0-9]{1,3}\\.){3}[0-9]{1,3}$";

export const prefixPattern = "^([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}$";

/** A POSIX user name; no leading dash, so that it can never be read as an option. */
export const userPattern = "^[A-Za-z_][A-Za-z0-9_.-]{0,31}$";

/** A host name or IPv4 address. */
export const hostPattern = "^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*\\.?$";

/** A file or a path in a store: printable ASCII that no shell, log or drawing reads as anything else; no leading dash. */
export const pathPattern = "^[A-Za-z0-9_./@+~][A-Za-z0-9_./@+~ -]*$";

export const portPattern = "^(\\*|icmp|(tcp|udp):(\\*|[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?))$";

/** Names of tailnets, roles and environments as their owners chose them. */
export const plainPattern = "^[A-Za-z0-9_.@+-][A-Za-z0-9_.@+ /:-]*$";

/** An environment variable. */
export const variablePattern = "^[A-Za-z_][A-Za-z0-9_]*$";
