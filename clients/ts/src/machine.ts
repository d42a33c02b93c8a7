/** The machine of `core/channel` in Wasm: requests in, answers out. It has no clock, disk, socket or key. */

import { Writer } from './scale.js';
import {
	readReply, sideNumber, writeWant,
	type ChannelView, type Deed, type FaultKind, type Kept, type Options, type Reply, type Reveal, type Side,
	type Terms, type Want,
} from './words.js';

/** The version of the exported functions that this package is written to. */
const VERSION = 1;
/** What a call comes to after one that has trapped. */
const BROKEN = 0xffffffff;

/** Why the machine did not do something. Nothing has changed then, unless the kind is `broken`. */
export class MachineError extends Error {
	override name = 'MachineError';

	constructor(readonly kind: FaultKind, message: string, options?: ErrorOptions) {
		super(message, options);
	}
}

interface Exports {
	readonly memory: WebAssembly.Memory;
	sc_version(): number;
	sc_room(length: number): number;
	sc_call(): number;
	sc_reply(): number;
}

/** Where the module comes from: its bytes, the answer that has them, or the module itself. */
export type WasmSource = BufferSource | Response | Promise<Response> | WebAssembly.Module;

/** What comes of a step: what is to be stored, or which conditions the chain has to be asked about before. */
export type Stepped = { readonly writes: Kept[] } | { readonly ask: Uint8Array[] };

/** What goes out under a ticket: a message, or a call of the chain and whether it needs no account. */
export type Signed = { readonly message: Uint8Array } | { readonly call: Uint8Array; readonly free: boolean };

type Is<K extends Reply['kind']> = Extract<Reply, { kind: K }>;

/** One machine, in a module of its own. */
export class Machine {
	private broken: unknown;

	private constructor(private readonly exports: Exports) {}

	/** Loads the module. It imports nothing. */
	static async load(source: WasmSource): Promise<Machine> {
		const given = await source;
		let instance: WebAssembly.Instance;
		if (given instanceof WebAssembly.Module) {
			instance = await WebAssembly.instantiate(given, {});
		} else {
			const answered = typeof Response !== 'undefined' && given instanceof Response;
			const bytes = answered ? await given.arrayBuffer() : given;
			({ instance } = await WebAssembly.instantiate(bytes as BufferSource, {}));
		}
		const exports = instance.exports as unknown as Exports;
		const version = typeof exports.sc_version === 'function' ? exports.sc_version() : 0;
		if (version !== VERSION) {
			throw new MachineError('request', `the module has version ${version}, not ${VERSION}: build both anew`);
		}
		return new Machine(exports);
	}

	/** Asks in bytes. After a trap nothing is answered any more: begin anew from the store. */
	private ask(request: Writer): Reply {
		if (this.broken !== undefined) throw this.trapped();
		const { exports } = this;
		const bytes = request.done();
		let length: number;
		try {
			const room = exports.sc_room(bytes.length);
			if (room === 0) throw new MachineError('request', 'the request is too long for the machine');
			new Uint8Array(exports.memory.buffer, room, bytes.length).set(bytes);
			length = exports.sc_call();
		} catch (error) {
			if (error instanceof MachineError) throw error;
			this.broken = error;
			throw this.trapped();
		}
		if (length === BROKEN) {
			this.broken = 'trapped before';
			throw this.trapped();
		}
		// A copy: memory may move with the next call.
		const reply = readReply(new Uint8Array(exports.memory.buffer, exports.sc_reply(), length).slice());
		if (reply.kind === 'fault') throw new MachineError(reply.fault, reply.text);
		return reply;
	}

	private trapped(): MachineError {
		return new MachineError('broken', 'the machine has failed: open the channels anew', { cause: this.broken });
	}

	private expect<K extends Reply['kind']>(kind: K, request: Writer): Is<K> {
		const reply = this.ask(request);
		if (reply.kind !== kind) throw new MachineError('request', `the machine answers ${reply.kind}, not ${kind}`);
		return reply as Is<K>;
	}

	/** Begins with what is stored: the last sheet of each channel that was not forgotten. */
	start(sheets: Iterable<readonly [bigint, Uint8Array]>, options?: Options): void {
		const request = new Writer().u8(0).option(options, (w, { together, resubmit, tower }) => {
			w.u32(together).u32(resubmit).option(tower, (t, { account, key, reward, strict }) => {
				t.fixed(account, 32).fixed(key, 32).u128(reward).bool(strict);
			});
		});
		this.expect('done', request.list([...sheets], (w, [channel, bytes]) => w.u64(channel).blob(bytes)));
	}

	/** Takes a step. Nothing of it is done before it is stored. */
	step(want: Want): Stepped {
		const reply = this.ask(writeWant(new Writer().u8(1), want));
		switch (reply.kind) {
			case 'writes':
				return { writes: reply.writes };
			case 'ask':
				return { ask: reply.conditions };
			default:
				throw new MachineError('request', `the machine answers a step by ${reply.kind}`);
		}
	}

	/** The writes of the last step are durable: what is to be done now. */
	stored(): Deed[] {
		return this.expect('deeds', new Writer().u8(2)).deeds;
	}

	/** What goes out under a ticket. */
	sign(ticket: number, signature?: Uint8Array): Signed {
		const request = new Writer().u8(3).u32(ticket).option(signature, (w, bytes) => w.fixed(bytes, 64));
		const reply = this.ask(request);
		switch (reply.kind) {
			case 'bytes':
				return { message: reply.bytes };
			case 'call':
				return { call: reply.call, free: reply.free };
			default:
				throw new MachineError('request', `the machine answers a ticket by ${reply.kind}`);
		}
	}

	/** Whose key signs under a ticket: that of our side, or the one that is taken instead. */
	signer(ticket: number): Uint8Array {
		return this.expect('bytes', new Writer().u8(13).u32(ticket)).bytes;
	}

	/** How a channel stands. */
	view(channel: bigint): ChannelView {
		return this.expect('view', new Writer().u8(4).u64(channel)).view;
	}

	/** What the chain knows of conditions; nothing, if nobody has met them. */
	learn(known: readonly (readonly [Uint8Array, Reveal | undefined])[]): void {
		const request = new Writer().u8(5).list(known, (w, [condition, reveal]) => {
			w.fixed(condition, 32).option(reveal, (r, { tick, value, total }) => r.u32(tick).u32(value).u32(total));
		});
		this.expect('done', request);
	}

	/** Blocks were passed over: conditions are asked for anew. */
	forget(): void {
		this.expect('done', new Writer().u8(6));
	}

	/** Messages as the bytes of a file, not sealed yet. */
	writeEnvelope(channel: bigint, messages: readonly Uint8Array[]): Uint8Array {
		const request = new Writer().u8(7).u64(channel).list(messages, (w, message) => w.blob(message));
		return this.expect('bytes', request).bytes;
	}

	/** The messages of a file that was opened. */
	readEnvelope(bytes: Uint8Array): { readonly channel: bigint; readonly messages: Uint8Array[] } {
		const { channel, messages } = this.expect('envelope', new Writer().u8(8).blob(bytes));
		return { channel, messages };
	}

	/** The ed25519 key of a secret of 32 bytes. */
	keyOf(secret: Uint8Array): Uint8Array {
		return this.expect('bytes', new Writer().u8(9).fixed(secret, 32)).bytes;
	}

	/** Signs 32 bytes with a secret. */
	signWith(secret: Uint8Array, payload: Uint8Array): Uint8Array {
		return this.expect('bytes', new Writer().u8(10).fixed(secret, 32).fixed(payload, 32)).bytes;
	}

	/** Whether a key signed 32 bytes, by the chain's rule. */
	verify(key: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean {
		const request = new Writer().u8(11).fixed(key, 32).fixed(payload, 32).fixed(signature, 64);
		return this.expect('yes', request).yes;
	}

	/** The 32 bytes that the account of a side signs to agree to a channel; `expiry` is the last tick to open it. */
	agreement(genesis: Uint8Array, side: Side, terms: Terms, opener: Uint8Array, expiry: number): Uint8Array {
		const request = new Writer().u8(12).fixed(genesis, 32).u8(sideNumber(side));
		request.fixed(terms.keys.low, 32).fixed(terms.keys.high, 32).u32(terms.window);
		return this.expect('bytes', request.fixed(opener, 32).u32(expiry)).bytes;
	}
}
