// A chain and a network in one program: what two sides need to have channels with each other. In browsers, too.

import { Channels } from '../dist/channels.js';
import { withinProcess } from '../dist/exclusive.js';
import { Machine } from '../dist/machine.js';
import { sideOf } from '../dist/openings.js';
import { Reader, toHex, Writer } from '../dist/scale.js';
import { MemoryStore } from '../dist/store.js';

export const GENESIS = new Uint8Array(32).fill(9);
const begun = new Set();
let worlds = 0;

/** Opens channels that {@link closeAll} closes. */
export async function open(setup) {
	const channels = await Channels.open(setup);
	begun.add(channels);
	return channels;
}

/** Ends all programs of all worlds. */
export const closeAll = () => Promise.all([...begun].map((channels) => channels.close()));

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

function check(holds, what) {
	if (!holds) throw new Error(`the chain refuses: ${what}`);
}

/** Waits until something holds. */
export async function until(what, holds) {
	const end = Date.now() + 10_000;
	while (!(await holds())) {
		if (Date.now() > end) throw new Error(`${what} does not come about`);
		await turn();
	}
}

/** One chain, with `ChannelsApi` and as much of the pallet as is needed. */
export class World {
	channels = new Map();
	last = 0n;
	block = 1;
	number = (worlds += 1);
	tick = 100;
	free = [];
	interests = new Set();

	/** A chain, for programs with this module. */
	static async start(wasm) {
		const world = new World();
		world.wasm = wasm;
		world.machine = await Machine.load(wasm);
		return world;
	}

	/** The chain as one program sees it. */
	chain() {
		return {
			genesis: async () => GENESIS,
			reveals: async (conditions) => conditions.map(() => undefined),
			submitFree: async (call) => {
				this.free.push(call);
			},
			channel: async (id) => this.state(id),
			lines: async () => [...this.channels].map(([channel, { accounts: { low, high }, deposited }]) =>
				({ channel, low, high, total: deposited.low + deposited.high })),
			follow: (interest) => {
				this.interests.add(interest);
				return () => this.interests.delete(interest);
			},
			close: () => {},
		};
	}

	/** The state of a channel, as `ChannelsApi_channel` answers. */
	state(id) {
		const channel = this.channels.get(id);
		if (!channel) return Uint8Array.of(0);
		const { accounts, keys, deposited, window, stage } = channel;
		const writer = new Writer().u8(1).raw(accounts.low).raw(accounts.high).raw(keys.low).raw(keys.high).u32(0);
		writer.u128(deposited.low).u128(deposited.high).u128(0n).u128(0n).u32(window);
		return writer.raw(stage ?? Uint8Array.of(0)).done();
	}

	/** The next final block, so many ticks later: all are told all. */
	async next(ticks = 1) {
		this.block += 1;
		this.tick += ticks;
		for (const interest of [...this.interests]) {
			const told = [];
			for (let id = (interest.lastId() ?? 0n) + 1n; id <= this.last; id += 1n) {
				const { accounts } = this.channels.get(id) ?? {};
				const own = toHex(interest.account);
				if (!accounts || ![accounts.low, accounts.high].some((account) => toHex(account) === own)) continue;
				const state = this.state(id).slice(1);
				told.push({ kind: 'opened', genesis: GENESIS, channel: id, account: interest.account, state });
			}
			for (const id of interest.channels()) told.push({ kind: 'standing', channel: id, state: this.state(id) });
			await interest.tell({ number: this.block, tick: this.tick, told, jumped: false, lastId: this.last });
		}
	}

	/** The best block, which is not final: closes in it are told. */
	async best() {
		for (const interest of [...this.interests]) {
			for (const id of interest.channels()) {
				if (this.channels.get(id)?.stage) await interest.best(id, this.state(id).slice(1));
			}
		}
	}

	/** What an account brings to the chain. */
	submit(account, call) {
		const reader = new Reader(call);
		const [pallet, number] = [reader.u8(), reader.u8()];
		check(pallet === 50, 'another pallet');
		if (number === 0) return this.open(account, reader);
		check(number === 3 || number === 12, 'open, close_together and rekey are all that it has');
		const id = reader.u64();
		if (number === 12) {
			const [side, key] = [reader.u8() === 0 ? 'low' : 'high', reader.take(32)];
			this.channels.get(id).keys[side] = key;
			return;
		}
		this.paid = { low: reader.u128(), high: reader.u128() };
		this.channels.delete(id);
	}

	open(opener, reader) {
		const partner = reader.take(32);
		const keys = { low: reader.take(32), high: reader.take(32) };
		const [window, deposit, expiry] = [reader.u32(), reader.u128(), reader.u32()];
		check(this.tick <= expiry, 'too late');
		check(reader.u8() === 0, 'no MultiSignature of ed25519');
		const signature = reader.take(64);
		reader.end();
		const side = sideOf(opener, partner);
		const payload = this.machine.agreement(GENESIS, sideOf(partner, opener), { keys, window }, opener, expiry);
		check(this.machine.verify(partner, payload, signature), 'the partner has not agreed');
		const [low, high] = side === 'low' ? [opener, partner] : [partner, opener];
		const deposited = side === 'low' ? { low: deposit, high: 0n } : { low: 0n, high: deposit };
		this.last += 1n;
		this.channels.set(this.last, { accounts: { low, high }, keys, deposited, window });
	}

	/** The program of an account, which is a key of ed25519 here. */
	async program(byte, more = {}) {
		const secret = new Uint8Array(32).fill(byte);
		const account = this.machine.keyOf(secret);
		const setup = {
			wasm: this.wasm,
			store: new MemoryStore(`world ${this.number}, account ${byte}`),
			genesis: GENESIS,
			chain: this.chain(),
			exclusive: withinProcess,
			accept: () => true,
			wallet: {
				account,
				sign: async (payload) => new Writer().u8(0).raw(this.machine.signWith(secret, payload)).done(),
				submit: async (call) => this.submit(account, call),
			},
			...more,
		};
		return { setup, channels: await open(setup), account };
	}

	/** Two programs with an open channel in which the first has put 1,000; and its number. */
	async pair(more = {}, ofOther = more) {
		const [one, other] = [await this.program(1, more), await this.program(2, ofOther)];
		const channel = await this.between(one, other);
		return { one, other, channel };
	}

	/** An open channel in which the first has put so much; its number. Programs that are not connected yet are. */
	async between(one, other, { deposit = 1_000n, window = 20, says } = {}) {
		await this.next();
		connect(one.channels, other.channels, says);
		await one.channels.openWith({ node: other.channels.node, url: 'ws://nowhere', deposit, window });
		await this.next();
		const channel = this.last;
		await until('a greeting', () => ready(one.channels, channel) && ready(other.channels, channel));
		return channel;
	}
}

export const ready = (channels, channel) => channels.channels().includes(channel) && !channels.view(channel).stopped;

/** Connects two programs; the answer ends it. `says` may change what they say. */
export function connect(one, other, says = (frame) => frame) {
	let open = true;
	let [toOne, toOther] = [];
	const end = () => {
		if (!open) return;
		open = false;
		toOne.gone('the line is cut');
		toOther.gone('the line is cut');
	};
	const peer = (node, events) => ({
		node,
		send: (frame) => setTimeout(() => open && events().frame(says(frame)), 0),
		close: end,
	});
	toOne = one.attach(peer(other.node, () => toOther));
	toOther = other.attach(peer(one.node, () => toOne));
	return end;
}
