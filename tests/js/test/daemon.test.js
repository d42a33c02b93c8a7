// The package of payment channels (clients/ts) against a real `smart-pay` and a real chain: a channel is opened, both
// pay, over the network, by invoices, through the daemon to another, and by files, and close it; all to the planck.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';

import { RpcChain } from '../../../clients/ts/dist/chain.js';
import { accountOf } from '../../../clients/ts/dist/injected.js';
import { withinProcess } from '../../../clients/ts/dist/exclusive.js';
import { sideOf } from '../../../clients/ts/dist/openings.js';
import { readInvoice, writeInvoice } from '../../../clients/ts/dist/pay/invoice.js';
import { fromHex } from '../../../clients/ts/dist/scale.js';
import { MemoryStore } from '../../../clients/ts/dist/store.js';
import { SecretWallet } from '../../../clients/ts/dist/wallet.js';
import { wasm } from '../../../clients/ts/test/setup.js';
import { closeAll, open, ready } from '../../../clients/ts/test/world.js';
import { startNode } from '../lib/node.js';
import { Payer } from '../lib/pay.js';
import { rpc } from '../lib/poca.js';
import * as transactions from '../lib/tx.js';

const UNITS = 1_000_000_000_000n;
/** An hour, in ticks: the shortest window that a daemon agrees to. */
const WINDOW = 7_200;
/** What the daemon takes for carrying a payment on: so many planck, and so many of each million. */
const [FEE, PPM] = [1_000n, 500n];
/** Milliseconds within which what is waited for has to come. */
const SOON = 30_000;

async function until(what, holds) {
	const end = Date.now() + SOON;
	while (!(await holds())) {
		assert.ok(Date.now() < end, `${what} does not come about`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

describe('payment channels with smart-pay', () => {
	let node, api, payer, tower, setup, another;
	const chains = [];
	/** The program in JavaScript, and the channel. */
	let js, channel;
	/** What each has paid so far, in planck. */
	let [ours, theirs] = [0n, 0n];

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		api = await ApiPromise.create({ provider: new WsProvider(node.url), rpc, noInitWarn: true });
		const relay = ['[relay]', 'enabled = true', `fee_base = ${FEE}`, `fee_ppm = ${PPM}`];
		payer = await Payer.make(node.url, api.genesisHash.toHex(), relay);
		tower = await Payer.make(node.url, api.genesisHash.toHex(), ['[tower]', 'serve = true']);
		await tower.run();
		[setup, another] = [await program(21), { ...(await program(22)), tower: await watching() }];
		const alice = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
		for (const account of [setup.wallet.account, another.wallet.account, payer.address]) {
			await transactions.finalized(api, api.tx.balances.transferKeepAlive(account, 100n * UNITS), alice);
		}
		await payer.run();
	}, { timeout: 180_000 });

	/** What a program of an account is opened with. */
	async function program(byte) {
		const chain = await RpcChain.connect(node.url, (url) => new WebSocket(url));
		chains.push(chain);
		return {
			wasm: wasm(),
			store: new MemoryStore(`with a daemon, ${byte}`),
			genesis: await chain.genesis(),
			exclusive: withinProcess,
			socket: (url) => new WebSocket(url),
			chain,
			wallet: new SecretWallet(new Uint8Array(32).fill(byte), chain),
			seed: new Uint8Array(32).fill(byte),
		};
	}

	/** The tower, as a setup names it: nothing is acknowledged before it has it. */
	async function watching() {
		// Lines of a configuration.
		const lines = await tower.ask('tower', 'show');
		const { account, key, node: own, url } = Object.fromEntries(
			[...lines.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, name, value]) => [name, value]),
		);
		return { account: accountOf(account), key: fromHex(key), node: fromHex(own), url, strict: true };
	}

	/** Opens a channel with the daemon; its number. */
	async function withDaemon(channels) {
		await channels.openWith({ node: fromHex(payer.node), url: payer.url, deposit: 80n * UNITS, window: WINDOW });
		await until('the channel', () => channels.channels().length === 1);
		const [number] = channels.channels();
		await until('a greeting', () => ready(channels, number));
		const known = async () => (await payer.ask('channels')).find((one) => BigInt(one.channel) === number);
		await until('the greeting of the other side', async () => (await known())?.state === 'open');
		return number;
	}

	after(async () => {
		await closeAll();
		for (const chain of chains) chain.close();
		await payer?.stop();
		await tower?.stop();
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 40_000 });

	/** Whether both say the same of what was paid, to the planck, and nothing is on its way. */
	async function agree() {
		const { locks, received, sent } = await seen();
		const { ours: own, theirs: other } = js.view(channel);
		return locks === 0 && BigInt(received) === ours && BigInt(sent) === theirs
			&& own.paid === ours && other.paid === theirs;
	}

	/** The channel as the daemon sees it. */
	async function seen() {
		return (await payer.ask('channels')).find((one) => BigInt(one.channel) === channel);
	}

	it('opens a channel with a daemon', { timeout: 90_000 }, async () => {
		js = await open(setup);
		channel = await withDaemon(js);
		assert.equal(js.view(channel).room, 80n * UNITS);
	});

	it('pays the daemon, and is paid by it: at once, and by invoices', { timeout: 90_000 }, async () => {
		for (let payment = 0; payment < 50; payment += 1) await js.pay(channel, UNITS / 7n);
		ours += 50n * (UNITS / 7n);
		const invoice = await payer.ask('invoice', '3.000000000001', '--text', 'tea');
		const paid = await js.payInvoice(invoice);
		ours += 3n * UNITS + 1n;
		assert.deepEqual(paid, { amount: 3n * UNITS + 1n, fee: 0n, channel });
		await until('what was paid', agree);
		await payer.ask('pay', js.invoice({ amount: UNITS / 3n, text: 'back' }));
		theirs += UNITS / 3n;
		await until('what came back', agree);
	});

	it('pays an invoice of another through the daemon, and is paid through it', { timeout: 90_000 }, async () => {
		const other = await open(another);
		const theirChannel = await withDaemon(other);
		// The daemon has nothing to pay with in that channel before it was paid there.
		await other.pay(theirChannel, 20n * UNITS);
		const fee = (amount) => FEE + (amount * PPM + 999_999n) / 1_000_000n;
		const amount = 2n * UNITS + 1n;
		const text = other.invoice({ amount });
		const paid = await js.payInvoice(text);
		assert.deepEqual([paid.amount, paid.fee, paid.channel], [amount, fee(amount), channel]);
		assert.equal(paid.preimage.length, 32);
		ours += amount + fee(amount);
		await until('what was paid', agree);
		await until('what came', () => other.view(theirChannel).theirs.paid === amount);
		// The tower has a receipt for it: else it would not be acknowledged, and the daemon would not be paid by it.
		await until('what the tower watches', async () => (await tower.ask('status')).watched === 1);
		await assert.rejects(js.payInvoice(text), /was paid before/);
		// Nobody changes what is asked for, and is paid.
		const asked = readInvoice(other.invoice({ amount }));
		const cheaper = writeInvoice({ ...asked, terms: { ...asked.terms, amount: amount - 1n } });
		await assert.rejects(js.payInvoice(cheaper), /does not know what it is for/);
		const back = UNITS / 5n;
		assert.equal((await other.payInvoice(js.invoice({ amount: back }))).fee, fee(back));
		theirs += back;
		await until('what came back', agree);
		await other.close();
		// Its payee is away: the payment waits for a while, and comes to nothing.
		await assert.rejects(js.payInvoice(writeInvoice(asked)), /was away/);
		await until('that nothing is on its way', agree);
	});

	it('pays by file, both ways, with no network between them', { timeout: 90_000 }, async () => {
		// It calls nobody any more.
		await js.reach(channel, fromHex(payer.node));
		await js.close();
		js = await open(setup);
		await until('that it is away', async () => !(await seen()).connected);
		let files = 0;
		const give = async () => {
			const file = payer.file(`to-${(files += 1)}`);
			writeFileSync(file, await js.exportEnvelope(channel));
			const answer = payer.file(`from-${files}`);
			await payer.ask('import', file, '-o', answer);
			return js.importEnvelope(readFileSync(answer));
		};
		// Who begins anew is told first what the other holds.
		await give();
		await give();
		await js.pay(channel, 5n * UNITS + 7n);
		ours += 5n * UNITS + 7n;
		await give();
		assert.ok(await agree(), 'what was paid by file');
		const file = payer.file('back');
		await payer.ask('export', String(channel), '--pay', '1.5', '-o', file);
		theirs += 3n * UNITS / 2n;
		assert.equal((await js.importEnvelope(readFileSync(file))).received, 3n * UNITS / 2n);
		await give();
		assert.ok(await agree(), 'what came by file');
	});

	it('comes back from the chain by its seed, and the daemon says what was paid', { timeout: 90_000 }, async () => {
		await js.close();
		js = await open({ ...setup, store: new MemoryStore('nothing is left') });
		let blocks = 0;
		js.on(({ kind }) => {
			blocks += kind === 'block' ? 1 : 0;
		});
		await until('a final block', () => blocks > 0);
		assert.deepEqual(await js.recover(), [channel]);
		await assert.rejects(js.pay(channel, 1n), { name: 'MachineError' });
		await js.reach(channel, fromHex(payer.node), payer.url);
		await until('the word of the daemon', () => ready(js, channel));
		await js.pay(channel, 9n);
		ours += 9n;
		await until('what was paid', agree);
	});

	it('closes together, and the chain pays each what the other says', { timeout: 120_000 }, async () => {
		const closed = new Promise((resolve) => {
			api.query.system.events((events) => {
				for (const { event } of events) {
					const isIt = api.events.paymentChannels.ClosedTogether.is(event);
					if (isIt && event.data[0].toBigInt() === channel) resolve(event.data[1]);
				}
			});
		});
		await until('that nothing is on its way', agree);
		await js.closeTogether(channel);
		await until('that it is gone', () => js.channels().length === 0);
		const { low, high } = await closed;
		const partner = api.createType('AccountId', payer.address).toU8a();
		const got = [low.toBigInt(), high.toBigInt()];
		if (sideOf(setup.wallet.account, partner) === 'high') got.reverse();
		assert.deepEqual(got, [80n * UNITS - ours + theirs, ours - theirs]);
		assert.ok((await api.query.paymentChannels.channels(channel)).isNone);
	});
});
