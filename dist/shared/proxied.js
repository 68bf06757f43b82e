import { t as require_undici } from "./vendor-undici.js";
// src/adapters/http/proxied.ts
var import_undici = require_undici();
function createProxied({ trust, timeouts }, proxy) {
	const tls = trust ? { secureContext: trust } : {};
	const dispatcher = new import_undici.EnvHttpProxyAgent({
		connections: 4,
		allowH2: false,
		connectTimeout: timeouts.connect,
		headersTimeout: timeouts.headers,
		bodyTimeout: timeouts.body,
		connect: {
			timeout: timeouts.connect,
			...tls
		},
		requestTls: tls,
		httpProxy: proxy.http ?? "",
		httpsProxy: proxy.https ?? "",
		noProxy: proxy.no ?? ""
	});
	return {
		async send(url, { body, ...exchange }) {
			const options = {
				...exchange,
				dispatcher,
				...body === void 0 ? {} : { body }
			};
			const { statusCode: status, headers, body: stream } = await (0, import_undici.request)(url, options);
			return {
				status,
				headers,
				body: stream
			};
		},
		[Symbol.asyncDispose]: () => dispatcher.destroy()
	};
}
export { createProxied };
