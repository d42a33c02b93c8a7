// Becoming a validator with polkadot.js, as docs/validator.md tells it: keys, bond, backing, admission, clusters,
// leaving.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { u8aToHex } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startNode } from '../lib/node.js';
import { rpc } from '../lib/poca.js';
import * as transactions from '../lib/tx.js';

const UNITS = 1_000_000_000_000n;
const BOND = 1_000n * UNITS;
const LIMIT = { timeout: 60_000 };

describe('candidates', () => {
	let node, provider, api, alice, bob;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		provider = new WsProvider(node.url);
		api = await ApiPromise.create({ provider, rpc, noInitWarn: true });
		const keyring = new Keyring({ type: 'sr25519' });
		[alice, bob] = ['//Alice', '//Bob'].map((seed) => keyring.addFromUri(seed));
	}, { timeout: 120_000 });

	after(async () => {
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 30_000 });

	const finalized = (tx, signer) => transactions.finalized(api, tx, signer);

	const free = async (account) => (await api.query.system.account(account.address)).data.free.toBigInt();
	const candidate = async (account) => (await api.query.candidates.candidates(account.address)).toJSON();

	it('starts with a director that is bonded and admitted', LIMIT, async () => {
		const [director] = (await api.query.poca.directors()).toJSON();
		assert.equal(director.account, alice.address);
		const { bond, admitted, withdrawable } = await candidate(alice);
		assert.deepEqual([BigInt(bond), admitted, withdrawable], [BOND, true, null]);
	});

	it('refuses a bond without session keys', LIMIT, async () => {
		await assert.rejects(finalized(api.tx.candidates.register(BOND), bob), /NoKeys/);
	});

	it('registers with keys that the node has made, and a bond', LIMIT, async () => {
		const { keys, proof } = await provider.send('author_rotateKeysWithOwner', [u8aToHex(bob.publicKey)]);
		await finalized(api.tx.session.setKeys(keys, proof), bob);
		await assert.rejects(finalized(api.tx.candidates.register(BOND - 1n), bob), /BondTooLow/);
		const before = await free(bob);
		const result = await finalized(api.tx.candidates.register(BOND), bob);
		const event = result.findRecord('candidates', 'Registered')?.event;
		assert.ok(event?.data.candidate.eq(bob.address) && event.data.bond.toBigInt() === BOND, `${event}`);
		assert.ok(await free(bob) <= before - BOND, 'the bond is held');
		const holds = (await api.query.balances.holds(bob.address)).toJSON();
		assert.ok(holds.some(({ id, amount }) => 'candidates' in id && BigInt(amount) === BOND), JSON.stringify(holds));
		assert.equal((await candidate(bob)).admitted, false);
	});

	it('takes backing of holders and gives it back', LIMIT, async () => {
		await finalized(api.tx.candidates.back(bob.address, 50n * UNITS), alice);
		assert.equal((await api.query.candidates.backingOn(bob.address)).toBigInt(), 50n * UNITS);
		const result = await finalized(api.tx.candidates.unback(bob.address, 20n * UNITS), alice);
		assert.ok(result.findRecord('candidates', 'Unbacked'), 'there is no event Candidates.Unbacked');
		assert.equal((await api.query.candidates.backingOn(bob.address)).toBigInt(), 30n * UNITS);
		await assert.rejects(finalized(api.tx.candidates.unlock(), alice), /NothingDue/);
	});

	it('admits with two thirds of the directors, and nobody else admits', LIMIT, async () => {
		const admit = api.tx.candidates.admit(bob.address);
		await assert.rejects(finalized(admit, bob), /not expected/);
		await assert.rejects(finalized(api.tx.motions.propose(admit), bob), /NotMember/);
		// There is but one director: its proposal carries.
		const result = await finalized(api.tx.motions.propose(admit), alice);
		const carried = result.findRecord('motions', 'Carried')?.event;
		assert.ok(carried?.data.result.isOk, `${carried}`);
		assert.ok(result.findRecord('candidates', 'Admitted'), 'there is no event Candidates.Admitted');
		assert.equal((await candidate(bob)).admitted, true);
		assert.equal((await api.query.motions.counterForMotions()).toNumber(), 0);
	});

	it('reads the clusters', LIMIT, async () => {
		// Between elections nothing changes: Bob is an ordinary node until the next.
		const signers = (await api.query.poca.standbySigners()).toJSON();
		assert.ok(signers.every((signer) => signer === null), JSON.stringify(signers));
		assert.deepEqual((await api.query.candidates.standbyComputeNodes()).toJSON(), []);
		const { seats, isolateAfter, minBond } = (await api.query.candidates.parameters()).toJSON();
		assert.deepEqual([seats, isolateAfter, BigInt(minBond)], [21, 2, BOND]);
		const schedule = (await api.rpc.poca.schedule()).toJSON();
		assert.deepEqual(schedule.directors.map(({ standbySigner }) => standbySigner), [null]);
	});

	it('leaves, and keeps the bond until it is due', LIMIT, async () => {
		const era = (await api.query.poca.era()).toNumber();
		const result = await finalized(api.tx.candidates.leave(), bob);
		assert.ok(result.findRecord('candidates', 'Left'), 'there is no event Candidates.Left');
		// An era may have begun meanwhile.
		const eras = (await candidate(bob)).withdrawable - era - api.consts.candidates.unbondingEras.toNumber();
		assert.ok(eras === 0 || eras === 1, `${eras}`);
		await assert.rejects(finalized(api.tx.candidates.withdrawBond(), bob), /StillBonded/);
	});
});
