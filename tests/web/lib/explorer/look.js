// The explorer's page, served, and a browser that looks at it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LIMIT } from '../served.js';

const SERVE = fileURLToPath(new URL('../../../../web/explorer/serve.js', import.meta.url));

/** Serves the page: where, and how that ends. */
export async function served() {
	const server = spawn(process.execPath, [SERVE, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
	const ended = once(server, 'exit').then(([code]) => {
		throw new Error(`the page's server ended with ${code}`);
	});
	ended.catch(() => {});
	const [url] = await Promise.race([once(createInterface({ input: server.stdout }), 'line'), ended]);
	return { url, stop: () => server.kill() };
}

/** Opens the page at a node, and keeps what must not happen: errors, and requests to elsewhere. */
export async function open(chromium, page, node, { at = '', ...options } = {}) {
	const context = await chromium.newContext({ viewport: { width: 1_200, height: 900 }, locale: 'en-GB', ...options });
	context.setDefaultTimeout(LIMIT);
	const tab = await context.newPage();
	const seen = { errors: [], requests: [] };
	tab.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())) seen.errors.push(message.text());
	});
	tab.on('pageerror', (error) => seen.errors.push(error.message));
	tab.on('request', (request) => seen.requests.push(request.url()));
	await tab.goto(`${page}?node=${encodeURIComponent(node)}${at}`);
	return { page: tab, seen, close: () => context.close() };
}

/** Goes to a part of the page. */
export const go = (page, where) => page.evaluate((hash) => {
	location.hash = hash;
}, `#/${where}`);
