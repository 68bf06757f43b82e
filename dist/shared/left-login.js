import { C as Secret } from "./mesh.js";
import { S as string, _ as optional, g as object, s as array } from "./vendor-schema.js";
import { r as VaultApi, t as endLogin } from "./session.js";
// src/adapters/vault/left-login.ts
const LeftSchema = object({
	url: string(),
	namespace: optional(string()),
	token: string(),
	caFiles: array(string())
});
function leftLoginText({ token, ...rest }) {
	return JSON.stringify({
		...rest,
		token: token.reveal()
	});
}
function readLeftLogin(text) {
	try {
		const { token, ...rest } = LeftSchema.parse(JSON.parse(text));
		return {
			...rest,
			token: new Secret(token)
		};
	} catch {
		return;
	}
}
async function endLeftLogin({ url, namespace, token }, http) {
	const api = new VaultApi(url, http);
	api.hide(token);
	await endLogin(api, token, namespace);
}
export { endLeftLogin, leftLoginText, readLeftLogin };
