import { f as object, h as string, o as array } from "./vendor-schema.js";
import { A as Secret } from "./mesh.js";
// src/ports/key-record.ts
const time = string().refine((text) => !Number.isNaN(Date.parse(text))).transform((text) => new Date(text));
const RecordSchema = object({
	authkey: string().min(1),
	key_id: string().min(1),
	name: string().min(1),
	tags: array(string()),
	created: time,
	expires: time,
	previous_key_id: string().nullish(),
	minted_by_run: string().nullish()
});
function keyFields(secret, record) {
	return {
		authkey: secret.reveal(),
		key_id: record.keyId,
		name: record.name,
		tags: record.tags,
		created: record.created.toISOString(),
		expires: record.expires.toISOString(),
		previous_key_id: record.previousKeyId,
		minted_by_run: record.mintedByRun
	};
}
function readKeyFields(value) {
	const parsed = RecordSchema.safeParse(value);
	if (!parsed.success) return void 0;
	const { authkey, key_id, name, tags, created, expires, previous_key_id, minted_by_run } = parsed.data;
	return {
		secret: new Secret(authkey),
		record: {
			keyId: key_id,
			name,
			tags,
			created,
			expires,
			previousKeyId: previous_key_id || null,
			mintedByRun: minted_by_run ?? ""
		}
	};
}
export { readKeyFields as n, keyFields as t };
