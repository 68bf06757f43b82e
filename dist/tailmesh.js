#!/usr/bin/env node
import { F as inertLine, R as inertText, V as defineErrors, z as MeshError } from "./shared/mesh.js";
import { _ as parseHujson, d as renderLocally, f as reachRows, g as evaluate, h as readDevices, m as filtersOf, p as peersOf, v as decodeText } from "./shared/policy.js";
const { readFileSync } = process.getBuiltinModule("node:fs");
const { parseArgs } = process.getBuiltinModule("node:util");
// src/cli/errors.ts
const cliError = defineErrors({
	MESH_CLI_USAGE: {
		kind: "config",
		meaning: "A command or an option does not exist, or something it needs is missing.",
		hint: "Read `tailmesh --help`."
	},
	MESH_CLI_FILE: {
		kind: "config",
		meaning: "A file named on the command line cannot be read, or is not JSON where JSON is needed.",
		hint: "Correct the path, or the file."
	}
});
// src/cli/arguments.ts
function readArguments(args, options) {
	try {
		return parseArgs({
			args: [...args],
			options,
			allowPositionals: true,
			strict: true
		});
	} catch (error) {
		const message = error instanceof Error ? error.message : "the arguments cannot be read";
		throw cliError("MESH_CLI_USAGE", inertText(message, 300));
	}
}
function usageError(message) {
	throw cliError("MESH_CLI_USAGE", inertText(message, 300));
}
// src/cli/devices-file.ts
function readDevicesFile(terminal, file) {
	const text = decodeText(terminal.read(file));
	let value;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw cliError("MESH_CLI_FILE", `${inertText(file, 200)} is not JSON`, {
			where: { file },
			cause: error
		});
	}
	return readDevices(value);
}
// src/cli/problem-lines.ts
function problemLine(file, { severity, code, message, line, column }) {
	return inertLine(`${file}:${line}:${column}: ${severity} ${code}: ${message}`);
}
// src/cli/policy-check.ts
const policyCheck = {
	words: ["policy", "check"],
	usage: "[--syntax] [--server tailscale|headscale] [--devices FILE] [--json] FILE…",
	help: "Is each policy valid, and do its tests pass? Exit status 1 when one is not or does not.",
	run(args, terminal) {
		const { values, positionals } = readArguments(args, {
			syntax: {
				type: "boolean",
				default: false
			},
			server: {
				type: "string",
				default: "tailscale"
			},
			devices: { type: "string" },
			json: {
				type: "boolean",
				default: false
			}
		});
		if (positionals.length === 0) usageError("policy check needs a FILE");
		const server = readServer(values.server);
		const devices = values.devices === void 0 ? void 0 : readDevicesFile(terminal, values.devices);
		let isAllOk = true;
		for (const file of positionals) {
			const verdict = checkFile(terminal, file, values.syntax, server, devices);
			isAllOk &&= verdict.ok;
			for (const line of values.json ? [jsonLine(file, verdict)] : humanLines(file, verdict)) terminal.out(line);
		}
		return isAllOk ? 0 : 1;
	}
};
const untested = {
	passed: 0,
	failed: 0,
	undecided: 0
};
function readServer(text) {
	if (text === "tailscale" || text === "headscale") return text;
	return usageError(`--server is tailscale or headscale, not "${text}"`);
}
function checkFile(terminal, file, isSyntaxOnly, server, devices) {
	let bytes;
	try {
		bytes = terminal.read(file);
	} catch (error) {
		if (!(error instanceof MeshError)) throw error;
		return {
			ok: false,
			problems: [{
				severity: "error",
				code: error.code,
				message: error.message,
				line: 1,
				column: 1
			}],
			tests: untested
		};
	}
	if (!isSyntaxOnly) return evaluate(bytes, {
		server,
		...devices === void 0 ? {} : { devices }
	});
	const result = parseHujson(bytes);
	if (result.ok) return {
		ok: true,
		problems: [],
		tests: untested
	};
	const { text, line, column } = result.problem;
	return {
		ok: false,
		problems: [{
			severity: "error",
			code: "MESH_HUJSON_SYNTAX",
			message: inertText(text, 200),
			line,
			column
		}],
		tests: untested
	};
}
function jsonLine(file, { ok, problems, tests }) {
	const plain = problems.map(({ severity, code, message, line, column }) => ({
		severity,
		code,
		message,
		line,
		column
	}));
	return JSON.stringify({
		file,
		ok,
		problems: plain,
		tests
	});
}
function humanLines(file, { ok, problems, tests }) {
	const counts = [
		"passed",
		"failed",
		"undecided"
	].filter((kind) => tests[kind] > 0);
	const said = counts.length === 0 ? "" : `; tests: ${counts.map((kind) => `${tests[kind]} ${kind}`).join(", ")}`;
	return [...problems.map((problem) => problemLine(file, problem)), inertLine(`${file}: ${ok ? "ok" : "not ok"}${said}`)];
}
// src/cli/table.ts
function tableLines(rows) {
	const columns = Math.max(0, ...rows.map((row) => row.length));
	const widths = Array.from({ length: columns }, (_, i) => Math.max(0, ...rows.map((row) => (row[i] ?? "").length)));
	return rows.map((row) => row.map((cell, i) => i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd());
}
// src/cli/policy-reach.ts
const policyReach = {
	words: ["policy", "reach"],
	usage: "--devices FILE [--json] FILE",
	help: "Who reaches what, on which ports, by which line of the policy?",
	run(args, terminal) {
		const { values, positionals } = readArguments(args, {
			devices: { type: "string" },
			json: {
				type: "boolean",
				default: false
			}
		});
		const [file, ...more] = positionals;
		if (file === void 0 || more.length > 0) return usageError("policy reach needs one FILE");
		if (values.devices === void 0) return usageError("policy reach needs --devices FILE");
		const given = readDevicesFile(terminal, values.devices);
		const evaluation = evaluate(terminal.read(file), { devices: given });
		for (const problem of evaluation.problems) terminal.err(problemLine(file, problem));
		if (evaluation.problems.some(({ severity, code }) => severity === "error" && code !== "MESH_RULES_TEST_FAILED") || evaluation.devices === void 0) return 1;
		const lines = values.json ? [reachJson(evaluation, evaluation.devices)] : reachTable(evaluation, evaluation.devices);
		for (const line of lines) terminal.out(line);
		return 0;
	}
};
function reachJson({ access }, devices) {
	const filters = filtersOf(access);
	const peers = peersOf(access, devices);
	const shown = devices.nodes.map(({ name }) => [name, {
		peers: peers.get(name) ?? [],
		filter: filters.get(name) ?? []
	}]);
	return JSON.stringify({ devices: Object.fromEntries(shown) });
}
function reachTable({ access, document }, devices) {
	const rows = document === void 0 ? [] : reachRows(document, access, devices);
	if (rows.length === 0) return ["Nothing reaches anything."];
	return tableLines([[
		"FROM",
		"TO",
		"PORTS",
		"BY"
	], ...rows.map(({ from, device, target, ports, line }) => [
		from.join(", "),
		target === "itself" ? device : `${device}: ${target}`,
		ports,
		line === void 0 ? "no rules are written" : `line ${line}`
	]).map((row) => row.map((cell) => inertText(cell, 300)))]);
}
// src/cli/policy-render.ts
const policyRender = {
	words: ["policy", "render"],
	usage: "[--topology FILE] [--base FILE]",
	help: "The policy that acl-apply would write. --base is the policy that is on the server.",
	async run(args, terminal) {
		const { values, positionals } = readArguments(args, {
			topology: {
				type: "string",
				default: "tailmesh.yaml"
			},
			base: { type: "string" }
		});
		if (positionals.length > 0) usageError("policy render takes options only");
		const read = (file) => decodeText(terminal.read(file));
		const { parseTopology } = await import("./shared/parse.js");
		const mesh = parseTopology(read(values.topology), {
			file: values.topology,
			env: terminal.env
		});
		const files = values.base === void 0 ? readFiles(mesh.policyFiles, terminal) : [];
		terminal.write(renderLocally(mesh, files, values.base === void 0 ? void 0 : read(values.base)));
		return 0;
	}
};
function readFiles(paths, terminal) {
	return paths.map((file) => ({
		file,
		text: decodeText(terminal.read(file))
	}));
}
// src/cli/terminal.ts
const processTerminal = {
	read(file) {
		try {
			return readFileSync(file);
		} catch (error) {
			const reason = error instanceof Error && "code" in error ? String(error.code) : "it cannot be read";
			throw cliError("MESH_CLI_FILE", `${inertText(file, 200)}: ${reason}`, {
				where: { file },
				cause: error
			});
		}
	},
	out: (line) => process.stdout.write(`${line}\n`),
	err: (line) => process.stderr.write(`${line}\n`),
	write: (text) => process.stdout.write(text),
	env: (name) => process.env[name]
};
// src/cli/main.ts
const commands = [
	policyCheck,
	policyReach,
	policyRender
];
async function main() {
	process.exitCode = await runCli(process.argv.slice(2), processTerminal);
}
async function runCli(args, terminal) {
	try {
		if (args.length === 0 || args.includes("--help") || args.includes("-h")) {
			for (const line of helpLines(args)) terminal.out(line);
			return args.length === 0 ? 2 : 0;
		}
		const command = commands.find(({ words }) => words.every((word, i) => args[i] === word));
		if (command === void 0) return usageError(`there is no command "${args.slice(0, 2).join(" ")}"`);
		return await command.run(args.slice(command.words.length), terminal);
	} catch (error) {
		if (!(error instanceof MeshError)) throw error;
		terminal.err(inertLine(`${error.code}: ${error.message}`));
		terminal.err(inertLine(error.hint));
		return 2;
	}
}
function helpLines(args) {
	const words = args.filter((arg) => !arg.startsWith("-"));
	const shown = commands.filter((command) => command.help !== void 0);
	const chosen = shown.filter((command) => words.every((word, i) => command.words[i] === word));
	return ["Usage:", ...(chosen.length === 0 ? shown : chosen).flatMap(({ words: own, usage, help }) => [`  tailmesh ${own.join(" ")} ${usage}`, `      ${help}`])];
}
// \0entry:tailmesh
await main();
export {};
