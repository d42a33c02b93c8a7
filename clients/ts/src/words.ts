/** What the machine in Wasm is asked, and what it answers: `clients/wasm/src/words.rs`, byte for byte. */

import { Reader, ScaleError, Writer } from './scale.js';

/** One side of a channel: `low` is that of the lower account. */
export type Side = 'low' | 'high';
/** A value for each side. */
export interface PerSide<V> {
	readonly low: V;
	readonly high: V;
}
/** A lock in a channel. */
export interface Place {
	readonly channel: bigint;
	readonly id: bigint;
}
/** A lock, as its payer's half has it. */
export interface Lock {
	readonly id: bigint;
	/** In planck. */
	readonly amount: bigint;
	/** The last tick at which meeting its condition counts. */
	readonly expiry: number;
	/** The hash of its condition. */
	readonly condition: Uint8Array;
}
/** When a condition was met on chain, and how many parts of how many. */
export interface Reveal {
	readonly tick: number;
	readonly value: number;
	readonly total: number;
}
/**
 * Why a lock comes to nothing, by its number: 6 has a number of the program's own beside it, 7 has what a hop has
 * sealed for the payer alone.
 */
export type Reason = { readonly code: number; readonly own?: number; readonly sealed?: Uint8Array };

/** A fact of a final block. `state` is what the runtime's `ChannelsApi_channel` answers, in SCALE. */
export type Told =
	| {
		readonly kind: 'opened';
		readonly genesis: Uint8Array;
		readonly channel: bigint;
		/** Our account. */
		readonly account: Uint8Array;
		/** Without the byte that says that it is there. */
		readonly state: Uint8Array;
	}
	| {
		readonly kind: 'standing';
		readonly channel: bigint;
		/** The whole answer, an option in SCALE: one byte 0 if the channel is gone. */
		readonly state: Uint8Array;
		/** The claim's locks in SCALE, from the event `CloseStarted`, if they are known. */
		readonly claimLocks?: Uint8Array;
	}
	| { readonly kind: 'revealed'; readonly condition: Uint8Array; readonly reveal: Reveal };

/** What happened, or is wanted. Amounts are in planck, times in ticks. */
export type Want =
	| { readonly kind: 'final'; readonly tick: number; readonly told: readonly Told[] }
	| { readonly kind: 'best'; readonly channel: bigint; readonly state: Uint8Array; readonly claimLocks?: Uint8Array }
	| { readonly kind: 'connected'; readonly channel: bigint; readonly number: bigint }
	| { readonly kind: 'disconnected'; readonly channel: bigint }
	| { readonly kind: 'received'; readonly channel: bigint; readonly message: Uint8Array }
	| { readonly kind: 'receipt'; readonly channel: bigint; readonly receipt: Uint8Array }
	| { readonly kind: 'wake' }
	| { readonly kind: 'pay'; readonly channel: bigint; readonly amount: bigint; readonly memo: Uint8Array }
	| {
		readonly kind: 'lock';
		readonly channel: bigint;
		readonly amount: bigint;
		readonly expiry: number;
		/** In SCALE. */
		readonly condition: Uint8Array;
		readonly packet: Uint8Array;
	}
	| { readonly kind: 'show'; readonly at: Place; readonly witness: Uint8Array }
	| { readonly kind: 'give-up'; readonly at: Place; readonly reason: Reason }
	| { readonly kind: 'withdraw'; readonly channel: bigint; readonly amount: bigint }
	| { readonly kind: 'together'; readonly channel: bigint }
	| { readonly kind: 'close'; readonly channel: bigint; readonly sure: boolean }
	| { readonly kind: 'close-recovery'; readonly channel: bigint }
	| {
		readonly kind: 'recover';
		readonly genesis: Uint8Array;
		readonly channel: bigint;
		readonly account: Uint8Array;
		readonly state: Uint8Array;
	}
	/** Another key of ours, that was never used in the channel. */
	| { readonly kind: 'rekey'; readonly channel: bigint; readonly key: Uint8Array };

/** What a person may want to know. */
export type Notice =
	| { readonly kind: 'arrived'; readonly channel: bigint; readonly lock: Lock; readonly packet: Uint8Array }
	| {
		readonly kind: 'received';
		readonly channel: bigint;
		readonly amount: bigint;
		readonly memo: Uint8Array;
		readonly lock?: bigint | undefined;
		readonly relayed: boolean;
	}
	| {
		readonly kind: 'paid';
		readonly channel: bigint;
		readonly lock?: bigint | undefined;
		readonly amount: bigint;
		/** What the payee showed for it, leaf by leaf: a preimage where it showed one. */
		readonly shown?: readonly (Uint8Array | undefined)[] | undefined;
	}
	| { readonly kind: 'failed'; readonly channel: bigint; readonly lock: bigint; readonly reason: Reason }
	| { readonly kind: 'data-lost'; readonly channel: bigint }
	| { readonly kind: 'resumed'; readonly channel: bigint }
	| { readonly kind: 'closing'; readonly channel: bigint }
	/** The partner closes alone; `deadline` is the last tick at which answers count. */
	| { readonly kind: 'disputed'; readonly channel: bigint; readonly deadline: number }
	| { readonly kind: 'gone'; readonly channel: bigint }
	/** A side has another key. */
	| { readonly kind: 'rekeyed'; readonly channel: bigint; readonly side: Side };

/** What is to be stored, all of it or nothing. */
export type Kept =
	| { readonly kind: 'sheet'; readonly channel: bigint; readonly bytes: Uint8Array }
	| { readonly kind: 'forget'; readonly channel: bigint }
	| { readonly kind: 'note'; readonly notice: Notice };

/** What goes out once it is signed. */
export interface Ticket {
	readonly channel: bigint;
	readonly ticket: number;
	/** The 32 bytes that a key of ours signs, if any: which key, the machine says. */
	readonly payload?: Uint8Array | undefined;
}

/** What is to be done, in this order, once its step is stored. */
export type Deed =
	| ({ readonly kind: 'send' | 'submit' | 'watch' } & Ticket)
	| { readonly kind: 'guard'; readonly channel: bigint; readonly guard: Uint8Array }
	| { readonly kind: 'unguard'; readonly channel: bigint; readonly lock: bigint }
	| { readonly kind: 'notify'; readonly notice: Notice }
	| { readonly kind: 'progress'; readonly at: Place; readonly steps: number }
	| { readonly kind: 'watched'; readonly channel: bigint; readonly nonce: bigint };

/** What a side has paid. */
export interface Part {
	/** For good since the channel was opened, in planck. */
	readonly paid: bigint;
	/** Locked now, in planck. */
	readonly locked: bigint;
	/** The number of its newest half; 0 if there is none. */
	readonly nonce: bigint;
}

/** How far a channel is. */
export type Phase = 'open' | 'lost' | 'parting' | 'closing' | 'settled' | 'recovering';
const PHASES: readonly Phase[] = ['open', 'lost', 'parting', 'closing', 'settled', 'recovering'];

/** How a channel stands. Amounts are in planck. */
export interface ChannelView {
	/** Our side. */
	readonly side: Side;
	/** 0 is STCI. */
	readonly asset: number;
	readonly keys: PerSide<Uint8Array>;
	/** For how many ticks answers to a close count. */
	readonly window: number;
	readonly deposited: PerSide<bigint>;
	readonly withdrawn: PerSide<bigint>;
	readonly ours: Part;
	readonly theirs: Part;
	/** What can still be paid. */
	readonly room: bigint;
	/** The highest nonce of ours that the partner has acknowledged by a half of its own. */
	readonly acked: bigint;
	/** The newest half of ours that the partner holds durably, as far as it has said since the start. */
	readonly confirmed: bigint;
	readonly phase: Phase;
	/** Why nothing can be signed; missing if it can. */
	readonly stopped?: string | undefined;
	/** If a side closes alone. */
	readonly closing?: { readonly by: Side; readonly deadline: number } | undefined;
	/** The tick of the last final block; 0 before the first. */
	readonly now: number;
}

/** What the machine goes by. Times are ticks. */
export interface Options {
	/** For how long a closing together and a withdrawal count that we propose. */
	readonly together: number;
	/** A call to the chain whose effect is not seen is made again after so long. */
	readonly resubmit: number;
	/** A tower that watches for us. */
	readonly tower?: {
		readonly account: Uint8Array;
		readonly key: Uint8Array;
		readonly reward: bigint;
		readonly strict: boolean;
	};
}

/** Keys and window of a channel. */
export interface Terms {
	readonly keys: PerSide<Uint8Array>;
	/** In ticks. */
	readonly window: number;
}

/** Kinds of faults, by their number. */
export const FAULTS = ['request', 'turn', 'refused', 'store', 'envelope', 'signature'] as const;
/** What kind of fault it is. */
export type FaultKind = (typeof FAULTS)[number] | 'broken';

/** An answer of the machine. */
export type Reply =
	| { readonly kind: 'done' }
	| { readonly kind: 'writes'; readonly writes: Kept[] }
	| { readonly kind: 'deeds'; readonly deeds: Deed[] }
	| { readonly kind: 'bytes'; readonly bytes: Uint8Array }
	| { readonly kind: 'ask'; readonly conditions: Uint8Array[] }
	| { readonly kind: 'view'; readonly view: ChannelView }
	| { readonly kind: 'envelope'; readonly channel: bigint; readonly messages: Uint8Array[] }
	| { readonly kind: 'call'; readonly free: boolean; readonly call: Uint8Array }
	| { readonly kind: 'yes'; readonly yes: boolean }
	| { readonly kind: 'fault'; readonly fault: FaultKind; readonly text: string };

/** Bytes of a sealed reason. */
const SEALED = 48;

/** The number of a side. */
export const sideNumber = (side: Side): number => (side === 'low' ? 0 : 1);

const place = (writer: Writer, at: Place) => writer.u64(at.channel).u64(at.id);

function writeTold(writer: Writer, told: Told): void {
	switch (told.kind) {
		case 'opened':
			writer.u8(0).fixed(told.genesis, 32).u64(told.channel).fixed(told.account, 32).raw(told.state);
			return;
		case 'standing':
			writer.u8(1).u64(told.channel).raw(told.state).option(told.claimLocks, (w, locks) => w.raw(locks));
			return;
		case 'revealed': {
			const { tick, value, total } = told.reveal;
			writer.u8(2).fixed(told.condition, 32).u32(tick).u32(value).u32(total);
		}
	}
}

function writeReason(writer: Writer, { code, own, sealed }: Reason): Writer {
	writer.u8(code);
	if (code === 7) return writer.fixed(sealed ?? new Uint8Array(SEALED), SEALED);
	return code === 6 ? writer.u8(own ?? 0) : writer;
}

/** Writes a want as the machine reads it. */
export function writeWant(writer: Writer, want: Want): Writer {
	switch (want.kind) {
		case 'final':
			return writer.u8(0).u32(want.tick).list(want.told, writeTold);
		case 'best':
			return writer.u8(1).u64(want.channel).raw(want.state).option(want.claimLocks, (w, locks) => w.raw(locks));
		case 'connected':
			return writer.u8(2).u64(want.channel).u64(want.number);
		case 'disconnected':
			return writer.u8(3).u64(want.channel);
		case 'received':
			return writer.u8(4).u64(want.channel).raw(want.message);
		case 'receipt':
			return writer.u8(5).u64(want.channel).raw(want.receipt);
		case 'wake':
			return writer.u8(6);
		case 'pay':
			return writer.u8(7).u64(want.channel).u128(want.amount).fixed(want.memo, 32);
		case 'lock':
			writer.u8(8).u64(want.channel).u128(want.amount).u32(want.expiry);
			return writer.raw(want.condition).blob(want.packet);
		case 'show':
			return place(writer.u8(9), want.at).raw(want.witness);
		case 'give-up':
			return writeReason(place(writer.u8(10), want.at), want.reason);
		case 'withdraw':
			return writer.u8(11).u64(want.channel).u128(want.amount);
		case 'together':
			return writer.u8(12).u64(want.channel);
		case 'close':
			return writer.u8(13).u64(want.channel).bool(want.sure);
		case 'close-recovery':
			return writer.u8(14).u64(want.channel);
		case 'recover':
			return writer.u8(15).fixed(want.genesis, 32).u64(want.channel).fixed(want.account, 32).raw(want.state);
		case 'rekey':
			return writer.u8(16).u64(want.channel).fixed(want.key, 32);
	}
}

const readPlace = (reader: Reader): Place => ({ channel: reader.u64(), id: reader.u64() });

function readSide(reader: Reader): Side {
	const side = reader.u8();
	if (side > 1) throw new ScaleError(`${side} is no side`);
	return side === 0 ? 'low' : 'high';
}

function readReason(reader: Reader): Reason {
	const code = reader.u8();
	if (code > 7) throw new ScaleError(`${code} is no reason`);
	if (code === 7) return { code, sealed: reader.take(SEALED) };
	return code === 6 ? { code, own: reader.u8() } : { code };
}

/** What was shown for a leaf: the preimage, if it is one. */
function readLeaf(reader: Reader): Uint8Array | undefined {
	const kind = reader.u8();
	switch (kind) {
		case 0:
			return undefined;
		case 1:
			return reader.take(32);
		case 2:
			reader.take(2 + 32 + 64);
			return undefined;
		case 3:
			reader.take(64);
			return undefined;
		default:
			throw new ScaleError(`${kind} is nothing that is shown`);
	}
}

/** Reads a notice. */
export function readNotice(reader: Reader): Notice {
	const kind = reader.u8();
	const channel = reader.u64();
	switch (kind) {
		case 0: {
			const lock = { id: reader.u64(), amount: reader.u128(), expiry: reader.u32(), condition: reader.take(32) };
			return { kind: 'arrived', channel, lock, packet: reader.blob() };
		}
		case 1: {
			const [amount, memo] = [reader.u128(), reader.take(32)];
			const lock = reader.option((r) => r.u64());
			return { kind: 'received', channel, amount, memo, lock, relayed: reader.bool() };
		}
		case 2: {
			const [lock, amount] = [reader.option((r) => r.u64()), reader.u128()];
			return { kind: 'paid', channel, lock, amount, shown: reader.option((r) => r.list(readLeaf)) };
		}
		case 3:
			return { kind: 'failed', channel, lock: reader.u64(), reason: readReason(reader) };
		case 4:
			return { kind: 'data-lost', channel };
		case 5:
			return { kind: 'resumed', channel };
		case 6:
			return { kind: 'closing', channel };
		case 7:
			return { kind: 'disputed', channel, deadline: reader.u32() };
		case 8:
			return { kind: 'gone', channel };
		case 9:
			return { kind: 'rekeyed', channel, side: readSide(reader) };
		default:
			throw new ScaleError(`${kind} is no notice`);
	}
}

function readKept(reader: Reader): Kept {
	const kind = reader.u8();
	switch (kind) {
		case 0:
			return { kind: 'sheet', channel: reader.u64(), bytes: reader.blob() };
		case 1:
			return { kind: 'forget', channel: reader.u64() };
		case 2:
			return { kind: 'note', notice: readNotice(reader) };
		default:
			throw new ScaleError(`${kind} is nothing that is stored`);
	}
}

function readDeed(reader: Reader): Deed {
	const kind = reader.u8();
	const ticket = (): Ticket => ({
		channel: reader.u64(),
		ticket: reader.u32(),
		payload: reader.option((r) => r.take(32)),
	});
	switch (kind) {
		case 0:
			return { kind: 'send', ...ticket() };
		case 1:
			return { kind: 'submit', ...ticket() };
		case 2:
			return { kind: 'watch', ...ticket() };
		case 3:
			return { kind: 'guard', channel: reader.u64(), guard: reader.blob() };
		case 4:
			return { kind: 'unguard', channel: reader.u64(), lock: reader.u64() };
		case 5:
			return { kind: 'notify', notice: readNotice(reader) };
		case 6:
			return { kind: 'progress', at: readPlace(reader), steps: reader.u16() };
		case 7:
			return { kind: 'watched', channel: reader.u64(), nonce: reader.u64() };
		default:
			throw new ScaleError(`${kind} is nothing that is done`);
	}
}

const readPart = (reader: Reader): Part => ({ paid: reader.u128(), locked: reader.u128(), nonce: reader.u64() });

function readView(reader: Reader): ChannelView {
	const [side, asset] = [readSide(reader), reader.u32()];
	const keys = { low: reader.take(32), high: reader.take(32) };
	const window = reader.u32();
	const deposited = { low: reader.u128(), high: reader.u128() };
	const withdrawn = { low: reader.u128(), high: reader.u128() };
	const [ours, theirs] = [readPart(reader), readPart(reader)];
	const [room, acked, confirmed] = [reader.u128(), reader.u64(), reader.u64()];
	const phase = PHASES[reader.u8()];
	if (!phase) throw new ScaleError('the phase of a channel is not known here');
	const stopped = reader.option((r) => r.text());
	const closing = reader.option((r) => ({ by: readSide(r), deadline: r.u32() }));
	const now = reader.u32();
	const money = { deposited, withdrawn, ours, theirs, room };
	return { side, asset, keys, window, ...money, acked, confirmed, phase, stopped, closing, now };
}

/** Reads an answer, all of it. */
export function readReply(bytes: Uint8Array): Reply {
	const reader = new Reader(bytes);
	const reply = readKnown(reader);
	reader.end();
	return reply;
}

function readKnown(reader: Reader): Reply {
	const kind = reader.u8();
	switch (kind) {
		case 0:
			return { kind: 'done' };
		case 1:
			return { kind: 'writes', writes: reader.list(readKept) };
		case 2:
			return { kind: 'deeds', deeds: reader.list(readDeed) };
		case 3:
			return { kind: 'bytes', bytes: reader.blob() };
		case 4:
			return { kind: 'ask', conditions: reader.list((r) => r.take(32)) };
		case 5:
			return { kind: 'view', view: readView(reader) };
		case 6:
			return { kind: 'envelope', channel: reader.u64(), messages: reader.list((r) => r.blob()) };
		case 7:
			return { kind: 'call', free: reader.bool(), call: reader.blob() };
		case 8:
			return { kind: 'yes', yes: reader.bool() };
		case 9:
			return { kind: 'fault', fault: FAULTS[reader.u8()] ?? 'request', text: reader.text() };
		default:
			throw new ScaleError('the answer is of a version that is not known here: install the package anew');
	}
}
