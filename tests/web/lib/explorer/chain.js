// A small chain that is not real, by the metadata of a real one: what it stores, its blocks, and what happens in them.

import { AccountId, Blake2256, compactNumber, runtime } from './metadata.js';

/** Milliseconds of a slot, slots of a turn and of an era. */
export const [SLOT, TURN, ERA] = [500, 12, 1_200];
export const STCI = 10n ** 12n;
const ZERO = `0x${'00'.repeat(32)}`;
const SEATS = 7;

const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));
export const toHex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
/** 32 bytes that are one number. */
export const id = (number) => toHex(Buffer.alloc(32, number));
export const account = (number) => AccountId().dec(Uint8Array.from(Buffer.alloc(32, number)));
const little = (value, bytes) => {
	const buffer = Buffer.alloc(8);
	buffer.writeBigUInt64LE(BigInt(value));
	return buffer.subarray(0, bytes);
};

/** A digest item as the author of a block writes it. */
function preDigest({ slot, author, full, startsTurn, claimed, hash }) {
	const body = Buffer.concat([
		Buffer.of(1), little(slot, 8), little(author, 2), Buffer.of(full ? 1 : 0), Buffer.of(startsTurn ? 1 : 0),
		startsTurn ? Buffer.alloc(96, 5) : Buffer.alloc(0), little(claimed, 4), bytesOf(hash),
	]);
	return toHex(Buffer.concat([Buffer.of(6), Buffer.from('POCA'), compactNumber.enc(body.length), body]));
}

function hashOf({ parentHash, number, stateRoot, extrinsicsRoot, digest: { logs } }) {
	return toHex(Blake2256(Buffer.concat([
		bytesOf(parentHash), compactNumber.enc(Number(number)), bytesOf(stateRoot), bytesOf(extrinsicsRoot),
		compactNumber.enc(logs.length), ...logs.map(bytesOf),
	])));
}

export class FakeChain {
	/** `market`: whether its runtime has the storage market. `began`: the slot of block 1. */
	constructor({ market = false, began = Math.floor(Date.now() / SLOT) - 60 } = {}) {
		this.spec = 7;
		this.state = new Map();
		this.answers = new Map();
		this.blocks = new Map();
		this.canonical = [];
		this.events = new Map();
		this.slot = began - 1;
		this.standbys = Array.from({ length: SEATS }, (_, seat) => (seat === 2 ? account(40) : undefined));
		this.install(market);
		this.append({ number: 0, parentHash: ZERO, logs: [] });
		this.final = this.canonical[0];
		this.seats();
	}

	/** Another runtime comes into force. */
	install(market) {
		this.runtime = runtime({ market });
		this.market = market;
	}

	get best() {
		return this.canonical.at(-1);
	}

	header(hash) {
		return this.blocks.get(hash)?.header;
	}

	append({ number, parentHash, logs, extrinsics = [] }) {
		const root = id(number % 251);
		const header = {
			parentHash, number: `0x${number.toString(16)}`, stateRoot: root, extrinsicsRoot: root, digest: { logs },
		};
		const hash = hashOf(header);
		this.blocks.set(hash, { header, extrinsics });
		this.canonical[number] = hash;
		return hash;
	}

	/**
	 * Makes a block: after so many missed slots; by a director, the standby of its seat, or the director of so many
	 * turns
	 * later; with these events.
	 */
	produce({ missed = 0, standby = false, later = 0, full = false, events = [], extrinsics } = {}) {
		const before = this.slot;
		this.slot += 1 + missed;
		const seat = Math.floor(this.slot / TURN) % SEATS;
		const number = this.canonical.length;
		const startsTurn = Math.floor(before / TURN) !== Math.floor(this.slot / TURN);
		const log = preDigest({
			slot: this.slot, author: standby ? SEATS + seat : (seat + later) % SEATS, full, startsTurn,
				hash: this.final,
			claimed: Number(this.header(this.final).number),
		});
		const time = this.timestamp();
		const hash = this.append({ number, parentHash: this.best, logs: [log], extrinsics: extrinsics ?? [time] });
		this.events.set(hash, this.encode('System', 'Events', events.map(([by, type, name, value]) => ({
			phase: by === undefined ? { type: 'Initialization' } : { type: 'ApplyExtrinsic', value: by },
			event: { type, value: { type: name, value } }, topics: [],
		}))));
		return hash;
	}

	/** A transaction that nobody signed: what time it is. */
	timestamp() {
		const { location, codec } = this.runtime.builder.buildCall('Timestamp', 'set');
		const body = Buffer.concat([Buffer.of(5, ...location), codec.enc({ now: BigInt(this.slot * SLOT) })]);
		return toHex(Buffer.concat([compactNumber.enc(body.length), body]));
	}

	/** All blocks up to one that lies so many below the best are final. */
	finalise(below = 0) {
		this.final = this.canonical[Math.max(0, this.canonical.length - 1 - below)];
		return this.final;
	}

	encode(pallet, item, value) {
		return toHex(this.runtime.builder.buildStorage(pallet, item).value.enc(value));
	}

	/** Stores a value, under keys. */
	put(pallet, item, keys, value) {
		this.state.set(this.runtime.builder.buildStorage(pallet, item).keys.enc(...keys),
			this.encode(pallet, item, value));
	}

	/** What the runtime answers to a question, whatever its arguments. */
	answer(api, method, value) {
		const { value: codec } = this.runtime.builder.buildRuntimeCall(api, method);
		this.answers.set(`${api}_${method}`, toHex(codec.enc(value)));
	}

	seats() {
		const director = (number) => ({ account: account(number), key: id(number) });
		this.put('Poca', 'Directors', [], Array.from({ length: SEATS }, (_, seat) => director(seat + 1)));
		this.put('Poca', 'StandbySigners', [], this.standbys.map((who) => who && { account: who, key: id(40) }));
		this.put('Poca', 'Clock', [], { tick: 5_000, waited: 0 });
		this.put('Candidates', 'StandbyComputeNodes', [], [account(50), account(51)]);
	}

	schedule() {
		const at = { slot: this.slot, number: this.canonical.length - 1, hash: this.best };
		return {
			at, slotDurationMs: SLOT, turnLengthSlots: TURN, eraLengthSlots: ERA, era: 3, randomness: ZERO,
			currentSlot: this.slot, currentDirector: Math.floor(this.slot / TURN) % SEATS, currentStandbys: [],
			missedSlotsToReplace: 2,
			directors: Array.from({ length: SEATS }, (_, seat) => ({
				key: account(seat + 1), standbySigner: this.standbys[seat] ?? null, missedSlots: seat === 4 ? 3 : 0,
				authoredBlocks: 100 + seat,
			})),
		};
	}

	status() {
		const at = (hash) => ({ slot: this.slot, number: Number(this.header(hash).number), hash });
		return {
			best: at(this.best), certified: null, finalized: at(this.final), finalityLagBlocks: 0, setId: 2,
				voters: SEATS,
			quorum: 5, relaxedQuorum: null, relaxed: null, voting: false, notVoting: null, authoredBlocks: 0,
		};
	}
}
