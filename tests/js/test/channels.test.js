// The package of payment channels (clients/ts) against a real chain: two programs open a channel, pay, and close it.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { hexToU8a, u8aToHex, u8aWrapBytes } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';

import { LAST_ID, RpcChain } from '../../../clients/ts/dist/chain.js';
import { extensions, InjectedWallet } from '../../../clients/ts/dist/injected.js';
import { Writer } from '../../../clients/ts/dist/scale.js';
import { SecretWallet } from '../../../clients/ts/dist/wallet.js';
import { wasm } from '../../../clients/ts/test/setup.js';
import { closeAll, connect, open, ready } from '../../../clients/ts/test/world.js';
import { withinProcess } from '../../../clients/ts/dist/exclusive.js';
import { MemoryStore } from '../../../clients/ts/dist/store.js';
import { startNode } from '../lib/node.js';
import { rpc } from '../lib/poca.js';
import * as transactions from '../lib/tx.js';

const UNITS = 1_000_000_000_000n;
const LIMIT = { timeout: 120_000 };
/** An hour, in ticks: the shortest window. */
const WINDOW = 7_200;
/** Milliseconds within which what is waited for has to come. */
const SOON = 30_000;

async function until(what, holds) {
	const end = Date.now() + SOON;
	while (!(await holds())) {
		assert.ok(Date.now() < end, `${what} does not come about`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

describe('payment channels', () => {
	let node, api, alice;
	const chains = [];

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		api = await ApiPromise.create({ provider: new WsProvider(node.url), rpc, noInitWarn: true });
		alice = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
	}, { timeout: 120_000 });

	after(async () => {
		await closeAll();
		for (const chain of chains) chain.close();
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 30_000 });

	/** An account of its own with 100 STCI, and the chain as it sees it. */
	async function account(byte) {
		const chain = await RpcChain.connect(node.url, (url) => new WebSocket(url));
		chains.push(chain);
		const wallet = new SecretWallet(new Uint8Array(32).fill(byte), chain);
		await transactions.finalized(api, api.tx.balances.transferKeepAlive(wallet.account, 100n * UNITS), alice);
		return { chain, wallet };
	}

	const free = async ({ wallet }) => (await api.query.system.account(wallet.account)).data.free.toBigInt();

	it('has the number of the newest channel where the package looks for it', () => {
		assert.equal(api.query.paymentChannels.lastId.key(), LAST_ID);
	});

	it('takes transactions of an ed25519 account, one after the other', LIMIT, async () => {
		const { wallet } = await account(7);
		const remark = (length) => new Writer().u8(0).u8(0).blob(new Uint8Array(length)).done();
		// Payloads of more than 256 bytes are hashed before they are signed.
		await Promise.all([3, 400, 5].map((length) => wallet.submit(remark(length))));
		const nonce = async () => (await api.query.system.account(wallet.account)).nonce.toNumber();
		await until('what was sent', async () => (await nonce()) === 3);
	});

	/** Programs of two accounts, and a channel that the first has opened with the second: both can pay in it. */
	async function channelOf([one, other], [name, otherName]) {
		const genesis = await one.chain.genesis();
		const common = { wasm: wasm(), genesis, exclusive: withinProcess, accept: () => true };
		const program = (own, store) => open({ ...common, ...own, store: new MemoryStore(store) });
		const [a, b] = [await program(one, name), await program(other, otherName)];
		const told = new Set();
		b.on(({ kind }) => told.add(kind));
		await until('a final block', () => told.has('block'));
		connect(a, b);
		await a.openWith({ node: b.node, url: 'ws://127.0.0.1:1', deposit: 80n * UNITS, window: WINDOW });
		await until('the channel', () => a.channels().length === 1 && b.channels().length === 1);
		const [channel] = a.channels();
		await until('a greeting', () => ready(a, channel) && ready(b, channel));
		return { a, b, channel };
	}

	it('has a channel of two programs, in which both pay, and which they close together', LIMIT, async () => {
		const [one, other] = [await account(8), await account(9)];
		const { a, b, channel } = await channelOf([one, other], ['one', 'other']);
		for (let payment = 0; payment < 50; payment += 1) await a.pay(channel, UNITS);
		await b.pay(channel, 10n * UNITS);
		await until('what was paid', () => b.view(channel).theirs.paid === 50n * UNITS);
		await until('what came back', () => a.view(channel).theirs.paid === 10n * UNITS);
		await a.closeTogether(channel);
		await until('that it is gone', () => a.channels().length + b.channels().length === 0);
		assert.ok((await api.query.paymentChannels.channels(channel)).isNone);
		// Less fees, and no more than those.
		const [left, got] = [await free(one), await free(other)];
		assert.ok(left > 59n * UNITS && left <= 60n * UNITS, `${left}`);
		assert.ok(got > 139n * UNITS && got <= 140n * UNITS, `${got}`);
	});

	/** An account as a wallet's extension has it: polkadot.js signs as those do. */
	async function extension(uri) {
		const pair = new Keyring({ type: 'sr25519' }).addFromUri(uri);
		const signer = {
			signPayload: async (payload) =>
				api.registry.createType('ExtrinsicPayload', payload, { version: payload.version }).sign(pair),
			signRaw: async ({ data }) => ({ signature: u8aToHex(pair.sign(u8aWrapBytes(hexToU8a(data)))) }),
		};
		const get = async () => [{ address: pair.address, type: 'sr25519' }];
		const enable = async () => ({ accounts: { get }, signer });
		const [found] = extensions({ test: { enable }, old: {} });
		const { accounts } = await found.enable('SmartChain');
		const [own] = await accounts.get();
		const chain = await RpcChain.connect(node.url, (url) => new WebSocket(url));
		chains.push(chain);
		const wallet = new InjectedWallet(own, signer, chain);
		assert.deepEqual(wallet.account, pair.publicKey);
		await transactions.finalized(api, api.tx.balances.transferKeepAlive(pair.address, 100n * UNITS), alice);
		return { chain, wallet };
	}

	it('has a channel of two accounts of extensions, which sign and agree as those do', LIMIT, async () => {
		const [one, other] = [await extension('//Alice//channel'), await extension('//Bob//channel')];
		const { a, b, channel } = await channelOf([one, other], ['extension one', 'extension other']);
		await a.pay(channel, 3n * UNITS);
		await until('what was paid', () => b.view(channel).theirs.paid === 3n * UNITS);
		await a.closeTogether(channel);
		await until('that it is gone', () => a.channels().length + b.channels().length === 0);
		const got = await free(other);
		assert.ok(got > 102n * UNITS && got <= 103n * UNITS, `${got}`);
	});
});
