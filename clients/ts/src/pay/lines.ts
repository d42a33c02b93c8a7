/** Open channels of everybody, read from the chain's storage. */

import { fromHex, Reader, toHex, Writer } from '../scale.js';
import type { Line } from './ways.js';

/** Where `Channels` of `PaymentChannels` lie in storage; what follows is the hash of a number, and the number. */
const PREFIX = 'ae292332b6dd536931c677ffb91518907759ccc18de172078306ca5973251a7b';
/** Of so many numbers of channels, the highest, those are looked at that are open. */
const MOST_IDS = 8_192n;
/** So many at once. */
const AT_ONCE = 512n;
/** Milliseconds for which an answer is used again. */
const FRESH = 60_000;

const U64 = (1n << 64n) - 1n;
const [P1, P2, P3, P4, P5] = [
	0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n, 0x85ebca77c2b2ae63n, 0x27d4eb2f165667c5n,
] as const;
const turned = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & U64;

/** xxHash64 of a number of 64 bits, without a seed. */
export function xxHash64(value: bigint): bigint {
	const mixed = (turned((value * P2) & U64, 31n) * P1) & U64;
	let hash = ((P5 + 8n) & U64) ^ mixed;
	hash = (turned(hash, 27n) * P1 + P4) & U64;
	hash = ((hash ^ (hash >> 33n)) * P2) & U64;
	hash = ((hash ^ (hash >> 29n)) * P3) & U64;
	return hash ^ (hash >> 32n);
}

/** Where a channel lies in storage. */
export function keyOfChannel(channel: bigint): string {
	return `0x${PREFIX}${toHex(new Writer().u64(xxHash64(channel)).u64(channel).done())}`;
}

/** Reads a channel as it is stored; nothing, if it is not open or not of STCI. */
export function readLine(channel: bigint, stored: Uint8Array): Line | undefined {
	const reader = new Reader(stored);
	const [low, high] = [reader.take(32), reader.take(32)];
	reader.take(64);
	const asset = reader.u32();
	const put = reader.u128() + reader.u128();
	const taken = reader.u128() + reader.u128();
	// The window, who opened it, and its deposit.
	reader.take(4 + 1 + 16);
	return asset === 0 && reader.u8() === 0 ? { channel, low, high, total: put - taken } : undefined;
}

/** A node, as far as it is needed here. */
interface Node {
	request<T>(method: string, ...params: unknown[]): Promise<T>;
}

type Found = readonly { readonly changes: readonly (readonly [string, string | null])[] }[];

/** Open channels, read at most once a minute. */
export class Lines {
	private last: { readonly at: number; readonly lines: readonly Line[] } | undefined;

	constructor(private readonly node: Node, private readonly lastId: (at: string) => Promise<bigint>) {}

	/** The open channels of the last final block, of the newest numbers. */
	async all(): Promise<readonly Line[]> {
		if (this.last && Date.now() - this.last.at < FRESH) return this.last.lines;
		const at = await this.node.request<string>('chain_getFinalizedHead');
		const newest = await this.lastId(at);
		const lines: Line[] = [];
		for (let end = newest; end > 0n && end > newest - MOST_IDS; end -= AT_ONCE) {
			const ids = Array.from({ length: Number(end < AT_ONCE ? end : AT_ONCE) }, (_, less) => end - BigInt(less));
			const found = await this.node.request<Found>('state_queryStorageAt', ids.map(keyOfChannel), at);
			const stored = new Map(found.flatMap(({ changes }) => changes));
			for (const id of ids) {
				const bytes = stored.get(keyOfChannel(id));
				const line = bytes ? readLine(id, fromHex(bytes)) : undefined;
				if (line) lines.push(line);
			}
		}
		this.last = { at: Date.now(), lines };
		return lines;
	}

	/** All is read anew when it is asked for again. */
	forget(): void {
		this.last = undefined;
	}
}
