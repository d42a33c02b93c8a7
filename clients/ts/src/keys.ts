/** Keys of channels: WebCrypto's where it has ed25519, so that no script can read them; else the machine's. */

import type { Machine } from './machine.js';
import { random } from './noise.js';

/** A key as it is stored. It has one of the two secrets. */
export interface KeyRecord {
	/** The public key, 32 bytes. */
	readonly key: Uint8Array;
	/** WebCrypto's: it signs, and cannot be read. */
	readonly handle?: CryptoKey;
	/** The 32 bytes of a secret, where WebCrypto has no ed25519. */
	readonly secret?: Uint8Array;
	/** Its number among those of a seed, if it is of one. */
	readonly number?: number;
}

/** Which keys are made: `auto` takes WebCrypto's if there are any. */
export type KeyKind = 'auto' | 'webcrypto' | 'wasm';

/** Makes a key. */
export async function newKey(machine: Machine, kind: KeyKind = 'auto'): Promise<KeyRecord> {
	if (kind !== 'wasm') {
		try {
			const { subtle } = globalThis.crypto;
			const pair = (await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair;
			return { key: new Uint8Array(await subtle.exportKey('raw', pair.publicKey)), handle: pair.privateKey };
		} catch (error) {
			if (kind === 'webcrypto') throw error;
		}
	}
	const secret = random(32);
	return { key: machine.keyOf(secret), secret };
}

/** Signs 32 bytes. */
export async function signWith(record: KeyRecord, machine: Machine, payload: Uint8Array): Promise<Uint8Array> {
	if (record.handle) {
		const signature = await globalThis.crypto.subtle.sign('Ed25519', record.handle, payload as BufferSource);
		return new Uint8Array(signature);
	}
	if (record.secret) return machine.signWith(record.secret, payload);
	throw new Error('the key has no secret: the store is damaged');
}
