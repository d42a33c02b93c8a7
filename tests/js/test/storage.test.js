// The storage market through polkadot.js and PAPI: what a wallet asks (`StorageMarketApi`), and a deal that is opened,
// given up and closed. Nobody sells storage on this chain: what devices do with a deal stands in tests/tests/network.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';

import { startNode } from '../lib/node.js';
import { rpc } from '../lib/poca.js';
import { finalized } from '../lib/tx.js';

const UNITS = 1_000_000_000_000n;
const LIMIT = { timeout: 90_000 };
/** A GiB over 8 slots, any 4 of which bring all back. */
const VOLUME = 1n << 30n;
/** Planck for a GiB and era. */
const MAX_ASK = 200_000_000n;
const ERAS = 12_960;
/** Collateral of a slot, in repairs. */
const FACTOR = 2;
/** What of an escrow ceases to exist that is given up before its deal has begun: a quarter. */
const GIVEN_UP = 4n;

/** The order as polkadot.js names its fields, and as PAPI does. */
const order = {
	geometry: { enough: 4, slots: 8, volumeLen: VOLUME },
	maxAsk: MAX_ASK,
	eras: ERAS,
	factor: FACTOR,
};
const orderOfPapi = {
	geometry: { enough: 4, slots: 8, volume_len: VOLUME },
	max_ask: MAX_ASK,
	eras: ERAS,
	factor: FACTOR,
};

describe('the storage market', () => {
	let node, api, client, papi, alice, bob, signer;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		api = await ApiPromise.create({ provider: new WsProvider(node.url), rpc, noInitWarn: true });
		client = createClient(getWsProvider(node.url, { websocketClass: WebSocket }));
		papi = client.getUnsafeApi();
		const keyring = new Keyring({ type: 'sr25519' });
		[alice, bob] = [keyring.addFromUri('//Alice'), keyring.addFromUri('//Bob')];
		signer = getPolkadotSigner(bob.publicKey, 'Sr25519', (bytes) => bob.sign(bytes));
	}, { timeout: 120_000 });

	after(async () => {
		client?.destroy();
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 30_000 });

	const market = () => api.call.storageMarketApi;
	/** What a deal's owner puts in besides its price, and gets back. */
	const deposit = () => {
		const { deal, slot } = api.consts.storageMarket.deposits;
		return deal.toBigInt() + 8n * slot.toBigInt();
	};

	/** What the order comes to, by polkadot.js. */
	async function quoted() {
		const quote = (await market().quote(order)).asOk;
		const amount = (name) => [name, quote[name].toBigInt()];
		return Object.fromEntries(['pay', 'reserve', 'repair', 'collateral'].map(amount));
	}

	it('says what an order costs, and why there can be no such order', LIMIT, async () => {
		const quote = await quoted();
		// A slot is a quarter of the volume, rounded up to whole stripes: this one needs no rounding.
		assert.equal(quote.pay, 8n * (MAX_ASK / 4n) * BigInt(ERAS));
		assert.ok(quote.reserve > 0n && quote.repair > 0n);
		assert.equal(quote.collateral, BigInt(FACTOR) * quote.repair);
		const none = await market().quote({ ...order, geometry: { ...order.geometry, enough: 9 } });
		assert.ok(none.isErr && none.asErr.isBadGeometry, none.toString());
	});

	it('says the same to PAPI', LIMIT, async () => {
		const quote = await papi.apis.StorageMarketApi.quote(orderOfPapi);
		assert.ok(quote.success, JSON.stringify(quote.value?.type));
		assert.deepEqual({ ...quote.value }, await quoted());
		const none = await papi.apis.StorageMarketApi.quote({ ...orderOfPapi, eras: 0 });
		assert.deepEqual([none.success, none.value.type], [false, 'BadOrder']);
	});

	it('has nothing to tell where nobody offers anything', LIMIT, async () => {
		const device = new Uint8Array(32).fill(7);
		assert.equal((await market().offers(null, 256)).length, 0);
		assert.ok((await market().offer(device)).isNone);
		for (const method of ['slotsOf', 'claimableOf']) assert.equal((await market()[method](device, null)).length, 0);
		assert.equal((await market().challengesOf(device)).length, 0);
		assert.ok((await market().deal(1)).isNone);
		assert.deepEqual(await papi.apis.StorageMarketApi.offers(undefined, 256), []);
		assert.equal(await papi.apis.StorageMarketApi.deal(1n), undefined);
	});

	it('has a deal that polkadot.js opens, gives up and closes', LIMIT, async () => {
		const { pay, reserve } = await quoted();
		const opened = await finalized(api, api.tx.storageMarket.openDeal(order, false, 0, null), alice);
		const found = opened.events.find(({ event }) => api.events.storageMarket.DealOpened.is(event));
		const [id, owner, , putIn] = found.event.data;
		assert.equal(owner.toString(), alice.address);
		assert.equal(putIn.toBigInt(), pay + reserve + deposit());

		const { deal, devices } = (await market().deal(id)).unwrap();
		assert.ok(deal.stage.isPlacing && deal.kind.isBeacon, deal.stage.toString());
		assert.deepEqual([deal.owner.toString(), deal.slots.length, devices.length], [alice.address, 8, 0]);
		assert.equal(deal.order.geometry.volumeLen.toBigInt(), VOLUME);
		const own = await market().dealsOf(alice.address, 0);
		assert.deepEqual(own.deals.map((deal) => deal.toString()), [id.toString()]);
		assert.equal(own.newest.toString(), id.toString());
		assert.equal((await market().dealsOf(bob.address, 0)).deals.length, 0);

		const ended = await finalized(api, api.tx.storageMarket.endDeal(id), alice);
		const burned = ended.events
			.filter(({ event }) => api.events.balances.BurnedHeld.is(event))
			.reduce((sum, { event }) => sum + event.data.amount.toBigInt(), 0n);
		// Rounded up by less than a planck.
		assert.ok(burned >= pay / GIVEN_UP && burned <= pay / GIVEN_UP + 1n, `${burned} of ${pay} burned`);
		const closed = await finalized(api, api.tx.storageMarket.close(id), alice);
		const back = closed.events
			.filter(({ event }) => api.events.balances.TransferOnHold.is(event))
			.reduce((sum, { event }) => sum + event.data.amount.toBigInt(), 0n);
		assert.equal(back, putIn.toBigInt() - burned, 'all comes back but what burned');
		assert.ok((await market().deal(id)).isNone);
		await assert.rejects(finalized(api, api.tx.storageMarket.close(id), alice), /UnknownDeal/);
	});

	it('has a deal that PAPI opens and both see', LIMIT, async () => {
		const call = { order: orderOfPapi, chosen: false, egress: 0n, key_box: undefined };
		const opened = await papi.tx.StorageMarket.open_deal(call).signAndSubmit(signer);
		assert.ok(opened.ok, JSON.stringify(opened.dispatchError));
		const { newest, deals } = await papi.apis.StorageMarketApi.deals_of(bob.address, 0n);
		assert.deepEqual(deals, [newest]);
		const { deal } = await papi.apis.StorageMarketApi.deal(newest);
		assert.deepEqual([deal.owner, deal.stage.type, deal.slots.length], [bob.address, 'Placing', 8]);
		assert.deepEqual(deal.order, orderOfPapi);
		const seen = (await market().deal(newest)).unwrap();
		assert.equal(seen.deal.escrow.toString(), deal.escrow.toString());
		assert.ok(deal.escrow > 0n && deal.escrow < 10_000n * UNITS);
	});
});
