// Serves a page of this repository on this machine alone, under a policy that lets nothing else be loaded.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const KINDS = {
	'.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript',
	'.wasm': 'application/wasm',
};

/**
 * The policy of a page. Scripts come from where the page does, but for the map of imports that stands in the page;
 * `rules` are what it needs beside that.
 */
export function policy(html, { scripts = '', rules }) {
	const [, map] = /<script type="importmap">([^]*?)<\/script>/.exec(html);
	const hash = createHash('sha256').update(map).digest('base64');
	return [
		`default-src 'none'; script-src 'self' ${scripts}'sha256-${hash}'`, ...rules,
		'style-src \'self\'; form-action \'none\'; base-uri \'none\'',
	].join('; ');
}

/**
 * The file that a path stands for; `folders` are pairs of a beginning and a folder, of which the first that fits
 * counts.
 */
export function fileOf(folders, path) {
	const [prefix, folder] = folders.find(([start]) => path.startsWith(start));
	return join(folder, path === '/' ? 'index.html' : path.slice(prefix.length));
}

/** Serves folders at a port, 0 for any, and says where. */
export function serve(folders, pagePolicy, port) {
	const head = { 'content-security-policy': `${pagePolicy}; frame-ancestors 'none'`, 'cache-control': 'no-cache' };
	const server = createServer(async ({ url }, answer) => {
		try {
			// Any page may ask for anything here: what is no path, as `//`, ends nothing.
			const file = fileOf(folders, normalize(new URL(url, 'http://page').pathname));
			const kind = KINDS[extname(file)];
			if (!kind) throw new Error('of a kind that is not served');
			const body = await readFile(file);
			answer.writeHead(200, { 'content-type': kind, ...head });
			answer.end(body);
		} catch {
			answer.writeHead(404).end();
		}
	});
	server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
	return server;
}
