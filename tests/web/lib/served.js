// A page that is served, and a browser that looks at it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** The status that the page is served with: the one that the agent's own tests read. */
export const FIXTURE = fileURLToPath(new URL('../../../agent/page/src/status/golden/status-v1.json', import.meta.url));

/** That status, to be changed at will. */
export const fixture = () => JSON.parse(readFileSync(FIXTURE, 'utf8'));

/** Within so many milliseconds everything on the page has to happen. */
export const LIMIT = 10_000;

/** The agent's page server, as a process of its own. */
export class Served {
	static async start(port = 0) {
		const served = new Served();
		const quiet = ['pipe', 'pipe', 'inherit'];
		served.process = spawn(process.env.SMARTCHAIN_PAGE, [FIXTURE, String(port)], { stdio: quiet });
		const lines = createInterface({ input: served.process.stdout });
		const first = new Promise((resolve, reject) => {
			lines.once('line', resolve);
			served.process.once('exit', (code) => reject(new Error(`the page's server ended with ${code}`)));
		});
		served.url = await first;
		assert.match(served.url, /^http:\/\/127\.0\.0\.1:\d+$/);
		return served;
	}

	get port() {
		return Number(new URL(this.url).port);
	}

	/** Changes what is served. The fixture's times are shifted by the server. */
	tell(status) {
		this.process.stdin.write(`${JSON.stringify(status)}\n`);
	}

	async stop() {
		if (this.process.exitCode !== null) return;
		const ended = new Promise((resolve) => this.process.once('exit', resolve));
		this.process.kill('SIGKILL');
		await ended;
	}
}

/** A browser. As root Chromium's own sandbox does not start. */
export const browser = () => chromium.launch({
	executablePath: process.env.SMARTCHAIN_CHROMIUM,
	args: process.getuid() === 0 ? ['--no-sandbox'] : [],
	timeout: 30_000,
});

/** Opens the page and keeps what must not happen: errors, and requests to elsewhere. */
export async function look(browser, served, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-GB', ...options });
	context.setDefaultTimeout(LIMIT);
	const page = await context.newPage();
	const seen = { errors: [], requests: [] };
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())) seen.errors.push(message.text());
	});
	page.on('pageerror', (error) => seen.errors.push(error.message));
	page.on('request', (request) => seen.requests.push(request.url()));
	await page.goto(served.url);
	await page.getByText('Live', { exact: true }).waitFor();
	return { page, seen, close: () => context.close() };
}

/** Waits until an element's text fits. */
export async function shows(page, selector, pattern) {
	const text = () => page.locator(selector).innerText();
	const until = Date.now() + LIMIT;
	let last = await text();
	while (!pattern.test(last)) {
		assert.ok(Date.now() < until, `${selector} shows ${JSON.stringify(last)} and not ${pattern}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
		last = await text();
	}
	return last;
}

/** Keeps what a page looks like: all of it, or what fits into the window. */
export const screenshot = (page, name, fullPage = true) => page.screenshot({
	path: `${process.env.SMARTCHAIN_SHOTS}/${name}.png`,
	fullPage,
	animations: 'disabled',
});
