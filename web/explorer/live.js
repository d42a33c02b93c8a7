// The chain as it comes: blocks, which of them are final, votes, the schedule, what has happened. All is bounded.

import { Unreadable } from './chain.js';
import { block, hashOf } from './header.js';
import { Ring } from './ring.js';

/** Blocks that are kept. */
export const MOST_BLOCKS = 240;
/** Happenings of each kind that are kept. */
export const MOST_EVENTS = 120;
/** Blocks below a new one that are fetched to fill a gap, at most; and before the first one. */
const [GAP, FIRST] = [32, 24];
/** Blocks of which events are read if so many become final at once, at most. */
const MOST_READ = 12;
/** Heads that wait to be taken in at most. */
const MOST_HEADS = 64;
/** Milliseconds between two looks at the schedule. */
const LOOK = 3_000;

/** Pallets whose events are kept, by what they are about. */
const ABOUT = new Map([
	['DeviceRegistry', 'devices'], ['ResourceProofs', 'devices'], ['StorageMarket', 'deals'],
	['Candidates', 'seats'], ['Poca', 'seats'], ['BftFinality', 'seats'], ['Equivocation', 'seats'],
	['StciIssuance', 'eras'],
]);
/** Events of the storage market that are kept apart: audits are many, and repairs are what one looks for. */
const APART = new Map([
	...[
		'ChallengesIssued', 'ChallengeAnswered', 'ChallengeMissed', 'AuditsBehind', 'ProofWanted', 'Probed',
		'ProbersDrawn',
	].map((name) => [name, 'audits']),
	...[
		'SlotOffered', 'SlotConfirmed', 'SlotLost', 'SlotRepaired', 'RepairStalled', 'DealLost', 'Evacuated',
	].map((name) => [name, 'repairs']),
]);
const KINDS = ['devices', 'deals', 'audits', 'repairs', 'seats', 'eras'];

/** Who has a place in the order of turns: a director, or behind all of them the standby of a seat. */
export function authorBy(place, directors, standbys) {
	const count = directors?.length ?? 0;
	if (place === undefined || count === 0) return undefined;
	const isStandby = place >= count;
	const seat = isStandby ? place - count : place;
	return { seat, isStandby, account: (isStandby ? standbys?.[seat] : directors[seat])?.account };
}

export class Live {
	#byHash = new Map();
	#order = new Ring(MOST_BLOCKS);
	#work = Promise.resolve();
	#waiting = 0;
	#timer;

	/** `changed()` is called whenever something is there to be shown, `trouble(why)` if something could not be read. */
	constructor({ changed, trouble }) {
		Object.assign(this, { changed, trouble });
		this.events = new Map(KINDS.map((about) => [about, new Ring(MOST_EVENTS)]));
		/** How much has happened of each kind. */
		this.stirred = new Map();
		/** Blocks that became final and whose events were not read, for too many came at once. */
		this.passed = 0;
		this.best = this.final = this.votes = this.schedule = this.status = undefined;
	}

	/** Follows a chain over a new connection. What was seen before stays, if it is the same chain. */
	async begin(chain, session) {
		Object.assign(this, { chain, session });
		const best = await session.ask('chain_getHeader');
		await this.#takeHead(best);
		await this.#fill(block(best), FIRST);
		const final = await session.ask('chain_getHeader', await session.ask('chain_getFinalizedHead'));
		this.#finalise(final, undefined);
		await this.#look();
		const queue = (task) => this.#queue(session, task);
		await session.subscribe('chain_subscribeNewHeads', (head) => queue(() => this.#takeHead(head)));
		await session.subscribe('chain_subscribeFinalizedHeads', (head) => queue(() => this.#takeFinal(head)));
		// Other nodes of the SDK have no certificates to tell.
		await session.subscribe('poca_subscribeCertificates', (one) => this.#voted(one)).catch(() => {});
		this.#again(session);
		this.changed();
	}

	/** One after the other. If the page is behind, what waits is left out; the next head fills the gap. */
	#queue(session, task) {
		if (this.#waiting >= MOST_HEADS) return;
		this.#waiting += 1;
		this.#work = this.#work.then(async () => {
			this.#waiting -= 1;
			if (!session.ended) await task();
		}).catch((error) => {
			if (!session.ended) this.trouble(error.message);
		});
	}

	#again(session) {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(async () => {
			if (session.ended) return;
			if (!document.hidden) await this.#look().catch((error) => session.ended || this.trouble(error.message));
			this.#again(session);
		}, LOOK);
	}

	async #look() {
		const { chain, session } = this;
		const none = () => undefined;
		[this.schedule, this.status] = await Promise.all([
			session.ask('poca_schedule').catch(none), session.ask('poca_finalityStatus').catch(none),
		]);
		this.scheduleAt = Date.now();
		const seats = async (item) => (chain.has('Poca', item) ? chain.storage('Poca', item) : []);
		const [directors, standbys] = await Promise.all([seats('Directors'), seats('StandbySigners')]);
		const before = JSON.stringify([this.directors, this.standbys]);
		if (this.directors && JSON.stringify([directors, standbys]) !== before) {
			this.#settle(this.schedule?.at?.number ?? this.best.number);
		}
		Object.assign(this, { directors, standbys });
		this.changed();
	}

	/** Seats are about to change hands: who authored the blocks up to now is kept with them. */
	#settle(number) {
		for (const one of this.#order.newest()) if (one.number <= number) one.by ??= this.author(one);
	}

	#keep(header, seen) {
		const one = { ...block(header), seen };
		if (this.#byHash.has(one.hash)) return this.#byHash.get(one.hash);
		this.#byHash.set(one.hash, one);
		const gone = this.#order.add(one);
		if (gone) this.#byHash.delete(gone.hash);
		return one;
	}

	async #takeHead(header) {
		const first = this.best === undefined;
		const one = this.#keep(header, first ? undefined : Date.now());
		if (!first) await this.#fill(one, GAP);
		this.best = one;
		// Seats change between turns.
		if (one.startsTurn && !first) await this.#look();
		this.changed();
	}

	/** Fetches what lies between a block and those that are known. */
	async #fill(from, most) {
		const missing = [];
		for (let at = from; missing.length < most && at.number > 1 && !this.#byHash.has(at.parent);) {
			const header = await this.session.ask('chain_getHeader', at.parent);
			if (!header) break;
			missing.push(header);
			at = block(header);
		}
		for (const header of missing.reverse()) this.#keep(header, undefined);
	}

	async #takeFinal(header) {
		const fresh = this.#finalise(header, Date.now());
		this.passed += Math.max(0, fresh.length - MOST_READ);
		for (const one of fresh.slice(-MOST_READ)) await this.#read(one);
		this.changed();
	}

	/** Marks a block and all below it as final, and says which those are, the oldest first. */
	#finalise(header, now) {
		const fresh = [];
		for (let at = this.#keep(header, now); at && !at.isFinal; at = this.#byHash.get(at.parent)) {
			at.isFinal = true;
			at.finalAt = now;
			fresh.push(at);
		}
		const number = Number(header.number);
		if (!this.final || number > this.final.number) this.final = this.#byHash.get(hashOf(header));
		// What is not final at a height that is, never becomes it.
		for (const one of this.#order.newest()) if (one.number <= number && !one.isFinal && now) one.isOff = true;
		return fresh.reverse();
	}

	async #read(one) {
		try {
			for (const { by, pallet, name, value } of await this.chain.events(one.hash)) {
				const about = (pallet === 'StorageMarket' && APART.get(name)) || ABOUT.get(pallet);
				if (!about) continue;
				this.stirred.set(about, (this.stirred.get(about) ?? 0) + 1);
				this.events.get(about).add({ number: one.number, slot: one.slot, by, pallet, name, value });
			}
		} catch (error) {
			if (!(error instanceof Unreadable)) throw error;
			this.trouble(`Block ${one.number}: ${error.message}`);
		}
	}

	#voted({ phase, setId, block: { number }, end, signers }) {
		if (phase !== 'commit') return;
		this.votes = { setId, number: end?.number ?? number, signers: signers.length };
		this.changed();
	}

	/** Blocks that are known, the highest first. */
	blocks(count = MOST_BLOCKS) {
		const all = this.#order.newest();
		return all.sort((a, b) => b.number - a.number || (b.slot ?? 0) - (a.slot ?? 0)).slice(0, count);
	}

	/** How long a slot is, in milliseconds. */
	get slotMs() {
		return this.schedule?.slotDurationMs;
	}

	/** When the slot of a block began, in milliseconds of Unix time. */
	began(one) {
		return this.slotMs && one.slot ? one.slot * this.slotMs : undefined;
	}

	/** Who authored a block: as what, of which seat, and whose account that is, as far as it is known. */
	author({ author, slot, by }) {
		const found = by ?? authorBy(author, this.directors, this.standbys);
		if (by || !found || found.isStandby || !this.schedule) return found;
		// In line behind the standby signer of a seat stand the directors of the next turns.
		const turn = Math.floor(slot / this.schedule.turnLengthSlots) % this.directors.length;
		return turn === found.seat ? found : { ...found, forSeat: turn };
	}

	/** Another chain, or another node: nothing that was seen counts. */
	forget() {
		clearTimeout(this.#timer);
		this.#byHash.clear();
		this.#order.clear();
		for (const ring of this.events.values()) ring.clear();
		this.passed = 0;
		this.best = this.final = this.votes = this.schedule = this.status = this.directors = this.standbys = undefined;
	}
}
