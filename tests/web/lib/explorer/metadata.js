// Metadata of a real runtime, as a node once told it, without its comments; and the same with the storage market.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { MODULES } from '../../../../web/explorer/modules.js';

const folder = (name) => MODULES.find(([path]) => path === `/modules/${name}/`)[1];
const bindings = await import(`${folder('substrate-bindings')}index.js`);
const { getDynamicBuilder, getLookupFn } = await import(`${folder('metadata-builders')}index.js`);
export const { AccountId, Blake2256, Bytes, compactNumber, Option } = bindings;
const { metadata: codec, unifyMetadata } = bindings;

const RECORDED = new URL('../../fixtures/metadata-v15.scale.gz', import.meta.url);
const MARKET = 'StorageMarket';
/** Where the runtime has the storage market, if it has it. */
const INDEX = 52;

/**
 * Adds types to those of the metadata. Each is a name of a primitive, a number of a type, or one of the makers below.
 */
class Types {
	constructor(lookup) {
		this.lookup = lookup;
		this.primitives = new Map();
		for (const { id, def } of lookup) if (def.tag === 'primitive') this.primitives.set(def.value.tag, id);
	}

	add(tag, value, path = []) {
		const id = this.lookup.length;
		this.lookup.push({ id, path, params: [], def: { tag, value }, docs: [] });
		return id;
	}

	of(type) {
		if (typeof type === 'number') return type;
		if (typeof type !== 'string') return type(this);
		if (!this.primitives.has(type)) this.primitives.set(type,
			this.add('primitive', { tag: type, value: undefined }));
		return this.primitives.get(type);
	}

	/** A type that is there, by the end of its path. */
	named(...path) {
		const found = this.lookup.find((one) => path.every((name, index) => one.path.at(index - path.length) === name));
		if (!found) throw new Error(`the metadata has no type ${path.join('::')}`);
		return found.id;
	}
}

const field = (types, name, type) => ({ name, type: types.of(type), typeName: undefined, docs: [] });
const struct = (fields) => (types) => (
	types.add('composite', Object.entries(fields).map(([name, type]) => field(types, name, type))));
const tuple = (...parts) => (types) => types.add('tuple', parts.map((part) => types.of(part)));
const list = (type) => (types) => types.add('sequence', types.of(type));
const array = (type, len) => (types) => types.add('array', { len, type: types.of(type) });
const compact = (type) => (types) => types.add('compact', types.of(type));
const wrapped = (type) => (types) => types.add('composite', [field(types, undefined, type)]);
const option = (type) => (types) => {
	const inner = types.of(type);
	const id = types.add('variant', [
		{ name: 'None', fields: [], index: 0, docs: [] },
		{ name: 'Some', fields: [field(types, undefined, inner)], index: 1, docs: [] },
	], ['Option']);
	// By its parameter one is told from other variants.
	types.lookup[id].params.push({ name: 'T', type: inner });
	return id;
};
/** Variants by name: nothing, a list of fields without names, or fields with names. */
const choice = (variants) => (types) => types.add('variant', Object.entries(variants).map(([name, fields], index) => ({
	name, index, docs: [], fields: Array.isArray(fields) ? fields.map((type) => field(types, undefined, type))
		: Object.entries(fields ?? {}).map(([key, type]) => field(types, key, type)),
})));

/** Types of `primitives/storage-market` and of the pallet. */
function marketTypes(types) {
	const account = types.named('AccountId32');
	const device = types.of(wrapped(array('u8', 32)));
	const hash = types.of(array('u8', 32));
	const price = types.of(wrapped(compact('u128')));
	const purse = price;
	const order = types.of(struct({
		geometry: struct({ enough: 'u8', slots: 'u8', volume_len: compact('u64') }), max_ask: price, eras: 'u32',
			factor: 'u8',
	}));
	const holding = struct({
		device, ask: price, since: 'u32', proven_to: 'u32', suspect: option('u32'), misses: 'u8', leaving: 'bool',
		counts: 'bool', accrued: purse,
	});
	const drawn = struct({ device, ask: price, until: 'u32', counts: 'bool' });
	const slot = struct({ root: hash, holding: option(holding), drawn: option(drawn), attempt: 'u16', failures: 'u8' });
	const why = choice({ Unplaced: 0, Failed: 0, GivenUp: 0, Lost: 0, Terminated: 0, Expired: 0 });
	const deal = types.of(struct({
		owner: account, kind: choice({ Beacon: 0, Chosen: 0, Plot: 0 }), order,
		stage: choice({
			Placing: { until: 'u32' }, Uploading: { until: 'u32' }, Active: 0, Ended: { why, until: 'u32' },
		}),
		ends: 'u32', repair: compact('u128'), collateral: compact('u128'), escrow: purse, reserve: purse,
			rooted: 'bool',
		redraws: 'u8', slots: list(slot),
	}));
	const group = choice({ V4: [array('u8', 3)], V6: [array('u8', 6)] });
	const offering = types.of(struct({
		owner: account, group: option(group), ask: price, capacity: 'u64', used: 'u64', max_slot: 'u64', score: 'u32',
		tickets: 'u32',
	}));
	const waiting = types.of(struct({ deal: 'u64', slot: 'u32', from: 'u32' }));
	return { account, device, order, price, deal, offering, waiting };
}

const item = (name, modifier, type, fallback = '0x00') => ({ name, modifier, type, fallback, docs: [] });
const map = (hasher, key, value) => ({
	tag: 'map', value: { hashers: [{ tag: hasher, value: undefined }], key, value },
});

/** The metadata with pallet StorageMarket: what this page reads of it. */
function withMarket(metadata) {
	const types = new Types(metadata.lookup);
	const { account, device, order, price, deal, offering, waiting } = marketTypes(types);
	const [u32, u64, u128] = ['u32', 'u64', 'u128'].map((name) => types.of(name));
	const plain = (type) => ({ tag: 'plain', value: type });
	const slotOf = [u64, u32, device];
	const events = types.of(choice({
		OfferSet: [device, price, u64], OfferWithdrawn: [device], DealOpened: [u64, account, order, u128],
		SlotOffered: slotOf, RootsCommitted: [u64], SlotConfirmed: slotOf, DealActivated: [u64],
			ChallengesIssued: [u32, u32],
		ChallengeAnswered: [...slotOf, u128], ChallengeMissed: slotOf, AuditsBehind: [u32], SlotLost: slotOf,
		SlotRepaired: slotOf, RepairStalled: [u64, u32], DealLost: [u64], DealEnded: [u64],
	}));
	metadata.pallets.push({
		name: MARKET, index: INDEX, docs: [], calls: undefined, events, errors: undefined, constants: [],
		storage: { prefix: MARKET, items: [
			item('Offers', 0, map('Identity', device, offering)), item('Deals', 0, map('Twox64Concat', u64, deal)),
			item('Places', 0, { tag: 'map', value: {
				hashers: ['Identity', 'Twox64Concat'].map((tag) => ({ tag, value: undefined })),
				key: types.of(tuple(device, u64)), value: u32,
			} }),
			item('Queue', 0, map('Twox64Concat', u64, waiting)), item('LastDeal', 1, plain(u64), `0x${'00'.repeat(8)}`),
			item('ActiveCount', 1, plain(u32), '0x00000000'), item('StrainedCount', 1, plain(u32), '0x00000000'),
			item('TicketCount', 1, plain(u32), '0x00000000'), item('QueueHead', 1, plain(u64), `0x${'00'.repeat(8)}`),
			item('InUse', 1, plain(u128), `0x${'00'.repeat(16)}`),
			item('QueueTail', 1, plain(u64), `0x${'00'.repeat(8)}`),
			item('Pool', 1, plain(u128), `0x${'00'.repeat(16)}`),
		] },
	});
	metadata.lookup[metadata.outerEnums.event].def.value.push(
		{ name: MARKET, index: INDEX, docs: [], fields: [field(types, undefined, events)] });
}

/** Metadata in SCALE, and what encodes and decodes by it. `market`: whether it has the storage market. */
export function runtime({ market }) {
	const decoded = codec.dec(gunzipSync(readFileSync(RECORDED)));
	const { value } = decoded.metadata;
	const has = value.pallets.some(({ name }) => name === MARKET);
	if (market && !has) withMarket(value);
	// Names alone are enough for the page to take it as not there.
	if (!market && has) value.pallets = value.pallets.filter(({ name }) => name !== MARKET);
	const unified = unifyMetadata(decoded);
	return { bytes: codec.enc(decoded), metadata: unified, builder: getDynamicBuilder(getLookupFn(unified)) };
}
