// Headers as a node's JSON-RPC tells them: hashes, and what POCA writes into them.

import { Blake2256, compactNumber } from '@polkadot-api/substrate-bindings';
import { fromHex, mergeUint8, toHex } from '@polkadot-api/utils';

const PRE_RUNTIME = 6;
const POCA = [...'POCA'].map((letter) => letter.charCodeAt(0));
/** The version of a pre-digest that is read here. */
const VERSION = 1;
/** Bytes of a VRF output with its proof. */
const VRF = 96;

/** The hash of a header. */
export function hashOf({ parentHash, number, stateRoot, extrinsicsRoot, digest: { logs } }) {
	return toHex(Blake2256(mergeUint8([
		fromHex(parentHash), compactNumber.enc(Number(number)), fromHex(stateRoot), fromHex(extrinsicsRoot),
		compactNumber.enc(logs.length), ...logs.map((log) => fromHex(log)),
	])));
}

/**
 * What the author says in a header: slot, place in the order of turns, whether the block is full, and what it holds
 * final.
 */
export function preDigest({ digest: { logs } }) {
	for (const log of logs) {
		const bytes = fromHex(log);
		if (bytes[0] !== PRE_RUNTIME || POCA.some((letter, index) => bytes[1 + index] !== letter)) continue;
		// A length of at most 16,383 takes one byte or two.
		const at = 5 + ((bytes[5] & 3) === 0 ? 1 : 2);
		if (bytes[at] !== VERSION) return undefined;
		const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
		const slot = Number(view.getBigUint64(1, true));
		const author = view.getUint16(9, true);
		const full = view.getUint8(11) === 1;
		const hasVrf = view.getUint8(12) === 1;
		const claimed = view.getUint32(13 + (hasVrf ? VRF : 0), true);
		return { slot, author, full, startsTurn: hasVrf, claimed };
	}
	return undefined;
}

/** A block as it is kept here. */
export function block(header) {
	const digest = preDigest(header);
	const number = Number(header.number);
	return { hash: hashOf(header), parent: header.parentHash, number, items: header.digest.logs.length, ...digest };
}
