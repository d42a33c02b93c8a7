// What providers are given (docs/provider.md, the service, the image) names commands, options, settings and metrics of
// the agent. Here: that these exist, and that no metric is left out.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];
const agent = (...args) => execFileSync(process.env.SMARTCHAIN_AGENT, args, { encoding: 'utf8', timeout: 30_000 });
const limit = { timeout: 60_000 };

/** All Rust sources below a folder. */
function sources(folder) {
	return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return sources(path);
		return entry.name.endsWith('.rs') ? [path] : [];
	});
}

/** Help of a command by its path; undefined if there is none. */
const helps = new Map();
function help(path) {
	const name = path.join(' ');
	if (!helps.has(name)) {
		const how = { encoding: 'utf8', timeout: 30_000 };
		const asked = spawnSync(process.env.SMARTCHAIN_AGENT, [...path, '--help'], how);
		helps.set(name, asked.status === 0 ? asked.stdout : undefined);
	}
	return helps.get(name);
}

/** The commands below one of them. */
const below = (path) => {
	const list = /^Commands:\n([^]*?)\n\n/m.exec(help(path))?.[1] ?? '';
	return all(list, /^ {2}([a-z-]+) /gm);
};

/** Command lines of the agent in a page: blocks of code and code within the text. */
function commandLines(text) {
	const blocks = [...text.matchAll(/```\n([^]*?)```/g)].map((match) => match[1]).join('\n');
	const command = /(?:^|-- |-v smart-agent:\/data |exec smart-agent )(smart-agent(?::local)? [^\n]*)$/gm;
	const lines = [...blocks.matchAll(command)];
	const inline = text.replace(/```\n[^]*?```/g, '').matchAll(/`(smart-agent [^`]*)`/g);
	return [...lines, ...inline].map((match) => match[1].replace(/\s+/g, ' ').split(/ #| && | \| /)[0].trim());
}

/** Fails if a command line names a command or an option that there is not. */
function check(page, line) {
	const words = line.split(' ').slice(1);
	let rest = words;
	// Options of all commands may stand before the command.
	while (rest[0]?.startsWith('--')) rest = rest.slice(rest[0] === '--json' || rest[0] === '--help' ? 1 : 2);
	const path = [];
	while (rest.length && below(path).includes(rest[0])) {
		path.push(rest[0]);
		rest = rest.slice(1);
	}
	assert.ok(!rest.length || !below(path).length, `${page}: "${line}": there is no such command`);
	for (const option of words.filter((word) => word.startsWith('--'))) {
		assert.match(help(path), new RegExp(`${option}[ \\n]`), `${page}: "${line}": there is no ${option}`);
	}
}

describe('what providers are given', limit, () => {
	it('names commands and options that exist', limit, () => {
		const lines = ['docs/provider.md', 'docs/compute.md', 'docker/README.md'].flatMap((page) => (
			commandLines(read(page)).map((line) => [page, line])));
		assert.ok(lines.length > 40, `only ${lines.length} commands were found`);
		for (const [page, line] of lines) check(page, line);
		for (const page of ['agent/page/static/index.html', 'agent/page/static/page.js']) {
			const named = all(read(page), /(smart-agent (?:[a-z]+ )?[a-z]+)(?=<| makes)/g);
			assert.ok(named.length > 0, page);
			for (const line of named) check(page, line);
		}
		// And what the agent itself says in its errors and remedies.
		const crates = ['agent/src', 'agent/storage/src', 'agent/tasks/src', 'agent/work/src'];
		const told = crates.flatMap(sources).flatMap((path) => (
			all(read(path), /`(smart-agent [^`\n]*)`/g).map((line) => [path, line])));
		assert.ok(told.length > 20, `only ${told.length} commands were found`);
		for (const [path, line] of told) check(path, line);
		assert.throws(() => check('this', 'smart-agent plot destroy'), /no such command/);
		assert.throws(() => check('this', 'smart-agent plot list --everything'), /there is no --everything/);
	});

	it('names settings that exist', limit, () => {
		const example = agent('init', '--print-config');
		const section = (name) => example.split(`[${name}]`)[1]?.split(/^\[/m)[0] ?? '';
		const page = read('docs/provider.md');
		const dotted = all(page, /`((?:chain|device|plots|storage|work|compute|uptime|status|log)\.[a-z_]+)`/g);
		// Two files of the data folder look like settings.
		const named = dotted.filter((name) => !['device.key', 'plots.known'].includes(name));
		assert.ok(named.length >= 5, `${named}`);
		for (const name of named) {
			const [part, key] = name.split('.');
			assert.match(section(part), new RegExp(`^${key} = `, 'm'), `there is no ${name}`);
		}
		const systemd = ['smart-agent.service', 'plots.conf', 'storage.conf'].map((name) => `agent/systemd/${name}`);
		const files = [...systemd, 'docker/agent.Dockerfile'];
		// Variables that stand for options; any other that the agent does not know makes it end.
		const config = read('agent/config/src/lib.rs');
		const options = all(/const OPTIONS[^=]*= \[([^\]]*)\]/.exec(config)[1], /"([A-Z_]+)"/g);
		assert.ok(options.includes('SMART_AGENT_DATA'), `${options}`);
		const texts = [page, read('agent/keys/README.md'), agent('--help'), ...files.map(read)];
		const variables = all(texts.join('\n'), /\b(SMART_AGENT_[A-Z_]*[A-Z])\b/g);
		assert.ok(variables.includes('SMART_AGENT_PASSWORD_FILE'), `${variables}`);
		for (const variable of variables.filter((variable) => !options.includes(variable))) {
			const [, part, key] = /^SMART_AGENT_([A-Z]+)_([A-Z_]+)$/.exec(variable).map((text) => text.toLowerCase());
			assert.match(section(part), new RegExp(`^${key} = `, 'm'), `there is no ${variable}`);
		}
		assert.match(section('status'), /listen = "127\.0\.0\.1:9955"/);
		assert.ok(read('docker/agent-healthy').includes('127.0.0.1/9955'));
	});

	it('installs plotter and units beside the agent', limit, () => {
		const programs = ['smart-agent', 'smart-agent-plotter', 'smart-unit'];
		const installs = `\ninstall -m 755 ${programs.map((name) => `FOLDER/${name}`).join(' ')} /usr/local/bin/\n`;
		assert.ok(read('docs/provider.md').includes(installs), installs);
		const image = read('docker/agent.Dockerfile');
		assert.ok(image.includes(`/release/{${programs.join(',')}}`), image);
		for (const name of programs) {
			assert.match(read('scripts/lib.sh'), new RegExp(`--bin ${name}(?![a-z-])`), name);
		}
		// What it links wants these notices passed on.
		for (const holder of ['2013, Yann Collet', '2018-2019, tevador']) {
			assert.ok(read('NOTICE').includes(holder), holder);
		}
		assert.match(image, /^COPY LICENSE NOTICE /m);
	});

	it('explains every line of doctor', limit, () => {
		const folder = join(ROOT, 'agent/src/commands/doctor');
		const source = (name) => readFileSync(join(folder, name), 'utf8').split('#[cfg(test)]')[0];
		const sources = readdirSync(folder).map(source);
		const lines = all(sources.join('\n'), /\bCheck::(?:ok|warn|fail|failed)\(\s*"([a-z ]+)"/g);
		assert.ok(lines.length >= 12, `${lines}`);
		const page = read('docs/provider.md');
		const missing = lines.filter((line) => !page.includes(`\n| ${line} | `));
		assert.deepEqual(missing, [], 'docs/provider.md does not explain these');
	});

	it('explains every metric, and no other', limit, () => {
		const files = ['metrics', 'storage', 'work'].map((name) => read(`agent/page/src/page/${name}.rs`));
		const source = files.map((text) => text.split('#[cfg(test)]')[0]).join('\n');
		const metrics = all(source, /"(smart_agent_[a-z_]+)"/g);
		assert.ok(metrics.length >= 20, `${metrics}`);
		const page = read('docs/provider.md');
		for (const name of metrics) assert.ok(page.includes(`\`${name}\``), `docs/provider.md says nothing of ${name}`);
		for (const name of all(page, /\b(smart_agent_[a-z_]+)/g)) {
			assert.ok(metrics.includes(name), `there is no metric ${name}`);
		}
	});

	it('has a unit that systemd takes', limit, (test) => {
		if (spawnSync('systemd-analyze', ['--version']).status !== 0) return test.skip('there is no systemd here');
		const dir = mkdtempSync(join(tmpdir(), 'smart-agent-unit-'));
		try {
			const unit = read('agent/systemd/smart-agent.service');
			assert.match(unit, /^ExecStart=\/usr\/local\/bin\/smart-agent run$/m);
			// The binary is not installed here, and its user is not.
			writeFileSync(join(dir, 'smart-agent.service'), unit.replace('/usr/local/bin/smart-agent', '/bin/true'));
			const dropIns = join(dir, 'smart-agent.service.d');
			execFileSync('mkdir', [dropIns]);
			for (const name of ['plots.conf', 'storage.conf', 'password.conf']) {
				copyFileSync(join(ROOT, 'agent/systemd', name), join(dropIns, name));
			}
			const how = { encoding: 'utf8', timeout: 30_000 };
			const verified = spawnSync('systemd-analyze', ['verify', join(dir, 'smart-agent.service')], how);
			const said = verified.stderr.split('\n').filter((line) => line.includes('smart-agent.service'));
			assert.deepEqual([verified.status, said], [0, []]);
		} finally {
			rmSync(dir, { recursive: true });
		}
		return undefined;
	});
});
