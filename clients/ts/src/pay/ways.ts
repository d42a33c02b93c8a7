/** Ways over one relay: from a channel of ours to its partner, and from that on in a channel with the payee. */

import { same } from '../scale.js';
import type { Policy } from './letter.js';

/** An open channel of two accounts, as the chain says it. */
export interface Line {
	readonly channel: bigint;
	readonly low: Uint8Array;
	readonly high: Uint8Array;
	/** What is in it, in planck. */
	readonly total: bigint;
}

/** A channel of ours that can be used. */
export interface Own {
	readonly channel: bigint;
	/** The key of the partner's node. */
	readonly node: Uint8Array;
	/** What can be paid in it, in planck. */
	readonly room: bigint;
	/** What the partner takes for carrying payments on; missing if it carries none on. */
	readonly policy: Policy | undefined;
}

/** A way over one relay. */
export interface Way {
	/** Our channel, */
	readonly channel: bigint;
	/** with this node, */
	readonly relay: Uint8Array;
	/** which carries on in this one. */
	readonly on: bigint;
	/** What leaves us, and what the relay takes of it, in planck. */
	readonly amount: bigint;
	readonly fee: bigint;
	/** How many ticks later than the payee's our lock expires. */
	readonly margin: number;
}

/** The least margin of a relay that counts, in ticks: ten minutes. */
export const LEAST_MARGIN = 1_200;
/** For how long a relay may have a payment locked beyond the rest, in ticks: a day. */
export const MOST_MARGIN = 172_800;
/** What a relay may take at most: a twentieth, and a thousandth of an STCI. */
const MOST_FEE = { part: 20n, least: 1_000_000_000n };
const MILLION = 1_000_000n;

/** What a relay takes for carrying this amount on, in planck, rounded up. */
export const feeOf = ({ base, ppm }: Policy, amount: bigint): bigint =>
	base + (amount * BigInt(ppm) + MILLION - 1n) / MILLION;

/** Who is at the other end of a line; nobody, if this account is at none. */
export function otherEnd({ low, high }: Line, account: Uint8Array): Uint8Array | undefined {
	if (same(low, account)) return high;
	return same(high, account) ? low : undefined;
}

/** All ways to a payee over one relay that have room for an amount, the cheapest first. */
export function waysTo(
	payee: Uint8Array,
	amount: bigint,
	lines: readonly Line[],
	account: Uint8Array,
	own: readonly Own[],
): Way[] {
	const ways: Way[] = [];
	for (const { channel, node, room, policy } of own) {
		const line = lines.find((one) => one.channel === channel);
		const relay = line && otherEnd(line, account);
		if (!relay || !policy || policy.margin > MOST_MARGIN) continue;
		const fee = feeOf(policy, amount);
		if (fee > amount / MOST_FEE.part + MOST_FEE.least || room < amount + fee) continue;
		for (const on of lines) {
			const end = otherEnd(on, relay);
			if (!end || !same(end, payee) || on.total < amount) continue;
			const margin = Math.max(policy.margin, LEAST_MARGIN);
			ways.push({ channel, relay: node, on: on.channel, amount: amount + fee, fee, margin });
		}
	}
	// A relay takes any of its channels with the payee; the fullest of the cheapest is the likeliest.
	const total = new Map(lines.map((line) => [line.channel, line.total]));
	const less = (one: bigint, other: bigint) => (one < other ? -1 : Number(one > other));
	return ways.sort((one, other) => less(one.amount, other.amount) || one.margin - other.margin
		|| less(total.get(other.on) ?? 0n, total.get(one.on) ?? 0n));
}
