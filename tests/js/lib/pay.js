// Starts a `smart-pay` daemon for a test, asks it by its command line, and ends it.

import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;
const COMMAND_LIMIT_MS = 60_000;
const KEPT_CHARACTERS = 4_000;

/** Where the program is. */
function binary() {
	const path = process.env.SMART_PAY_BIN ?? join(dirname(process.env.SMARTCHAIN_BIN ?? ''), 'smart-pay');
	try {
		accessSync(path, constants.X_OK);
		return path;
	} catch {
		throw new Error(`there is no smart-pay at ${path}: build it, or name it in SMART_PAY_BIN`);
	}
}

/** What is set for this machine's user is not for these. */
const environment = () =>
	Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SMART_PAY_')));

/** A port that nobody uses. */
function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

/** A daemon with a folder of its own, on free ports. */
export class Payer {
	constructor(path, dir, url) {
		Object.assign(this, { path, dir, url, said: '' });
	}

	/** Makes keys for a chain, and a configuration with these further lines. Its account has no money yet. */
	static async make(node, genesis, more = []) {
		const dir = mkdtempSync(join(tmpdir(), 'smart-pay-js-'));
		const [listen, api] = [await freePort(), await freePort()];
		const payer = new Payer(binary(), dir, `ws://127.0.0.1:${listen}`);
		mkdirSync(join(dir, 'data'), { mode: 0o700 });
		writeFileSync(join(dir, 'password'), 'worth nothing\n', { mode: 0o600 });
		const lines = [
			'[chain]', `nodes = ["${node}"]`, `genesis = "${genesis}"`,
			'[node]', `listen = "127.0.0.1:${listen}"`, `url = "${payer.url}"`,
			'[api]', `listen = "127.0.0.1:${api}"`,
			...more,
		];
		writeFileSync(join(dir, 'config.toml'), `${lines.join('\n')}\n`);
		const { address, node: key } = await payer.ask('init');
		return Object.assign(payer, { address, node: key });
	}

	arguments(...command) {
		const { dir, path } = this;
		const files = ['--data', join(dir, 'data'), '--config', join(dir, 'config.toml')];
		// The kernel kills it when this process dies: a test that is killed leaves nothing running.
		return ['--pdeathsig', 'KILL', '--', path, ...files, '--password-file', join(dir, 'password'), ...command];
	}

	/** Runs a command to its end: what it says, as JSON; nothing, if that is nothing. */
	async ask(...command) {
		const options = { timeout: COMMAND_LIMIT_MS, env: environment() };
		const { stdout } = await promisify(execFile)('setpriv', this.arguments('--json', '--yes', ...command), options);
		return stdout.trim() === '' ? undefined : JSON.parse(stdout);
	}

	/** Starts the daemon, and waits until it has heard of a final block. */
	async run() {
		const options = { stdio: ['ignore', 'pipe', 'pipe'], env: environment() };
		this.child = spawn('setpriv', this.arguments('run'), options);
		this.ended = new Promise((resolve) => this.child.once('exit', resolve));
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream.on('data', (bytes) => {
				this.said = `${this.said}${bytes}`.slice(-KEPT_CHARACTERS);
			});
		}
		const end = Date.now() + START_LIMIT_MS;
		for (;;) {
			const status = await this.ask('status').catch(() => undefined);
			if (status?.chain && status.block > 0) return;
			if (Date.now() > end || this.child.exitCode !== null) {
				throw new Error(`smart-pay does not begin; it says:\n${this.said}`);
			}
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	/** A file of its folder. */
	file(name) {
		return join(this.dir, name);
	}

	/** Ends it, and removes its folder. */
	async stop() {
		if (this.child) {
			this.child.kill('SIGTERM');
			const kill = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
			await this.ended;
			clearTimeout(kill);
		}
		rmSync(this.dir, { recursive: true, force: true });
	}
}
