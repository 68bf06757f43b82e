import { expect, test } from "vitest";
import { Turns } from "../../../src/adapters/ssh/turns.ts";

test.each([1, 2, 5])("at most %i at a time, in order, each result its own", async (most) => {
  const turns = new Turns(most);
  let running = 0;
  let peak = 0;
  const started: number[] = [];
  const results = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      turns.take(async () => {
        started.push(n);
        peak = Math.max(peak, ++running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running -= 1;
        return n;
      }),
    ),
  );
  expect(peak).toBe(most);
  expect(results).toEqual(started);
});

test("a failure gives its turn on", async () => {
  const turns = new Turns(1);
  await expect(turns.take(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await turns.take(async () => "next")).toBe("next");
});
