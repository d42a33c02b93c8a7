// An era's ledger, read with polkadot.js: a claim creates what it says, and what was created is what total issuance has
// grown by, and what was burned.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startNode } from '../lib/node.js';
import { rpc } from '../lib/poca.js';
import * as transactions from '../lib/tx.js';

const UNITS = 1_000_000_000_000n;
const LIMIT = { timeout: 180_000 };
// What is proven: 100 GiB for an era, with 32 fractional bits.
const PROVEN = 100n << 32n;
// While nothing is used a unit earns 0.2 STCI, and of that those who did the work get 60 %.
const EARNED = 12n * UNITS;
// Slots that a transaction may take until it is in a block.
const SOON = 20;

describe('issuance', () => {
	let node, api, alice, bob, eve, closing;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		api = await ApiPromise.create({ provider: new WsProvider(node.url), rpc, noInitWarn: true });
		const keyring = new Keyring({ type: 'sr25519' });
		[alice, bob, eve] = ['//Alice', '//Bob', '//Eve'].map((seed) => keyring.addFromUri(seed));
	}, { timeout: 120_000 });

	after(async () => {
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 30_000 });

	/** The event that closes the next era, and the hash of the block that has it. */
	function closed() {
		return new Promise((resolve, reject) => {
			let stop;
			api.query.system.events((events) => {
				const closes = ({ event }) => event.section === 'stciIssuance' && event.method === 'EraClosed';
				const found = events.find(closes);
				if (!found) return;
				stop?.();
				resolve({ event: found.event, hash: events.createdAtHash });
			}).then((unsubscribe) => { stop = unsubscribe; }, reject);
		});
	}

	const included = (tx, signer) => transactions.included(api, tx, signer);

	/**
	 * Has Eve prove plots in the open era, and gives back which one that is. No machine is here that could: so root
	 * writes it where wins would. Blocks are all Alice's.
	 */
	async function prove() {
		const [slot, length] = await Promise.all([api.query.poca.currentSlot(), api.query.poca.eraLength()]);
		if (length.toNumber() - slot.toNumber() % length.toNumber() < SOON) await closed();
		const { merits, openEra, totals } = api.query.stciIssuance;
		const [{ era }, { signing }] = await Promise.all([openEra(), totals()]);
		// By pot: signing, plots, storage, compute, bandwidth, discovery, treasury.
		const pots = (...amounts) => api.createType('(u128, u128, u128, u128, u128, u128, u128)', amounts).toHex();
		const items = [
			[totals.key(), pots(signing, PROVEN, 0, 0, 0, 0, 0)],
			[merits.key(era, alice.address), pots(signing, 0, 0, 0, 0, 0, 0)],
			[merits.key(era, eve.address), pots(0, PROVEN, 0, 0, 0, 0, 0)],
		];
		const result = await included(api.tx.sudo.sudo(api.tx.system.setStorage(items)), alice);
		assert.ok(result.findRecord('sudo', 'Sudid').event.data.sudoResult.isOk, 'root may do that');
		return era.toNumber();
	}

	it('pays a claim what the ledger says, and once', LIMIT, async () => {
		const era = await prove();
		closing = await closed();
		assert.equal(closing.event.data.era.toNumber(), era);
		const then = await api.at(closing.hash);
		const [ledger, merits] = [
			(await then.query.stciIssuance.ledgers(era)).unwrap(),
			await then.query.stciIssuance.merits(era, eve.address),
		];
		const owed = ledger.closing.pots.plots.toBigInt() * merits.plots.toBigInt() / ledger.totals.plots.toBigInt();
		assert.equal(owed, EARNED);

		const claim = () => api.tx.stciIssuance.claim(eve.address, [era]);
		const result = await included(claim(), bob);
		const block = result.status.isInBlock ? result.status.asInBlock : result.status.asFinalized;
		const { parentHash } = await api.rpc.chain.getHeader(block);
		const [before, after] = await Promise.all([parentHash, block].map(async (hash) => {
			const { query } = await api.at(hash);
			const [account, issuance, supply, of] = await Promise.all([
				query.system.account(eve.address),
				query.balances.totalIssuance(),
				query.stciIssuance.supplyOf(),
				query.stciIssuance.ledgers(era),
			]);
			const amounts = [account.data.free, issuance, supply.created, supply.committed, of.unwrap().created];
			const [free, issued, created, committed, paid] = amounts.map((amount) => amount.toBigInt());
			return { free, issued, created, committed, paid };
		}));
		const { actualFee } = result.findRecord('transactionPayment', 'TransactionFeePaid').event.data;
		// A fifth of the fee, to the nearest planck.
		const burned = (actualFee.toBigInt() + 2n) / 5n;
		assert.deepEqual(after, {
			free: before.free + owed,
			issued: before.issued + owed - burned,
			created: before.created + owed,
			committed: before.committed - owed,
			paid: before.paid + owed,
		});
		const { amounts } = result.findRecord('stciIssuance', 'Claimed').event.data;
		assert.equal(amounts.plots.toBigInt(), owed);
		await assert.rejects(included(claim(), bob), /NothingEarned/);
	});

	it('accounts for every planck of an era', LIMIT, async () => {
		// The era of the claim, if there was one.
		const { event: first, hash: from } = closing ?? await closed();
		const { event: last, hash: to } = await closed();
		const [then, now] = await Promise.all([from, to].map((hash) => api.at(hash)));
		assert.equal(last.data.era.toNumber(), first.data.era.toNumber() + 1);
		const [before, ledger] = [
			(await now.query.stciIssuance.ledgers(first.data.era)).unwrap(),
			(await now.query.stciIssuance.ledgers(last.data.era)).unwrap(),
		];
		const [created, burned] = [last.data.created.toBigInt(), last.data.burned.toBigInt()];
		assert.ok(burned > 0n, 'a fee was paid');
		assert.equal(ledger.issuance.toBigInt() - before.issuance.toBigInt(), created - burned);
		assert.equal(ledger.burned.toBigInt(), burned);
		const supplies = await Promise.all([then, now].map((at) => at.query.stciIssuance.supplyOf()));
		assert.equal(supplies[1].created.toBigInt() - supplies[0].created.toBigInt(), created);
		// Nobody sends anything in the two blocks themselves: their states say the same.
		const issuances = await Promise.all([then, now].map((at) => at.query.balances.totalIssuance()));
		assert.equal(issuances[1].toBigInt() - issuances[0].toBigInt(), created - burned);
	});

	it('refuses a claim that names no era', LIMIT, async () => {
		await assert.rejects(included(api.tx.stciIssuance.claim(alice.address, []), alice), /NoEras/);
	});
});
