import { setTimeout } from "node:timers/promises";
// src/adapters/clock.ts
const systemClock = {
	now: () => new Date(),
	sleep: async (milliseconds, signal) => {
		try {
			await setTimeout(milliseconds, void 0, signal ? { signal } : {});
		} catch (error) {
			throw signal?.aborted ? signal.reason : error;
		}
	}
};
export { systemClock as t };
