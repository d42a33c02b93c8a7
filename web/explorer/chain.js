// A chain by its own metadata: what is stored, what the runtime answers, events and transactions.

import { decAnyMetadata, Bytes, extrinsicFormat, Option, Struct, Tuple, unifyMetadata }
	from '@polkadot-api/substrate-bindings';
import { getDynamicBuilder, getLookupFn } from '@polkadot-api/metadata-builders';
import { toHex } from '@polkadot-api/utils';

/** Versions of metadata that are asked for, the best first. */
const VERSIONS = [15, 14];
/** Characters of the events of a block that are read at most. */
const MOST_EVENTS = 4_000_000;
/** Keys that are asked for at once at most. */
export const MOST_KEYS = 100;

/** What cannot be read by the metadata. */
export class Unreadable extends Error {
	name = 'Unreadable';
}

const metadataOf = async (session, version) => {
	const argument = toHex(Uint8Array.of(version, 0, 0, 0));
	const answer = await session.ask('state_call', 'Metadata_metadata_at_version', argument);
	return Option(Bytes()).dec(answer);
};

export class Chain {
	/** Reads the metadata of a node's best block. */
	static async load(session) {
		for (const version of VERSIONS) {
			const bytes = await metadataOf(session, version);
			if (bytes) return new Chain(session, bytes);
		}
		throw new Unreadable(`the node has no metadata of versions ${VERSIONS.join(' and ')}`);
	}

	constructor(session, bytes) {
		this.session = session;
		this.metadata = unifyMetadata(decAnyMetadata(bytes));
		this.lookup = getLookupFn(this.metadata);
		this.builder = getDynamicBuilder(this.lookup);
		this.items = new Map();
	}

	/** The same chain over another connection. */
	over(session) {
		this.session = session;
		return this;
	}

	#pallet(name) {
		return this.metadata.pallets.find((pallet) => pallet.name === name);
	}

	hasPallet(name) {
		return this.#pallet(name) !== undefined;
	}

	has(pallet, item) {
		return this.#pallet(pallet)?.storage?.items.some(({ name }) => name === item) ?? false;
	}

	hasApi(api, method) {
		return this.metadata.apis.find(({ name }) => name === api)?.methods.some(({ name }) => name === method)
			?? false;
	}

	#item(pallet, item) {
		const name = `${pallet}.${item}`;
		if (!this.has(pallet, item)) throw new Unreadable(`this chain's runtime stores no ${name}`);
		if (!this.items.has(name)) this.items.set(name, this.builder.buildStorage(pallet, item));
		return this.items.get(name);
	}

	#value(item, name, raw) {
		if (raw === null || raw === undefined) return item.fallback;
		try {
			return item.value.dec(raw);
		} catch {
			throw new Unreadable(`${name} is not what this chain's metadata says`);
		}
	}

	/** A value; the default, or nothing, if it is not stored. */
	async storage(pallet, item, ...keys) {
		return this.storageAt(undefined, pallet, item, ...keys);
	}

	/** The same after a block, by its hash. */
	async storageAt(at, pallet, item, ...keys) {
		const entry = this.#item(pallet, item);
		const where = [entry.keys.enc(...keys), ...(at ? [at] : [])];
		return this.#value(entry, `${pallet}.${item}`, await this.session.ask('state_getStorage', ...where));
	}

	/** Several values of a map at once, by one key each; the answers are in the same order. */
	async values(pallet, item, keys) {
		const entry = this.#item(pallet, item);
		const places = keys.slice(0, MOST_KEYS).map((key) => entry.keys.enc(key));
		return this.#at(entry, `${pallet}.${item}`, places);
	}

	async #at(entry, name, places) {
		if (places.length === 0) return [];
		const [{ changes }] = await this.session.ask('state_queryStorageAt', places);
		const found = new Map(changes);
		return places.map((place) => this.#value(entry, name, found.get(place)));
	}

	/**
	 * Entries of a map in the order of its keys, after the place `after`; `next` is the place of the last, if there may
	 * be more. Of a map by several keys those that begin with `first`.
	 */
	async page(pallet, item, count, after, ...first) {
		const entry = this.#item(pallet, item);
		const prefix = entry.keys.enc(...first);
		const places = await this.session.ask('state_getKeysPaged', prefix, count, after ?? null);
		const values = await this.#at(entry, `${pallet}.${item}`, places);
		const entries = places.map((place, index) => ({ key: entry.keys.dec(place).at(-1), value: values[index] }));
		return { entries, next: places.length === count ? places.at(-1) : undefined };
	}

	/** What the runtime answers. */
	async call(api, method, ...args) {
		if (!this.hasApi(api, method)) throw new Unreadable(`this chain's runtime has no ${api}.${method}`);
		const entry = this.builder.buildRuntimeCall(api, method);
		const answer = await this.session.ask('state_call', `${api}_${method}`, toHex(entry.args.enc(args)));
		try {
			return entry.value.dec(answer);
		} catch {
			throw new Unreadable(`${api}.${method} does not answer what this chain's metadata says`);
		}
	}

	constant(pallet, name) {
		const found = this.#pallet(pallet)?.constants.find((constant) => constant.name === name);
		return found && this.builder.buildConstant(pallet, name).dec(found.value);
	}

	/** The events of a block: pallet, name, and what each says. */
	async events(hash) {
		const entry = this.#item('System', 'Events');
		const raw = await this.session.ask('state_getStorage', entry.keys.enc(), hash);
		if (raw && raw.length > MOST_EVENTS) throw new Unreadable('its events are too many to be read here');
		return (this.#value(entry, 'System.Events', raw) ?? []).map(({ phase, event: { type: pallet, value } }) => (
			{
				by: phase.type === 'ApplyExtrinsic' ? phase.value : undefined,
				pallet, name: value.type, value: value.value,
			}
		));
	}

	/** A transaction: who signed it, if anybody has, and its call as pallet, name and arguments. */
	transaction(hex) {
		try {
			const body = Bytes().dec(hex);
			const { type } = extrinsicFormat.dec(body.slice(0, 1));
			const { address, signature, call, signedExtensions } = this.#format();
			const rest = body.slice(1);
			if (type === 'bare') return { call: called(call.dec(rest)) };
			if (type === 'signed') {
				const parts = Struct({ address, signature, extra: signedExtensions, call }).dec(rest);
				return { signer: parts.address.value ?? parts.address, call: called(parts.call) };
			}
			// A version of the extensions comes first.
			const parts = Struct({ extra: signedExtensions, call }).dec(rest.slice(1));
			return { call: called(parts.call) };
		} catch {
			return { call: undefined };
		}
	}

	#format() {
		if (this.format) return this.format;
		const { extrinsic } = this.metadata;
		const build = (id) => this.builder.buildDefinition(id);
		this.format = {
			address: build(extrinsic.address),
			signature: build(extrinsic.signature),
			call: build(extrinsic.call),
			signedExtensions: Tuple(...extrinsic.signedExtensions[0].map(({ type }) => build(type))),
		};
		return this.format;
	}
}

const called = ({ type, value }) => ({ pallet: type, name: value.type, args: value.value });
