export { t as OidcClient } from "./vendor-actions-http.js";
