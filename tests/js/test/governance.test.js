// A holder changes a fee and a price by vote, as docs/governance.md tells it, and others delegate.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startNode } from '../lib/node.js';
import { rpc } from '../lib/poca.js';
import * as transactions from '../lib/tx.js';

const UNITS = 1_000_000_000_000n;
const STAKE = 900_000n * UNITS;
const PARAMETERS = 1;
const SEEDS = ['//Alice', '//Bob', '//Charlie', '//Dave', '//Eve', '//Ferdie'];
const LIMIT = { timeout: 60_000 };
// To prepare, confirm and enact takes half a minute with test values, and a decision three and a half at most.
const REFERENDUM = { timeout: 240_000 };

describe('governance', () => {
	let node, provider, api, holders, index;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		provider = new WsProvider(node.url);
		api = await ApiPromise.create({ provider, rpc, noInitWarn: true });
		const keyring = new Keyring({ type: 'sr25519' });
		holders = SEEDS.map((seed) => keyring.addFromUri(seed));
	}, { timeout: 120_000 });

	after(async () => {
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 30_000 });

	const included = (tx, signer) => transactions.included(api, tx, signer);

	/** Waits for the block in which something holds. */
	function until(holds) {
		return new Promise((resolve, reject) => {
			let stop;
			api.rpc.chain.subscribeNewHeads(async () => {
				if (!stop || !(await holds())) return;
				stop();
				resolve();
			}).then((unsubscribe) => (stop = unsubscribe)).catch(reject);
		});
	}

	const aye = { Standard: { vote: { aye: true, conviction: 'Locked1x' }, balance: STAKE } };

	async function parameter(key) {
		const value = (await api.query.parameters.parameters(key)).toJSON();
		return value && Object.values(Object.values(value)[0])[0];
	}

	it('notes a preimage and submits it with its deposit', LIMIT, async () => {
		const [holder] = holders;
		const call = api.tx.utility.batchAll([
			api.tx.parameters.setParameter({ Fees: { ByteFee: [null, 2_000_000n] } }),
			api.tx.parameters.setParameter({ Issuance: { RateLow: [null, UNITS / 10n] } }),
		]);
		const bytes = call.method.toHex();
		await included(api.tx.preimage.notePreimage(bytes), holder);
		const proposal = { Lookup: { hash: call.method.hash.toHex(), len: call.method.encodedLength } };
		const submit = api.tx.referenda.submit({ Mandates: 'ParametersAdmin' }, proposal, { After: 0 });
		const result = await included(submit, holder);
		const event = result.findRecord('referenda', 'Submitted').event;
		assert.equal(event.data.track.toNumber(), PARAMETERS);
		index = event.data.index.toNumber();
		await included(api.tx.referenda.placeDecisionDeposit(index), holder);
	});

	it('counts votes and delegated votes', LIMIT, async () => {
		const [first, second, ...others] = holders;
		const { delegate, vote } = api.tx.convictionVoting;
		await included(delegate(PARAMETERS, first.address, 'Locked1x', STAKE), second);
		await Promise.all([first, ...others].map((holder) => included(vote(index, aye), holder)));
		const info = (await api.query.referenda.referendumInfoFor(index)).unwrap();
		assert.equal(info.asOngoing.tally.ayes.toBigInt(), STAKE * BigInt(holders.length));
	});

	it('changes the fee and the price when it is enacted', REFERENDUM, async () => {
		await until(async () => (await parameter({ Fees: { ByteFee: null } })) !== null);
		assert.equal(BigInt(await parameter({ Fees: { ByteFee: null } })), 2_000_000n);
		assert.equal(BigInt(await parameter({ Issuance: { RateLow: null } })), UNITS / 10n);
		assert.ok((await api.query.mandates.holdersDecideSince()).isSome);
		const info = (await api.query.referenda.referendumInfoFor(index)).unwrap();
		assert.ok(info.isApproved);
	});

	it('charges the new fee from then on', LIMIT, async () => {
		const fee = async (bytes) => {
			const tx = api.tx.system.remark(`0x${'00'.repeat(bytes)}`);
			return (await tx.paymentInfo(holders[0])).partialFee.toBigInt();
		};
		const [small, large] = [await fee(1_000), await fee(11_000)];
		assert.ok(large - small >= 10_000n * 2_000_000n, `${large - small} planck for 10,000 bytes more`);
	});

	it('gives the deposits back', LIMIT, async () => {
		const [holder] = holders;
		await included(api.tx.referenda.refundDecisionDeposit(index), holder);
		await included(api.tx.referenda.refundSubmissionDeposit(index), holder);
	});
});
