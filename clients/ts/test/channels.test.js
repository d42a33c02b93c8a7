import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2.js';
import { Channels } from '../dist/channels.js';
import { InUseError } from '../dist/exclusive.js';
import { MachineError } from '../dist/machine.js';
import { Reader, toHex, Writer } from '../dist/scale.js';
import { MemoryStore } from '../dist/store.js';
import { wasm } from './setup.js';
import { closeAll, connect, open, ready, until, World } from './world.js';

after(closeAll);

/** Whether the partner holds all that was paid. */
const held = (channels, channel) => {
	const { confirmed, ours } = channels.view(channel);
	return confirmed === ours.nonce;
};

async function start(more, ofOther) {
	const world = await World.start(wasm());
	const pair = await world.pair(more, ofOther);
	return { world, ...pair, a: pair.one.channels, b: pair.other.channels };
}

for (const keys of ['webcrypto', 'wasm']) {
	test(`a channel is opened, and both pay each other (keys: ${keys})`, async () => {
		const { a, b, channel } = await start({ keys });
		for (let payment = 0; payment < 20; payment += 1) await a.pay(channel, 5n);
		await until('what was paid', () => b.view(channel).theirs.paid === 100n);
		await b.pay(channel, 30n);
		await until('what came back', () => a.view(channel).theirs.paid === 30n);
		assert.deepEqual([a.view(channel).room, b.view(channel).room], [930n, 70n]);
		await until('that it is held', () => held(a, channel));
		const notes = await b.notes();
		const came = notes.filter(({ notice }) => notice.kind === 'received').map(({ notice }) => notice.amount);
		assert.equal(came.reduce((sum, amount) => sum + amount, 0n), 100n);
	});
}

test('more than there is, and nothing, are not paid', async () => {
	const { a, channel } = await start();
	await assert.rejects(a.pay(channel, 1_001n), MachineError);
	await assert.rejects(a.pay(channel, 0n), RangeError);
	await assert.rejects(a.pay(channel + 1n, 1n), MachineError);
	assert.equal(a.view(channel).ours.paid, 0n);
});

test('whoever begins anew goes on from what is stored', async () => {
	const { world, one, a, b, channel } = await start();
	await a.pay(channel, 5n);
	await a.close();
	assert.deepEqual((await one.setup.store.load()).sheets.has(channel), true);
	const again = await open(one.setup);
	assert.equal(again.view(channel).ours.paid, 5n);
	await assert.rejects(again.pay(channel, 1n), /has not said yet what it holds/);
	await world.next();
	connect(again, b);
	await until('a greeting', () => ready(again, channel));
	await again.pay(channel, 2n);
	await until('what was paid', () => b.view(channel).theirs.paid === 7n);
});

test('a payment by file counts once, and needs neither network nor chain', async () => {
	const { world, other, a, b, channel } = await start();
	const cut = connect(a, b);
	cut();
	await until('the cut', () => a.exportEnvelope(channel).then(() => true, () => false));
	await a.pay(channel, 40n);
	const file = await a.exportEnvelope(channel);
	assert.deepEqual(await b.importEnvelope(file), { channel, received: 40n });
	assert.deepEqual(await b.importEnvelope(file), { channel, received: 0n });
	await assert.rejects(a.importEnvelope(file), { name: 'NoiseError' }, 'it is not sealed for who made it');
	const answer = await b.exportEnvelope(channel);
	await a.importEnvelope(answer);
	assert.ok(held(a, channel));
	// Killed, and without a chain: once both have said what they hold, it goes on.
	await b.close();
	const again = await open({ ...other.setup, chain: undefined });
	await again.importEnvelope(await a.exportEnvelope(channel));
	await a.importEnvelope(await again.exportEnvelope(channel));
	await again.importEnvelope(await a.exportEnvelope(channel));
	await again.pay(channel, 3n);
	assert.equal((await a.importEnvelope(await again.exportEnvelope(channel))).received, 3n);
	const changed = file.slice();
	changed[changed.length - 1] ^= 1;
	await assert.rejects(again.importEnvelope(changed), { name: 'NoiseError' });
	await world.next();
	connect(a, again);
	await until('a greeting', () => ready(a, channel));
	await a.pay(channel, 1n);
	await until('what was paid', () => again.view(channel).theirs.paid === 41n);
});

test('both close together, and the chain pays what was agreed', async () => {
	const { world, one, other, a, channel } = await start();
	await a.pay(channel, 5n);
	await until('what was paid', () => other.channels.view(channel).theirs.paid === 5n);
	await until('that it is held', () => held(a, channel));
	await a.closeTogether(channel);
	await until('a call of both', async () => {
		await world.next();
		return !world.channels.has(channel);
	});
	const lower = Buffer.compare(one.account, other.account) < 0;
	assert.deepEqual(world.paid, lower ? { low: 995n, high: 5n } : { low: 5n, high: 995n });
	await world.next();
	await until('that it is gone', () => !a.channels().includes(channel));
});

/** A close of a channel by one side, on nothing paid, as the chain has it. */
function closedBy(side, tick) {
	// Closer, closed, deadline, claim, no recovery, nothing brought.
	const dispute = new Writer().u8(1).u8(side === 'low' ? 0 : 1).u32(tick).u32(tick + 20);
	dispute.u128(0n).u128(0n).raw(blake2b(Uint8Array.of(0), { dkLen: 32 }));
	return dispute.bool(false).bool(false).u8(0).u8(0).compact(0).compact(0).done();
}

for (const when of ['a final block', 'the best block']) {
	test(`a stale close is answered as soon as ${when} shows it`, async () => {
		const { world, other, a, b, channel } = await start();
		await a.pay(channel, 5n);
		await until('what was paid', () => b.view(channel).theirs.paid === 5n);
		const { accounts } = world.channels.get(channel);
		const closer = Buffer.compare(accounts.low, other.account) === 0 ? 'high' : 'low';
		world.channels.get(channel).stage = closedBy(closer, world.tick);
		const deadline = world.tick + 20;
		if (when === 'a final block') await world.next();
		else await world.best();
		await until('an answer', () => world.free.length > 0);
		const call = new Reader(world.free[0]);
		assert.deepEqual([call.u8(), [6, 8].includes(call.u8()), call.u64()], [50, true, channel]);
		assert.equal(b.view(channel).closing.deadline, deadline);
		await assert.rejects(b.pay(channel, 1n), /being closed/);
		if (when === 'a final block') return;
		// It comes to nothing.
		delete world.channels.get(channel).stage;
		await world.next();
		assert.equal(b.view(channel).closing, undefined);
	});
}

test('a tower is given each half of the partner', async () => {
	const node = new Uint8Array(32).fill(5);
	const tower = { account: new Uint8Array(32).fill(6), key: new Uint8Array(32).fill(7), node, url: 'ws://nowhere' };
	const socket = () => ({ close() {}, send() {} });
	const { world, a, b, channel } = await start(undefined, { tower, socket });
	const given = [];
	b.attach({ node, send: (frame) => given.push(frame), close: () => {} });
	const watches = () => given.filter(({ say }) => say?.kind === 'watch').map(({ say }) => say.watch);
	for (const paid of [5n, 7n]) {
		const before = watches().length;
		await a.pay(channel, paid);
		await until('what was paid', () => watches().length > before);
	}
	// The context: genesis, channel; then the asset, the side, and the half of the partner: nonce, ack, what it paid.
	const reader = new Reader(watches().at(-1));
	assert.deepEqual([reader.take(32), reader.u64()], [world.machine && new Uint8Array(32).fill(9), channel]);
	reader.take(4 + 1 + 8 + 8);
	assert.equal(reader.u128(), 12n);
});

test('a side takes another key, which both go by once it is final, after a start too', async () => {
	const { world, one, a, b, channel } = await start();
	await a.pay(channel, 5n);
	await until('what was paid', () => b.view(channel).theirs.paid === 5n);
	const { side } = a.view(channel);
	const before = toHex(a.view(channel).keys[side]);
	await a.changeKey(channel);
	const current = (channels) => toHex(channels.view(channel).keys[side]);
	await until('another key', async () => {
		await world.next();
		return current(a) !== before && current(b) === current(a);
	});
	await a.pay(channel, 2n);
	await until('what was paid', () => b.view(channel).theirs.paid === 7n);
	await a.close();
	const again = await open(one.setup);
	await world.next();
	connect(again, b);
	await until('a greeting', () => ready(again, channel));
	await again.pay(channel, 1n);
	await until('what was paid', () => b.view(channel).theirs.paid === 8n);
});

test('who is watched by a tower agrees to no other key of a partner', async () => {
	const none = new Uint8Array(32);
	const tower = { account: none, key: none, node: none, url: 'ws://nowhere' };
	const socket = () => ({ close() {}, send() {} });
	const { world, a, b, channel } = await start(undefined, { tower, socket });
	const before = a.view(channel).keys;
	await a.changeKey(channel);
	for (let block = 0; block < 5; block += 1) await world.next();
	assert.deepEqual(a.view(channel).keys, before);
});

test('who is watched by a tower agrees to no other key by file either', async () => {
	const none = new Uint8Array(32);
	const tower = { account: none, key: none, node: none, url: 'ws://nowhere' };
	const socket = () => ({ close() {}, send() {} });
	const { world, a, b, channel } = await start(undefined, { tower, socket });
	const before = a.view(channel).keys;
	connect(a, b)();
	await until('the cut', () => a.exportEnvelope(channel).then(() => true, () => false));
	const over = async () => {
		await b.importEnvelope(await a.exportEnvelope(channel)).catch(() => undefined);
		await a.importEnvelope(await b.exportEnvelope(channel)).catch(() => undefined);
	};
	for (let time = 0; time < 3; time += 1) await over();
	await a.changeKey(channel);
	for (let block = 0; block < 3; block += 1) {
		await over();
		await world.next();
	}
	assert.deepEqual(a.view(channel).keys, before);
});

/** A program, and a node without one that is connected with it; `ask` asks for a channel and waits for the answer. */
async function asked(more) {
	const world = await World.start(wasm());
	const { channels, setup } = await world.program(1, more);
	await world.next();
	const said = [];
	const opener = world.machine.keyOf(new Uint8Array(32).fill(2));
	const node = new Uint8Array(32).fill(5);
	const events = channels.attach({ node, send: ({ say }) => said.push(say), close: () => {} });
	const ask = async (id) => {
		events.frame({ kind: 'say', say: { kind: 'ask-open', id, opener, key: opener, window: 20 } });
		await until('an answer', () => said.some((say) => say.id === id));
		return said.find((say) => say.id === id).kind;
	};
	return { setup, ask };
}

test('a partner that asks for channels without end uses up no keys', async () => {
	const { setup, ask } = await asked();
	for (let id = 1n; id <= 50n; id += 1n) assert.equal(await ask(id), 'agree-open');
	assert.equal((await setup.store.load()).keys.size, 1);
});

test('a partner that was told no asks nobody again and again', async () => {
	let times = 0;
	const { ask } = await asked({ accept: () => (times += 1) < 0 });
	for (let id = 1n; id <= 20n; id += 1n) assert.equal(await ask(id), 'refuse-open');
	assert.equal(times, 3);
});

test('a partner puts nothing behind its signature that our account would sign', async () => {
	const world = await World.start(wasm());
	const [one, other] = [await world.program(1), await world.program(2)];
	const says = (frame) => (frame.say?.kind === 'agree-open'
		? { ...frame, say: { ...frame.say, signature: new Writer().raw(frame.say.signature).u32(7).done() } }
		: frame);
	await assert.rejects(world.between(one, other, { says }), /signature is none/);
	assert.equal(world.last, 0n);
});

test('a channel of another program of the account is left to that', async () => {
	const { world, channel } = await start();
	const elsewhere = await world.program(1, { store: new MemoryStore(`elsewhere ${world.number}`) });
	const told = [];
	elsewhere.channels.on((event) => event.kind === 'trouble' && told.push(event.why));
	await world.next();
	assert.deepEqual(elsewhere.channels.channels(), []);
	assert.match(told[0], new RegExp(`channel ${channel} was opened by another program`));
});

test('a store has one program at a time', async () => {
	const { one, a } = await start();
	await assert.rejects(Channels.open(one.setup), InUseError);
	await a.close();
	await open(one.setup);
});

test('if the store fails, nothing is sent and nothing more is signed', async () => {
	class Full extends MemoryStore {
		async commit(changes) {
			if (this.full) throw new Error('the disk is full');
			return super.commit(changes);
		}
	}
	const store = new Full('full');
	const { world, a, b, channel, one } = await start();
	await a.close();
	await store.commit(await everything(one.setup.store));
	const again = await open({ ...one.setup, store });
	await world.next();
	connect(again, b);
	await until('a greeting', () => ready(again, channel));
	const told = [];
	again.on((event) => event.kind === 'broken' && told.push(event.why));
	store.full = true;
	await assert.rejects(again.pay(channel, 5n), /the store has failed/);
	store.full = false;
	await assert.rejects(again.pay(channel, 5n), /the store has failed/);
	assert.equal(told.length, 1);
	assert.equal(b.view(channel).theirs.paid, 0n);
});

/** All of a store, to be put into another one. */
async function everything(store) {
	const { sheets, contacts, keys, mark, node } = await store.load();
	return [
		...[...sheets].map(([channel, bytes]) => ({ table: 'sheets', channel, bytes })),
		...[...contacts].map(([channel, contact]) => ({ table: 'contacts', channel, contact })),
		...[...keys.values()].map((record) => ({ table: 'keys', record })),
		{ table: 'mark', mark },
		{ table: 'node', secret: node },
	];
}
