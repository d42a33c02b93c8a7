// Starts a node of the `dev` chain for a test, and ends it.

import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// The first start compiles the runtime, on a machine that may be busy.
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 15_000;
const KEPT_LINES = 60;

// Where the node says on which port it answers: it was asked to take any.
const LISTENING = /Running JSON-RPC server: addr=127\.0\.0\.1:(\d+)/;

function binary() {
	const path = process.env.SMARTCHAIN_BIN;
	const built = `${homedir()}/.cache/smartchain`;
	if (!path) throw new Error(`SMARTCHAIN_BIN is not set: it names the node's binary; ${built} has it after a build`);
	accessSync(path, constants.X_OK);
	return path;
}

/**
 * Starts a node with fresh data on free ports and waits until it answers.
 *
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startNode() {
	const dir = mkdtempSync(join(tmpdir(), 'smartchain-js-'));
	const args = [
		...['--dev', '--base-path', dir],
		...['--rpc-port', '0', '--listen-addr', '/ip4/127.0.0.1/tcp/0'],
		...['--no-mdns', '--no-prometheus', '--no-telemetry', '--disable-log-color'],
	];
	// What another test has compiled needs not be compiled again.
	if (process.env.SMARTCHAIN_TEST_COMPILED) args.push('--compiled-runtimes', process.env.SMARTCHAIN_TEST_COMPILED);
	// The kernel kills the node when this process dies: a test that is killed leaves nothing running.
	const command = ['--pdeathsig', 'KILL', '--', binary(), ...args];
	const child = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] });
	const lines = [];
	const ended = new Promise((resolve) => {
		child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
		child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
	});

	async function stop() {
		child.kill('SIGTERM');
		const kill = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
		await ended;
		clearTimeout(kill);
		rmSync(dir, { recursive: true, force: true });
	}

	const log = createInterface({ input: child.stderr });
	const port = new Promise((resolve) => {
		log.on('line', (line) => {
			lines.push(line);
			if (lines.length > KEPT_LINES) lines.shift();
			const found = LISTENING.exec(line);
			if (found) resolve(Number(found[1]));
		});
	});
	let timer;
	const late = new Promise((resolve) => {
		timer = setTimeout(resolve, START_LIMIT_MS, `does not answer after ${START_LIMIT_MS / 1000} s`);
	});
	const outcome = await Promise.race([port, ended, late]);
	clearTimeout(timer);
	if (typeof outcome !== 'number') {
		await stop();
		throw new Error(`the node ${outcome}; its last lines:\n${lines.join('\n')}`);
	}
	return { url: `ws://127.0.0.1:${outcome}`, stop };
}
