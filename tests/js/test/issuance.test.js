// An era's ledger, read with polkadot.js: what was created is what total issuance has grown by, and what was burned.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startNode } from '../lib/node.js';
import { rpc } from '../lib/poca.js';

const LIMIT = { timeout: 180_000 };

describe('issuance', () => {
	let node, api, alice;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		api = await ApiPromise.create({ provider: new WsProvider(node.url), rpc, noInitWarn: true });
		alice = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
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

	/** Sends a transaction, a part of whose fee is burned, and waits until it is in a block. */
	function payFee() {
		return new Promise((resolve, reject) => {
			api.tx.system.remark('0x00').signAndSend(alice, ({ status, isError }) => {
				if (isError) reject(new Error(`the remark is ${status.type}`));
				else if (status.isInBlock) resolve();
			}).catch(reject);
		});
	}

	it('accounts for every planck of an era', LIMIT, async () => {
		const { event: first, hash: from } = await closed();
		await payFee();
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

	it('refuses a claim of an era in which nothing was earned', LIMIT, async () => {
		const claim = api.tx.stciIssuance.claim(alice.address, []);
		await assert.rejects(new Promise((resolve, reject) => {
			claim.signAndSend(alice, ({ status, dispatchError }) => {
				if (dispatchError) reject(new Error(api.registry.findMetaError(dispatchError.asModule).name));
				else if (status.isFinalized) resolve();
			}).catch(reject);
		}), /NoEras/);
	});
});
