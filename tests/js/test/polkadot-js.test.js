// `@polkadot/api` against a node of the `dev` chain.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { hexToU8a } from '@polkadot/util';
import { cryptoWaitReady, mnemonicGenerate } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { decodeCertificate, decodeVoterSet, quorum, verifyCertificate } from '../lib/certificate.js';
import { startNode } from '../lib/node.js';
import { rpc } from '../lib/poca.js';

const UNITS = 1_000_000_000_000n;
const LIMIT = { timeout: 60_000 };
const HASH = /^0x[0-9a-f]{64}$/;

describe('polkadot.js', () => {
	let node, provider, api, alice;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		provider = new WsProvider(node.url);
		api = await ApiPromise.create({ provider, rpc, noInitWarn: true });
		alice = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
	}, { timeout: 120_000 });

	after(async () => {
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 30_000 });

	/** Submits a transaction and returns what is known of it once it is final. */
	function finalized(tx, signer, options = {}) {
		return new Promise((resolve, reject) => {
			tx.signAndSend(signer, options, (result) => {
				if (result.isError) reject(new Error(`the transaction became ${result.status.type}`));
				if (result.status.isFinalized) resolve(result);
			}).catch(reject);
		});
	}

	it('reads the chain and its metadata', LIMIT, async () => {
		assert.equal((await api.rpc.system.chain()).toString(), 'SmartChain Development');
		assert.equal(api.runtimeVersion.specName.toString(), 'smartchain');
		assert.deepEqual(api.registry.chainTokens, ['STCI']);
		assert.deepEqual(api.registry.chainDecimals, [12]);
		assert.equal(api.registry.chainSS58, 42);

		const versions = (await api.call.metadata.metadataVersions()).map((version) => version.toNumber());
		for (const version of [14, 15, 16]) {
			assert.ok(versions.includes(version), `metadata V${version} is missing: ${versions}`);
		}

		const pallets = api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString());
		for (const pallet of [
			...['System', 'Timestamp', 'Poca', 'BftFinality', 'Authorship', 'Session', 'Equivocation', 'CandidateList'],
			...['Candidates', 'Motions', 'Balances', 'TransactionPayment', 'Utility', 'Multisig', 'Proxy', 'Sudo'],
			...['MultiBlockMigrations', 'Upgrades', 'StciIssuance', 'Treasury', 'Bounties', 'Vesting', 'Referenda'],
			...['ConvictionVoting', 'Mandates', 'Parameters', 'Preimage', 'Scheduler', 'PaymentChannels', 'Relay'],
			...['StorageMarket', 'ComputeMarket'],
		]) assert.ok(pallets.includes(pallet), `there is no pallet ${pallet}: ${pallets}`);
	});

	it('knows the transaction extensions in their frozen order', LIMIT, () => {
		assert.deepEqual(api.registry.signedExtensions, [
			...['AuthorizeCall', 'CheckNonZeroSender', 'CheckSpecVersion', 'CheckTxVersion', 'CheckGenesis'],
			...['CheckMortality', 'CheckNonce', 'CheckWeight', 'ChargeTransactionPayment', 'CheckMetadataHash'],
			'WeightReclaim',
		]);
	});

	it('follows the final chain as it grows', LIMIT, async () => {
		const numbers = await new Promise((resolve, reject) => {
			const seen = [];
			api.rpc.chain.subscribeFinalizedHeads((header) => {
				seen.push(header.number.toNumber());
				if (seen.length === 5) resolve(seen);
			}).catch(reject);
		});
		assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i));
	});

	it('sends a transfer, sees it final, and reads its events', LIMIT, async (t) => {
		const target = new Keyring({ type: 'sr25519' }).addFromUri(mnemonicGenerate()).address;
		const amount = 3n * UNITS;
		const sent = Date.now();
		const result = await finalized(api.tx.balances.transferKeepAlive(target, amount), alice);
		t.diagnostic(`final ${Date.now() - sent} ms after it was submitted`);
		assert.equal(result.dispatchError, undefined);

		const transfer = result.findRecord('balances', 'Transfer')?.event;
		assert.ok(transfer, 'there is no event Balances.Transfer');
		assert.equal(transfer.data.from.toString(), alice.address);
		assert.equal(transfer.data.to.toString(), target);
		assert.equal(transfer.data.amount.toBigInt(), amount);
		assert.ok(result.findRecord('system', 'ExtrinsicSuccess'), 'there is no event System.ExtrinsicSuccess');
		assert.ok(result.findRecord('transactionPayment', 'TransactionFeePaid'), 'there is no event of the fee');

		// The same from the state of that block, which is on the final chain.
		const block = result.status.asFinalized;
		const number = (await api.rpc.chain.getHeader(block)).number.toNumber();
		assert.equal((await api.rpc.chain.getBlockHash(number)).toHex(), block.toHex());
		const { finalized: last } = (await api.rpc.poca.finalityStatus()).toJSON();
		assert.ok(last.number >= number, `block ${number} is said to be final, and the final one is ${last.number}`);
		const then = await api.at(block);
		const events = (await then.query.system.events())
			.filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eq(result.txIndex))
			.map(({ event }) => `${event.section}.${event.method}`);
		assert.ok(events.includes('balances.Transfer') && events.at(-1) === 'system.ExtrinsicSuccess', `${events}`);
		assert.equal((await then.query.system.account(target)).data.free.toBigInt(), amount);
	});

	it('is told of a transfer that fails', LIMIT, async () => {
		const poor = new Keyring({ type: 'sr25519' }).addFromUri(mnemonicGenerate());
		// It has money for the fee, and less than it sends.
		await finalized(api.tx.balances.transferKeepAlive(poor.address, UNITS), alice);
		const result = await finalized(api.tx.balances.transferKeepAlive(alice.address, 2n * UNITS), poor);
		assert.ok(result.dispatchError?.isToken || result.dispatchError?.isModule, `${result.dispatchError}`);
		assert.ok(result.findRecord('system', 'ExtrinsicFailed'), 'there is no event System.ExtrinsicFailed');

		const nobody = new Keyring({ type: 'sr25519' }).addFromUri(mnemonicGenerate());
		const transfer = api.tx.balances.transferKeepAlive(alice.address, UNITS);
		await assert.rejects(transfer.signAndSend(nobody), /pay some fees/);
	});

	it('sends many at once', LIMIT, async () => {
		const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
		const target = new Keyring({ type: 'sr25519' }).addFromUri(mnemonicGenerate()).address;
		const sent = Array.from({ length: 40 }, (_, i) =>
			finalized(api.tx.balances.transferKeepAlive(target, UNITS), alice, { nonce: nonce + i }));
		for (const { dispatchError } of await Promise.all(sent)) assert.equal(dispatchError, undefined);
	});

	it('runs a transaction dry that it signs on the best block', LIMIT, async () => {
		const transfer = api.tx.balances.transferKeepAlive(alice.address, UNITS);
		for (const options of [{}, { era: 0 }]) {
			const result = await transfer.dryRun(alice, options);
			assert.ok(result.isOk && result.asOk.isOk, result.toString());
		}
	});

	it('asks poca_finalityStatus', LIMIT, async () => {
		const status = (await api.rpc.poca.finalityStatus()).toJSON();
		for (const block of [status.best, status.finalized]) {
			assert.match(block.hash, HASH);
			assert.ok(block.slot > 0 && block.number > 0, JSON.stringify(block));
		}
		assert.equal((await api.rpc.chain.getBlockHash(status.finalized.number)).toHex(), status.finalized.hash);
		assert.equal(status.finalityLagBlocks, status.best.number - status.finalized.number);
		assert.deepEqual([status.setId, status.voters, status.quorum], [0, 1, 1]);
		assert.deepEqual([status.voting, status.notVoting], [true, null]);
		assert.ok(status.authoredBlocks > 0);
	});

	it('asks poca_schedule', LIMIT, async () => {
		const schedule = (await api.rpc.poca.schedule()).toJSON();
		const { slotDurationMs, turnLengthSlots, eraLengthSlots, missedSlotsToReplace } = schedule;
		assert.deepEqual([slotDurationMs, turnLengthSlots, eraLengthSlots, missedSlotsToReplace], [500, 12, 120, 2]);
		// There is but one director, and nobody stands by.
		assert.deepEqual(schedule.currentStandbys, []);
		assert.match(schedule.randomness, HASH);
		assert.ok(Math.abs(schedule.currentSlot - Date.now() / 500) < 4, `slot ${schedule.currentSlot}`);
		assert.equal(schedule.currentDirector, 0);
		assert.equal(schedule.directors.length, 1);
		assert.equal(schedule.directors[0].key, alice.address);
		assert.ok(schedule.directors[0].authoredBlocks > 0);
	});

	it('asks poca_voterState', LIMIT, async () => {
		const state = (await api.rpc.poca.voterState()).toJSON();
		assert.deepEqual([state.voting, state.notVoting, state.setId], [true, null, 0]);
		assert.equal(state.voter.index, 0);
		assert.equal(state.voter.key, new Keyring({ type: 'ed25519' }).addFromUri('//Alice').address);
		const { lastPrevote, lock } = state.voter;
		assert.ok(lastPrevote.slot >= lock.slot && lock.slot > 0, JSON.stringify(state.voter));
	});

	it('verifies what poca_proveFinality answers', LIMIT, async () => {
		const { finalized: last } = (await api.rpc.poca.finalityStatus()).toJSON();
		const set = decodeVoterSet(await provider.send('state_call', ['BftFinalityApi_voter_set', '0x']));
		const proofs = [
			(await api.rpc.poca.proveFinality(1)).toJSON(),
			(await api.rpc.poca.proveFinality(last.number)).toJSON(),
			await provider.send('poca_proveFinality', [last.hash]),
		];
		for (const proof of proofs) {
			const headers = proof.headers.map((bytes) => api.createType('Header', bytes));
			assert.equal(headers.length, proof.certified.number - proof.block.number + 1);
			assert.equal(headers[0].hash.toHex(), proof.block.hash);
			headers.slice(1).forEach((header, i) => assert.equal(header.parentHash.toHex(), headers[i].hash.toHex()));
			assert.equal(headers.at(-1).hash.toHex(), proof.certified.hash);

			const certificate = decodeCertificate(proof.certificate);
			assert.ok(certificate.vote.phase.type === 'Commit');
			assert.equal(certificate.vote.target.blockHash.toHex(), proof.certified.hash);
			assert.ok(verifyCertificate(certificate, api.genesisHash, set), 'the certificate does not verify');

			// On another chain it proves nothing.
			assert.ok(!verifyCertificate(certificate, hexToU8a(proof.certified.hash), set));
		}
	});

	it('is told why poca_proveFinality has no answer', LIMIT, async () => {
		const code = (expected) => (error) => error.code === expected || assert.fail(`${error.code}: ${error.message}`);
		await assert.rejects(provider.send('poca_proveFinality', [4_000_000]), code(14003));
		await assert.rejects(provider.send('poca_proveFinality', [`0x${'77'.repeat(32)}`]), code(14002));
		await assert.rejects(provider.send('poca_proveFinality', ['nonsense']), code(-32602));
		await assert.rejects(provider.send('poca_proveFinality', []), code(-32602));
	});

	it('subscribes to certificates, and leaves', LIMIT, async () => {
		const set = decodeVoterSet(await provider.send('state_call', ['BftFinalityApi_voter_set', '0x']));
		const seen = [];
		let leave;
		await new Promise((resolve, reject) => {
			api.rpc.poca.subscribeCertificates((info) => {
				seen.push(info.toJSON());
				const of = (phase) => seen.filter((certificate) => certificate.phase === phase);
				const blocks = (phase) => new Set(of(phase).map(({ block }) => block.hash)).size;
				if (blocks('prevote') >= 3 && blocks('commit') >= 3) resolve();
			}).then((unsubscribe) => { leave = unsubscribe; }, reject);
		});
		leave();
		for (const info of seen) {
			const certificate = decodeCertificate(info.certificate);
			assert.equal(certificate.vote.phase.type.toLowerCase(), info.phase);
			assert.equal(certificate.vote.target.blockHash.toHex(), info.block.hash);
			assert.deepEqual([info.setId, info.relaxed], [0, false]);
			assert.ok(info.signers.length >= quorum(set.voters.length));
			assert.ok(verifyCertificate(certificate, api.genesisHash, set), JSON.stringify(info));
		}
		// The same without the wrapping: the names on the wire.
		const id = await provider.subscribe('poca_certificate', 'poca_subscribeCertificates', [], () => {});
		assert.equal(await provider.unsubscribe('poca_certificate', 'poca_unsubscribeCertificates', id), true);
	});
});
