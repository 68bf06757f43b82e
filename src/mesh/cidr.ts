/** IPv4 prefixes: strict text in, canonical text out, and the set algebra the mesh needs. */

/** An IPv4 prefix without host bits, such as `10.42.0.0/16`. */
export class Cidr {
  /** Network address as an unsigned 32-bit number. */
  readonly base: number;
  readonly bits: number;
  #text: string | undefined;

  private constructor(base: number, bits: number) {
    this.base = base;
    this.bits = bits;
  }

  /** Parses `a.b.c.d/len`; undefined unless it is exactly that with no host bits and no leading zeros. */
  static parse(text: string): Cidr | undefined {
    const [address = "", length, ...rest] = text.split("/");
    if (length === undefined || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(length)) return undefined;
    const base = parseIPv4(address);
    const bits = Number(length);
    if (base === undefined || bits > 32) return undefined;
    const cidr = new Cidr(base, bits);
    return (base & cidr.#mask) >>> 0 === base ? cidr : undefined;
  }

  /** The prefix of `bits` that holds `address` (dotted). Throws RangeError on a bad address. */
  static around(address: string, bits: number): Cidr {
    const value = parseIPv4(address);
    if (value === undefined || bits < 0 || bits > 32) throw new RangeError(`not an IPv4 prefix: ${address}/${bits}`);
    return new Cidr((value & maskOf(bits)) >>> 0, bits);
  }

  /** The prefix of `bits` that begins at `base`; undefined when `base` has host bits or either is out of range. */
  static of(base: number, bits: number): Cidr | undefined {
    if (!Number.isInteger(base) || base < 0 || base > 0xffffffff || !Number.isInteger(bits) || bits < 0 || bits > 32)
      return undefined;
    return (base & maskOf(bits)) >>> 0 === base ? new Cidr(base, bits) : undefined;
  }

  get #mask(): number {
    return maskOf(this.bits);
  }

  /** Number of addresses. */
  get size(): number {
    return 2 ** (32 - this.bits);
  }

  /** Canonical text. */
  get text(): string {
    this.#text ??= `${formatIPv4(this.base)}/${this.bits}`;
    return this.#text;
  }

  /** The n-th address of the prefix, dotted. */
  address(n: number): string {
    return formatIPv4((this.base + n) >>> 0);
  }

  containsAddress(address: string): boolean {
    const value = parseIPv4(address);
    return value !== undefined && (value & this.#mask) >>> 0 === this.base;
  }

  contains(other: Cidr): boolean {
    return other.bits >= this.bits && (other.base & this.#mask) >>> 0 === this.base;
  }

  overlaps(other: Cidr): boolean {
    return this.contains(other) || other.contains(this);
  }

  equals(other: Cidr): boolean {
    return this.base === other.base && this.bits === other.bits;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
}

/** Dotted IPv4 as an unsigned number; undefined on anything else (leading zeros are refused: some readers take them as octal). */
export function parseIPv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255)) return undefined;
  return parts.reduce((sum, p) => sum * 256 + Number(p), 0);
}

/** Unsigned number as dotted IPv4. */
export function formatIPv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}
