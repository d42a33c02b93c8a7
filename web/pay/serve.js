#!/usr/bin/env node
// Serves the page on this machine alone, with the package that it takes: `node web/pay/serve.js [PORT]`.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { policy, serve } from '../parts/serve.js';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const FOLDERS = [
	['/channels/dist/', at('../../clients/ts/dist/')],
	['/channels/wasm/', at('../../clients/ts/wasm/')],
	['/modules/', at('../../clients/ts/node_modules/')],
	['/parts/', at('../parts/')],
	['/', at('./')],
];
const rules = ['connect-src \'self\' ws: wss:', 'img-src \'self\' data: blob:'];
const page = await readFile(at('index.html'), 'utf8');
serve(FOLDERS, policy(page, { scripts: '\'wasm-unsafe-eval\' ', rules }), Number(process.argv[2] ?? 8045));
