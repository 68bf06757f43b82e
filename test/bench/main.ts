/** Every benchmark that this machine can run now: npm run bench. Figures stand beside a baseline of the same run. */
import { planning } from "./planning.ts";
import { policy, whyNoPolicy } from "./policy.ts";
import { provision, whyNoProvision } from "./provision.ts";
import { startup } from "./startup.ts";

const show = (lines: readonly string[]): void => console.log(`${lines.join("\n")}\n`);

show(await startup());
show(await planning());
const noGo = await whyNoPolicy();
show(noGo === null ? await policy() : [`the policy no-op was not measured: ${noGo}`]);
const reason = await whyNoProvision();
show(reason === null ? await provision() : [`node-provision was not measured: ${reason}`]);
