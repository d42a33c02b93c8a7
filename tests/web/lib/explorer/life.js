// What there is on the chain that is not real: eras, devices and what they prove, deals and their slots.

import { account, id, STCI } from './chain.js';

const GIB = 2 ** 30;

/** Three closed eras and an open one. */
export function eras(chain) {
	const pots = (much) => ({
		signing: much, plots: 2n * much, storage: 3n * much, compute: 0n, bandwidth: 0n, discovery: 0n, treasury: much,
	});
	for (let era = 0; era < 3; era += 1) {
		const merit = pots(1n);
		chain.put('StciIssuance', 'Ledgers', [era], {
			closing: { ceiling: 1_000n * STCI, usage: 250_000_000 + era, rate: STCI / 5n, gross: 700n * STCI,
				pots: pots(100n * STCI) },
			totals: merit, created: BigInt(era) * 40n * STCI, expired: 0n, burned: STCI / 4n,
				issuance: 13_000_000n * STCI,
		});
	}
	chain.put('StciIssuance', 'OpenEra', [], {
		era: 3, issuance: 13_000_000n * STCI, created: 12n * STCI + 345_678_900_000n, rate: STCI / 5n,
	});
	chain.put('StciIssuance', 'SupplyOf', [],
		{ genesis: 13_000_000n * STCI, created: 120n * STCI, committed: 800n * STCI });
	chain.put('Balances', 'TotalIssuance', [], 13_000_120n * STCI);
	chain.put('Poca', 'EraStarts', [3], BigInt(chain.slot - 200));
	chain.answer('StciIssuanceApi', 'open_era', [3, 1_000n * STCI, 312_500_000]);
	chain.answer('StciIssuanceApi', 'expiry_eras', 4_320);
	chain.answer('StciIssuanceApi', 'claimable', [[1, pots(STCI)]]);
}

/** So many devices; the second one is suspended. */
export function devices(chain, many = 3) {
	for (let number = 0; number < many; number += 1) {
		chain.put('DeviceRegistry', 'Devices', [id(100 + number)], {
			number: BigInt(number), key: { type: 'Sr25519', value: id(number) }, enrolled: undefined,
				lottery_since: 10n,
			owner: account(60 + number), deposit: STCI, registered: 1, transfers: 0,
			suspended: { owner: number === 1, vendor: false }, attested: undefined, offered_to: undefined,
				endpoints: [],
		});
	}
	chain.put('DeviceRegistry', 'CounterForDevices', [], many);
	chain.put('ResourceProofs', 'DeviceCounts', [], { space: many, compute: 1, uptime: many });
	const round = {
		resource: { type: 'Space' }, round: 77n, challenge: id(9), opened: BigInt(chain.slot),
			until: BigInt(chain.slot + 60),
		wins: 10, rounds: 5, filter: 4, devices: many,
	};
	chain.answer('ResourceProofsApi', 'open_rounds', [round]);
	chain.answer('ResourceProofsApi', 'device_proofs', {
		lotteries: [{
			resource: { type: 'Space' }, units: 40, claimed: 40, claimed_from: 5n, estimate: 38n << 32n,
				corrected: 39n << 32n,
			assured: 30n << 32n, wins: 12, expected: 11, last_win: BigInt(chain.slot - 120), pending: 0,
		}],
		candidate: account(1), competence: 2n ** 47n, why_not: [{ type: 'NotYet', value: { type: 'Compute' } }],
	});
	chain.put('System', 'Account', [account(60)], {
		nonce: 4, consumers: 1, providers: 1, sufficients: 0,
		data: { free: 25n * STCI, reserved: STCI, frozen: 0n, flags: 0n },
	});
}

const held = (device, more = {}) => ({
	root: id(7), drawn: undefined, attempt: 0, failures: 0,
	holding: {
		device, ask: 5_000_000n, since: 4_000, proven_to: 4_900, suspect: undefined, misses: 0, leaving: false,
			counts: true,
		accrued: STCI / 1_000n, ...more,
	},
});
const empty = { root: id(7), holding: undefined, drawn: undefined, attempt: 1, failures: 0 };

/** A deal of eight slots, of which four suffice. */
export function deal(slots, more = {}) {
	return {
		owner: account(60), kind: { type: 'Beacon' }, stage: { type: 'Active' }, ends: 20_000, repair: STCI / 10n,
		order: { geometry: { enough: 4, slots: 8, volume_len: BigInt(GIB) }, max_ask: 6_000_000n, eras: 90, factor: 3 },
		collateral: STCI, escrow: 3n * STCI, reserve: STCI, rooted: true, redraws: 0, slots, ...more,
	};
}

/** Slots of a deal, of which some have another state. */
export const slots = (others = {}) => Array.from({ length: 8 }, (_, slot) => (
	{ suspect: held(id(100 + slot), { suspect: 4_950, misses: 2 }), lost: empty,
		drawn: { ...empty, drawn: { device: id(120), ask: 5_000_000n, until: 5_100, counts: true } } }[others[slot]]
	?? held(id(100 + slot))));

/** Deals: one that is whole, one that is lost, and as many more as are asked for. */
export function market(chain, many = 3) {
	const put = (number, value) => chain.put('StorageMarket', 'Deals', [BigInt(number)], value);
	put(1, deal(slots()));
	put(2, deal(slots({ 0: 'lost' }), { stage: { type: 'Ended', value: { why: { type: 'Lost' }, until: 9_000 } } }));
	for (let number = 3; number <= many; number += 1) put(number, deal(slots()));
	const store = (item, value) => chain.put('StorageMarket', item, [], value);
	store('LastDeal', BigInt(many));
	store('ActiveCount', 8 * (many - 1));
	store('StrainedCount', 0);
	store('TicketCount', 12);
	store('QueueHead', 5n);
	store('QueueTail', 5n);
	store('Pool', STCI);
	store('InUse', BigInt(8 * GIB));
	chain.put('StorageMarket', 'Places', [id(100), 3n], 0);
	chain.put('StorageMarket', 'Places', [id(101), 3n], 1);
	chain.put('StorageMarket', 'Offers', [id(100)], {
		owner: account(60), group: undefined, ask: 5_000_000n, capacity: BigInt(500 * GIB), used: BigInt(20 * GIB),
		max_slot: BigInt(64 * GIB), score: 990_000_000, tickets: 7,
	});
}
