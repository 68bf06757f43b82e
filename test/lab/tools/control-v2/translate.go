package main

import (
	"strings"

	"github.com/tailscale/hujson"
)

// What Headscale has no word for, in lower case: it minds case no more than Tailscale does.
var (
	foreignSections = set("postures", "defaultsrcposture", "ipsets", "attrconfig", "derpmap", "disableipv4", "onecgnatroute", "externaltailnets")
	foreignOwner    = "autogroup:"
	roles           = set("autogroup:owner", "autogroup:admin", "autogroup:it-admin", "autogroup:network-admin", "autogroup:billing-admin", "autogroup:auditor")
)

func set(names ...string) map[string]bool {
	made := map[string]bool{}
	for _, name := range names {
		made[name] = true
	}
	return made
}

// translate answers a policy of Tailscale's as Headscale takes it: sections that it does not know are left out, and so are
// autogroups as owners and approvers, rules under a posture (which no device of the lab could show), and the attributes of
// devices that only Tailscale gives, and roles of people, which nobody has behind Headscale. All else stays as it is written.
func translate(text string) (string, error) {
	tree, err := hujson.Parse([]byte(text))
	if err != nil {
		return "", err
	}
	policy, ok := tree.Value.(*hujson.Object)
	if !ok {
		return text, nil
	}
	keepMembers(policy, func(name string, value *hujson.Value) bool {
		switch name {
		case "tagowners":
			eachMember(value, func(_ string, owners *hujson.Value) { keepElements(owners, isNativeOwner) })
		case "autoapprovers":
			translateApprovers(value)
		case "acls", "grants":
			keepElements(value, func(rule hujson.Value) bool { return !hasPosture(rule) && !isForRolesOnly(rule) })
		case "tests":
			eachElement(value, func(test *hujson.Value) { dropMembers(test, "srcpostureattrs") })
		case "nodeattrs":
			eachElement(value, func(entry *hujson.Value) { dropMembers(entry, "ippool") })
			keepElements(value, func(entry hujson.Value) bool { return !strings.Contains(string(entry.Pack()), `"funnel"`) })
		}
		return !foreignSections[name]
	})
	return string(tree.Pack()), nil
}

func translateApprovers(approvers *hujson.Value) {
	dropMembers(approvers, "services")
	eachMember(approvers, func(name string, value *hujson.Value) {
		switch name {
		case "routes":
			eachMember(value, func(_ string, list *hujson.Value) { keepElements(list, isNativeOwner) })
		case "exitnode":
			keepElements(value, isNativeOwner)
		}
	})
}

func isNativeOwner(owner hujson.Value) bool {
	literal, ok := owner.Value.(hujson.Literal)
	return !ok || !strings.HasPrefix(literal.String(), foreignOwner)
}

func hasPosture(rule hujson.Value) bool {
	found := false
	eachMember(&rule, func(name string, value *hujson.Value) {
		list, ok := value.Value.(*hujson.Array)
		found = found || name == "srcposture" && ok && len(list.Elements) > 0
	})
	return found
}

// isForRolesOnly takes roles out of a rule's sources, and tells whether nobody is left.
func isForRolesOnly(rule hujson.Value) bool {
	emptied := false
	eachMember(&rule, func(name string, value *hujson.Value) {
		list, ok := value.Value.(*hujson.Array)
		if name != "src" || !ok {
			return
		}
		before := len(list.Elements)
		keepElements(value, func(source hujson.Value) bool {
			literal, ok := source.Value.(hujson.Literal)
			return !ok || !roles[literal.String()]
		})
		emptied = before > 0 && len(list.Elements) == 0
	})
	return emptied
}

func memberName(member hujson.ObjectMember) string {
	literal, ok := member.Name.Value.(hujson.Literal)
	if !ok {
		return ""
	}
	return strings.ToLower(literal.String())
}

func eachMember(value *hujson.Value, do func(name string, value *hujson.Value)) {
	object, ok := value.Value.(*hujson.Object)
	if !ok {
		return
	}
	for at := range object.Members {
		do(memberName(object.Members[at]), &object.Members[at].Value)
	}
}

func eachElement(value *hujson.Value, do func(*hujson.Value)) {
	array, ok := value.Value.(*hujson.Array)
	if !ok {
		return
	}
	for at := range array.Elements {
		do(&array.Elements[at])
	}
}

func keepMembers(object *hujson.Object, keep func(name string, value *hujson.Value) bool) {
	kept := object.Members[:0]
	for _, member := range object.Members {
		if keep(memberName(member), &member.Value) {
			kept = append(kept, member)
		}
	}
	object.Members = kept
}

func dropMembers(value *hujson.Value, name string) {
	if object, ok := value.Value.(*hujson.Object); ok {
		keepMembers(object, func(each string, _ *hujson.Value) bool { return each != name })
	}
}

func keepElements(value *hujson.Value, keep func(hujson.Value) bool) {
	array, ok := value.Value.(*hujson.Array)
	if !ok {
		return
	}
	kept := array.Elements[:0]
	for _, element := range array.Elements {
		if keep(element) {
			kept = append(kept, element)
		}
	}
	array.Elements = kept
}
