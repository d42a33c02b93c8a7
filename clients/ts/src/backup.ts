/**
 * Keys that come back: derived from a secret that a person has written down, or out of a file that a passphrase opens.
 * What was paid is in neither: the partner says it, since an old store that signs forfeits what is in its channels.
 */

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import type { KeyRecord } from './keys.js';
import type { Machine } from './machine.js';
import { identity, random } from './noise.js';
import { concat, Reader, same, ScaleError, toHex, Writer } from './scale.js';
import type { Change, Kept, Store } from './store.js';

/** A file that is none, or that the passphrase does not open; the message says what to do. */
export class BackupError extends Error {
	override name = 'BackupError';
}

const text = new TextEncoder();
/** What a file begins with. */
const MARK = text.encode('SCKEYS1');
/** What a guess at the passphrase costs: 2 to this many blocks of 1 KiB, 64 MiB; and the most that is opened. */
const [COST, MOST_COST] = [16, 20];
const SALT = 16;
/** Each key seals one file: its number may be the same each time. */
const NONCE = new Uint8Array(12);
/** Characters of a passphrase, at least. */
const LEAST = 8;
/** Keys of a seed that are looked through for those of channels, at most. */
const MOST_TRIED = 4_096;
/** After a recovery so many are left out: they may have been named to partners. */
const GAP = 64;

const derived = (seed: Uint8Array, what: string, number: number): Uint8Array => {
	const bytes = new Writer().raw(text.encode(`smartchain channels ${what} v1\0`)).fixed(seed, 32).u32(number).done();
	return blake2b(bytes, { dkLen: 32 });
};

/** The secret of the node of a seed. */
export const nodeOf = (seed: Uint8Array): Uint8Array => derived(seed, 'node', 0);

/** A key of a seed, by its number. */
export function keyOfSeed(seed: Uint8Array, number: number, machine: Machine): KeyRecord {
	const secret = derived(seed, 'key', number);
	return { key: machine.keyOf(secret), secret, number };
}

/** The number of the next key of a seed that was not used yet. */
export function nextNumber(keys: Iterable<KeyRecord>): number {
	let next = 0;
	for (const { number } of keys) if (number !== undefined) next = Math.max(next, number + 1);
	return next;
}

/** Looks through the keys of a seed for these: those found, and one that keeps others from being used again. */
export function findKeys(seed: Uint8Array, wanted: readonly Uint8Array[], machine: Machine): KeyRecord[] {
	const missing = new Set(wanted.map(toHex));
	const found: KeyRecord[] = [];
	for (let number = 0; number < MOST_TRIED && missing.size > 0; number += 1) {
		const record = keyOfSeed(seed, number, machine);
		if (missing.delete(toHex(record.key))) found.push(record);
	}
	const next = nextNumber(found);
	return found.length > 0 ? [...found, keyOfSeed(seed, next + GAP, machine)] : [];
}

async function sealingKey(passphrase: string, salt: Uint8Array, cost: number): Promise<Uint8Array> {
	return scryptAsync(text.encode(passphrase.normalize('NFKC')), salt, { N: 2 ** cost, r: 8, p: 1, dkLen: 32 });
}

/** Keys, and how partners are reached, as a file. */
export async function writeBackup(kept: Kept, node: Uint8Array, passphrase: string): Promise<Uint8Array> {
	if (passphrase.length < LEAST) throw new BackupError(`a passphrase has ${LEAST} characters at least`);
	const keys = [...kept.keys.values()];
	const held = keys.find(({ secret }) => !secret);
	if (held) {
		throw new BackupError(`the key ${toHex(held.key)} is WebCrypto's, which nobody can read: open channels with a `
			+ 'seed, or with keys of the kind wasm, if they are to be in a backup');
	}
	const writer = new Writer().fixed(node, 32);
	writer.list(keys, (w, { secret = new Uint8Array(), number }) => {
		w.fixed(secret, 32).option(number, (some, value) => some.u32(value));
	});
	writer.list([...kept.contacts.values()], (w, { channel, node: of, url }) => {
		w.u64(channel).fixed(of, 32).option(url, (some, value) => some.blob(text.encode(value)));
	});
	const head = concat(MARK, Uint8Array.of(COST), random(SALT));
	const key = await sealingKey(passphrase, head.slice(-SALT), COST);
	return concat(head, chacha20poly1305(key, NONCE, head).encrypt(writer.done()));
}

/** Puts what a file has into a store that is empty. Channels come back by `Channels.recover`. */
export async function restoreBackup(
	store: Store,
	file: Uint8Array,
	passphrase: string,
	machine: Machine,
): Promise<void> {
	const { sheets, keys, node } = await store.load();
	if (sheets.size > 0 || keys.size > 0 || node) {
		throw new BackupError('the store has keys already: a backup goes into an empty one');
	}
	await store.commit(await readBackup(file, passphrase, machine));
}

async function readBackup(file: Uint8Array, passphrase: string, machine: Machine): Promise<Change[]> {
	const head = file.slice(0, MARK.length + 1 + SALT);
	const cost = head[MARK.length] ?? 0;
	if (!same(head.slice(0, MARK.length), MARK) || cost < 1 || cost > MOST_COST) {
		throw new BackupError('this is no backup of keys that this package knows');
	}
	const key = await sealingKey(passphrase, head.slice(-SALT), cost);
	let plain: Uint8Array;
	try {
		plain = chacha20poly1305(key, NONCE, head).decrypt(file.slice(head.length));
	} catch {
		throw new BackupError('the passphrase is another one, or the file is damaged');
	}
	try {
		return changesOf(new Reader(plain), machine);
	} catch (error) {
		throw error instanceof ScaleError ? new BackupError('the backup is of a newer package: use that') : error;
	}
}

function changesOf(reader: Reader, machine: Machine): Change[] {
	const secret = reader.take(32);
	const keys = reader.list((r): Change => {
		const [own, number] = [r.take(32), r.option((some) => some.u32())];
		const record = { key: machine.keyOf(own), secret: own, ...(number === undefined ? {} : { number }) };
		return { table: 'keys', record };
	});
	const contacts = reader.list((r): Change => {
		const [channel, node, url] = [r.u64(), r.take(32), r.option((some) => some.text())];
		return { table: 'contacts', channel, contact: { channel, node, ...(url === undefined ? {} : { url }) } };
	});
	reader.end();
	return [{ table: 'node', secret: identity(secret).secret }, ...keys, ...contacts];
}
