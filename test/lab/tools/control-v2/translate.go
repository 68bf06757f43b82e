package main

import (
	"strings"

	"github.com/tailscale/hujson"
)

// What Headscale has no word for, in lower case: it minds case no more than Tailscale does.
var (
	foreignSections = set("postures", "defaultsrcposture", "ipsets", "attrconfig", "derpmap", "disableipv4", "onecgnatroute", "externaltailnets")
	autogroup       = "autogroup:"
	// Autogroups of Headscale's. Tailscale's others are of people by their role, and the lab has no people.
	nativeAutogroups = set("internet", "member", "members", "nonroot", "tagged", "self", "danger-all")
)

func set(names ...string) map[string]bool {
	made := map[string]bool{}
	for _, name := range names {
		made[name] = true
	}
	return made
}

// translate answers a policy of Tailscale's as Headscale takes it: sections that it does not know are left out, and so are
// autogroups as owners and approvers, people by their role, rules for nobody else, rules under a posture (which no device of the lab could show), and the attributes of
// devices that only Tailscale gives. All else stays as it is written.
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
		case "acls", "grants", "ssh":
			keepElements(value, func(rule hujson.Value) bool { return !hasPosture(rule) && isForSomebody(rule) })
		case "tests":
			eachElement(value, func(test *hujson.Value) { dropMembers(test, "srcpostureattrs") })
			keepElements(value, isForSomebody)
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
	return !ok || !strings.HasPrefix(literal.String(), autogroup)
}

// isForSomebody takes people by their role out of a rule's ends, and says whether something is left at each.
func isForSomebody(rule hujson.Value) bool {
	left := true
	eachMember(&rule, func(name string, value *hujson.Value) {
		switch name {
		case "src", "users", "dst", "ports":
		default:
			return
		}
		if _, isList := value.Value.(*hujson.Array); !isList {
			left = left && isNativeEnd(*value)
			return
		}
		before := count(value)
		keepElements(value, isNativeEnd)
		left = left && (before == 0 || count(value) > 0)
	})
	return left
}

// isNativeEnd: a destination may have ports behind its name.
func isNativeEnd(end hujson.Value) bool {
	literal, ok := end.Value.(hujson.Literal)
	if !ok {
		return true
	}
	name, isGroup := strings.CutPrefix(literal.String(), autogroup)
	name, _, _ = strings.Cut(name, ":")
	return !isGroup || nativeAutogroups[name]
}

func count(list *hujson.Value) int {
	array, ok := list.Value.(*hujson.Array)
	if !ok {
		return 0
	}
	return len(array.Elements)
}

func hasPosture(rule hujson.Value) bool {
	found := false
	eachMember(&rule, func(name string, value *hujson.Value) {
		list, ok := value.Value.(*hujson.Array)
		found = found || name == "srcposture" && ok && len(list.Elements) > 0
	})
	return found
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
