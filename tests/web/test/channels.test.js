// clients/ts in a real browser: its store, its lock, its keys, and a channel that outlives a reload.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, LIMIT } from '../lib/served.js';
import { servePackage } from '../lib/package.js';

let chromium;
let served;
before(async () => {
	served = await servePackage();
	chromium = await browser();
});
after(async () => {
	await chromium?.close();
	served?.stop();
});

/** Tabs of one profile. */
async function profile() {
	const context = await chromium.newContext();
	context.setDefaultTimeout(LIMIT);
	const tab = async () => {
		const page = await context.newPage();
		await page.goto(served.url);
		return page;
	};
	return { context, tab };
}

test('what is stored outlives the tab', async () => {
	const { context, tab } = await profile();
	const first = await tab();
	await first.evaluate(async () => {
		const { IndexedDbStore } = await import('/dist/index.js');
		const store = await IndexedDbStore.open('outlives');
		await store.commit([
			{ table: 'sheets', channel: 7n, bytes: Uint8Array.of(1, 2) },
			{ table: 'mark', mark: { number: 3, tick: 4, lastId: 7n } },
		]);
	});
	await first.close();
	const kept = await (await tab()).evaluate(async () => {
		const { IndexedDbStore } = await import('/dist/index.js');
		const { sheets, mark } = await (await IndexedDbStore.open('outlives')).load();
		return [[...sheets].map(([channel, bytes]) => [String(channel), [...bytes]]), mark.tick];
	});
	assert.deepEqual(kept, [[['7', [1, 2]]], 4]);
	await context.close();
});

test('one tab holds a store, until it ends', async () => {
	const { context, tab } = await profile();
	const hold = (page) => page.evaluate(async () => {
		const { webLocks } = await import('/dist/index.js');
		return Boolean(await webLocks('one'));
	});
	const [first, second] = [await tab(), await tab()];
	assert.deepEqual([await hold(first), await hold(second)], [true, false]);
	await first.close();
	const until = Date.now() + LIMIT;
	while (!(await hold(second))) assert.ok(Date.now() < until, 'the lock of a tab that ended is free');
	await context.close();
});

test('a channel pays, outlives a reload, and is open in one tab alone', async () => {
	const { context, tab } = await profile();
	const page = await tab();
	const errors = [];
	page.on('pageerror', (error) => errors.push(error.message));
	const paid = await page.evaluate(async () => {
		const { IndexedDbStore, webLocks } = await import('/dist/index.js');
		const { World, until } = await import('/test/world.js');
		const world = await World.start(await (await fetch('/wasm/channel.wasm')).arrayBuffer());
		const mine = { store: await IndexedDbStore.open('mine'), exclusive: webLocks };
		const { one, other, channel } = await world.pair(mine, {});
		await one.channels.pay(channel, 5n);
		await until('what was paid', () => other.channels.view(channel).theirs.paid === 5n);
		const { keys } = await mine.store.load();
		return [String(channel), [...keys.values()].map(({ handle }) => handle?.extractable)];
	});
	assert.deepEqual(paid, ['1', [false]]);
	const opened = (tabOf) => tabOf.evaluate(async () => {
		const { Channels, IndexedDbStore } = await import('/dist/index.js');
		const wallet = { account: new Uint8Array(32), sign: async () => new Uint8Array(), submit: async () => {} };
		const setup = { wasm: fetch('/wasm/channel.wasm'), genesis: new Uint8Array(32).fill(9), wallet };
		try {
			const channels = await Channels.open({ ...setup, store: await IndexedDbStore.open('mine') });
			return String(channels.view(1n).ours.paid);
		} catch (error) {
			return error.name;
		}
	});
	assert.equal(await opened(await tab()), 'InUseError');
	await page.reload();
	assert.equal(await opened(page), '5');
	assert.deepEqual(errors, []);
	await context.close();
});
