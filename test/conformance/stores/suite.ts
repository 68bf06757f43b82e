/** What every store must do alike, whatever it keeps its keys in. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../../src/mesh/secret.ts";
import type { KeyRecord, SecretStore, StoreCapabilities } from "../../../src/ports/secret-store.ts";

export interface StoreUnderTest extends AsyncDisposable {
  /** Another client of the same store. */
  open(): Promise<SecretStore>;
  /** The n-th place of this store; nothing is there yet. */
  place(n: number): string;
  /** Puts something there that is not Tailmesh's. */
  putForeign(place: string): Promise<void>;
  /** Deletes what is there as people do. */
  remove(place: string): Promise<void>;
  /** The next write arrives and its answer does not; only for a remote store. */
  readonly loseNextWrite?: () => void;
  /** All that was logged or said, by clients and by the store to us. */
  log(): string;
}

export function recordOf(n: number, more: Partial<KeyRecord> = {}): KeyRecord {
  return {
    keyId: `kFake${n}CNTRL`,
    name: "homelab",
    tags: ["tag:homelab", "tag:nas"],
    created: new Date("2026-11-01T04:17:00.000Z"),
    expires: new Date("2027-01-30T04:17:00.000Z"),
    previousKeyId: n === 1 ? null : `kFake${n - 1}CNTRL`,
    mintedByRun: "1234567890",
    ...more,
  };
}

export const keyOf = (text: string): Secret => new Secret(`tskey-auth-fake-${text}`);

/** What a kind of store can do, and with it which cases there are. */
export interface StoreTraits extends StoreCapabilities {
  /** There is a way to it on which an answer can be lost. */
  readonly isRemote: boolean;
}

/** `start` is called once; every case has a place of its own. */
export function storeConformance(name: string, traits: StoreTraits, start: () => Promise<StoreUnderTest>): void {
  describe(`store: ${name}`, () => {
    let under: StoreUnderTest;
    let store: SecretStore;
    let places = 0;
    const newPlace = (): string => under.place(++places);

    beforeAll(async () => {
      under = await start();
      store = await under.open();
    });
    afterAll(async () => {
      await store?.close();
      await under?.[Symbol.asyncDispose]();
    });

    async function put(place: string, secret: Secret, record: KeyRecord): Promise<string> {
      const { version } = await store.read(place);
      const written = await store.write(place, secret, record, version);
      if (written.kind !== "stored") throw new Error(`${place}: ${written.kind}`);
      return written.version;
    }

    async function expectHeld(place: string, secret: Secret, record: KeyRecord): Promise<void> {
      const found = await store.read(place);
      expect(found).toMatchObject({ kind: "present", record, isConsistent: true });
      expect(found.secret?.reveal()).toBe(store.capabilities.readable ? secret.reveal() : undefined);
    }

    test("nothing is there", async () => {
      const found = await store.read(newPlace());
      expect(found).toMatchObject({ kind: "absent", record: null, secret: null, isConsistent: true });
    });

    test("what is asked beforehand changes nothing", async () => {
      const place = newPlace();
      await store.checkWritable(place);
      expect((await store.read(place)).kind).toBe("absent");
      await put(place, keyOf("checked"), recordOf(1));
      await store.checkWritable(place);
      await expectHeld(place, keyOf("checked"), recordOf(1));
    });

    test("a write, and a second one over it", async () => {
      const place = newPlace();
      await put(place, keyOf("first"), recordOf(1));
      await expectHeld(place, keyOf("first"), recordOf(1));
      await put(place, keyOf("second"), recordOf(2));
      await expectHeld(place, keyOf("second"), recordOf(2));
    });

    test("the version of a write is that of the next read", async () => {
      const place = newPlace();
      const version = await put(place, keyOf("version"), recordOf(1));
      const found = await store.read(place);
      expect(found.version).toBe(version);
      expect(await store.write(place, keyOf("after"), recordOf(2), version)).toMatchObject({ kind: "stored" });
    });

    test("places do not touch each other", async () => {
      const [one, other] = [newPlace(), newPlace()];
      await put(one, keyOf("one"), recordOf(1));
      expect((await store.read(other)).kind).toBe("absent");
      await put(other, keyOf("other"), recordOf(2, { name: "other" }));
      await expectHeld(one, keyOf("one"), recordOf(1));
    });

    if (traits.compareAndSet) {
      test("a write on a version that is past: conflict, and nothing changed", async () => {
        const place = newPlace();
        const { version } = await store.read(place);
        await put(place, keyOf("theirs"), recordOf(1));
        expect(await store.write(place, keyOf("ours"), recordOf(2), version)).toEqual({ kind: "conflict" });
        await expectHeld(place, keyOf("theirs"), recordOf(1));
      });
    }

    if (traits.compareAndSet) {
      test("two writers at once: one of them wins, also over what was there", async () => {
        const place = newPlace();
        const others = await Promise.all([1, 2, 3, 4].map(() => under.open()));
        try {
          for (const round of [1, 2, 3]) {
            const { version } = await store.read(place);
            const race = others.map((other, n) =>
              other.write(place, keyOf(`round-${round}-${n}`), recordOf(round * 10 + n), version),
            );
            const kinds = (await Promise.all(race)).map(({ kind }) => kind);
            expect(kinds.filter((kind) => kind === "stored")).toHaveLength(1);
            const winner = kinds.indexOf("stored");
            await expectHeld(place, keyOf(`round-${round}-${winner}`), recordOf(round * 10 + winner));
          }
        } finally {
          await Promise.all(others.map((other) => other.close()));
        }
      });
    }

    if (traits.readable) {
      test("what is not ours is foreign", async () => {
        const place = newPlace();
        await under.putForeign(place);
        expect(await store.read(place)).toMatchObject({ kind: "foreign", record: null, secret: null });
      });
    }

    test("what was deleted is absent, and can be written again", async () => {
      const place = newPlace();
      await put(place, keyOf("deleted"), recordOf(1));
      await under.remove(place);
      expect(await store.read(place)).toMatchObject({ kind: "absent", record: null, secret: null });
      await put(place, keyOf("again"), recordOf(2));
      await expectHeld(place, keyOf("again"), recordOf(2));
    });

    test.each([
      ["letters of every script", "schlüssel-鍵-🔑-é-\u0301"],
      ["several lines", "-----BEGIN FAKE-----\nline one\r\n\tline two\n-----END FAKE-----\n"],
      ["quotes, dollars and backslashes", `'"\`$HOME \${x} %0A \\n \\u0041`],
      ["a long text", "x".repeat(30_000)],
    ])("the text of a key: %s", async (_, text) => {
      const place = newPlace();
      await put(place, keyOf(text), recordOf(1));
      await expectHeld(place, keyOf(text), recordOf(1));
    });

    if (traits.isRemote) {
      test("an answer that was lost: written once, and known to be", async () => {
        const place = newPlace();
        const { version } = await store.read(place);
        under.loseNextWrite?.();
        const written = await store.write(place, keyOf("lost"), recordOf(1), version);
        expect(written.kind).toBe("stored");
        await expectHeld(place, keyOf("lost"), recordOf(1));
        const found = await store.read(place);
        expect(await store.write(place, keyOf("next"), recordOf(2), found.version)).toMatchObject({ kind: "stored" });
        await expectHeld(place, keyOf("next"), recordOf(2));
      });
    }

    test("a place that is let go of can be used on", async () => {
      const place = newPlace();
      const other = await under.open();
      await other.close();
      await other.close();
      expect((await other.read(place)).kind).toBe("absent");
      await other.close();
    });

    test("names the requests behind its acts, what it can do, and itself", () => {
      expect(traits).toMatchObject(store.capabilities);
      expect(store.wire.read).toContain("PLACE");
      expect(store.wire.write).toContain("PLACE");
      expect(store.name).not.toBe("");
    });

    test("no key in anything that was logged, said or thrown", () => {
      expect(under.log()).not.toContain("tskey-auth-fake-");
    });
  });
}
