/** Preloaded into a process (`--import shifted-clock.ts?days=N`): its clock is wrong by so many days. */
const shift = Number(new URL(import.meta.url).searchParams.get("days")) * 86_400_000;
const RealDate = globalThis.Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values, newTarget) =>
    Reflect.construct(target, values.length === 0 ? [target.now() + shift] : values, newTarget),
  get: (target, name, receiver) => (name === "now" ? () => target.now() + shift : Reflect.get(target, name, receiver)),
});

export {};
