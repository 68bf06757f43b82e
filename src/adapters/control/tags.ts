/** Why a credential may not give a tag, and the one edit that mends it. */
import { inertText } from "../../mesh/inert.ts";
import type { ControlKind, Tag } from "../../mesh/mesh.ts";

export interface TagRefusal {
  /** What the server said. */
  readonly said: string;
  readonly wanted: readonly string[];
  /** The credential's own tags; null when the server does not say them. */
  readonly held: readonly string[] | null;
  readonly ownerTag: Tag;
  readonly control: ControlKind;
  /** The credential is a person's API key and has no tags of its own. */
  readonly isApiKey: boolean;
}

/** Whether a server's words are about tags that may not be given. */
export function isTagRefusal(text: string): boolean {
  return /requested tags \[.*\] are invalid or not permitted|\btag tag:\S+ is not defined in policy|may not assign tag|must create tagged auth keys/.test(
    text,
  );
}

export function explainTags(refusal: TagRefusal): { readonly message: string; readonly hint: string } {
  const { said, wanted, held, ownerTag } = refusal;
  const names = inertText(wanted.join(", "), 200);
  const holds = held === null ? "" : `; it holds ${held.length === 0 ? "no tag" : inertText(held.join(", "), 200)}`;
  return {
    message: `the credential may not give ${names} (${said})${holds}`,
    hint: held === null || held.includes(ownerTag) ? ownersHint(refusal) : credentialHint(refusal, held),
  };
}

/** The credential is, as far as is known, as it should be: the policy in force is not. */
function ownersHint(refusal: TagRefusal): string {
  const { ownerTag, isApiKey, control } = refusal;
  const api = isApiKey && control === "tailscale" ? " An API key may give what the person who made it owns." : "";
  const unknown = isApiKey ? "" : ` The credential itself must hold ${ownerTag}.`;
  return `In the policy that is in force, ${ownerTag} must own the tag. Apply the policy first (acl-apply, or the root action), which brings ${ownersText(refusal)}; then run again.${unknown}${api}`;
}

/** Several tags, or another one, and not the owner: an exact match of all its tags is the only thing such a credential may ask for. */
function credentialHint(refusal: TagRefusal, held: readonly string[]): string {
  const { ownerTag, control } = refusal;
  const why =
    held.length > 1
      ? `A credential with several tags may ask for all of them together or for tags that one of them owns, never for one alone.`
      : `It may ask for its own tag or for tags which that one owns.`;
  const where =
    control === "tailscale"
      ? `in the admin console, Access controls, add ${ownersText(refusal)}; then Settings > Trust credentials, open the credential, and let ${ownerTag} be its only tag`
      : `add ${ownersText(refusal)} to the policy; then make a client with this tag only: headscale oauth-clients create -s policy_file -s auth_keys -t ${ownerTag}`;
  return `${why} One edit, once: ${where}. The tag must be in the policy before a credential can hold it.`;
}

function ownersText({ wanted, ownerTag, control }: TagRefusal): string {
  const owner = `"${ownerTag}": [${control === "tailscale" ? '"autogroup:admin"' : `"${ownerTag}"`}]`;
  const owned = wanted.filter((tag) => tag !== ownerTag).map((tag) => `"${inertText(tag, 80)}": ["${ownerTag}"]`);
  return `\`"tagOwners": { ${[owner, ...owned].join(", ")} }\``;
}
