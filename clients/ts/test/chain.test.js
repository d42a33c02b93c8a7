import assert from 'node:assert/strict';
import { test } from 'node:test';
import './setup.js';
import { LAST_ID, RpcChain } from '../dist/chain.js';
import { keyOfChannel } from '../dist/pay/lines.js';
import { toHex, Writer } from '../dist/scale.js';
import { Pipe } from './pipe.js';

const of = (byte) => new Uint8Array(32).fill(byte);
const hex = (bytes) => `0x${toHex(bytes)}`;
const ours = new Writer().u8(1).raw(of(1)).raw(of(2)).raw(new Uint8Array(100)).done();
const others = new Writer().u8(1).raw(of(3)).raw(of(4)).raw(new Uint8Array(100)).done();

/** A node with three channels, and the client of it. */
async function node() {
	const [socket, far] = Pipe.pair();
	const world = { number: 5, best: 5, last: 0n, channels: new Map(), inBest: new Map(), stored: new Map(), sent: [] };
	const answer = {
		// Of the best block, if none is named.
		chain_getBlockHash: (number) => hex(of(number === undefined ? world.best : 9)),
		chain_getFinalizedHead: () => hex(of(world.number)),
		chain_getHeader: (at) => ({ number: `0x${at.slice(-2)}` }),
		chain_subscribeFinalizedHeads: () => 'sub',
		chain_subscribeNewHeads: () => 'best',
		state_queryStorageAt: (keys, block) =>
			[{ block, changes: keys.map((key) => [key, world.stored.get(key) ?? null]) }],
		state_getStorage: (key) => (key === LAST_ID ? hex(new Writer().u64(world.last).done()) : null),
		author_submitExtrinsic: (bytes) => world.sent.push(bytes) && '0x00',
		state_call: (what, input, at) => {
			if (what === 'ChannelsApi_tick') return hex(new Writer().u32(100 + world.number).done());
			if (what === 'ChannelsApi_reveal') return input === hex(of(7)) ? '0x01010000000200000003000000' : '0x00';
			if (what === 'ChannelsApi_channel') {
				const early = at !== hex(of(world.number)) && world.inBest.get(input);
				return hex(early || (world.channels.get(input) ?? Uint8Array.of(0)));
			}
			if (what === 'ChannelsApi_settle') return '0x0805ff';
			throw new Error(`${what} is not known`);
		},
	};
	far.onmessage = ({ data }) => {
		const { id, method, params } = JSON.parse(data);
		try {
			far.send(JSON.stringify({ jsonrpc: '2.0', id, result: answer[method](...params) }));
		} catch (error) {
			far.send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: 1, message: error.message } }));
		}
	};
	const told = (subscription) => () =>
		far.send(JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { subscription, result: {} } }));
	const [head, best] = [told('sub'), told('best')];
	const connected = RpcChain.connect('ws://node', () => socket);
	Pipe.begin(socket);
	const put = (channel, state, where = world.channels) => where.set(hex(new Writer().u64(channel).done()), state);
	return { chain: await connected, world, head, best, put };
}

/** Follows, and keeps what is told. */
function follow(chain, own = []) {
	const blocks = [];
	const early = [];
	const troubles = [];
	let last = 0n;
	let refuse = false;
	const stop = chain.follow({
		account: of(1),
		channels: () => own,
		lastId: () => last,
		tell: async (block) => {
			if (refuse) throw new Error('the store is full');
			blocks.push(block);
			last = block.lastId;
			for (const told of block.told) if (told.kind === 'opened') own.push(told.channel);
		},
		best: async (channel, state) => void early.push([channel, state]),
		trouble: (why) => troubles.push(why),
	});
	return { blocks, early, troubles, stop, refuse: (value) => { refuse = value; } };
}

test('channels of ours are told as they open, as they change, and as they go', async () => {
	const { chain, world, head, put } = await node();
	const { blocks, stop } = follow(chain);
	await Pipe.idle();
	assert.deepEqual(blocks.at(-1), { number: 5, tick: 105, told: [], jumped: true, lastId: 0n });
	world.number = 6;
	world.last = 2n;
	put(1n, others);
	put(2n, ours);
	head();
	await Pipe.idle();
	const { told, jumped, lastId } = blocks.at(-1);
	assert.deepEqual([told.map(({ kind, channel }) => [kind, channel]), jumped, lastId], [[['opened', 2n]], false, 2n]);
	assert.deepEqual([told[0].genesis, told[0].account, told[0].state], [of(9), of(1), ours.slice(1)]);
	// Nothing changed.
	world.number = 7;
	head();
	await Pipe.idle();
	assert.deepEqual(blocks.at(-1).told.filter(({ kind }) => kind !== 'standing'), []);
	world.number = 9;
	put(2n, Uint8Array.of(0));
	head();
	await Pipe.idle();
	assert.deepEqual(blocks.at(-1), {
		number: 9, tick: 109, jumped: true, lastId: 2n,
		told: [{ kind: 'standing', channel: 2n, state: Uint8Array.of(0) }],
	});
	stop();
	chain.close();
});

test('a block that was not stored is told again, with all that it said', async () => {
	const { chain, world, head, put } = await node();
	put(1n, ours);
	const { blocks, troubles, stop, refuse } = follow(chain, [1n]);
	refuse(true);
	await Pipe.idle();
	assert.deepEqual([blocks, troubles], [[], ['the store is full']]);
	refuse(false);
	world.number = 6;
	head();
	await Pipe.idle();
	assert.deepEqual(blocks.map(({ told }) => told.map(({ kind }) => kind)), [['standing']]);
	stop();
	chain.close();
});

test('conditions are asked for, and calls without an account are made by the runtime', async () => {
	const { chain, world } = await node();
	assert.deepEqual(await chain.reveals([of(7), of(8)]), [{ tick: 1, value: 2, total: 3 }, undefined]);
	await chain.submitFree(new Writer().u8(50).u8(9).u64(7n).done());
	assert.deepEqual(world.sent, ['0x0805ff']);
	await assert.rejects(chain.submitFree(Uint8Array.of(50, 4)), /needs an account/);
	await assert.rejects(chain.request('nothing'), { name: 'ChainError' });
	chain.close();
	await assert.rejects(chain.genesis(), { name: 'ChainError' });
});

/** A channel of ours, open or being closed. */
const staged = (stage) =>
	new Writer().u8(1).raw(of(1)).raw(of(2)).raw(new Uint8Array(64 + 4 + 64 + 4)).u8(stage).done();

test('a close is told before it is final, and taken back if it comes to nothing', async () => {
	const { chain, world, head, best, put } = await node();
	put(1n, staged(0));
	const { blocks, early, stop } = follow(chain, [1n]);
	await Pipe.idle();
	world.best = 7;
	best();
	await Pipe.idle();
	assert.deepEqual(early, [], 'an open one is none that is closed');
	put(1n, staged(1), world.inBest);
	best();
	best();
	await Pipe.idle();
	assert.deepEqual(early, [[1n, staged(1).slice(1)]], 'once');
	// On another branch it is open still: that is told, though it was before.
	world.number = 7;
	world.inBest.clear();
	head();
	await Pipe.idle();
	assert.deepEqual(blocks.at(-1).told, [{ kind: 'standing', channel: 1n, state: staged(0) }]);
	world.number = 8;
	head();
	await Pipe.idle();
	assert.deepEqual(blocks.at(-1).told, []);
	stop();
	chain.close();
});

test('open channels of everybody are read from storage', async () => {
	// By @polkadot/util-crypto: the prefix, xxHash64 of the number, the number.
	const prefix = '0xae292332b6dd536931c677ffb91518907759ccc18de172078306ca5973251a7b';
	assert.equal(keyOfChannel(1n), `${prefix}9599a4a217cb299f0100000000000000`);
	assert.equal(keyOfChannel(0xfedcba9876543210n), `${prefix}bb3b913cf85580381032547698badcfe`);
	const { chain, world } = await node();
	const stored = (phase, asset = 0) => {
		const writer = new Writer().raw(of(1)).raw(of(2)).raw(new Uint8Array(64)).u32(asset);
		writer.u128(10n).u128(5n).u128(2n).u128(0n).u32(20).u8(0).u128(9n).u8(phase).u8(0);
		return hex(writer.done());
	};
	world.last = 700n;
	for (const [id, bytes] of [[1n, stored(0)], [2n, stored(1)], [3n, stored(0, 4)], [700n, stored(0)]]) {
		world.stored.set(keyOfChannel(id), bytes);
	}
	const line = (channel) => ({ channel, low: of(1), high: of(2), total: 13n });
	assert.deepEqual(await chain.lines(), [line(700n), line(1n)]);
	chain.close();
});
