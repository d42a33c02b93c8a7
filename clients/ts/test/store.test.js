import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import './setup.js';
import { IndexedDbStore, MemoryStore } from '../dist/store.js';
import { withinProcess } from '../dist/exclusive.js';

const bytes = (...of) => Uint8Array.from(of);
const changes = [
	{ table: 'sheets', channel: 10n, bytes: bytes(1, 2) },
	{ table: 'sheets', channel: 9n, bytes: bytes(3) },
	{ table: 'contacts', channel: 9n, contact: { channel: 9n, node: bytes(4), url: 'ws://a:1' } },
	{ table: 'openings', key: bytes(5), opening: { key: bytes(5), node: bytes(6) } },
	{ table: 'keys', record: { key: bytes(7), secret: bytes(8) } },
	{ table: 'mark', mark: { number: 3, tick: 4, lastId: 10n } },
	{ table: 'node', secret: bytes(9) },
];
const stores = {
	memory: async () => new MemoryStore(),
	IndexedDB: () => IndexedDbStore.open('test', new IDBFactory()),
};

for (const [name, make] of Object.entries(stores)) {
	test(`${name}: what is stored comes back, and what is forgotten does not`, async () => {
		const store = await make();
		await store.commit(changes);
		await store.commit([{ table: 'sheets', channel: 10n, bytes: undefined }]);
		const kept = await store.load();
		assert.deepEqual([...kept.sheets], [[9n, bytes(3)]]);
		assert.deepEqual([...kept.contacts], [[9n, { channel: 9n, node: bytes(4), url: 'ws://a:1' }]]);
		assert.deepEqual([...kept.openings], [['05', { key: bytes(5), node: bytes(6) }]]);
		assert.deepEqual([...kept.keys], [['07', { key: bytes(7), secret: bytes(8) }]]);
		assert.deepEqual([kept.mark, kept.node], [{ number: 3, tick: 4, lastId: 10n }, bytes(9)]);
	});

	test(`${name}: the newest notes are told, the newest last`, async () => {
		const store = await make();
		const note = (at) => ({ table: 'notes', note: { at, notice: { kind: 'gone', channel: 1n } } });
		await store.commit([note(1), note(2)]);
		await store.commit([note(3)]);
		assert.deepEqual((await store.notes(2)).map(({ at }) => at), [2, 3]);
		assert.equal((await store.notes(9)).length, 3);
	});
}

test('IndexedDB: a commit that fails in the middle changes nothing', async () => {
	const store = await stores.IndexedDB();
	await store.commit(changes);
	const unclonable = { table: 'mark', mark: { number: () => 4, tick: 4, lastId: 10n } };
	await assert.rejects(store.commit([{ table: 'sheets', channel: 9n, bytes: bytes(0) }, unclonable]));
	const kept = await store.load();
	assert.deepEqual([kept.sheets.get(9n), kept.mark.number], [bytes(3), 3]);
});

test('a name is held once', async () => {
	const hold = await withinProcess('a');
	assert.equal(await withinProcess('a'), undefined);
	hold.release();
	await hold.ended;
	const again = await withinProcess('a');
	assert.ok(again);
	again.release();
});
