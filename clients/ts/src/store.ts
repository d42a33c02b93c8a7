/** Where channels are kept: durable before anything is signed or sent. */

import type { KeyRecord } from './keys.js';
import { toHex } from './scale.js';
import type { Notice } from './words.js';

/** Whom a channel is with. */
export interface Contact {
	readonly channel: bigint;
	/** The key of the partner's node. */
	readonly node: Uint8Array;
	/** Where that listens, as `ws://host:port`; missing if it calls, or is met by file. */
	readonly url?: string;
}

/** An opening that the chain has not shown yet, by our key in it. */
export interface Opening {
	readonly key: Uint8Array;
	readonly node: Uint8Array;
	readonly url?: string;
}

/** Up to which final block all was told. */
export interface Mark {
	readonly number: number;
	/** Its tick: what the machine goes by until the chain is seen again. */
	readonly tick: number;
	/** The highest number of a channel that was looked at. */
	readonly lastId: bigint;
}

/** An invoice that was begun to be paid over relays: it is not paid so a second time. */
export interface Begun {
	/** What its payments name it by. */
	readonly memo: Uint8Array;
	/** Until when it can be paid, in seconds of Unix time. */
	readonly until: bigint;
}

/** A note, with the time at which it was stored, in milliseconds of Unix time. */
export interface Note {
	readonly at: number;
	readonly notice: Notice;
}

/** Something that is stored. What has no value is forgotten. */
export type Change =
	| { readonly table: 'sheets'; readonly channel: bigint; readonly bytes: Uint8Array | undefined }
	| { readonly table: 'contacts'; readonly channel: bigint; readonly contact: Contact | undefined }
	| { readonly table: 'openings'; readonly key: Uint8Array; readonly opening: Opening | undefined }
	| { readonly table: 'keys'; readonly record: KeyRecord }
	| { readonly table: 'notes'; readonly note: Note }
	| { readonly table: 'mark'; readonly mark: Mark }
	/** All of them, instead of those before. */
	| { readonly table: 'begun'; readonly begun: readonly Begun[] }
	/** The secret of the node's key, 32 bytes. */
	| { readonly table: 'node'; readonly secret: Uint8Array };

/** All that is stored, but for notes. */
export interface Kept {
	readonly sheets: Map<bigint, Uint8Array>;
	readonly contacts: Map<bigint, Contact>;
	/** By the key, in hexadecimal digits. */
	readonly openings: Map<string, Opening>;
	/** By the key, in hexadecimal digits. */
	readonly keys: Map<string, KeyRecord>;
	readonly mark?: Mark | undefined;
	readonly begun?: readonly Begun[] | undefined;
	readonly node?: Uint8Array | undefined;
}

/** A store. One program uses it at a time. */
export interface Store {
	/** Its name: that of the lock, too. */
	readonly name: string;
	/** All that is stored. */
	load(): Promise<Kept>;
	/** Makes all of it durable, or nothing of it. */
	commit(changes: readonly Change[]): Promise<void>;
	/** The newest notes, the newest last. */
	notes(most: number): Promise<Note[]>;
	/** Lets go of it. */
	close(): void;
}

/** How many notes are kept; older ones go. */
const MOST_NOTES = 10_000;

/** A store that is gone with the program: for tests, and for nothing that has money in it. */
export class MemoryStore implements Store {
	private readonly kept: { -readonly [K in keyof Kept]: Kept[K] } = {
		sheets: new Map(),
		contacts: new Map(),
		openings: new Map(),
		keys: new Map(),
	};
	private readonly noted: Note[] = [];

	constructor(readonly name = 'memory') {}

	async load(): Promise<Kept> {
		const { sheets, contacts, openings, keys, mark, begun, node } = this.kept;
		return {
			sheets: new Map(sheets),
			contacts: new Map(contacts),
			openings: new Map(openings),
			keys: new Map(keys),
			mark,
			begun,
			node,
		};
	}

	async commit(changes: readonly Change[]): Promise<void> {
		for (const change of changes) this.put(change);
	}

	private put(change: Change): void {
		const { kept } = this;
		const set = <K, V>(map: Map<K, V>, key: K, value: V | undefined) => {
			if (value === undefined) map.delete(key);
			else map.set(key, value);
		};
		switch (change.table) {
			case 'sheets':
				return set(kept.sheets, change.channel, change.bytes);
			case 'contacts':
				return set(kept.contacts, change.channel, change.contact);
			case 'openings':
				return set(kept.openings, toHex(change.key), change.opening);
			case 'keys':
				return set(kept.keys, toHex(change.record.key), change.record);
			case 'notes':
				this.noted.push(change.note);
				if (this.noted.length > MOST_NOTES) this.noted.shift();
				return;
			case 'mark':
				kept.mark = change.mark;
				return;
			case 'begun':
				kept.begun = change.begun;
				return;
			case 'node':
				kept.node = change.secret;
		}
	}

	async notes(most: number): Promise<Note[]> {
		return most > 0 ? this.noted.slice(-most) : [];
	}

	close(): void {}
}

const TABLES = ['sheets', 'contacts', 'openings', 'keys', 'single'] as const;
type Table = (typeof TABLES)[number];
/** Keys of channels sort by their number. */
const keyOf = (channel: bigint) => channel.toString().padStart(20, '0');

/** A store in the browser, whose commits are on disk before they are done (`durability: 'strict'`). */
export class IndexedDbStore implements Store {
	private constructor(private readonly db: IDBDatabase, readonly name: string) {}

	/** Opens it, or makes it. */
	static async open(name = 'smartchain-channels', factory = globalThis.indexedDB): Promise<IndexedDbStore> {
		const request = factory.open(name, 1);
		request.onupgradeneeded = () => {
			for (const table of TABLES) request.result.createObjectStore(table);
			request.result.createObjectStore('notes', { autoIncrement: true });
		};
		const db = await answered(request);
		// Another tab that has a newer version of the store is not held up.
		db.onversionchange = () => db.close();
		return new IndexedDbStore(db, name);
	}

	async load(): Promise<Kept> {
		const transaction = this.db.transaction([...TABLES], 'readonly');
		const all = <T>(table: Table) => answered(transaction.objectStore(table).getAll() as IDBRequest<T[]>);
		const ids = answered(transaction.objectStore('sheets').getAllKeys());
		const single = (key: string) => answered(transaction.objectStore('single').get(key));
		const [sheets, contacts, openings, keys, channels, mark, begun, node] = await Promise.all([
			all<Uint8Array>('sheets'), all<Contact>('contacts'), all<Opening>('openings'), all<KeyRecord>('keys'), ids,
			single('mark'), single('begun'), single('node'),
		]);
		return {
			sheets: new Map(sheets.map((bytes, at) => [BigInt(String(channels[at])), bytes])),
			contacts: new Map(contacts.map((contact) => [contact.channel, contact])),
			openings: new Map(openings.map((opening) => [toHex(opening.key), opening])),
			keys: new Map(keys.map((record) => [toHex(record.key), record])),
			mark,
			begun,
			node,
		};
	}

	async commit(changes: readonly Change[]): Promise<void> {
		if (changes.length === 0) return;
		const transaction = this.db.transaction([...TABLES, 'notes'], 'readwrite', { durability: 'strict' });
		const done = new Promise<void>((resolve, reject) => {
			transaction.oncomplete = () => resolve();
			transaction.onabort = () => reject(transaction.error ?? new Error('the store refused a commit'));
		});
		try {
			for (const change of changes) put(transaction, change);
		} catch (error) {
			transaction.abort();
			await done.catch(() => undefined);
			throw error;
		}
		await done;
	}

	async notes(most: number): Promise<Note[]> {
		const cursor = this.db.transaction('notes', 'readonly').objectStore('notes').openCursor(null, 'prev');
		return new Promise((resolve, reject) => {
			const found: Note[] = [];
			cursor.onerror = () => reject(cursor.error);
			cursor.onsuccess = () => {
				const at = cursor.result;
				if (!at || found.length >= most) return resolve(found.reverse());
				found.push(at.value as Note);
				at.continue();
			};
		});
	}

	close(): void {
		this.db.close();
	}
}

function put(transaction: IDBTransaction, change: Change): void {
	const set = (table: Table, key: string, value: unknown) => {
		const store = transaction.objectStore(table);
		if (value === undefined) store.delete(key);
		else store.put(value, key);
	};
	switch (change.table) {
		case 'sheets':
			return set('sheets', keyOf(change.channel), change.bytes);
		case 'contacts':
			return set('contacts', keyOf(change.channel), change.contact);
		case 'openings':
			return set('openings', toHex(change.key), change.opening);
		case 'keys':
			return set('keys', toHex(change.record.key), change.record);
		case 'mark':
			return set('single', 'mark', change.mark);
		case 'begun':
			return set('single', 'begun', change.begun);
		case 'node':
			return set('single', 'node', change.secret);
		case 'notes': {
			const store = transaction.objectStore('notes');
			const added = store.add(change.note);
			added.onsuccess = () => {
				const oldest = Number(added.result) - MOST_NOTES;
				if (oldest > 0) store.delete(oldest);
			};
		}
	}
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('the store does not answer'));
	});
}
