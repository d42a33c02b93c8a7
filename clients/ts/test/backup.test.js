import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { restoreBackup } from '../dist/backup.js';
import { toHex } from '../dist/scale.js';
import { MemoryStore } from '../dist/store.js';
import { wasm } from './setup.js';
import { closeAll, connect, open, ready, until, World } from './world.js';

after(closeAll);

const seed = new Uint8Array(32).fill(77);

/** Two programs, of which one has paid and been paid, and is gone with its store. */
async function lost(more) {
	const world = await World.start(wasm());
	const { one, other, channel } = await world.pair(more, {});
	const { channels: a } = one;
	const b = other.channels;
	await a.pay(channel, 50n);
	await until('the first payment', () => b.view(channel).theirs.paid === 50n);
	await b.pay(channel, 8n);
	await until('both payments', () => a.view(channel).theirs.paid === 8n && b.view(channel).theirs.paid === 50n);
	await until('that all is held', () => b.view(channel).confirmed === b.view(channel).ours.nonce);
	return { world, one, a, b, channel };
}

/** The same program with another store, once its partner has said where to go on. */
async function back({ world, one, b, channel }, setup) {
	const again = await open({ ...one.setup, ...setup });
	await world.next();
	assert.deepEqual(again.channels(), []);
	assert.deepEqual(await again.recover(), [channel]);
	assert.deepEqual(await again.recover(), [], 'once');
	await assert.rejects(again.pay(channel, 1n), { name: 'MachineError' });
	await again.reach(channel, b.node);
	connect(again, b);
	await until('the word of the partner', async () => {
		await world.next();
		return ready(again, channel);
	});
	await until('what the partner has paid', () => again.view(channel).theirs.paid === 8n);
	assert.equal(again.view(channel).ours.paid, 50n);
	await again.pay(channel, 2n);
	await until('what was paid', () => b.view(channel).theirs.paid === 52n);
	return again;
}

test('a seed alone brings channels back from the chain, and the partner says what was paid', async () => {
	const before = await lost({ seed });
	const { node } = before.a;
	await before.a.close();
	const again = await back(before, { store: new MemoryStore('anew') });
	assert.equal(toHex(again.node), toHex(node), 'partners know it');
	// No key of before is given out again.
	const { keys } = await again.setup.store.load();
	const { key } = await again.freshKey();
	assert.ok(!keys.has(toHex(key)));
});

test('another seed brings nothing back', async () => {
	const { world, one, a } = await lost({ seed });
	await a.close();
	const again = await open({ ...one.setup, seed: new Uint8Array(32).fill(78), store: new MemoryStore('another') });
	await world.next();
	assert.deepEqual(await again.recover(), []);
});

test('a backup under a passphrase brings channels back into an empty store', async () => {
	const before = await lost({ keys: 'wasm' });
	const { a, world } = before;
	const file = await a.backup('correct horse');
	await a.close();
	const store = new MemoryStore('restored');
	await assert.rejects(restoreBackup(store, file, 'correct house', world.machine), /passphrase is another one/);
	const changed = file.slice();
	changed[40] ^= 1;
	await assert.rejects(restoreBackup(store, changed, 'correct horse', world.machine), { name: 'BackupError' });
	await assert.rejects(restoreBackup(store, file.slice(3), 'correct horse', world.machine), /no backup of keys/);
	await restoreBackup(store, file, 'correct horse', world.machine);
	await assert.rejects(restoreBackup(store, file, 'correct horse', world.machine), /into an empty one/);
	assert.equal((await store.load()).sheets.size, 0);
	await back(before, { store });
});

test('keys that nobody can read are in no backup, and a short passphrase makes none', async () => {
	const { a } = await lost({ keys: 'webcrypto' });
	await assert.rejects(a.backup('correct horse'), /WebCrypto/);
	const { a: other } = await lost({ seed });
	await assert.rejects(other.backup('short'), /8 characters/);
});
