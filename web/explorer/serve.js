#!/usr/bin/env node
// Serves the page on this machine alone: `node web/explorer/serve.js [PORT]`.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { policy, serve } from '../parts/serve.js';
import { FOLDERS, MODULES, RULES } from './modules.js';

const missing = MODULES.find(([, folder]) => !existsSync(folder));
if (missing) {
	console.error(`There is no ${missing[1]}: install it by \`npm ci\` in tests/js, with npm 10 or newer.`);
	process.exit(1);
}
const page = await readFile(fileURLToPath(new URL('index.html', import.meta.url)), 'utf8');
serve(FOLDERS, policy(page, { rules: RULES }), Number(process.argv[2] ?? 8046));
