/** Opening channels: two programs agree, one account pays. */

import type { Say } from './frames.js';
import type { KeyRecord } from './keys.js';
import type { Machine } from './machine.js';
import { random } from './noise.js';
import { same, toHex, Writer } from './scale.js';
import type { Side, Terms } from './words.js';

/** A channel that is wanted. */
export interface OpenRequest {
	/** The key of the partner's node. */
	readonly node: Uint8Array;
	/** Where that listens: `ws://host:port`. */
	readonly url: string;
	/** What is put in, in planck. */
	readonly deposit: bigint;
	/** For how many ticks answers to a close count; a day is 172,800. */
	readonly window: number;
}

/** What is needed of the program. */
export interface OpeningsSetup {
	readonly account: Uint8Array;
	readonly genesis: Uint8Array;
	readonly machine: Machine;
	readonly wallet: { sign(payload: Uint8Array): Promise<Uint8Array> };
	readonly accept: (opener: Uint8Array, window: number) => boolean;
	/** The tick of the last final block. */
	readonly now: () => number;
	/** Makes a key and stores it, with how the partner is reached. */
	readonly newKey: (opening: { readonly node: Uint8Array; readonly url?: string }) => Promise<KeyRecord>;
	/** Whether a key was made for a channel that the chain has not shown. */
	readonly waits: (key: Uint8Array) => boolean;
	readonly say: (node: Uint8Array, say: Say) => void;
}

interface Pending {
	readonly request: OpenRequest;
	key?: Uint8Array;
	resolve(call: Uint8Array): void;
	reject(error: Error): void;
}

/** Milliseconds that a partner may take to agree. */
const PATIENCE = 60_000;
/** For how many ticks what we sign may be used: ten minutes. */
const AGREED_FOR = 1_200;
/** So often a node is told in that time that its channel is not wanted, and somebody is asked. */
const MOST_NOS = 3;
/** Bytes of a `MultiSignature` in SCALE, by its kind. */
const SIGNATURES = [65, 65, 66, 66];
/** `paymentChannels.open`. */
const OPEN = Uint8Array.of(50, 0);

/** On which side an account is in a channel with another: the lower account is low. */
export function sideOf(own: Uint8Array, other: Uint8Array): Side {
	const [one, two] = [toHex(own), toHex(other)];
	if (one === two) throw new Error('a channel is of two accounts');
	return one < two ? 'low' : 'high';
}

const termsOf = (side: Side, own: Uint8Array, other: Uint8Array, window: number): Terms =>
	({ keys: side === 'low' ? { low: own, high: other } : { low: other, high: own }, window });

/** Openings on their way. */
export class Openings {
	private readonly pending = new Map<bigint, Pending>();
	/** The accounts of nodes that are connected, as they say. */
	private readonly accounts = new Map<string, Uint8Array>();

	/** Nodes whose question is being answered, */
	private readonly answering = new Set<string>();
	/** the key that each was told, */
	private readonly agreed = new Map<string, Uint8Array>();
	/** and how often each was told no, until which tick. */
	private readonly nos = new Map<string, { times: number; until: number }>();

	constructor(private readonly setup: OpeningsSetup) {}

	/** Asks a node for a channel, as soon as it is connected. What is to be brought to the chain: a call of it. */
	ask(request: OpenRequest): Promise<Uint8Array> {
		const id = new DataView(random(8).buffer).getBigUint64(0);
		return new Promise<Uint8Array>((resolve, reject) => {
			const timer = setTimeout(() => {
				this.pending.delete(id);
				reject(new Error('the partner was not reached, or did not answer, for a minute: see whether it runs'));
			}, PATIENCE);
			const ended = <V>(done: (value: V) => void) => (value: V) => {
				clearTimeout(timer);
				this.pending.delete(id);
				done(value);
			};
			this.pending.set(id, { request, resolve: ended(resolve), reject: ended(reject) });
			void this.send(request.node);
		});
	}

	/** A node says something that is of no channel. */
	async heard(node: Uint8Array, say: Say): Promise<void> {
		switch (say.kind) {
			case 'hello':
				this.accounts.set(toHex(node), say.account);
				return this.send(node);
			case 'ask-open':
				return this.answer(node, say);
			case 'agree-open':
				return this.take(node, say);
			case 'refuse-open': {
				const pending = this.pending.get(say.id);
				if (!pending || !same(pending.request.node, node)) return;
				const why = [...say.why].filter((character) => character >= ' ').slice(0, 200).join('');
				pending.reject(new Error(`the partner does not want the channel: ${why}`));
			}
		}
	}

	private async send(node: Uint8Array): Promise<void> {
		if (!this.accounts.has(toHex(node))) return;
		for (const [id, pending] of this.pending) {
			const { request } = pending;
			if (pending.key || !same(request.node, node)) continue;
			// Set before anything is awaited: it is asked once.
			pending.key = new Uint8Array();
			try {
				const { key } = await this.setup.newKey({ node, url: request.url });
				pending.key = key;
				this.setup.say(node, { kind: 'ask-open', id, opener: this.setup.account, key, window: request.window });
			} catch (error) {
				pending.reject(error as Error);
			}
		}
	}

	/** Somebody wants a channel with us: what our account signs. */
	private async answer(node: Uint8Array, ask: Extract<Say, { kind: 'ask-open' }>): Promise<void> {
		const { account, accept, now } = this.setup;
		const refuse = (why: string) => this.setup.say(node, { kind: 'refuse-open', id: ask.id, why });
		const name = toHex(node);
		const no = this.nos.get(name);
		const nos = no && no.until > now() ? no : { times: 0, until: now() + AGREED_FOR };
		if (nos.times >= MOST_NOS || this.answering.has(name)) {
			return refuse('this program takes no more now: ask later');
		}
		if (!accept(ask.opener, ask.window)) {
			this.nos.set(name, { ...nos, times: nos.times + 1 });
			return refuse('this program takes no such channel');
		}
		if (now() === 0) return refuse('this program does not know the time of the chain yet: ask again');
		if (same(ask.opener, account)) return refuse('a channel is of two accounts');
		this.answering.add(name);
		try {
			await this.agree(node, ask);
		} finally {
			this.answering.delete(name);
		}
	}

	/** Signs for a channel. A node that asks without end is told the same key until it has opened one with it. */
	private async agree(node: Uint8Array, ask: Extract<Say, { kind: 'ask-open' }>): Promise<void> {
		const { account, now, genesis, machine, wallet, say, newKey, waits } = this.setup;
		const side = sideOf(account, ask.opener);
		const before = this.agreed.get(toHex(node));
		const key = before && waits(before) ? before : (await newKey({ node })).key;
		this.agreed.set(toHex(node), key);
		const terms = termsOf(side, key, ask.key, ask.window);
		const expiry = now() + AGREED_FOR;
		const signature = await wallet.sign(machine.agreement(genesis, side, terms, ask.opener, expiry));
		say(node, { kind: 'agree-open', id: ask.id, account, key, expiry, signature });
	}

	/** A partner has agreed. Whether its account has signed it the chain finds out: it opens nothing else. */
	private take(node: Uint8Array, yes: Extract<Say, { kind: 'agree-open' }>): void {
		const pending = this.pending.get(yes.id);
		const own = pending?.key;
		if (!pending || !own || own.length === 0 || !same(pending.request.node, node)) return;
		const said = this.accounts.get(toHex(node));
		if (!said || !same(said, yes.account)) {
			return pending.reject(new Error('the partner agrees in another\'s name: nothing was sent'));
		}
		// What follows it would be signed as part of our call.
		if (yes.signature.length !== SIGNATURES[yes.signature[0] ?? SIGNATURES.length]) {
			return pending.reject(new Error('the partner\'s signature is none: nothing was sent'));
		}
		const { window, deposit } = pending.request;
		const terms = termsOf(sideOf(this.setup.account, yes.account), own, yes.key, window);
		const call = new Writer().raw(OPEN).fixed(yes.account, 32);
		call.fixed(terms.keys.low, 32).fixed(terms.keys.high, 32).u32(window);
		call.u128(deposit).u32(yes.expiry).raw(yes.signature);
		pending.resolve(call.done());
	}
}
