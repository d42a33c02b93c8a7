// What browsers have and Node.js 18 has not by itself.
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';

globalThis.crypto ??= webcrypto;

/** The module's bytes. */
export function wasm() {
	try {
		return readFileSync(new URL('../wasm/channel.wasm', import.meta.url));
	} catch {
		throw new Error('there is no wasm/channel.wasm: run clients/ts/build first');
	}
}
