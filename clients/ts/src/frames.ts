/** What programs tell each other: the frames of `pay/wire`, and within them those of `smart-pay`. */

import { readPolicy, writePolicy, type Policy } from './pay/letter.js';
import { Reader, ScaleError, Writer } from './scale.js';

/** Bytes of a frame, at most. */
export const MAX_FRAME = 65_519;

const VERSION = 1;
const CHANNEL = 1;
const PING = 2;
const PONG = 3;
const BYE = 4;
const OWN = 64;

/** Why a connection ends, by its number. */
export const BYES = [
	'it leaves',
	'another program with this key is connected: end one of the two, they forfeit money',
	'there is a connection already',
	'it has too many connections: try later',
] as const;

/** What `smart-pay` says besides messages of channels. What this package does not know is left out. */
export type Say =
	/** The first word on each connection: whose program it is, on which nothing rests, and what it takes as a relay. */
	| { readonly kind: 'hello'; readonly account: Uint8Array; readonly policy?: Policy | undefined }
	/** "Will you have a channel with me?" */
	| {
		readonly kind: 'ask-open';
		readonly id: bigint;
		readonly opener: Uint8Array;
		readonly key: Uint8Array;
		/** In ticks. */
		readonly window: number;
	}
	/** "Yes": what the account signed, a `MultiSignature` in SCALE. */
	| {
		readonly kind: 'agree-open';
		readonly id: bigint;
		readonly account: Uint8Array;
		readonly key: Uint8Array;
		/** The last tick at which it may be opened. */
		readonly expiry: number;
		readonly signature: Uint8Array;
	}
	| { readonly kind: 'refuse-open'; readonly id: bigint; readonly why: string }
	/** To a tower: what it is to bring to the chain, in SCALE; or what shows that a lock is met. */
	| { readonly kind: 'watch'; readonly watch: Uint8Array }
	| { readonly kind: 'guard'; readonly channel: bigint; readonly guard: Uint8Array }
	/** To a tower: the lock is paid. */
	| { readonly kind: 'unguard'; readonly channel: bigint; readonly lock: bigint }
	/** From a tower: that it watches, in SCALE. */
	| { readonly kind: 'receipt'; readonly channel: bigint; readonly receipt: Uint8Array }
	| { readonly kind: 'unknown'; readonly number: number };

/** A frame. */
export type Frame =
	| { readonly kind: 'channel'; readonly channel: bigint; readonly message: Uint8Array }
	| { readonly kind: 'ping' | 'pong'; readonly number: bigint }
	| { readonly kind: 'bye'; readonly why: number }
	| { readonly kind: 'say'; readonly say: Say };

function body(frame: Frame): [number, Uint8Array] {
	const writer = new Writer();
	switch (frame.kind) {
		case 'channel':
			return [CHANNEL, writer.u64(frame.channel).raw(frame.message).done()];
		case 'ping':
			return [PING, writer.u64(frame.number).done()];
		case 'pong':
			return [PONG, writer.u64(frame.number).done()];
		case 'bye':
			return [BYE, writer.u8(frame.why).done()];
		case 'say':
			return [OWN, writeSay(writer, frame.say).done()];
	}
}

function writeSay(writer: Writer, say: Say): Writer {
	switch (say.kind) {
		case 'hello':
			return writer.u8(0).fixed(say.account, 32).option(say.policy, writePolicy);
		case 'ask-open':
			return writer.u8(2).u64(say.id).fixed(say.opener, 32).fixed(say.key, 32).u32(say.window);
		case 'agree-open':
			writer.u8(3).u64(say.id).fixed(say.account, 32).fixed(say.key, 32);
			return writer.u32(say.expiry).raw(say.signature);
		case 'refuse-open':
			return writer.u8(4).u64(say.id).blob(new TextEncoder().encode(say.why));
		case 'watch':
			return writer.u8(7).raw(say.watch);
		case 'receipt':
			return writer.u8(8).u64(say.channel).raw(say.receipt);
		case 'guard':
			return writer.u8(9).u64(say.channel).raw(say.guard);
		case 'unguard':
			return writer.u8(10).u64(say.channel).u64(say.lock);
		case 'unknown':
			throw new ScaleError('what is not known cannot be said');
	}
}

/** The bytes of a frame. */
export function writeFrame(frame: Frame): Uint8Array {
	const [kind, bytes] = body(frame);
	const all = new Writer().u8(VERSION).u8(kind).u16(bytes.length).raw(bytes).done();
	if (all.length > MAX_FRAME) throw new ScaleError(`a frame has ${MAX_FRAME} bytes at most`);
	return all;
}

/** The frame that these are the bytes of, all of them. */
export function readFrame(bytes: Uint8Array): Frame {
	if (bytes.length > MAX_FRAME) throw new ScaleError(`a frame has ${MAX_FRAME} bytes at most`);
	const reader = new Reader(bytes);
	const version = reader.u8();
	if (version !== VERSION) throw new ScaleError(`frames of version ${version} are not known: use a newer package`);
	const kind = reader.u8();
	if (reader.u16() !== reader.left()) throw new ScaleError('a frame has another length than it says');
	const frame = readBody(kind, reader);
	reader.end();
	return frame;
}

function readBody(kind: number, reader: Reader): Frame {
	switch (kind) {
		case CHANNEL:
			return { kind: 'channel', channel: reader.u64(), message: reader.take(reader.left()) };
		case PING:
			return { kind: 'ping', number: reader.u64() };
		case PONG:
			return { kind: 'pong', number: reader.u64() };
		case BYE:
			return { kind: 'bye', why: reader.u8() };
		default:
			if (kind < OWN) throw new ScaleError(`frames of kind ${kind} are not known here`);
			return { kind: 'say', say: readSay(kind, reader) };
	}
}

function readSay(kind: number, reader: Reader): Say {
	const number = kind === OWN ? reader.u8() : kind;
	if (kind === OWN) {
		switch (number) {
			case 0: {
				const account = reader.take(32);
				const policy = reader.option(readPolicy);
				return policy ? { kind: 'hello', account, policy } : { kind: 'hello', account };
			}
			case 2: {
				const [id, opener, key] = [reader.u64(), reader.take(32), reader.take(32)];
				return { kind: 'ask-open', id, opener, key, window: reader.u32() };
			}
			case 3: {
				const [id, account, key, expiry] = [reader.u64(), reader.take(32), reader.take(32), reader.u32()];
				return { kind: 'agree-open', id, account, key, expiry, signature: reader.take(reader.left()) };
			}
			case 4:
				return { kind: 'refuse-open', id: reader.u64(), why: reader.text() };
			case 8:
				return { kind: 'receipt', channel: reader.u64(), receipt: reader.take(reader.left()) };
		}
	}
	reader.take(reader.left());
	return { kind: 'unknown', number };
}
