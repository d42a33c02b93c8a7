/**
 * The letter that travels with a lock: a layer for each hop, of which nobody sees more than its own. Layout and golden
 * bytes: `pay/routes`.
 */

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { concat, Reader, same, Writer } from '../scale.js';

/** Bytes of each letter, however many hops it has left. */
export const LETTER = 512;
/** Hops of a way, at most: that many nodes open a letter. */
export const MAX_HOPS = 8;
const VERSION = 1;
const POINT = 32;
const MAC = 16;
const BODY = LETTER - 1 - POINT - MAC;
/** What a mediator is told: a kind, a channel, an amount, an expiry. */
const TOLD = 1 + 8 + 16 + 4;
/** By so much the layers move up at each mediator. */
const CELL = TOLD + MAC;
/** Bytes that the payee is told, at most. */
export const MAX_LAST = BODY - (MAX_HOPS - 1) * CELL - 2;
const KIND_ON = 0;
const KIND_LAST = 1;
/** Bytes of a fault in clear, with what fills it. */
const CLEAR = 32;
/** Bytes of a sealed fault. */
export const SEALED_FAULT = CLEAR + MAC;

const DOMAIN = new TextEncoder().encode('SmartChain/pay/letter/v1\0');
const NOTHING = new Uint8Array();
/** Each key seals one thing: so its number may be the same each time. */
const NONCE = new Uint8Array(12);

/** What is wrong with a letter, as a sentence. */
export class LetterError extends Error {
	override name = 'LetterError';
}

/** What a mediator is told: how the lock goes on. */
export interface On {
	/** In which channel. */
	readonly channel: bigint;
	/** How much, in planck. */
	readonly amount: bigint;
	/** The last tick at which meeting the condition counts there. */
	readonly expiry: number;
}

/** What a program takes for carrying payments on. */
export interface Policy {
	/** For each payment, in planck, */
	readonly base: bigint;
	/** and of each million planck of it. */
	readonly ppm: number;
	/** How many ticks later than the onward lock one has to expire that comes. */
	readonly margin: number;
}

/** Why a hop did not carry a payment on, or did not take it. The last three are the payee's. */
export type Fault =
	| { readonly kind: 'no-way' | 'lacks' | 'away' | 'unknown' | 'unwanted' | 'too-late' }
	/** It takes more, or wants more time: by this policy. */
	| { readonly kind: 'dearer'; readonly policy: Policy };

const FAULTS = ['no-way', 'lacks', 'away', 'dearer', 'unknown', 'unwanted', 'too-late'] as const;

/** What a hop finds in a letter. */
export interface Opened {
	/** It goes on, with this letter; or it ends here, and this is said. */
	readonly found:
		| { readonly kind: 'on'; readonly on: On; readonly letter: Uint8Array }
		| { readonly kind: 'last'; readonly said: Uint8Array };
	/** The key by which the payer is told why it came to nothing. */
	readonly fault: Uint8Array;
	/** What it is remembered by: no other letter has the same. */
	readonly mark: Uint8Array;
}

/** A letter that is to be sealed. */
export interface Draft {
	readonly genesis: Uint8Array;
	/** The hash of the condition of the lock that it travels with. */
	readonly condition: Uint8Array;
	/** 32 secret bytes that are used for nothing else. */
	readonly session: Uint8Array;
	/** The key of each mediator's node, and how the lock goes on from there. */
	readonly mediators: readonly { readonly node: Uint8Array; readonly on: On }[];
	/** The key of the payee's node. */
	readonly payee: Uint8Array;
	/** What the payee is told, {@link MAX_LAST} bytes at most. */
	readonly last: Uint8Array;
}

const LABELS = ['body', 'pad', 'blind', 'fault', 'room', 'mark'] as const;
type Label = (typeof LABELS)[number];

/** A key for one use, of what is shared under a point. */
function derive(genesis: Uint8Array, label: Label, point: Uint8Array, shared: Uint8Array): Uint8Array {
	const number = Uint8Array.of(LABELS.indexOf(label));
	return blake2b(concat(DOMAIN, genesis, number, point, shared), { dkLen: 32 });
}

/** What a secret and a point share. */
function agree(secret: Uint8Array, point: Uint8Array): Uint8Array {
	try {
		return x25519.getSharedSecret(secret, point);
	} catch {
		throw new LetterError('a key in the letter is none that a program makes');
	}
}

function sealWith(key: Uint8Array, bound: Uint8Array, bytes: Uint8Array): { body: Uint8Array; mac: Uint8Array } {
	const sealed = chacha20poly1305(key, NONCE, bound).encrypt(bytes);
	return { body: sealed.slice(0, bytes.length), mac: sealed.slice(bytes.length) };
}

function openWith(key: Uint8Array, bound: Uint8Array, body: Uint8Array, mac: Uint8Array): Uint8Array | undefined {
	try {
		return chacha20poly1305(key, NONCE, bound).decrypt(concat(body, mac));
	} catch {
		return undefined;
	}
}

/** What is laid over what this key seals. */
const stream = (key: Uint8Array, length: number) => sealWith(key, NOTHING, new Uint8Array(length)).body;

function lay(bytes: Uint8Array, over: Uint8Array): Uint8Array {
	return bytes.map((byte, at) => byte ^ (over[at] ?? 0));
}

/** With another lock a letter does not open. */
const boundTo = (condition: Uint8Array) => concat(Uint8Array.of(VERSION), condition);

/** Seals a letter: its bytes, and for each hop by which key it says why the payment came to nothing. */
export function sealLetter(draft: Draft): { readonly letter: Uint8Array; readonly faults: readonly Uint8Array[] } {
	const { genesis, condition, session, mediators, payee, last } = draft;
	if (mediators.length >= MAX_HOPS) throw new LetterError(`a way has 1 to ${MAX_HOPS} hops`);
	if (last.length > MAX_LAST) throw new LetterError('too much is said to the payee');
	const keys = [...mediators.map(({ node }) => node), payee];
	const first = x25519.getPublicKey(session);
	const hops = sharedWith(genesis, session, first, keys);
	let inner = innermost(hops, derive(genesis, 'room', first, session), last);
	let mac: Uint8Array = new Uint8Array(MAC);
	for (const [at, { secret }] of [...hops.entries()].reverse()) {
		const on = mediators[at]?.on;
		if (on) {
			const told = new Writer().u8(KIND_ON).u64(on.channel).u128(on.amount).u32(on.expiry).done();
			inner = concat(told, mac, inner.slice(0, BODY - CELL));
		}
		({ body: inner, mac } = sealWith(secret('body'), boundTo(condition), inner));
	}
	const faults = hops.map(({ secret }) => secret('fault'));
	return { letter: concat(Uint8Array.of(VERSION), first, mac, inner), faults };
}

interface Shared {
	secret(label: Label): Uint8Array;
}

/** What the payer shares with each hop. */
function sharedWith(
	genesis: Uint8Array,
	session: Uint8Array,
	first: Uint8Array,
	keys: readonly Uint8Array[],
): Shared[] {
	const factors = [session];
	let point = first;
	return keys.map((key) => {
		const [shared, at] = [factors.reduce((so, factor) => agree(factor, so), key), point];
		const secret = (label: Label) => derive(genesis, label, at, shared);
		const blind = secret('blind');
		point = agree(blind, point);
		factors.push(blind);
		return { secret };
	});
}

/** What the payee finds, in clear, with the end that the layers before it will have made of it. */
function innermost(hops: readonly Shared[], room: Uint8Array, last: Uint8Array): Uint8Array {
	let end = NOTHING as Uint8Array;
	for (const [at, { secret }] of hops.entries()) {
		const cover = stream(secret('body'), BODY);
		end = lay(end, cover.slice(BODY - end.length));
		if (at + 1 < hops.length) end = concat(end, stream(secret('pad'), CELL));
	}
	// What is left is filled with what looks like the rest: nobody counts hops by it.
	const inner = stream(room, BODY);
	inner.set([KIND_LAST, last.length]);
	inner.set(last, 2);
	inner.set(end, BODY - end.length);
	return inner;
}

/** Takes off the layer that is for the node with this secret. */
export function openLetter(
	letter: Uint8Array,
	genesis: Uint8Array,
	condition: Uint8Array,
	nodeSecret: Uint8Array,
): Opened {
	if (letter.length !== LETTER || letter[0] !== VERSION) throw new LetterError('the letter is none of this version');
	const [point, mac] = [letter.slice(1, 1 + POINT), letter.slice(1 + POINT, LETTER - BODY)];
	const shared = agree(nodeSecret, point);
	const secret = (label: Label) => derive(genesis, label, point, shared);
	const body = openWith(secret('body'), boundTo(condition), letter.slice(LETTER - BODY), mac);
	if (!body) throw new LetterError('the letter is not for this node and this lock, or was changed on the way');
	const [fault, mark] = [secret('fault'), secret('mark')];
	const reader = new Reader(body);
	switch (reader.u8()) {
		case KIND_ON: {
			const on = { channel: reader.u64(), amount: reader.u128(), expiry: reader.u32() };
			const onward = concat(Uint8Array.of(VERSION), agree(secret('blind'), point), reader.take(MAC));
			const rest = concat(reader.take(reader.left()), stream(secret('pad'), CELL));
			return { found: { kind: 'on', on, letter: concat(onward, rest) }, fault, mark };
		}
		case KIND_LAST: {
			const length = reader.u8();
			if (length <= MAX_LAST) return { found: { kind: 'last', said: reader.take(length) }, fault, mark };
		}
	}
	throw new LetterError('the letter says something that this program does not know');
}

/** Writes a policy in SCALE. */
export const writePolicy = (writer: Writer, { base, ppm, margin }: Policy): Writer =>
	writer.u128(base).u32(ppm).u32(margin);
/** Reads a policy in SCALE. */
export const readPolicy = (reader: Reader): Policy =>
	({ base: reader.u128(), ppm: reader.u32(), margin: reader.u32() });

/** Seals why a payment comes to nothing, for its payer alone. One letter has one fault. */
export function sealFault(key: Uint8Array, fault: Fault): Uint8Array {
	const writer = new Writer().u8(FAULTS.indexOf(fault.kind));
	if (fault.kind === 'dearer') writePolicy(writer, fault.policy);
	const clear = new Uint8Array(CLEAR);
	clear.set(writer.done());
	const { body, mac } = sealWith(key, NOTHING, clear);
	return concat(body, mac);
}

/** Opens what a hop has sealed; nothing, if another one did, or somebody changed it. */
export function openFault(key: Uint8Array, sealed: Uint8Array): Fault | undefined {
	if (sealed.length !== SEALED_FAULT) return undefined;
	const clear = openWith(key, NOTHING, sealed.slice(0, CLEAR), sealed.slice(CLEAR));
	if (!clear) return undefined;
	const reader = new Reader(clear);
	const kind = FAULTS[reader.u8()];
	if (!kind) return undefined;
	const fault: Fault = kind === 'dearer' ? { kind, policy: readPolicy(reader) } : { kind };
	return same(reader.take(reader.left()), new Uint8Array(CLEAR - 1 - (kind === 'dearer' ? 24 : 0)))
		? fault
		: undefined;
}
