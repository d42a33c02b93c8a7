// The package of payment channels as a page would have it: its modules by an import map, over HTTP on this machine.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../clients/ts/', import.meta.url));
const KINDS = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Channels</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": {
	"@noble/ciphers/": "/node_modules/@noble/ciphers/esm/",
	"@noble/curves/": "/node_modules/@noble/curves/esm/",
	"@noble/hashes/crypto": "/node_modules/@noble/hashes/esm/crypto.js",
	"@noble/hashes/": "/node_modules/@noble/hashes/esm/"
} }</script></html>`;

/** Serves the page at `/`, and the package's files. */
export function servePackage() {
	const server = createServer(async ({ url }, answer) => {
		const path = normalize(new URL(url, 'http://page').pathname);
		try {
			const body = path === '/' ? PAGE : await readFile(join(FOLDER, path));
			const kind = path === '/' ? KINDS['.html'] : KINDS[extname(path)] ?? 'text/plain';
			answer.writeHead(200, { 'content-type': kind });
			answer.end(body);
		} catch {
			answer.writeHead(404).end();
		}
	});
	return new Promise((resolve) => {
		server.listen(0, '127.0.0.1', () => {
			resolve({ url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() });
		});
	});
}
