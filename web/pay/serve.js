#!/usr/bin/env node
// Serves the page on this machine alone, with the package that it takes: `node web/pay/serve.js [PORT]`.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const FOLDERS = [
	['/channels/dist/', at('../../clients/ts/dist/')],
	['/channels/wasm/', at('../../clients/ts/wasm/')],
	['/modules/', at('../../clients/ts/node_modules/')],
	['/', at('./')],
];
const KINDS = {
	'.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript',
	'.wasm': 'application/wasm',
};
// Scripts come from here alone, but for the map of imports that stands in the page.
const page = await readFile(at('index.html'), 'utf8');
const [, map] = /<script type="importmap">([^]*?)<\/script>/.exec(page);
const hash = createHash('sha256').update(map).digest('base64');
const POLICY = [
	`default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`,
	'connect-src \'self\' ws: wss:; style-src \'self\'; img-src \'self\' data: blob:; form-action \'none\'',
	'base-uri \'none\'; frame-ancestors \'none\'',
].join('; ');

const server = createServer(async ({ url }, answer) => {
	try {
		// Any page may ask for anything here: what is no path, as `//`, ends nothing.
		const path = normalize(new URL(url, 'http://page').pathname);
		const [prefix, folder] = FOLDERS.find(([start]) => path.startsWith(start));
		const file = path === '/' ? 'index.html' : path.slice(prefix.length);
		const kind = KINDS[extname(file)];
		if (!kind) throw new Error('of a kind that is not served');
		const body = await readFile(join(folder, file));
		answer.writeHead(200, { 'content-type': kind, 'content-security-policy': POLICY, 'cache-control': 'no-cache' });
		answer.end(body);
	} catch {
		answer.writeHead(404).end();
	}
});
server.listen(Number(process.argv[2] ?? 8045), '127.0.0.1', () => {
	console.log(`http://127.0.0.1:${server.address().port}`);
});
