// Modules of npm that the page takes: those of PAPI, as tests/js/package-lock.json has them.

import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const PAPI = 'polkadot-api/node_modules/';

/** Where npm has put them. */
export const INSTALLED = at('../../tests/js/node_modules/');

/** As what each is served, and the folder that it comes from. */
export const MODULES = [
	['/modules/substrate-bindings/', `${INSTALLED}${PAPI}@polkadot-api/substrate-bindings/dist/`],
	['/modules/metadata-builders/', `${INSTALLED}${PAPI}@polkadot-api/metadata-builders/dist/`],
	['/modules/utils/', `${INSTALLED}${PAPI}@polkadot-api/utils/dist/`],
	['/modules/hashes/', `${INSTALLED}${PAPI}@noble/hashes/`],
	['/modules/base/', `${INSTALLED}${PAPI}@scure/base/`],
	['/modules/scale-ts/', `${INSTALLED}scale-ts/dist/`],
];

/** All that the page is made of. */
export const FOLDERS = [...MODULES, ['/parts/', at('../parts/')], ['/', at('./')]];

/** What the page needs beside scripts of its own. */
export const RULES = ['connect-src ws: wss:', 'img-src data:'];
