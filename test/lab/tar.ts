// A small writer of tar archives (ustar) that gives the same bytes for the same content.

export interface TarEntry {
  readonly name: string;
  readonly mode?: number;
  readonly data?: Uint8Array;
  readonly link?: string;
  readonly folder?: boolean;
}

function header(entry: TarEntry, size: number): Uint8Array {
  if (Buffer.byteLength(entry.name) > 100) throw new Error(`name too long for tar: ${entry.name}`);
  const block = Buffer.alloc(512);
  const octal = (value: number, offset: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "latin1");
  };
  block.write(entry.name, 0, "utf8");
  octal(entry.mode ?? (entry.folder || entry.link ? 0o755 : 0o644), 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "latin1");
  block.write(entry.folder ? "5" : entry.link === undefined ? "0" : "2", 156, "latin1");
  if (entry.link !== undefined) block.write(entry.link, 157, "utf8");
  block.write("ustar\x0000", 257, "latin1");
  block.write("root", 265, "latin1");
  block.write("root", 297, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

export function tar(entries: readonly TarEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const data = entry.data ?? new Uint8Array(0);
    parts.push(header(entry, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}
