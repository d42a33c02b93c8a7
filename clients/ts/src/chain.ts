/** The chain, by a node's JSON-RPC: final blocks as the machine is told them, and what is brought to the chain. */

import { fromHex, Reader, toHex, Writer } from './scale.js';
import { Lines } from './pay/lines.js';
import type { Line } from './pay/ways.js';
import type { Reveal, Told } from './words.js';

/** A final block. */
export interface FinalBlock {
	readonly number: number;
	/** The tick of the markets' clock. */
	readonly tick: number;
	readonly told: readonly Told[];
	/** Whether blocks were passed over: then all that matters is told as it stands. */
	readonly jumped: boolean;
	/** The highest number of a channel that was looked at. */
	readonly lastId: bigint;
}

/** What is followed. */
export interface Interest {
	/** Our account. */
	readonly account: Uint8Array;
	/** Channels of ours. */
	channels(): readonly bigint[];
	/** Up to which number channels were looked at; nothing, if this program never saw the chain. */
	lastId(): bigint | undefined;
	/** Takes a block; the next one is told once it is fulfilled. */
	tell(block: FinalBlock): Promise<void>;
	/** Takes a close that is in a block that is not final: how the channel stands there, in SCALE. */
	best(channel: bigint, state: Uint8Array): Promise<void>;
	/** Something is wrong, as a sentence; it is tried again. */
	trouble(why: string): void;
}

/** The chain, as a program with channels needs it. */
export interface Chain {
	/** The hash of its first block. */
	genesis(): Promise<Uint8Array>;
	/** What is known of conditions, by the last final block. */
	reveals(conditions: readonly Uint8Array[]): Promise<(Reveal | undefined)[]>;
	/** Brings a call to the chain that needs no account. */
	submitFree(call: Uint8Array): Promise<void>;
	/** How a channel stands in the last final block, as `ChannelsApi_channel` answers. */
	channel(channel: bigint): Promise<Uint8Array>;
	/** Open channels of everybody, of the newest numbers: what ways over relays are found by. */
	lines(): Promise<readonly Line[]>;
	/** Tells final blocks, and closes in those that are not, until it is stopped. */
	follow(interest: Interest): () => void;
	/** Lets go of the node. */
	close(): void;
}

/** A node that refuses, or cannot be reached. */
export class ChainError extends Error {
	override name = 'ChainError';
}

/** Where `LastId` of `PaymentChannels` lies in storage. */
export const LAST_ID = '0xae292332b6dd536931c677ffb9151890937698b717b521f0c75333820e2c1046';
/** Calls that go without an account, by their numbers, as `ChannelsApi` names them. */
const FREE = new Map([[6, 'update'], [7, 'resync'], [8, 'prove_fraud'], [9, 'settle'], [10, 'unlock']]);
/** Milliseconds until a node is called again. */
const PAUSE = 2_000;
/** Milliseconds that an answer may take. */
const PATIENCE = 30_000;
/** Characters of what a node says when it refuses, at most. */
const MOST_WORDS = 300;
/** Where the stage of a channel is: after accounts, keys, asset, stake and window. */
const STAGE = 1 + 64 + 64 + 4 + 64 + 4;
/** New channels that are looked at in one block, at most. */
const MOST_NEW = 4_096n;

interface Waiting {
	resolve(value: unknown): void;
	reject(error: Error): void;
}

/** A node, over WebSocket. */
export class RpcChain implements Chain {
	private next = 1;
	private readonly waiting = new Map<number, Waiting>();
	private heads: ((best: boolean) => void) | undefined;
	private ended: string | undefined;
	/** The subscription to blocks that are not final. */
	private bests: unknown;
	private readonly open = new Lines(this, (at) => this.lastId(at));

	private constructor(private readonly socket: WebSocket) {
		socket.onmessage = ({ data }) => this.came(String(data));
		socket.onclose = () => this.fail('the node has closed the connection');
	}

	/** Calls a node, such as `ws://127.0.0.1:9944`. */
	static connect(url: string, make: (url: string) => WebSocket = (at) => new WebSocket(at)): Promise<RpcChain> {
		const socket = make(url);
		return new Promise((resolve, reject) => {
			socket.onopen = () => resolve(new RpcChain(socket));
			socket.onerror = () => {
				reject(new ChainError(`no node answers at ${url}: check the address, and whether it runs`));
			};
		});
	}

	private fail(why: string): void {
		this.ended ??= why;
		for (const { reject } of this.waiting.values()) reject(new ChainError(why));
		this.waiting.clear();
	}

	private came(text: string): void {
		const message = JSON.parse(text);
		if (message.method) return this.heads?.(message.params.subscription === this.bests);
		const waiting = this.waiting.get(message.id);
		this.waiting.delete(message.id);
		if (message.error) {
			const more = message.error.data === undefined ? '' : ` (${message.error.data})`;
			const why = `${message.error.message}${more}`.slice(0, MOST_WORDS);
			waiting?.reject(new ChainError(`the node refuses: ${why}`));
		} else waiting?.resolve(message.result);
	}

	/** Asks the node. */
	request<T>(method: string, ...params: unknown[]): Promise<T> {
		if (this.ended) return Promise.reject(new ChainError(this.ended));
		const id = this.next++;
		return new Promise<T>((resolve, reject) => {
			const timer = setTimeout(() => {
				this.waiting.delete(id);
				reject(new ChainError(`the node does not answer ${method}`));
			}, PATIENCE);
			const settle = <V>(done: (value: V) => void) => (value: V) => {
				clearTimeout(timer);
				done(value);
			};
			this.waiting.set(id, { resolve: settle(resolve as (value: unknown) => void), reject: settle(reject) });
			this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
		});
	}

	/** Asks the runtime's `ChannelsApi`, in SCALE. */
	private async ask(what: string, input: Uint8Array, at?: string): Promise<Uint8Array> {
		const params = [`ChannelsApi_${what}`, `0x${toHex(input)}`, ...(at ? [at] : [])];
		return fromHex(await this.request<string>('state_call', ...params));
	}

	async genesis(): Promise<Uint8Array> {
		return fromHex(await this.request<string>('chain_getBlockHash', 0));
	}

	async reveals(conditions: readonly Uint8Array[]): Promise<(Reveal | undefined)[]> {
		const at = await this.request<string>('chain_getFinalizedHead');
		const all = conditions.map(async (condition) => {
			const reader = new Reader(await this.ask('reveal', condition, at));
			return reader.option((r) => ({ tick: r.u32(), value: r.u32(), total: r.u32() }));
		});
		return Promise.all(all);
	}

	async channel(channel: bigint): Promise<Uint8Array> {
		const at = await this.request<string>('chain_getFinalizedHead');
		return this.ask('channel', new Writer().u64(channel).done(), at);
	}

	lines(): Promise<readonly Line[]> {
		return this.open.all();
	}

	async submitFree(call: Uint8Array): Promise<void> {
		const name = FREE.get(call[1] ?? -1);
		if (!name) throw new ChainError('this call needs an account');
		const extrinsic = await this.ask(name, call.slice(2));
		await this.request('author_submitExtrinsic', `0x${toHex(extrinsic)}`);
	}

	follow(interest: Interest): () => void {
		const follower = new Follower(this, interest);
		let running: Promise<void> = Promise.resolve();
		const wanted = { best: false, final: false };
		let stopped = false;
		const run = (kind: keyof typeof wanted) => {
			// One at a time: what comes meanwhile is looked at once that is done.
			if (wanted[kind] || stopped) return;
			wanted[kind] = true;
			running = running.then(async () => {
				wanted[kind] = false;
				if (!stopped) await (kind === 'best' ? follower.early() : follower.look());
			}).catch((error) => {
				if (stopped) return;
				interest.trouble(error instanceof Error ? error.message : String(error));
				if (!this.ended) setTimeout(run, PAUSE, kind);
			});
		};
		this.heads = (best) => run(best ? 'best' : 'final');
		const failed = (error: Error) => interest.trouble(error.message);
		this.request('chain_subscribeFinalizedHeads').then(() => run('final'), failed);
		this.request('chain_subscribeNewHeads').then((bests) => {
			this.bests = bests;
		}, failed);
		return () => {
			stopped = true;
			this.heads = undefined;
		};
	}

	/** How channels stand in the best block, which may come to nothing; and its number. */
	async early(channels: readonly bigint[]): Promise<{ number: number; states: (readonly [bigint, Uint8Array])[] }> {
		const at = await this.request<string>('chain_getBlockHash');
		const head = await this.request<{ number: string }>('chain_getHeader', at);
		const states = channels.map(async (channel) =>
			[channel, await this.ask('channel', new Writer().u64(channel).done(), at)] as const);
		return { number: Number(head.number), states: await Promise.all(states) };
	}

	/** How all of ours stands in the last final block. */
	async standing(
		told: Map<bigint, string>,
		interest: Interest,
		early: Map<bigint, number>,
	): Promise<Omit<FinalBlock, 'jumped'>> {
		const at = await this.request<string>('chain_getFinalizedHead');
		const head = await this.request<{ number: string }>('chain_getHeader', at);
		for (const [channel, number] of early) {
			// What was told of a block that is not final is borne out now, or taken back.
			if (number > Number(head.number)) continue;
			early.delete(channel);
			told.delete(channel);
		}
		const tick = new Reader(await this.ask('tick', new Uint8Array(), at)).u32();
		const newest = await this.lastId(at);
		const known = interest.lastId() ?? newest;
		if (newest - known > MOST_NEW) {
			throw new ChainError('too many channels are new: recover yours by their numbers');
		}
		const facts: Told[] = [];
		for (let channel = known + 1n; channel <= newest; channel += 1n) {
			const state = await this.ask('channel', new Writer().u64(channel).done(), at);
			if (isOurs(state, interest.account)) {
				const [genesis, { account }] = [await this.genesis(), interest];
				facts.push({ kind: 'opened', genesis, channel, account, state: state.slice(1) });
				told.set(channel, toHex(state));
				this.open.forget();
			}
		}
		for (const channel of interest.channels()) {
			const state = await this.ask('channel', new Writer().u64(channel).done(), at);
			if (told.get(channel) !== toHex(state)) facts.push({ kind: 'standing', channel, state });
			told.set(channel, toHex(state));
		}
		return { number: Number(head.number), tick, told: facts, lastId: newest };
	}

	private async lastId(at: string): Promise<bigint> {
		const last = await this.request<string | null>('state_getStorage', LAST_ID, at);
		return last ? new Reader(fromHex(last)).u64() : 0n;
	}

	close(): void {
		this.fail('the program has let go of the node');
		this.socket.close();
	}
}

/** Whether a channel, as `ChannelsApi_channel` answers, is of this account. */
function isOurs(state: Uint8Array, account: Uint8Array): boolean {
	if (state[0] !== 1) return false;
	const own = toHex(account);
	return toHex(state.slice(1, 33)) === own || toHex(state.slice(33, 65)) === own;
}

/** Whether a channel, as `ChannelsApi_channel` answers, is being closed by one side alone. */
function isClosing(state: Uint8Array): boolean {
	return state[0] === 1 && state[STAGE] === 1;
}

/** Follows blocks: each final one that is looked at is told once, with all that changed since the last. */
class Follower {
	private readonly told = new Map<bigint, string>();
	/** Closes that were told of blocks that are not final, with their numbers; and how each channel stood there. */
	private readonly before = new Map<bigint, number>();
	private readonly seen = new Map<bigint, string>();
	private last: number | undefined;

	constructor(private readonly chain: RpcChain, private readonly interest: Interest) {}

	async look(): Promise<void> {
		const block = await this.chain.standing(this.told, this.interest, this.before);
		for (const channel of this.seen.keys()) if (!this.before.has(channel)) this.seen.delete(channel);
		if (this.last !== undefined && block.number <= this.last) return;
		const jumped = this.last === undefined || block.number > this.last + 1;
		this.last = block.number;
		try {
			await this.interest.tell({ ...block, jumped });
		} catch (error) {
			// It was not taken in: all of it is told again.
			this.told.clear();
			this.last = undefined;
			throw error;
		}
	}

	/** Looks for closes in the best block: an answer in time need not wait until one is final. */
	async early(): Promise<void> {
		// The machine is told final blocks first.
		if (this.last === undefined) return;
		const { number, states } = await this.chain.early(this.interest.channels());
		for (const [channel, state] of states) {
			const now = toHex(state);
			if (number <= this.last || !isClosing(state) || this.seen.get(channel) === now) continue;
			this.seen.set(channel, now);
			if (this.told.get(channel) === now) continue;
			this.before.set(channel, number);
			await this.interest.best(channel, state.slice(1));
		}
	}
}
