import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { conditionHash, hashLock, preimageOf, readInvoice, shown, writeInvoice } from '../dist/pay/invoice.js';
import { openLetter, sealFault } from '../dist/pay/letter.js';
import { toHex } from '../dist/scale.js';
import { wasm } from './setup.js';
import { closeAll, connect, open, ready, until, World } from './world.js';

after(closeAll);

const POLICY = { base: 3n, ppm: 10_000, margin: 1_200 };

/**
 * A program that carries payments on, as `smart-pay` does: what comes goes on by its letter, and what is shown is shown
 * back. `meddle` may say that it does not, and why.
 */
class Relay {
	locks = new Map();
	carried = 0;

	constructor({ channels, setup }, meddle) {
		Object.assign(this, { channels, secret: channels.me.secret, genesis: setup.genesis, meddle });
		channels.payments.heard = (notice) => void this.heard(notice).catch((error) => (this.failed = error));
	}

	async heard(notice) {
		if (notice.kind === 'arrived') return this.arrived(notice);
		const place = this.locks.get(`${notice.channel}/${notice.lock}`);
		if (!place) return;
		const at = place.at;
		if (notice.kind === 'paid') await this.channels.step({ kind: 'show', at, witness: shown(notice.shown[0]) });
		if (notice.kind === 'failed') await this.channels.step({ kind: 'give-up', at, reason: notice.reason });
	}

	async arrived({ channel, lock, packet }) {
		const at = { channel, id: lock.id };
		const { found, fault } = openLetter(packet, this.genesis, lock.condition, this.secret);
		const why = this.meddle?.(this, found.on, lock);
		const sealed = why && sealFault(fault, why);
		if (why) return this.channels.step({ kind: 'give-up', at, reason: { code: 7, sealed } });
		this.carried += 1;
		assert.ok(lock.amount >= found.on.amount + POLICY.base, 'the fee');
		assert.ok(lock.expiry >= found.on.expiry + POLICY.margin, 'the margin');
		const condition = this.condition;
		assert.equal(toHex(conditionHash(condition)), toHex(lock.condition));
		this.locks.set(`${found.on.channel}/${this.locks.size}`, { at });
		const { amount, expiry } = found.on;
		await this.channels.step({
			kind: 'lock', channel: found.on.channel, amount, expiry, condition, packet: found.letter,
		});
	}
}

/** A payer and a payee who each have a channel with a relay. */
async function three({ meddle, policy = POLICY } = {}) {
	const world = await World.start(wasm());
	const [payer, payee, relay] = [await world.program(1), await world.program(2), await world.program(3)];
	const says = (frame) => (frame.say?.kind === 'hello' && toHex(frame.say.account) === toHex(relay.account)
		? { kind: 'say', say: { ...frame.say, policy } }
		: frame);
	const window = 7_200;
	const first = await world.between(payer, relay, { says, window });
	const second = await world.between(relay, payee, { says, window });
	const carrier = new Relay(relay, meddle);
	const ask = (request) => {
		const text = payee.channels.invoice(request);
		carrier.condition = hashLock(readInvoice(text).first);
		return text;
	};
	return { world, payer, payee, relay, carrier, first, second, ask, a: payer.channels, b: payee.channels };
}

test('an invoice is paid over a relay, and its payer has what was shown for it', async () => {
	const { a, b, relay, first, second, ask, carrier } = await three();
	const text = ask({ amount: 200n, text: 'tea' });
	const { amount, fee, channel, preimage } = await a.payInvoice(text);
	// Three, and a hundredth of what goes on.
	assert.deepEqual([amount, fee, channel], [200n, 5n, first]);
	assert.equal(toHex(conditionHash(carrier.condition)), toHex(conditionHash(hashLock(readInvoice(text).first))));
	assert.equal(preimage.length, 32);
	await until('what came', () => b.view(second).theirs.paid === 200n);
	await until('what the relay gets', () => relay.channels.view(first).theirs.paid === 205n);
	assert.deepEqual([a.view(first).ours.locked, b.view(second).theirs.locked], [0n, 0n]);
	await assert.rejects(a.payInvoice(text), /was paid before/);
	assert.equal(carrier.failed, undefined);
});

test('an invoice that was begun is not paid a second time after a start', async () => {
	const { world, payer, relay, a, b, second, ask } = await three();
	const text = ask({ amount: 20n });
	await a.payInvoice(text);
	await a.close();
	const again = await open(payer.setup);
	await world.next();
	connect(again, relay.channels, (frame) => (frame.say?.kind === 'hello'
		? { kind: 'say', say: { ...frame.say, policy: POLICY } }
		: frame));
	const [channel] = again.channels();
	await until('a greeting', () => ready(again, channel));
	await assert.rejects(again.payInvoice(text), /was paid before/);
	assert.equal(b.view(second).theirs.paid, 20n);
});

test('a partner is paid its invoice for good, at no fee', async () => {
	const world = await World.start(wasm());
	const { one, other, channel } = await world.pair();
	const paid = await one.channels.payInvoice(other.channels.invoice({ amount: 7n }));
	assert.deepEqual(paid, { amount: 7n, fee: 0n, channel });
	await until('what came', () => other.channels.view(channel).theirs.paid === 7n);
});

test('a partner is paid its invoice once', async () => {
	const world = await World.start(wasm());
	const { one, other, channel } = await world.pair();
	const text = other.channels.invoice({ amount: 7n });
	await one.channels.payInvoice(text);
	await assert.rejects(one.channels.payInvoice(text), /was paid before/);
	await until('what came', () => other.channels.view(channel).theirs.paid === 7n);
	assert.equal(one.channels.view(channel).ours.paid, 7n);
});

test('a payee that has a lock over a relay is not paid for good as well', async () => {
	const { world, payer, payee, a, b, ask } = await three();
	// What comes waits, for the payee says that it is behind.
	b.toldAt = 1;
	const text = ask({ amount: 20n });
	const paying = a.payInvoice(text).catch(() => undefined);
	await until('the lock', () => b.payments.held.size === 1);
	const direct = await world.between(payer, payee, { window: 7_200 });
	await assert.rejects(a.payInvoice(text), /was paid before/);
	assert.equal(a.view(direct).ours.paid, 0n);
	await a.close();
	await paying;
});

test('a partner that makes an invoice in the name of somebody else is paid nothing', async () => {
	const world = await World.start(wasm());
	const { one, other, channel } = await world.pair();
	const shop = new Uint8Array(32).fill(8);
	const forged = { ...readInvoice(other.channels.invoice({ amount: 7n })), payee: shop };
	await assert.rejects(one.channels.payInvoice(writeInvoice(forged)), /not the payee that it names/);
	assert.equal(one.channels.view(channel).ours.paid, 0n);
});

test('what a relay refuses comes to nothing, costs nothing, and can be paid later', async () => {
	let refuses = true;
	const { a, b, first, second, ask } = await three({ meddle: () => refuses && { kind: 'lacks' } });
	const text = ask({ amount: 20n });
	await assert.rejects(a.payInvoice(text), /lacks money or room/);
	await until('that nothing is locked', () => a.view(first).ours.locked === 0n);
	refuses = false;
	await a.payInvoice(text);
	await until('what came', () => b.view(second).theirs.paid === 20n);
});

test('a relay that has become dearer is paid what it takes now', async () => {
	const now = { ...POLICY, base: 9n };
	const meddle = (_, on, lock) => lock.amount < on.amount + 9n && { kind: 'dearer', policy: now };
	const { a, ask } = await three({ meddle });
	assert.equal((await a.payInvoice(ask({ amount: 100n }))).fee, 10n);
});

test('a payee gives up what is no payment of an invoice of its own, and the payer knows why', async () => {
	const { a, b, first, payee, payer, ask, carrier } = await three();
	const invoice = readInvoice(ask({ amount: 20n }));
	// A relay that wants a cheaper one to be paid gets another lock.
	const cheaper = { ...invoice, terms: { ...invoice.terms, amount: 1n } };
	await assert.rejects(a.payInvoice(writeInvoice(cheaper)), /does not know what it is for/);
	const another = { ...invoice, first: new Uint8Array(32).fill(1) };
	carrier.condition = hashLock(another.first);
	const terms = { ...another.terms, nonce: new Uint8Array(16) };
	await assert.rejects(a.payInvoice(writeInvoice({ ...another, terms })), /does not know what it is for/);
	assert.equal(a.view(first).ours.paid, 0n);
	assert.equal(payee.channels, b);
	assert.equal(payer.channels, a);
});

test('nothing is locked for what is over, dear, of another chain, one\'s own, or has no way', async () => {
	const { a, b, first, ask } = await three({ policy: { ...POLICY, base: 2_000_000_000n } });
	await assert.rejects(a.payInvoice(ask({ amount: 20n })), /at most a twentieth/);
	await assert.rejects(a.payInvoice(b.invoice({ amount: 20n, seconds: -1 })), /is over/);
	await assert.rejects(a.payInvoice(a.invoice({ amount: 20n })), /own/);
	const other = { ...readInvoice(b.invoice({ amount: 20n })), chain: Uint8Array.of(1, 1, 1, 1) };
	await assert.rejects(a.payInvoice(writeInvoice(other)), /another chain/);
	await assert.rejects(a.payInvoice('scinv1no'), { name: 'InvoiceError' });
	assert.equal(a.view(first).ours.nonce, 0n);
	assert.throws(() => b.invoice({ amount: 0n }), RangeError);
});

test('a payment with too little time left for its payee is given up', async () => {
	const late = (relay, on) => {
		// It keeps the lock until the payee has less than it needs to claim.
		on.expiry -= 400;
		return undefined;
	};
	const { a, first, ask } = await three({ meddle: late });
	await assert.rejects(a.payInvoice(ask({ amount: 20n })), /nothing was paid/);
	assert.equal(a.view(first).ours.paid, 0n);
});

test('a payment that was on its way when the program ended is taken in after the next start', async () => {
	const { world, payee, relay, a, b, second, ask } = await three();
	// News of the chain are old: nothing is shown by them.
	b.toldAt = 1;
	const paying = a.payInvoice(ask({ amount: 20n }));
	await until('the lock', () => b.view(second).theirs.locked === 20n);
	await b.close();
	const again = await open(payee.setup);
	connect(again, relay.channels);
	await until('a greeting', () => again.view(second).theirs.locked === 20n);
	assert.equal(again.view(second).theirs.paid, 0n);
	await world.next();
	await until('what came', () => again.view(second).theirs.paid === 20n);
	assert.equal((await paying).fee, 4n);
});

test('what waits for news of the chain is given up after a while', async () => {
	const { a, b, first, second, ask } = await three();
	b.toldAt = 1;
	const paying = a.payInvoice(ask({ amount: 20n }));
	await until('the lock', () => b.payments.held.size === 1);
	for (const held of b.payments.held.values()) held.since = 1;
	await assert.rejects(paying, /was away: try again/);
	const locked = () => a.view(first).ours.locked + b.view(second).theirs.locked;
	await until('that nothing is locked', () => locked() === 0n);
	assert.equal(a.view(first).ours.paid, 0n);
});

test('whoever pays and ends is told where to look', async () => {
	const { a, b, ask } = await three();
	b.toldAt = 1;
	const paying = a.payInvoice(ask({ amount: 20n }));
	await until('the lock', () => b.payments.held.size === 1);
	const refused = assert.rejects(paying, /what came of it is in the notes/);
	await a.close();
	await refused;
});

test('a preimage is of its invoice and of no other', () => {
	const terms = { amount: 1n, expires: 5n, nonce: new Uint8Array(16) };
	const others = [{ amount: 2n }, { expires: 6n }, { nonce: new Uint8Array(16).fill(1) }];
	const all = [terms, ...others.map((other) => ({ ...terms, ...other }))];
	const secret = new Uint8Array(32).fill(9);
	assert.equal(new Set(all.map((one) => toHex(preimageOf(secret, one, 0)))).size, all.length);
});
