// `polkadot-api` (PAPI) against a node of the `dev` chain, without generated types.

import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady, mnemonicGenerate } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient, Enum } from 'polkadot-api';
import { getPolkadotSigner, withMetadataHash } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';

import { startNode } from '../lib/node.js';

const UNITS = 1_000_000_000_000n;
const LIMIT = { timeout: 60_000 };

describe('PAPI', () => {
	let node, client, api, alice, signer;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		// Node.js has a WebSocket of its own from version 22 on.
		client = createClient(getWsProvider(node.url, { websocketClass: WebSocket }));
		api = client.getUnsafeApi();
		alice = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
		signer = getPolkadotSigner(alice.publicKey, 'Sr25519', (bytes) => alice.sign(bytes));
	}, { timeout: 120_000 });

	after(async () => {
		client?.destroy();
		await node?.stop();
	}, { timeout: 30_000 });

	const fresh = () => new Keyring({ type: 'sr25519' }).addFromUri(mnemonicGenerate()).address;
	const transfer = (to, value) => api.tx.Balances.transfer_keep_alive({ dest: Enum('Id', to), value });

	/** Sends a transfer and checks, once it is final, what became of it. */
	async function send(t, signer) {
		const target = fresh();
		const amount = 2n * UNITS;
		const sent = Date.now();
		const result = await transfer(target, amount).signAndSubmit(signer);
		t.diagnostic(`final ${Date.now() - sent} ms after it was submitted`);
		assert.ok(result.ok, JSON.stringify(result.dispatchError));
		const event = (pallet, name) =>
			result.events.find(({ type, value }) => type === pallet && value.type === name)?.value.value;
		const { from, to, amount: moved } = event('Balances', 'Transfer') ?? {};
		assert.deepEqual([from, to, moved], [alice.address, target, amount]);
		assert.ok(event('System', 'ExtrinsicSuccess'), 'there is no event System.ExtrinsicSuccess');
		const account = await api.query.System.Account.getValue(target, { at: 'finalized' });
		assert.equal(account.data.free, amount);
		const final = await client.getFinalizedBlock();
		assert.ok(final.number >= result.block.number, `block ${result.block.number} is not final: ${final.number} is`);
	}

	it('reads the chain', LIMIT, async () => {
		assert.equal((await client.getChainSpecData()).name, 'SmartChain Development');
		const version = await api.constants.System.Version();
		assert.equal(version.spec_name, 'smartchain');
		assert.equal(await api.constants.Balances.ExistentialDeposit(), UNITS / 1000n);
	});

	it('asks in which cluster a node is', LIMIT, async () => {
		const cluster = async (who) => (await api.view.Candidates.cluster(who)).type;
		assert.deepEqual([await cluster(alice.address), await cluster(fresh())], ['Director', 'Ordinary']);
	});

	it('sends a transfer and sees it final, without the hash of the metadata', LIMIT, (t) => send(t, signer));

	it('does so with the hash of the metadata, as hardware wallets do', LIMIT, (t) =>
		send(t, withMetadataHash({ decimals: 12, tokenSymbol: 'STCI' }, signer)));

	it('is refused where that hash is of something else', LIMIT, async () => {
		const wrong = withMetadataHash({ decimals: 10, tokenSymbol: 'DOT' }, signer);
		await assert.rejects(transfer(fresh(), UNITS).signAndSubmit(wrong), /BadProof/);
	});

	it('sends many at once', LIMIT, async () => {
		const { nonce } = await api.query.System.Account.getValue(alice.address, { at: 'best' });
		// Other nodes take 16 of one connection; what is above would wait until it is too old.
		const sent = Array.from({ length: 40 }, (_, i) =>
			transfer(fresh(), UNITS).signAndSubmit(signer, { nonce: nonce + i }));
		for (const { ok, dispatchError } of await Promise.all(sent)) assert.ok(ok, JSON.stringify(dispatchError));
	});

	it('asks poca_finalityStatus', LIMIT, async () => {
		const status = await client._request('poca_finalityStatus', []);
		assert.equal(status.voting, true);
		assert.ok(status.finalized.number > 0);
	});
});
