import { I as inertMarkdown, R as inertText } from "./mesh.js";
import { l as plainWord, s as keyError } from "./mint.js";
// src/keys/overdue.ts
function rotationDue({ created, expires, rotateAfter, renewBefore }) {
	return new Date(Math.min(created.getTime() + rotateAfter * 1e3, expires.getTime() - renewBefore * 1e3));
}
function overdueFrom(state) {
	const due = rotationDue(state).getTime();
	return new Date(due + Math.max(0, state.expires.getTime() - due) / 4);
}
function overdueRotations(states, now) {
	return states.filter((state) => now.getTime() >= overdueFrom(state).getTime()).map((state) => {
		const due = rotationDue(state);
		return {
			name: state.name,
			due,
			days: Math.floor((now.getTime() - due.getTime()) / 864e5)
		};
	});
}
function overdueErrors(overdue) {
	return overdue.map((one) => {
		const name = inertText(one.name, 80);
		return keyError("MESH_ROTATION_OVERDUE", overdueText(one), { where: { address: `stored-key/${name}` } });
	});
}
function overdueText({ name, due, days }) {
	const ago = days === 1 ? "1 day" : `${days} days`;
	const date = due.toISOString().slice(0, 10);
	return `the rotation of ${inertText(name, 80)} is overdue: it was due on ${date}, ${ago} ago`;
}
// src/keys/marker.ts
const longestName = 13;
const ownerDigits = 5;
const placeDigits = 3;
async function storedMark(key, owner) {
	const [ownerMark, placeMark, nameMark] = await Promise.all([
		digest(owner, ownerDigits),
		digest(`${key.store}\n${key.place}`, placeDigits),
		digest(key.name, 6)
	]);
	return {
		name: key.name.length <= longestName ? key.name : `${key.name.slice(0, 6)}X${nameMark}`,
		owner: ownerMark,
		place: placeMark
	};
}
function storedDescription(mark, runId) {
	return `tailmesh stored ${mark.name} ${mark.owner}${mark.place} ${plainWord(runId).slice(-11)}`;
}
function readStoredMark(description) {
	const [, name, owner, place] = /^tailmesh stored ([A-Za-z0-9-]+) ([a-z0-9]{5})([a-z0-9]{3}) [A-Za-z0-9-]+$/.exec(description) ?? [];
	return name === void 0 || owner === void 0 || place === void 0 ? void 0 : {
		name,
		owner,
		place
	};
}
async function digest(text, digits) {
	return (new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) % 36n ** BigInt(digits)).toString(36).padStart(digits, "0");
}
// src/keys/reconcile.ts
const longestJoin = 9e5;
function standingOf(facts, server) {
	const { reading } = facts;
	const record = reading.kind === "present" ? reading.record : null;
	const named = server.keys.find((key) => key.id === record?.keyId) ?? null;
	const others = server.keys.filter((key) => key.state === "usable" && key.id !== record?.keyId);
	const own = others.filter((key) => isOwn(key, facts, server));
	const suspects = facts.isReadable ? [] : own.filter((key) => mayBeInPlace(key, record, server.keys));
	const isUnsure = !reading.isConsistent || suspects.length > 0;
	const leftovers = isUnsure ? [] : own.map((key) => leftover(key, record, facts, server.keys));
	return {
		record,
		named,
		flaw: flawOf(facts, record, named),
		isUnsure,
		replaces: isUnsure ? newest([...named ? [named] : [], ...own])?.id ?? null : record?.keyId ?? null,
		leftovers,
		alone: [...isUnsure ? own.map((key) => ({
			key,
			why: "its place may hold it"
		})) : [], ...others.flatMap((key) => aloneOf(key, facts, server) ?? [])]
	};
}
function foreignKeys({ mark }, keys) {
	return keys.filter((key) => {
		const theirs = readStoredMark(key.description);
		return key.state === "usable" && theirs?.name === mark.name && theirs.owner !== mark.owner;
	});
}
function sameTags(one, other) {
	const [a, b] = [new Set(one), new Set(other)];
	return a.size === b.size && [...a].every((tag) => b.has(tag));
}
function isOwn(key, { stored, mark, reading }, server) {
	const { record } = reading;
	const isRecorded = key.id === record?.keyId || key.id === record?.previousKeyId;
	if (!server.hasDescriptions) return (key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime()) > longestJoin && !key.ephemeral && (isRecorded || sameTags(key.tags, stored.tags));
	const theirs = readStoredMark(key.description);
	return theirs?.name === mark.name && theirs.owner === mark.owner && (theirs.place === mark.place || isRecorded);
}
function aloneOf(key, facts, server) {
	if (!server.hasDescriptions || isOwn(key, facts, server)) return void 0;
	const theirs = readStoredMark(key.description);
	if (key.id === facts.reading.record?.previousKeyId && theirs === void 0) return {
		key,
		why: "it bears no mark of ours; it expires by itself"
	};
	if (theirs?.name !== facts.mark.name || theirs.owner !== facts.mark.owner) return void 0;
	return {
		key,
		why: "it was minted for another store or place of this name; revoke it by hand when nothing uses it there"
	};
}
function mayBeInPlace(key, record, keys) {
	if (record === null) return true;
	if (key.id === record.previousKeyId) return false;
	const previous = keys.find(({ id }) => id === record.previousKeyId);
	return previous === void 0 || key.created > previous.created;
}
function leftover(key, record, { isReadable }, keys) {
	const orphan = {
		key,
		kind: "orphan",
		since: key.created
	};
	if (record === null) return orphan;
	const superseded = (since) => ({
		key,
		kind: "superseded",
		since
	});
	if (key.id === record.previousKeyId || !isReadable) return superseded(record.created);
	if (key.created > record.created || record.previousKeyId === null) return orphan;
	const previous = keys.find(({ id }) => id === record.previousKeyId);
	if (previous === void 0) return superseded(record.created);
	return key.created > previous.created ? orphan : superseded(previous.created);
}
function flawOf({ stored, reading }, record, named) {
	if (record === null) return "no key is stored";
	const id = inertText(record.keyId, 60);
	if (named === null) return `the control server has no usable key ${id}`;
	if (named.state !== "usable") return `key ${id} is ${named.state}`;
	if (!sameTags(named.tags, stored.tags)) return `key ${id} has ${inertText(named.tags.join(", ") || "no tag", 120)}, wanted ${stored.tags.join(", ")}`;
	if (named.reusable !== stored.reusable) return stored.reusable ? `key ${id} works only once` : `key ${id} works more than once`;
	const text = reading.secret?.reveal();
	if (text !== void 0 && named.prefix !== null && !text.startsWith(named.prefix)) return `the text in its place is not that of key ${id}`;
	return null;
}
function newest(keys) {
	return keys.toSorted((a, b) => b.created.getTime() - a.created.getTime())[0];
}
// src/keys/radar.ts
const day = 864e5;
const warnBelow = 30 * day;
const errorBelow = 14 * day;
const forgottenAfter = 30 * day;
function expiryRadar(input) {
	const { now, storedKeys, credentials, devices, logins = [] } = input;
	const isRemembered = ({ expires }) => expires.getTime() > now.getTime() - forgottenAfter;
	const items = [
		...(storedKeys ?? []).map(({ name, expires, life }) => expiryOf(now, "stored-key", name, expires, life)),
		...logins.map(({ kind, store, expires }) => expiryOf(now, kind, store, expires)),
		...(credentials ?? []).filter(isRemembered).map(({ kind, name, expires }) => expiryOf(now, kind, name, expires)),
		...(devices ?? []).flatMap(({ label, hostname, keyExpires }) => keyExpires === null ? [] : {
			name: label || hostname,
			expires: keyExpires
		}).filter(isRemembered).map(({ name, expires }) => expiryOf(now, "node-key", name, expires))
	];
	const notVerified = [
		storedKeys === null ? "when stored keys expire is not verified: their store was not asked" : [],
		credentials === null ? "when API tokens expire is not verified: the credential may not list them (scope `api_access_tokens:read`; on Headscale 0.30, an API key)" : [],
		devices === null ? "when node keys expire is not verified: the credential may not list devices (scope `devices:core:read`)" : []
	].flat();
	return {
		items: items.sort(byExpiry),
		notVerified
	};
}
function expiryOf(now, kind, name, expires, life) {
	const remaining = expires.getTime() - now.getTime();
	return {
		kind,
		name,
		expires,
		remainingDays: Math.floor(remaining / day),
		level: levelOf(remaining, life)
	};
}
function levelOf(remaining, life = Number.POSITIVE_INFINITY) {
	const whole = life * 1e3;
	if (remaining < Math.min(errorBelow, whole / 6)) return "error";
	return remaining < Math.min(warnBelow, whole / 3) ? "warn" : "ok";
}
function byExpiry(a, b) {
	return a.expires.getTime() - b.expires.getTime() || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name);
}
function expiryText({ kind, name, expires, remainingDays }) {
	const date = expires.toISOString().slice(0, 10);
	const what = `${words[kind]} ${inertText(name, 80)}`;
	if (remainingDays < 0) return `${what} has expired on ${date}`;
	const days = remainingDays === 1 ? "1 day" : `${remainingDays} days`;
	return `${what} expires in ${remainingDays === 0 ? "less than a day" : days}, on ${date}`;
}
function expiryRemedy(kind) {
	return remedies[kind];
}
const words = {
	"stored-key": "stored key",
	"api-token": "API token",
	"oauth-client": "OAuth client",
	"federated-identity": "federated identity",
	"node-key": "the node key of",
	"vault-token": "the Vault token for store",
	"github-token": "the GitHub token for store"
};
const remedies = {
	"stored-key": "run key-rotate; with `force: true` it replaces a key that is not due",
	"api-token": "make a new one and store it where the old one is; an OAuth client or workload identity does not expire",
	"oauth-client": "make a new one and store it where the old one is",
	"federated-identity": "make a new one and give its client id",
	"node-key": "log the device in again (`tailscale up --force-reauth` on it), or let it join with a tag: then its key does not expire",
	"github-token": "make a new one with the same permissions, or use a GitHub App: its tokens are made anew for each job",
	"vault-token": "renew or replace it, or log in by JWT or AppRole: then no token has to be kept"
};
function radarLines(radar) {
	const near = radar.items.filter(({ level }) => level !== "ok").map(expiryText);
	const next = radar.items.find((item) => item.level === "ok" && item.remainingDays >= 0);
	const rest = next === void 0 ? [] : [`next: ${expiryText(next)}`];
	const nothing = radar.items.length === 0 ? ["nothing that was looked at expires"] : [];
	return [
		...near,
		...rest,
		...nothing,
		...radar.notVerified
	];
}
function radarMarkdown(radar) {
	const signs = {
		ok: "✅",
		warn: "⚠️",
		error: "❌"
	};
	const rows = radar.items.map(({ kind, name, expires, remainingDays, level }) => `| ${signs[level]} | ${kind} | ${inertMarkdown(name)} | ${expires.toISOString().slice(0, 10)} | ${remainingDays} |`);
	const table = [
		"| | what | name | expires | days left |",
		"| --- | --- | --- | --- | --- |",
		...rows
	].join("\n");
	const gaps = radar.notVerified.map((text) => `- ${inertMarkdown(text)}`).join("\n");
	return [rows.length === 0 ? "" : table, gaps].filter((block) => block !== "");
}
function expiryErrors(radar) {
	return radar.items.filter(({ kind, level }) => level === "error" && kind !== "node-key").map((item) => keyError("MESH_EXPIRY_NEAR", expiryText(item), {
		where: { address: `${item.kind}/${inertText(item.name, 80)}` },
		hint: `${expiryRemedy(item.kind)}.`.replace(/^./, (first) => first.toUpperCase())
	}));
}
function expiryWarnings(radar) {
	return radar.items.filter(({ kind, level }) => level === "warn" || level === "error" && kind === "node-key").map((item) => `${expiryText(item)}: ${expiryRemedy(item.kind)}`);
}
export { radarMarkdown as a, sameTags as c, storedDescription as d, storedMark as f, rotationDue as g, overdueText as h, radarLines as i, standingOf as l, overdueRotations as m, expiryRadar as n, foreignKeys as o, overdueErrors as p, expiryWarnings as r, isOwn as s, expiryErrors as t, readStoredMark as u };
