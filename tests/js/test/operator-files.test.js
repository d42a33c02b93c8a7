// What operators are given (docker/ and the pages) names things of the node. Here: that these exist, and that nothing
// is left out.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PASSED_OVER = new Set(['.git', 'node_modules', 'target']);

/** All files below a folder of the repository with this ending. */
function files(ending, folder = '') {
	return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : files(ending, path);
		return entry.name.endsWith(ending) ? [path] : [];
	});
}

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];
const quiet = { encoding: 'utf8', timeout: 30_000, stdio: ['ignore', 'pipe', 'pipe'] };
const smartchain = (...args) => execFileSync(process.env.SMARTCHAIN_BIN, args, quiet);

const metrics = all(read('node/chain/src/metrics.rs'), /"(smartchain_[a-z_]+)"/g);
// What looks like a metric, and is a chain.
const CHAINS = ['smartchain_dev', 'smartchain_local'];
const metricsIn = (text) => all(text, /\b(smartchain_[a-z_]+?)(?:_bucket|_sum|_count)?\b/g)
	.filter((name) => !CHAINS.includes(name));

const metricsOfStorage = all(read('agent/page/src/page/storage.rs'), /"(smart_agent_storage_[a-z_]*[a-z])"/g);
const metricsOfWork = all(read('agent/page/src/page/work.rs'), /"(smart_agent_work_[a-z_]*[a-z])"/g);
const metricsOfPay = all(read('pay/api/src/metrics.rs'), /"(smart_pay_[a-z_]*[a-z])"/g);

describe('what operators are given', () => {
	it('parses', () => {
		const yaml = files('.yml', 'docker');
		assert.ok(yaml.length >= 5, `${yaml}`);
		for (const path of yaml) assert.equal(typeof parse(read(path), { merge: true, strict: true }), 'object', path);
		for (const path of files('.json', 'docker')) JSON.parse(read(path));
	});

	it('names metrics that exist, all of them', () => {
		assert.ok(metrics.length >= 18, `${metrics}`);
		const dashboards = files('.json', 'docker').map(read).join('\n');
		const page = read('docs/node.md');
		for (const text of [dashboards, page, read('docker/prometheus/alerts.yml')]) {
			for (const name of metricsIn(text)) assert.ok(metrics.includes(name), `there is no metric ${name}`);
		}
		for (const name of metrics) {
			assert.ok(page.includes(name), `docs/node.md says nothing of ${name}`);
			assert.ok(dashboards.includes(name), `no dashboard shows ${name}`);
		}
	});

	it('names metrics of smart-pay that exist, all of them, and says what to do at each alert', () => {
		assert.ok(metricsOfPay.length >= 25, `${metricsOfPay}`);
		const dashboards = files('.json', 'docker').map(read).join('\n');
		const page = read('docs/channels.md');
		const rules = read('docker/prometheus/pay.yml');
		for (const text of [dashboards, page, rules]) {
			for (const name of all(text, /\b(smart_pay_[a-z_]+)\b/g)) {
				assert.ok(metricsOfPay.includes(name), `there is no metric ${name}`);
			}
		}
		for (const name of metricsOfPay) {
			assert.ok(page.includes(`\`${name}`), `docs/channels.md says nothing of ${name}`);
			assert.ok(dashboards.includes(name), `no dashboard shows ${name}`);
		}
		const alerts = parse(rules).groups.flatMap((group) => group.rules.map((rule) => rule.alert));
		assert.ok(alerts.length >= 7, `${alerts}`);
		for (const name of alerts) {
			assert.ok(page.includes(`| \`${name}\` |`), `docs/channels.md has no row for ${name}`);
		}
		const loaded = parse(read('docker/prometheus/prometheus.yml')).rule_files;
		const there = files('.yml', 'docker/prometheus').map((path) => path.split('/').at(-1));
		assert.deepEqual([...loaded, 'prometheus.yml'].sort(), there.sort());
	});

	it('names metrics of storage that agents sell, all of them, and says what to do at each alert', () => {
		assert.ok(metricsOfStorage.length >= 20, `${metricsOfStorage}`);
		const dashboards = files('.json', 'docker').map(read).join('\n');
		const page = read('docs/provider.md');
		const rules = read('docker/prometheus/agent.yml');
		for (const text of [dashboards, page, rules]) {
			for (const name of all(text, /\b(smart_agent_storage_[a-z_]+)\b/g)) {
				assert.ok(metricsOfStorage.includes(name), `there is no metric ${name}`);
			}
		}
		for (const name of metricsOfStorage) {
			assert.ok(page.includes(`\`${name}`), `docs/provider.md says nothing of ${name}`);
			assert.ok(dashboards.includes(name), `no dashboard shows ${name}`);
		}
		const alerts = parse(rules).groups.flatMap((group) => group.rules.map((rule) => rule.alert));
		for (const name of alerts) {
			assert.ok(page.includes(`| \`${name}\` |`), `docs/provider.md has no row for ${name}`);
		}
	});

	it('names metrics of units that agents compute, all of them', () => {
		assert.ok(metricsOfWork.length >= 20, `${metricsOfWork}`);
		const dashboards = files('.json', 'docker').map(read).join('\n');
		const page = read('docs/provider.md');
		for (const text of [dashboards, page, read('docker/prometheus/agent.yml')]) {
			for (const name of all(text, /\b(smart_agent_work_[a-z_]+)\b/g)) {
				assert.ok(metricsOfWork.includes(name), `there is no metric ${name}`);
			}
		}
		for (const name of metricsOfWork) {
			assert.ok(page.includes(`\`${name}`), `docs/provider.md says nothing of ${name}`);
			assert.ok(dashboards.includes(name), `no dashboard shows ${name}`);
		}
	});

	it('explains every reason for not voting', () => {
		const source = read('core/bft/src/status.rs').split('fn label')[1].split('fn is_lasting')[0];
		const labels = all(source, /=> "([a-z_]+)"/g);
		assert.ok(labels.length >= 10, `${labels}`);
		const page = read('docs/node.md');
		// `told` is the default of an edge around the core that gives no reason; the node always gives one.
		for (const label of labels.filter((label) => label !== 'told')) {
			assert.ok(page.includes(`\`${label}\``), `docs/node.md does not explain ${label}`);
		}
	});

	it('explains every RPC method and error', () => {
		const page = read('docs/rpc.md');
		const paths = [...files('.rs', 'node/rpc/src'), 'node/proofs/src/error.rs'];
		const source = paths.map(read).join('\n');
		const told = [...all(source, /name = "(poca_[A-Za-z]+)"/g), ...all(source, /\/\/\/ (14\d{3}):/g)];
		assert.ok(told.length >= 10, `${told}`);
		for (const name of told) assert.ok(page.includes(name), `docs/rpc.md says nothing of ${name}`);
	});

	it('starts nodes with flags that exist and peers that are who they are said to be', () => {
		const help = smartchain('--help');
		const { services } = parse(read('docker/compose.yml'), { merge: true });
		const nodes = Object.entries(services).filter(([, { command }]) => command);
		assert.equal(nodes.length, 5);
		const dir = mkdtempSync(join(tmpdir(), 'smartchain-js-'));
		const peers = new Map(nodes.map(([name, { command }]) => {
			const key = join(dir, name);
			writeFileSync(key, command.find((flag) => flag.startsWith('--node-key=')).split('=')[1]);
			return [name, smartchain('key', 'inspect-node-key', '--file', key).trim()];
		}));
		rmSync(dir, { recursive: true });
		for (const [name, { command }] of nodes) {
			for (const flag of command.map((flag) => flag.split('=')[0])) {
				assert.ok(help.includes(`${flag} `) || help.includes(`${flag}\n`), `the node has no flag ${flag}`);
			}
			const dialled = command
				.filter((flag) => flag.startsWith('--reserved-nodes='))
				.map((flag) => /dns4\/(\w+)\/.*\/p2p\/(\w+)$/.exec(flag).slice(1));
			assert.deepEqual(dialled.sort(), [...peers].filter(([other]) => other !== name).sort());
		}
	});

	it('links to pages and headings that are there', () => {
		const anchor = (title) => title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');
		const anchors = (path) => all(read(path), /^#+ (.+)$/gm).map(anchor);
		for (const path of files('.md')) {
			for (const target of all(read(path).replace(/```[\s\S]*?```/g, ''), /\]\(([^)\s]+)\)/g)) {
				if (/^[a-z]+:/.test(target)) continue;
				const [file, anchor] = target.split('#');
				const there = file ? relative(ROOT, join(ROOT, dirname(path), file)) : path;
				assert.ok(existsSync(join(ROOT, there)), `${path}: there is no ${there}`);
				if (anchor) assert.ok(anchors(there).includes(anchor), `${path}: ${there} has no heading #${anchor}`);
			}
		}
	});
});
