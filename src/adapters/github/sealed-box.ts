/** The box that GitHub takes secrets in: libsodium's `crypto_box_seal`, which only the holder of the other half can open. */

const publicKeyBytes = 32;

/** Undefined when the key is none. Each call makes another box, since the sender's half is made for it and forgotten. */
export async function sealedBox(text: string, publicKey: string): Promise<string | undefined> {
  const receiver = Buffer.from(publicKey, "base64");
  if (receiver.length !== publicKeyBytes) return undefined;
  // Needed by the one run in a month that stores a key.
  const [{ x25519 }, { hsalsa, xsalsa20poly1305 }, { blake2b }] = await Promise.all([
    import("@noble/curves/ed25519.js"),
    import("@noble/ciphers/salsa.js"),
    import("@noble/hashes/blake2.js"),
  ]);
  const sender = x25519.keygen();
  const key = boxKey(hsalsa, x25519.getSharedSecret(sender.secretKey, receiver));
  const nonce = blake2b(Buffer.concat([sender.publicKey, receiver]), { dkLen: 24 });
  const box = xsalsa20poly1305(key, nonce).encrypt(Buffer.from(text, "utf8"));
  sender.secretKey.fill(0);
  return Buffer.concat([sender.publicKey, box]).toString("base64");
}

type Hsalsa = (constant: Uint32Array, key: Uint32Array, input: Uint32Array, out: Uint32Array) => void;

/** What the two halves agree on is hashed before it is a key, as NaCl's `crypto_box_beforenm` does. */
function boxKey(hsalsa: Hsalsa, shared: Uint8Array): Uint8Array {
  const out = new Uint32Array(8);
  hsalsa(words(Buffer.from("expand 32-byte k")), words(shared), new Uint32Array(4), out);
  const key = Buffer.alloc(32);
  out.forEach((word, index) => {
    key.writeUInt32LE(word, index * 4);
  });
  return key;
}

/** Little-endian words, whatever the machine's own order. */
function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
}
