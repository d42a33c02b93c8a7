/**
 * Noise as `smart-pay` speaks it: XX for connections, X for envelopes, both with X25519, ChaCha20-Poly1305, BLAKE2s.
 * Golden bytes: `pay/wire/tests/golden/noise-v1.txt`.
 */

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { blake2s } from '@noble/hashes/blake2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { concat, same, Reader, Writer } from './scale.js';

/** Bytes of a seal. */
const TAG = 16;
/** Bytes of a message of a handshake, at most. */
const MAX_HANDSHAKE = 256;
/** Bytes of an envelope, at most. */
export const MAX_SEALED = 65_535;

const CONNECTION = 'Noise_XX_25519_ChaChaPoly_BLAKE2s';
const ENVELOPE = 'Noise_X_25519_ChaChaPoly_BLAKE2s';
const text = new TextEncoder();
const CONNECTION_PROLOGUE = text.encode('SmartChain/pay/wire/v1\0');
const ENVELOPE_PROLOGUE = text.encode('SmartChain/pay/envelope/v1\0');
const NOTHING = new Uint8Array();

/** What does not open: sealed for another key, of another chain, doubled, changed, or cut short. */
export class NoiseError extends Error {
	override name = 'NoiseError';
}

/** The key pair of a node. */
export interface Identity {
	/** 32 bytes that nobody else has. */
	readonly secret: Uint8Array;
	/** By which partners know it. */
	readonly key: Uint8Array;
}

/** Random bytes. */
export function random(length: number): Uint8Array {
	return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

/** The pair of a secret; of a new one if there is none yet. */
export function identity(secret: Uint8Array = random(32)): Identity {
	return { secret, key: x25519.getPublicKey(secret) };
}

class Cipher {
	private count = 0n;

	constructor(private readonly key: Uint8Array) {}

	private cipher(extra: Uint8Array) {
		const nonce = new Uint8Array(12);
		new DataView(nonce.buffer).setBigUint64(4, this.count, true);
		return chacha20poly1305(this.key, nonce, extra);
	}

	seal(extra: Uint8Array, plain: Uint8Array): Uint8Array {
		const sealed = this.cipher(extra).encrypt(plain);
		this.count += 1n;
		return sealed;
	}

	open(extra: Uint8Array, sealed: Uint8Array): Uint8Array {
		let plain: Uint8Array;
		try {
			plain = this.cipher(extra).decrypt(sealed);
		} catch {
			throw new NoiseError('what came does not open: it is for another key, of another chain, or damaged');
		}
		this.count += 1n;
		return plain;
	}
}

/** What both ends of a handshake have in common so far. */
class Symmetric {
	private hash: Uint8Array;
	private chaining: Uint8Array;
	private cipher: Cipher | undefined;

	constructor(protocol: string, prologue: Uint8Array) {
		const name = text.encode(protocol);
		this.hash = name.length <= 32 ? concat(name, new Uint8Array(32 - name.length)) : blake2s(name);
		this.chaining = this.hash;
		this.mixHash(prologue);
	}

	mixHash(bytes: Uint8Array): void {
		this.hash = blake2s(concat(this.hash, bytes));
	}

	private derive(input: Uint8Array): [Uint8Array, Uint8Array] {
		const key = hmac(blake2s, this.chaining, input);
		const first = hmac(blake2s, key, Uint8Array.of(1));
		return [first, hmac(blake2s, key, concat(first, Uint8Array.of(2)))];
	}

	mixKey(shared: Uint8Array): void {
		const [chaining, key] = this.derive(shared);
		this.chaining = chaining;
		this.cipher = new Cipher(key);
	}

	seal(plain: Uint8Array): Uint8Array {
		const sealed = this.cipher ? this.cipher.seal(this.hash, plain) : plain;
		this.mixHash(sealed);
		return sealed;
	}

	open(sealed: Uint8Array): Uint8Array {
		const plain = this.cipher ? this.cipher.open(this.hash, sealed) : sealed;
		this.mixHash(sealed);
		return plain;
	}

	split(): [Cipher, Cipher] {
		const [first, second] = this.derive(NOTHING);
		return [new Cipher(first), new Cipher(second)];
	}
}

function agreed(secret: Uint8Array, key: Uint8Array): Uint8Array {
	try {
		return x25519.getSharedSecret(secret, key);
	} catch {
		throw new NoiseError('a key of the handshake is none');
	}
}

/** Seals bytes for whoever has this key: 96 more than what is in it. It says who sent it to its reader alone. */
export function seal(
	from: Identity,
	to: Uint8Array,
	genesis: Uint8Array,
	plain: Uint8Array,
	ephemeral: Identity = identity(),
): Uint8Array {
	const state = new Symmetric(ENVELOPE, concat(ENVELOPE_PROLOGUE, genesis));
	state.mixHash(to);
	state.mixHash(ephemeral.key);
	state.mixKey(agreed(ephemeral.secret, to));
	const sender = state.seal(from.key);
	state.mixKey(agreed(from.secret, to));
	const sealed = concat(ephemeral.key, sender, state.seal(plain));
	if (sealed.length > MAX_SEALED) throw new NoiseError('it is too long for an envelope');
	return sealed;
}

/** Opens what was sealed for this key: by whom, and what. */
export function unseal(me: Identity, genesis: Uint8Array, sealed: Uint8Array): { from: Uint8Array; plain: Uint8Array } {
	if (sealed.length > MAX_SEALED || sealed.length < 96) throw new NoiseError('this is no envelope');
	const state = new Symmetric(ENVELOPE, concat(ENVELOPE_PROLOGUE, genesis));
	state.mixHash(me.key);
	const ephemeral = sealed.slice(0, 32);
	state.mixHash(ephemeral);
	state.mixKey(agreed(me.secret, ephemeral));
	const from = state.open(sealed.slice(32, 64 + TAG));
	state.mixKey(agreed(me.secret, from));
	return { from, plain: state.open(sealed.slice(64 + TAG)) };
}

/** Both directions of a connection, in order: what is doubled, left out or changed does not open. */
export interface Transport {
	/** The key of the node at the other end. */
	readonly key: Uint8Array;
	/** The number of its program. */
	readonly writer: bigint;
	/** The next message out. */
	seal(frame: Uint8Array): Uint8Array;
	/** The next message in. */
	open(sealed: Uint8Array): Uint8Array;
}

/** A handshake of three messages. The caller says who it is to the key that it expects, and to no other. */
export class Handshake {
	private readonly state: Symmetric;
	private readonly greeting: Uint8Array;
	private turn = 0;
	private remoteEphemeral: Uint8Array = NOTHING;
	private remote: { key: Uint8Array; writer: bigint } | undefined;

	/** `expected` is whom a caller means to reach; whoever answers has none. */
	constructor(
		private readonly me: Identity,
		genesis: Uint8Array,
		writer: bigint,
		private readonly expected?: Uint8Array,
		private readonly ephemeral: Identity = identity(),
	) {
		this.state = new Symmetric(CONNECTION, concat(CONNECTION_PROLOGUE, genesis));
		this.greeting = new Writer().u8(1).u64(writer).done();
	}

	private get calls(): boolean {
		return this.expected !== undefined;
	}

	/** Whether it is this end's turn to say something. */
	get mine(): boolean {
		return this.turn < 3 && (this.turn % 2 === 0) === this.calls;
	}

	/** Whether all three messages went through. */
	get finished(): boolean {
		return this.turn === 3;
	}

	/** The next message of this end. */
	write(): Uint8Array {
		if (!this.mine) throw new NoiseError('it is the other end\'s turn');
		const turn = this.turn++;
		const { state, me, ephemeral } = this;
		if (turn === 0) {
			state.mixHash(ephemeral.key);
			return concat(ephemeral.key, state.seal(NOTHING));
		}
		if (turn === 1) {
			state.mixHash(ephemeral.key);
			state.mixKey(agreed(ephemeral.secret, this.remoteEphemeral));
			const sender = state.seal(me.key);
			state.mixKey(agreed(me.secret, this.remoteEphemeral));
			return concat(ephemeral.key, sender, state.seal(this.greeting));
		}
		const sender = state.seal(me.key);
		state.mixKey(agreed(me.secret, this.remoteEphemeral));
		return concat(sender, state.seal(this.greeting));
	}

	/** Takes a message of the other end. */
	read(bytes: Uint8Array): void {
		if (this.mine || this.finished) throw new NoiseError('it is this end\'s turn');
		if (bytes.length > MAX_HANDSHAKE) throw new NoiseError('a message of the handshake is too long');
		const turn = this.turn++;
		const { state, ephemeral } = this;
		if (turn < 2) {
			if (bytes.length < 32) throw new NoiseError('a message of the handshake is too short');
			this.remoteEphemeral = bytes.slice(0, 32);
			state.mixHash(this.remoteEphemeral);
		}
		if (turn === 0) {
			if (state.open(bytes.slice(32)).length > 0) throw new NoiseError('its first message says something');
			return;
		}
		if (turn === 1) state.mixKey(agreed(ephemeral.secret, this.remoteEphemeral));
		const start = turn === 1 ? 32 : 0;
		const key = state.open(bytes.slice(start, start + 32 + TAG));
		if (this.expected && !same(this.expected, key)) {
			throw new NoiseError('somebody else answered: check key and address');
		}
		state.mixKey(agreed(ephemeral.secret, key));
		const greeting = new Reader(state.open(bytes.slice(start + 32 + TAG)));
		if (greeting.u8() !== 1) throw new NoiseError('its greeting is of a version that is not known here');
		this.remote = { key, writer: greeting.u64() };
		greeting.end();
	}

	/** The connection. */
	finish(): Transport {
		if (!this.finished || !this.remote) throw new NoiseError('the handshake is not finished');
		const [first, second] = this.state.split();
		const [out, into] = this.calls ? [first, second] : [second, first];
		return {
			...this.remote,
			seal: (frame) => out.seal(NOTHING, frame),
			open: (sealed) => into.open(NOTHING, sealed),
		};
	}
}
