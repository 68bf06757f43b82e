import { C as Secret } from "./mesh.js";
import { C as transform, O as _minLength, S as string, b as refine, g as object, m as nullish, s as array, v as pipe } from "./vendor-schema.js";
// src/ports/key-record.ts
const time = pipe(string().check(refine((text) => !Number.isNaN(Date.parse(text)))), transform((text) => new Date(text)));
const RecordSchema = object({
	authkey: string().check(_minLength(1)),
	key_id: string().check(_minLength(1)),
	name: string().check(_minLength(1)),
	tags: array(string()),
	created: time,
	expires: time,
	previous_key_id: nullish(string()),
	minted_by_run: nullish(string())
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
