/** Finds rules that let everything reach everything: while one is in force, links restrict nothing. */
import { positionAt } from "../hujson/tree.ts";
import { fieldsOf, listMember, type PolicyTree, textsOf } from "./document.ts";

const everyone = ["*", "autogroup:danger-all"];

/** Lines of such rules in the text of the policy, 1-based. */
export function allowAllLines(tree: PolicyTree): readonly number[] {
  return (["grants", "acls"] as const).flatMap((section) =>
    (listMember(tree, tree.root, section)?.items ?? []).flatMap(({ value }) => {
      if (value.kind !== "object") return [];
      const fields = fieldsOf(tree.document, value);
      const list = (name: string): readonly string[] => textsOf(tree.document, fields.get(name)) ?? [];
      const src = [...list("src"), ...list("users")];
      const dst = [...list("dst"), ...list("ports")];
      const isOpen =
        section === "acls"
          ? dst.includes("*:*") && !fields.has("proto")
          : dst.includes("*") && list("ip").includes("*");
      const isBound = fields.has("via") || fields.has("srcposture");
      return src.some((s) => everyone.includes(s)) && isOpen && !isBound
        ? [positionAt(tree.document.bytes, value.start).line]
        : [];
    }),
  );
}
