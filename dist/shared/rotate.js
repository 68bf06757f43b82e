import { B as allErrors, H as joinErrors, I as inertMarkdown, R as inertText, f as visibleDevices, h as emptyOutcome, z as MeshError } from "./mesh.js";
import { a as radarMarkdown, c as sameTags, d as storedDescription, f as storedMark, g as rotationDue, h as overdueText, i as radarLines, l as standingOf, m as overdueRotations, n as expiryRadar, o as foreignKeys, p as overdueErrors, r as expiryWarnings, s as isOwn, t as expiryErrors } from "./radar.js";
import { s as keyError, t as checkLifetime } from "./mint.js";
// src/keys/due.ts
const endOfTime = new Date(864e13);
function nextDue({ created, expires }, times) {
	return rotationDue({
		created,
		expires: expires ?? endOfTime,
		...times
	});
}
function whyRotate(standing, times, now, force) {
	const { named, flaw, isUnsure } = standing;
	if (flaw !== null) return flaw;
	if (isUnsure) return "its place may hold another key than the one that is noted: a run was stopped, or two ran at once";
	if (named === null) return "no key is stored";
	if (force) return "it was asked for";
	const { created, expires } = named;
	if (now.getTime() - created.getTime() >= times.rotateAfter * 1e3) return `the key of ${day(created)} is older than ${span(times.rotateAfter)}`;
	if (expires !== null && expires.getTime() - now.getTime() <= times.renewBefore * 1e3) return `the key ends on ${day(expires)}, in less than ${span(times.renewBefore)}`;
	return null;
}
function day(date) {
	return date.toISOString().slice(0, 10);
}
function span(seconds) {
	const [unit = "s", size = 1] = Object.entries({
		d: 86400,
		h: 3600,
		m: 60
	}).find(([, s]) => seconds % s === 0) ?? [];
	return `${seconds / size}${unit}`;
}
// src/keys/rotation.ts
function planRotation(looks, server, settings, context) {
	const failures = [];
	const turns = [];
	for (const look of looks) {
		const turn = turnOf(look, server, settings, context.all);
		if (turn instanceof MeshError) failures.push({
			stored: look.stored,
			error: turn
		});
		else turns.push(turn);
	}
	const wanted = turns.flatMap((turn) => takeBacksOf(turn, turns, server, settings));
	const tooMany = wanted.length > settings.maxRevocations;
	if (tooMany) failures.push({
		stored: null,
		error: tooManyError(wanted, settings.maxRevocations)
	});
	const takeBacks = tooMany ? [] : wanted;
	const held = tooMany ? wanted : [];
	return {
		plan: {
			changes: [...turns.filter(({ why }) => why !== null).map((turn) => rotateChange(turn, settings, context.wire)), ...takeBacks.map((one) => takeBackChange(one, context.wire, settings))],
			unchanged: [...turns.flatMap((turn) => unchangedOf(turn, takeBacks, settings, server.now)), ...held.map(({ leftover: { key } }) => ({
				address: `key/${inertText(key.id, 60)}`,
				why: "would be revoked, and too many would be: see the error"
			}))]
		},
		turns,
		takeBacks,
		failures
	};
}
function endOf(leftover, grace) {
	return new Date(leftover.since.getTime() + (leftover.kind === "orphan" ? 900 : grace) * 1e3);
}
function refusalOf({ stored, mark, reading }, server, all) {
	const where = { address: `stored-key/${stored.name}` };
	if (stored.expiry <= 900) return keyError("MESH_STORED_KEY_LIFE", `${stored.name} is to live for ${span(stored.expiry)}`, { where });
	const twin = all.find((other) => other.name !== stored.name && sameTags(other.tags, stored.tags));
	if (!server.hasDescriptions && twin !== void 0) {
		const tags = stored.tags.join(", ");
		return keyError("MESH_STORED_KEY_TAGS", `${stored.name} and ${twin.name} both have ${tags}`, { where });
	}
	const [foreign] = foreignKeys({ mark }, server.keys);
	if (foreign !== void 0) return keyError("MESH_STORED_KEY_FOREIGN", `key ${inertText(foreign.id, 60)} is another repository's for a stored key of the name ${stored.name}`, { where });
	const owner = reading.record?.name;
	if (reading.kind !== "foreign" && (owner === void 0 || owner === stored.name)) return null;
	const what = owner === void 0 ? "something that is no record of ours" : `stored key ${inertText(owner, 80)}`;
	return keyError("MESH_STORED_KEY_OCCUPIED", `${stored.place} in store ${stored.store} holds ${what}`, { where });
}
function turnOf(look, server, settings, all) {
	if ("error" in look) return look.error;
	const { stored, mark, seen } = look;
	const facts = {
		stored,
		mark,
		reading: seen.reading,
		isReadable: seen.isReadable
	};
	const refusal = refusalOf(facts, server, all);
	if (refusal !== null) return refusal;
	const standing = standingOf(facts, server);
	return {
		stored,
		mark,
		seen,
		standing,
		why: whyRotate(standing, stored, server.now, settings.force)
	};
}
function takeBacksOf(turn, turns, server, settings) {
	const { standing, stored, mark, seen, why } = turn;
	if (standing.isUnsure) return [];
	const facts = {
		stored,
		mark,
		reading: seen.reading,
		isReadable: seen.isReadable
	};
	const { named } = standing;
	const replaced = why !== null && named?.state === "usable" && isOwn(named, facts, server) ? [{
		key: named,
		kind: "superseded",
		since: server.now
	}] : [];
	const inForce = turns.flatMap((other) => other === turn ? [] : other.standing.record?.keyId ?? []);
	return [...standing.leftovers, ...replaced].filter((leftover) => endOf(leftover, settings.grace) <= server.now && !inForce.includes(leftover.key.id)).map((leftover) => ({
		turn,
		leftover
	}));
}
function tooManyError(wanted, most) {
	const ids = wanted.map(({ leftover }) => inertText(leftover.key.id, 60)).join(", ");
	return keyError("MESH_REVOCATIONS_MANY", `${wanted.length} old keys would be revoked and \`max-revocations\` is ${most}: ${inertText(ids, 600)}`, { hint: `Look at these keys. If they may go, set \`max-revocations: ${wanted.length}\` for one run.` });
}
function rotateChange({ stored, seen, standing, why }, { grace }, wire) {
	const { record } = standing;
	const at = (request) => request.replaceAll("PLACE", stored.place);
	const fresh = `+ ${stored.reusable ? "reusable" : "single-use"} key for ${stored.tags.join(", ")}, ${span(stored.expiry)}`;
	const old = record === null ? [] : [`- key ${inertText(record.keyId, 60)} of ${day(record.created)}`];
	return {
		address: `stored-key/${stored.name}`,
		resource: "stored-key",
		kind: record === null ? "create" : "update",
		why: why ?? "",
		diff: [...old, fresh].join("\n"),
		risk: "none",
		undo: record === null ? "none needed: nothing used one" : `the key that is replaced works for another ${span(grace)}`,
		does: [
			`${wire.mintKey} (${stored.tags.join(", ")})`,
			at(seen.wire.write),
			at(seen.wire.read)
		]
	};
}
function takeBackChange({ turn, leftover }, wire, { grace }) {
	const { key, kind } = leftover;
	const id = inertText(key.id, 60);
	const why = kind === "orphan" ? `a run that was stopped minted it for stored key ${turn.stored.name} and no store has it` : `stored key ${turn.stored.name} has had another for ${span(grace)} or more`;
	return {
		address: `key/${id}`,
		resource: "key",
		kind: "update",
		why,
		diff: `- usable key for ${inertText(key.tags.join(", "), 120)}\n+ revoked`,
		risk: "none",
		undo: "none needed: what has joined with it stays joined",
		does: [wire.revokeKey.includes("{id}") ? wire.revokeKey.replace("{id}", id) : `${wire.revokeKey} (key ${id})`]
	};
}
function unchangedOf(turn, takeBacks, { grace }, now) {
	const { stored, standing, why } = turn;
	const { named, leftovers, alone } = standing;
	const kept = (key, reason) => ({
		address: `key/${inertText(key.id, 60)}`,
		why: reason
	});
	const gone = takeBacks.map(({ leftover }) => leftover.key.id);
	return [
		...why === null && named !== null ? [{
			address: `stored-key/${stored.name}`,
			why: `key ${inertText(named.id, 60)} works until ${named.expires === null ? "it is revoked" : day(named.expires)}; its successor is due on ${day(nextDue(named, stored))}`
		}] : [],
		...leftovers.filter((leftover) => !gone.includes(leftover.key.id) && endOf(leftover, grace) > now).map((leftover) => leftover.kind === "orphan" ? kept(leftover.key, "is not stored yet: another run may be about to, and the next one takes it back") : kept(leftover.key, `was replaced and works until ${endOf(leftover, grace).toISOString().slice(0, 16)}Z`)),
		...alone.map(({ key, why: reason }) => kept(key, reason))
	];
}
// src/keys/metrics.ts
function rotationMetrics({ now, items, rotations, succeeded }) {
	return [
		family("tailmesh_expiry_seconds", "When it expires, in seconds since 1970.", items.map(({ kind, name, expires }) => ({
			labels: {
				kind,
				name
			},
			value: seconds(expires)
		}))),
		family("tailmesh_rotation_due_seconds", "When the next rotation of a stored key is due, in seconds since 1970.", rotations.map(({ name, due }) => ({
			labels: { name },
			value: seconds(due)
		}))),
		family("tailmesh_rotation_overdue", "1 when a rotation should have happened long ago.", rotations.map(({ name, isOverdue }) => ({
			labels: { name },
			value: isOverdue ? 1 : 0
		}))),
		family("tailmesh_last_run_seconds", "When key-rotate last ran, in seconds since 1970.", [{
			labels: {},
			value: seconds(now)
		}]),
		family("tailmesh_last_run_success", "1 when that run ended well.", [{
			labels: {},
			value: succeeded ? 1 : 0
		}])
	].join("");
}
function family(name, help, samples) {
	const lines = new Map();
	for (const { labels, value } of samples) {
		const line = `${name}${labelText(labels)}`;
		lines.set(line, Math.min(value, lines.get(line) ?? value));
	}
	if (lines.size === 0) return "";
	return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${[...lines].map(([line, value]) => `${line} ${value}\n`).join("")}`;
}
function labelText(labels) {
	const parts = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`);
	return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}
function labelValue(text) {
	return inertText(text, 200).replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("\n", "\\n");
}
function seconds(date) {
	return Math.floor(date.getTime() / 1e3);
}
// src/keys/rotation-report.ts
function rotationReportText({ now, storedKeys, revoked, radar }) {
	const report = {
		version: 1,
		at: now.toISOString(),
		storedKeys: storedKeys.map(storedKeyRecord),
		revoked,
		expiring: radar.items.map(({ kind, name, expires, remainingDays, level }) => ({
			kind,
			name,
			expires: expires.toISOString(),
			remainingDays,
			level
		})),
		notVerified: radar.notVerified
	};
	return `${JSON.stringify(report, null, 2)}\n`;
}
function storedKeyRecord(key) {
	const { name, store, place, keyId, created, expires, due, overdue, rotated, why } = key;
	return {
		name,
		store,
		place,
		keyId,
		created,
		expires,
		due,
		overdue,
		rotated,
		why
	};
}
// src/keys/rotation-outcome.ts
function rotationOutcome(end) {
	const { rotation, ends, revoked, now, devices, credentials, logins, storedKeys } = end;
	const present = storedKeys.map((stored) => nowOf(stored, rotation, ends));
	const states = present.flatMap(stateOf);
	const overdue = overdueRotations(states, now);
	const late = overdueRotations(rotation.turns.flatMap(stateBefore), now).filter(({ name }) => present.some((one) => one.stored.name === name && one.isRotated));
	const radar = expiryRadar({
		now,
		storedKeys: states.map(({ name, expires }) => ({
			name,
			expires,
			life: lifeOf(storedKeys, name)
		})),
		credentials,
		devices,
		logins
	});
	const dues = present.map(({ stored, key }) => key === null ? null : nextDue(key, stored));
	const problems = [
		...rotation.failures.map(({ error }) => error),
		...ends.flatMap((one) => one.kind === "failed" ? one.error : []),
		...overdueErrors(overdue),
		...expiryErrors(radar)
	];
	const isOverdue = (name) => overdue.some((one) => one.name === name);
	const failure = joined(problems);
	const lines = storedKeys.length === 0 ? ["The topology has no stored keys: nothing to rotate.", ...radarLines(radar)] : radarLines(radar);
	return {
		outcome: {
			...emptyOutcome,
			outputs: {
				rotated: String(present.some(({ isRotated }) => isRotated)),
				"next-due": earliest(dues)?.toISOString() ?? ""
			},
			summary: [...storedKeys.length === 0 ? ["There are no stored keys in the topology: nothing to rotate."] : [table(present)], ...radarMarkdown(radar)],
			failure
		},
		report: rotationReportText({
			now,
			revoked,
			radar,
			storedKeys: present.map(({ stored, key, isRotated, why }, index) => ({
				name: stored.name,
				store: stored.store,
				place: stored.place,
				keyId: key?.id ?? null,
				created: key?.created.toISOString() ?? null,
				expires: key?.expires?.toISOString() ?? null,
				due: dues[index]?.toISOString() ?? null,
				overdue: isOverdue(stored.name),
				rotated: isRotated,
				why
			}))
		}),
		metrics: rotationMetrics({
			now,
			items: radar.items,
			rotations: present.flatMap(({ stored }, index) => {
				const due = dues[index];
				return due ? {
					name: stored.name,
					due,
					isOverdue: isOverdue(stored.name)
				} : [];
			}),
			succeeded: failure === null
		}),
		warnings: [...late.map((one) => `${overdueText(one)}. It was made up for: is the schedule switched off, or do its runs fail?`), ...expiryWarnings(radar)],
		lines
	};
}
function nowOf(stored, { turns, failures }, ends) {
	const turn = turns.find((one) => one.stored === stored);
	if (turn === void 0) return {
		stored,
		key: null,
		isRotated: false,
		why: failures.find((one) => one.stored === stored)?.error.message ?? "not looked at"
	};
	const end = ends.find((one) => one.turn === turn);
	const before = turn.standing.flaw === null ? turn.standing.named : null;
	if (end?.kind === "rotated") return {
		stored,
		key: end.key,
		isRotated: true,
		why: turn.why ?? ""
	};
	if (end?.kind === "overtaken") return {
		stored,
		key: end.key,
		isRotated: false,
		why: "another run was faster"
	};
	if (end?.kind === "failed") return {
		stored,
		key: before,
		isRotated: false,
		why: end.error.message
	};
	return {
		stored,
		key: before,
		isRotated: false,
		why: turn.why ?? "not due"
	};
}
function stateOf({ stored, key }) {
	if (key === null || key.expires === null) return [];
	const { name, rotateAfter, renewBefore } = stored;
	return [{
		name,
		created: key.created,
		expires: key.expires,
		rotateAfter,
		renewBefore
	}];
}
function stateBefore({ stored, standing }) {
	const { named } = standing;
	return named === null ? [] : stateOf({
		stored,
		key: named,
		isRotated: false,
		why: ""
	});
}
function lifeOf(storedKeys, name) {
	return storedKeys.find((stored) => stored.name === name)?.expiry ?? 0;
}
function earliest(dates) {
	return dates.flatMap((date) => date ?? []).sort((a, b) => a.getTime() - b.getTime())[0];
}
function joined([first, ...more]) {
	return first === void 0 ? null : joinErrors([first, ...more.flatMap(allErrors)]);
}
function table(present) {
	return [
		"| stored key | key | expires | next due | | why |",
		"| --- | --- | --- | --- | --- | --- |",
		...present.map(({ stored, key, isRotated, why }) => {
			return `| ${[
				stored.name,
				key?.id ?? "none",
				key?.expires ? day(key.expires) : "",
				key === null ? "" : day(nextDue(key, stored)),
				isRotated ? "rotated" : "",
				why
			].map((cell) => inertMarkdown(cell)).join(" | ")} |`;
		})
	].join("\n");
}
// src/keys/same-secret.ts
function sameSecret(one, other) {
	const [a, b] = [one.reveal(), other.reveal()];
	let difference = a.length ^ b.length;
	for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ (b.charCodeAt(at) || 0);
	return difference === 0;
}
// src/keys/unstored.ts
const stateName = "unstored-keys";
const unstoredByRun = new WeakMap();
function noteUnstored(state, entry) {
	save(state, [...unstoredKeys(state).filter(({ keyId }) => keyId !== entry.keyId), entry]);
}
function forgetUnstored(state, keyId) {
	save(state, unstoredKeys(state).filter((entry) => entry.keyId !== keyId));
}
function unstoredKeys(state) {
	return unstoredByRun.get(state) ?? parse(state.load(stateName) ?? "");
}
async function revokeUnstored(state, ports) {
	for (const entry of unstoredKeys(state)) {
		const id = inertText(entry.keyId, 60);
		try {
			if (!(entry.phase === "minted" || await isElsewhere(entry, ports))) {
				ports.reporter.info(`key ${id} is in the store, or may be: it stays`);
				continue;
			}
			await ports.control.revokeKey(entry.keyId);
			ports.reporter.info(`key ${id} never reached its store and was revoked`);
		} catch (error) {
			const why = error instanceof MeshError ? `${error.code}: ${error.message}` : "unexpected failure";
			ports.reporter.warn(`key ${id} for stored key ${inertText(entry.name, 80)} may be left over: ${inertText(why, 300)}; the next key-rotate decides`);
		}
	}
}
async function isElsewhere({ keyId, name }, ports) {
	const found = await ports.find(name);
	if (found === void 0 || !found.store.capabilities.readable) return false;
	const { kind, record, isConsistent } = await found.store.read(found.stored.place);
	if (!isConsistent || kind === "foreign") return false;
	return record?.keyId !== keyId && record?.previousKeyId !== keyId;
}
function save(state, entries) {
	unstoredByRun.set(state, entries);
	state.save(stateName, entries.map(({ phase, name, keyId }) => `${phase} ${name} ${keyId}`).join("\n"));
}
function parse(text) {
	return text.split("\n").flatMap((line) => {
		const [, phase, name, keyId] = /^(minted|sent) (\S+) (.+)$/.exec(line) ?? [];
		if (name === void 0 || keyId === void 0) return [];
		return {
			keyId,
			name,
			phase: phase === "minted" ? "minted" : "sent"
		};
	});
}
// src/keys/store-key.ts
const tolerance = 300;
async function mintIntoStore(ports, order) {
	const { stored, mark, store, runId } = order;
	const { control, reporter, state } = ports;
	const minted = await control.mintKey({
		tags: stored.tags,
		description: storedDescription(mark, runId),
		expirySeconds: stored.expiry,
		reusable: stored.reusable
	});
	const { key } = minted;
	reporter.mask(minted.secret);
	noteUnstored(state, {
		keyId: key.id,
		name: stored.name,
		phase: "minted"
	});
	reporter.info(`key ${inertText(key.id, 60)} minted for stored key ${stored.name}`);
	const wrong = misfit(key, stored);
	if (wrong !== null) {
		await takeBackOwn(ports, key.id);
		throw unproven(key.id, stored, wrong);
	}
	noteUnstored(state, {
		keyId: key.id,
		name: stored.name,
		phase: "sent"
	});
	const record = recordOf(order, minted);
	const rival = await write(store, stored.place, minted.secret, record, order.version);
	if (rival !== null) {
		await takeBackOwn(ports, key.id);
		return overtaken(ports, order, rival, `the key of this run, ${inertText(key.id, 60)}, was revoked`);
	}
	const seen = await store.read(stored.place);
	if (holds(seen, key.id) && (seen.secret === null || sameSecret(seen.secret, minted.secret))) {
		forgetUnstored(state, key.id);
		reporter.info(`${stored.name}: ${store.capabilities.readable ? "stored and read back" : "stored"}`);
		return {
			kind: "stored",
			key
		};
	}
	if (seen.kind === "present" && seen.isConsistent && seen.record?.previousKeyId === key.id) {
		forgetUnstored(state, key.id);
		return overtaken(ports, order, seen, `it replaced the key of this run, ${inertText(key.id, 60)}`);
	}
	throw keyError("MESH_STORED_KEY_DIFFERS", `${place(order)} does not give back key ${inertText(key.id, 60)}`, { where: { address: `stored-key/${stored.name}` } });
}
function misfit(key, stored) {
	if (key.state !== "usable") return `it is ${key.state}`;
	if (!sameTags(key.tags, stored.tags)) return `it has ${inertText(key.tags.join(", ") || "no tag", 120)}`;
	if (key.reusable !== stored.reusable) return key.reusable ? "it works more than once" : "it works only once";
	const life = key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime();
	return Math.abs(life / 1e3 - stored.expiry) <= tolerance ? null : "it lives for another time than was asked for";
}
function unproven(keyId, stored, wrong) {
	return keyError("MESH_STORED_KEY_UNPROVEN", `the new key ${inertText(keyId, 60)} of stored key ${stored.name}: ${wrong}`, { where: { address: `stored-key/${stored.name}` } });
}
function recordOf({ stored, replaces, runId }, { key }) {
	return {
		keyId: key.id,
		name: stored.name,
		tags: stored.tags,
		created: key.created,
		expires: key.expires ?? new Date(key.created.getTime() + stored.expiry * 1e3),
		previousKeyId: replaces,
		mintedByRun: runId
	};
}
async function write(store, place, secret, record, version) {
	let failure;
	let condition = version;
	for (const isLast of [false, true]) {
		let answer = "none";
		try {
			answer = (await store.write(place, secret, record, condition)).kind;
		} catch (error) {
			if (!(error instanceof MeshError)) throw error;
			failure = error;
		}
		if (answer === "stored") return null;
		const seen = await readAfter(store, place, failure);
		if (holds(seen, record.keyId)) return null;
		if (failure === void 0 || store.capabilities.compareAndSet && seen.version !== version) return seen;
		if (isLast || isRefusal(failure)) break;
		if (!store.capabilities.compareAndSet) condition = seen.version;
	}
	throw failure ?? new Error("a write neither failed nor ended");
}
async function readAfter(store, place, failure) {
	try {
		return await store.read(place);
	} catch (error) {
		throw failure ?? error;
	}
}
function isRefusal(failure) {
	return failure !== void 0 && [
		"denied",
		"config",
		"refused",
		"conflict"
	].includes(failure.kind);
}
function holds(reading, keyId) {
	return reading.kind === "present" && reading.isConsistent && reading.record?.keyId === keyId;
}
async function takeBackOwn({ control, reporter, state }, keyId) {
	const id = inertText(keyId, 60);
	try {
		await control.revokeKey(keyId);
		reporter.info(`key ${id} is in no store and was revoked`);
		forgetUnstored(state, keyId);
	} catch (error) {
		const why = error instanceof MeshError ? `${error.code}: ${error.message}` : "unexpected failure";
		reporter.warn(`key ${id} is in no store and could not be revoked: ${inertText(why, 300)}; the next run takes it back`);
	}
}
async function overtaken({ control, reporter }, order, reading, ending) {
	const { stored, mark, store } = order;
	const server = {
		keys: await control.listKeys(),
		now: control.now(),
		hasDescriptions: control.capabilities.keys.description
	};
	const standing = standingOf({
		stored,
		mark,
		reading,
		isReadable: store.capabilities.readable
	}, server);
	const why = reading.kind === "foreign" ? "something else is there" : whyRotate(standing, stored, server.now, false);
	if (why === null && standing.named !== null && reading.record?.name === stored.name) {
		const winner = inertText(standing.named.id, 60);
		reporter.info(`${stored.name}: another run stored key ${winner} meanwhile, which is fine; ${ending}`);
		return {
			kind: "overtaken",
			key: standing.named
		};
	}
	throw keyError("MESH_STORED_KEY_CONFLICT", `${place(order)} was written by somebody else meanwhile, and it will not do: ${why ?? "it is another stored key's"}; ${ending}`, { where: { address: `stored-key/${stored.name}` } });
}
function place({ stored }) {
	return `${stored.place} in store ${stored.store}`;
}
// src/keys/rotate.ts
const noticedSkew = 6e4;
function rotateJob(ports, settings) {
	const { control } = ports;
	let ends = [];
	let revoked = [];
	let told;
	const tellAll = async ({ rotation }) => {
		const found = await scan(ports, settings.storedKeys);
		const { storedKeys } = settings;
		told = rotationOutcome({
			rotation,
			ends,
			revoked,
			now: control.now(),
			storedKeys,
			...found
		});
		const files = await tell(ports, told);
		return {
			...told.outcome,
			outputs: {
				...told.outcome.outputs,
				...files
			}
		};
	};
	let shown;
	return {
		async observe() {
			const [looks, server] = await look(ports, {
				...settings,
				all: settings.storedKeys
			});
			warnOfSkew(ports);
			return {
				looks,
				server
			};
		},
		plan({ looks, server }) {
			const rotation = planRotation(looks, server, settings, {
				all: settings.storedKeys,
				wire: control.wire
			});
			return {
				plan: rotation.plan,
				rotation
			};
		},
		async publish(planned) {
			shown = await tellAll(planned);
		},
		preview: () => shown ?? emptyOutcome,
		async apply({ rotation }) {
			ends = await prove(ports, await rotateEach(ports, settings.runId, rotation.turns));
			revoked = await takeBack(ports, rotation.takeBacks, ends);
		},
		async verify(planned) {
			const outcome = await tellAll(planned);
			if (outcome.failure === null) await ping(ports);
			return outcome;
		},
		async close() {}
	};
}
async function scan(ports, storedKeys) {
	const { control, reporter } = ports;
	const orNull = async (what, work) => {
		try {
			return await work();
		} catch (error) {
			reporter.warn(`${what} could not be looked at: ${reason(error)}`);
			return null;
		}
	};
	const names = [...new Set(storedKeys.map(({ store }) => store))];
	const [devices, credentials, ...logins] = await Promise.all([
		orNull("devices", () => visibleDevices(control)),
		orNull("credentials that expire", () => control.listExpiring()),
		...names.map(async (store) => {
			const login = await orNull(`the login at store ${store}`, async () => {
				const keys = await ports.store(store);
				return {
					kind: keys.loginKind ?? "vault-token",
					store,
					expires: await keys.loginExpiry?.() ?? null
				};
			});
			return login && login.expires !== null ? [{
				...login,
				expires: login.expires
			}] : [];
		})
	]);
	return {
		devices,
		credentials,
		logins: logins.flat()
	};
}
async function look(ports, settings) {
	const { control } = ports;
	const seen = await Promise.all(settings.storedKeys.map((stored) => lookAt(ports, stored, settings.owner)));
	const server = {
		keys: await control.listKeys(),
		now: control.now(),
		hasDescriptions: control.capabilities.keys.description
	};
	return [await Promise.all(seen.map((one) => checked(ports, settings, one, server))), server];
}
async function lookAt({ store }, stored, owner) {
	return failing({
		stored,
		mark: await storedMark(stored, owner)
	}, async () => {
		const opened = await store(stored.store);
		return {
			reading: await opened.read(stored.place),
			isReadable: opened.capabilities.readable,
			wire: opened.wire
		};
	});
}
async function checked({ control, store }, { force, all }, one, server) {
	if ("error" in one) return one;
	const { stored, mark, seen } = one;
	const facts = {
		stored,
		mark,
		reading: seen.reading,
		isReadable: seen.isReadable
	};
	if (refusalOf(facts, server, all) !== null) return one;
	if (whyRotate(standingOf(facts, server), stored, server.now, force) === null) return one;
	return failing({
		stored,
		mark
	}, async () => {
		checkLifetime(control, stored.expiry);
		await (await store(stored.store)).checkWritable(stored.place);
		return seen;
	});
}
async function failing(about, work) {
	try {
		return {
			...about,
			seen: await work()
		};
	} catch (error) {
		if (error instanceof MeshError) return {
			...about,
			error
		};
		throw error;
	}
}
function warnOfSkew({ control, clock, reporter }) {
	const ahead = clock.now().getTime() - control.now().getTime();
	if (Math.abs(ahead) <= noticedSkew) return;
	const seconds = Math.round(Math.abs(ahead) / 1e3);
	reporter.warn(`this machine's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} the control server's. Nothing is decided by it, but logins by tokens may fail`);
}
async function rotateEach(ports, runId, turns) {
	const ends = [];
	for (const turn of turns) {
		if (turn.why === null) {
			ends.push({
				kind: "kept",
				turn
			});
			continue;
		}
		ports.signal.throwIfAborted();
		ends.push(await rotateOne(ports, runId, turn));
	}
	return ends;
}
async function rotateOne(ports, runId, turn) {
	const { stored, mark, seen, standing } = turn;
	try {
		const { kind, key } = await mintIntoStore(ports, {
			stored,
			mark,
			store: await ports.store(stored.store),
			version: seen.reading.version,
			replaces: standing.replaces,
			runId
		});
		return {
			kind: kind === "stored" ? "rotated" : "overtaken",
			turn,
			key
		};
	} catch (error) {
		if (error instanceof MeshError) return {
			kind: "failed",
			turn,
			error
		};
		throw error;
	}
}
async function prove({ control }, ends) {
	if (!ends.some(({ kind }) => kind === "rotated")) return ends;
	let keys;
	try {
		keys = await control.listKeys();
	} catch (error) {
		if (!(error instanceof MeshError)) throw error;
		keys = error;
	}
	return ends.map((end) => {
		if (end.kind !== "rotated") return end;
		const { turn } = end;
		if (keys instanceof MeshError) return {
			kind: "failed",
			turn,
			error: keys
		};
		const key = keys.find(({ id }) => id === end.key.id);
		const wrong = key === void 0 ? "it is not listed" : misfit(key, turn.stored);
		return wrong === null || key === void 0 ? {
			kind: "rotated",
			turn,
			key: key ?? end.key
		} : {
			kind: "failed",
			turn,
			error: unproven(end.key.id, turn.stored, wrong)
		};
	});
}
async function takeBack(ports, takeBacks, ends) {
	const revoked = [];
	for (const end of ends) {
		const those = takeBacks.filter(({ turn }) => turn === end.turn);
		if (those.length === 0 || end.kind !== "kept" && end.kind !== "rotated") continue;
		ports.signal.throwIfAborted();
		const inForce = end.kind === "rotated" ? end.key.id : end.turn.standing.named?.id;
		if (inForce === void 0 || !await isStill(ports, end.turn, inForce)) continue;
		for (const { leftover } of those) if (leftover.key.id !== inForce && await revoke(ports, leftover.key.id)) revoked.push(leftover.key.id);
	}
	return revoked;
}
async function isStill({ store, reporter }, { stored }, keyId) {
	try {
		const { record, isConsistent } = await (await store(stored.store)).read(stored.place);
		if (isConsistent && record?.keyId === keyId) return true;
		reporter.warn(`${stored.place} in store ${stored.store} has changed meanwhile: nothing is revoked for ${stored.name}`);
	} catch (error) {
		reporter.warn(`nothing is revoked for ${stored.name}: ${reason(error)}`);
	}
	return false;
}
async function revoke({ control, reporter }, keyId) {
	const id = inertText(keyId, 60);
	try {
		await control.revokeKey(keyId);
		reporter.info(`key ${id} revoked`);
		return true;
	} catch (error) {
		reporter.warn(`key ${id} could not be revoked: ${reason(error)}; the next run tries again, and it ends by itself`);
		return false;
	}
}
async function tell({ reporter, workspace, shown }, { report, metrics, warnings, lines }) {
	for (const line of lines) reporter.info(line);
	for (const warning of warnings) reporter.warn(warning);
	return {
		"report-file": await workspace.writeRunFile("rotation.json", shown(report)),
		"metrics-file": await workspace.writeRunFile("rotation.prom", shown(metrics))
	};
}
async function ping({ ping: tell, reporter }) {
	try {
		await tell?.();
	} catch (error) {
		reporter.warn(`the ping was not taken: ${reason(error)}`);
	}
}
function reason(error) {
	if (!(error instanceof MeshError)) throw error;
	return inertText(`${error.code}: ${error.message}`, 300);
}
export { revokeUnstored as a, rotateJob as i, prove as n, unstoredKeys as o, rotateEach as r, planRotation as s, look as t };
