#!/usr/bin/env node
// Writes the page into a folder that any web server can serve as it is: `node web/explorer/write.js FOLDER`.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { fileOf, policy } from '../parts/serve.js';
import { FOLDERS, INSTALLED, MODULES, RULES } from './modules.js';

const [to] = process.argv.slice(2);
if (!to) {
	console.error('Say into which folder: node web/explorer/write.js FOLDER');
	process.exit(1);
}
const folder = resolve(to);
await mkdir(folder, { recursive: true });
if ((await readdir(folder)).length > 0) {
	console.error(`${folder} is not empty: name a folder that is, or is not there yet.`);
	process.exit(1);
}

const read = (path) => readFile(fileOf(FOLDERS, path), 'utf8');
/** Where pages look for their parts: beside them, so that the folder may lie anywhere on a server. */
const beside = (text) => text.replaceAll('../parts/', './parts/');
const html = beside(await read('/'));
const { imports } = JSON.parse(/<script type="importmap">([^]*?)<\/script>/.exec(html)[1]);

/** What a module imports, as a path of the page. */
function pathOf(name, from) {
	if (name.startsWith('.')) return posix.join(posix.dirname(from), name);
	const known = Object.keys(imports).find((key) => key === name || (key.endsWith('/') && name.startsWith(key)));
	return posix.join('/', name.replace(known, imports[known]));
}

// All that the page's script imports, and what that imports.
const found = new Map();
const wanted = ['/start.js'];
while (wanted.length > 0) {
	const path = wanted.pop();
	if (found.has(path)) continue;
	const text = await read(path);
	const own = !path.startsWith('/modules/') && posix.dirname(path) === '/';
	found.set(path, (own ? beside(text) : text).replace(/^\/\/# sourceMappingURL=.*\n?/m, ''));
	const names = text.matchAll(/^(?:import|export)\s+(?:[\w*\s{},$]+?\s+from\s+)?['"]([^'"]+)['"];?$/gm);
	for (const [, name] of names) wanted.push(pathOf(own ? name.replace(/^\.\.\/parts\//, './parts/') : name, path));
}
for (const path of ['/explorer.css', '/parts/base.css']) found.set(path, await read(path));

/** Whose modules these are, and under which terms. */
async function licences() {
	const texts = [];
	for (const [, place] of MODULES) {
		const root = place.replace(/dist\/$/, '');
		const { name, version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
		const own = await readFile(join(root, 'LICENSE'), 'utf8').catch(() => '');
		texts.push(`${name} ${version}: ${license}\n\n${own}`.trim());
	}
	return `${texts.join('\n\n----\n\n')}\n`;
}

const rules = policy(html, { rules: RULES });
const meta = `<meta http-equiv="content-security-policy" content="${rules}">`;
found.set('/index.html', html.replace('<meta charset="utf-8">', `<meta charset="utf-8">\n\t${meta}`));
found.set('/modules/LICENCES.txt', await licences());
for (const [path, text] of found) {
	await mkdir(dirname(join(folder, path)), { recursive: true });
	await writeFile(join(folder, path), text);
}
console.log(`${folder}: ${found.size} files, of modules those in ${INSTALLED}`);
