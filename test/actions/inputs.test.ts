/** What each kind of input takes, and what an unset one is. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  choice,
  choices,
  flag,
  type Input,
  integer,
  list,
  optionalSecret,
  secret,
  span,
  text,
  Unfit,
} from "../../src/actions/inputs.ts";
import { Secret } from "../../src/mesh/secret.ts";

const good: readonly (readonly [string, Input<unknown>, string | undefined, unknown])[] = [
  ["text, unset", text(), undefined, undefined],
  ["flag, unset", flag(), undefined, false],
  ["flag", flag(), "true", true],
  ["choice, unset", choice(["apply", "plan"]), undefined, "apply"],
  ["list by commas and lines", list(), "a, b\n c ,,\n", ["a", "b", "c"]],
  ["list, unset", list(), undefined, []],
  ["choices", choices(["create", "delete"], "create"), "delete\ncreate", ["delete", "create"]],
  ["integer, unset", integer(1, 64, 10), undefined, 10],
  ["integer", integer(1, 64, 10), "64", 64],
  ["span, unset", span("60s", "1h", "300s"), undefined, 300],
  ["span in minutes", span("60s", "1h", "300s"), "10m", 600],
];

const bad: readonly (readonly [string, Input<unknown>, string | undefined])[] = [
  ["flag: yes", flag(), "yes"],
  ["flag: TRUE", flag(), "TRUE"],
  ["flag: 1", flag(), "1"],
  ["choice: another word", choice(["apply", "plan"]), "Plan"],
  ["choices: another word", choices(["create"], "create"), "create,destroy"],
  ["integer: not a number", integer(1, 64, 10), "1e3"],
  ["integer: too large", integer(1, 64, 10), "65"],
  ["integer: negative", integer(1, 64, 10), "-1"],
  ["span: no unit", span("60s", "1h", "300s"), "300"],
  ["span: too short", span("60s", "1h", "300s"), "10s"],
  ["span: too long", span("60s", "1h", "300s"), "2h"],
  ["secret: unset", secret(), undefined],
];

describe("inputs", () => {
  test.each(good)("%s", (_name, input, value, expected) => {
    expect(input.read(value)).toEqual(expected);
  });

  test.each(bad)("%s is refused", (_name, input, value) => {
    expect(input.read(value)).toBeInstanceOf(Unfit);
  });

  test("no refusal repeats the value", () => {
    const inputs: readonly Input<unknown>[] = [
      flag(),
      choice(["apply"]),
      integer(1, 2, 1),
      span("60s", "1h", "300s"),
      choices(["create"], "create"),
    ];
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (value) => {
        for (const input of inputs) {
          const read = input.read(`${value}-not-valid`);
          expect(read instanceof Unfit ? read.why : value).not.toContain(value);
        }
      }),
    );
  });

  test("a secret is one, and is known as one", () => {
    expect(secret().read("hskey")).toBeInstanceOf(Secret);
    expect([secret(), optionalSecret(), text()].map(({ isSecret }) => isSecret)).toEqual([true, true, false]);
  });
});
