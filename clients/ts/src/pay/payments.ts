/** Invoices of others that are paid, over a relay or to a partner; and payments of our own invoices that come. */

import { blake2b } from '@noble/hashes/blake2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Chain } from '../chain.js';
import { MachineError } from '../machine.js';
import { random, type Identity } from '../noise.js';
import { concat, Reader, same, toHex } from '../scale.js';
import type { Begun, Note } from '../store.js';
import type { ChannelView, Lock, Notice, Place, Reason, Want } from '../words.js';
import {
	conditionHash, hashLock, hashOf, memoOf, preimageOf, readDue, readInvoice, shown, writeDue, writeInvoice,
	type Invoice,
} from './invoice.js';
import { openFault, openLetter, sealFault, sealLetter, type Fault, type Opened, type Policy } from './letter.js';
import { feeOf, waysTo, LEAST_MARGIN, type Own, type Way } from './ways.js';

/** What payments need of the program. */
export interface PaymentsSetup {
	readonly account: Uint8Array;
	readonly genesis: Uint8Array;
	readonly me: Identity;
	readonly chain: Chain | undefined;
	/** The tick of the last final block; and whether that was told long ago. */
	readonly now: () => number;
	readonly isBehind: () => boolean;
	readonly step: (want: Want) => Promise<void>;
	readonly view: (channel: bigint) => ChannelView;
	/** Channels of ours whose partner is connected, with its node. */
	readonly connected: () => readonly { readonly channel: bigint; readonly node: Uint8Array }[];
	/** What a node has said that it takes. */
	readonly policy: (node: Uint8Array) => Policy | undefined;
	/** Invoices that were begun to be paid over relays; and where they are kept. */
	readonly begun: readonly Begun[];
	readonly keep: (begun: readonly Begun[]) => Promise<void>;
	readonly trouble: (error: unknown) => void;
}

/** A payment of an invoice. */
export interface PaidInvoice {
	/** What the payee gets, and what a relay took besides, in planck. */
	readonly amount: bigint;
	readonly fee: bigint;
	/** Our channel. */
	readonly channel: bigint;
	/** What the payee has shown; missing if it was paid for good, to a partner. */
	readonly preimage?: Uint8Array | undefined;
}

/** An invoice that is to be made. */
export interface InvoiceRequest {
	/** In planck. */
	readonly amount: bigint;
	/** For how many seconds it can be paid; an hour, if it is not said. */
	readonly seconds?: number;
	/** What it is for, 64 bytes at most. */
	readonly text?: string;
}

/** A payment that came to nothing; the message says why, and what to do. Nothing was paid. */
export class PaymentError extends Error {
	override name = 'PaymentError';
}

/** For how long the payee has to take a lock, in ticks: what it asks for at least, and as much again. */
const LAST_TICKS = 480;
/** Over so many ways a payment is tried at most. */
const MOST_TRIES = 5;
/** Invoices that are kept as begun at most; and for how long beyond their end, in seconds: clocks are put back. */
const MOST_BEGUN = 1_024;
const LONGER = 86_400n;
/** Milliseconds that a lock waits for news of the chain: less than its margin. */
const HELD_FOR = 30_000;
/** Letters that are remembered, so that none is taken twice. */
const MOST_SEEN = 4_096;
/** An invoice can be paid for so long, in seconds. */
const AN_HOUR = 3_600;

/** Reasons by their numbers. */
const UNKNOWN: Reason = { code: 0 };
const UNWANTED: Reason = { code: 3 };
const SEALED = 7;

const WORDS: Record<Fault['kind'], string> = {
	'no-way': 'the relay knows no way on: try later, or through another partner',
	'lacks': 'the relay lacks money or room on the way on: try later, or a smaller amount',
	'away': 'the payee or the relay was away: try again when it is back',
	'dearer': 'the relay takes more, or wants more time, than it had said: try again',
	'unknown': 'the payee does not know what it is for: ask for another invoice',
	'unwanted': 'the payee did not want it: the invoice is over, or asks for more',
	'too-late': 'too little time was left: try again',
};
const PLAIN = [
	WORDS.unknown, WORDS['too-late'], WORDS['no-way'], WORDS.unwanted,
	'nobody took it in time: the payee or the relay was away', 'the channel is gone',
	'for a reason of the partner\'s own', 'for a reason that was changed on the way: try again',
] as const;

type Outcome = { readonly paid: Uint8Array | undefined } | { readonly failed: Reason };

/** A lock of ours that is on its way. */
interface Flight {
	readonly channel: bigint;
	/** The hash of its condition, and when it expires. */
	readonly condition: Uint8Array;
	readonly expiry: number;
	/** Its number, once it has gone out. */
	lock?: bigint;
	done(outcome: Outcome): void;
	fail(error: Error): void;
}

/** A lock that was given: what comes of it, and by which keys hops say why it came to nothing. */
interface Locked {
	readonly outcome: Promise<Outcome>;
	readonly faults: readonly Uint8Array[];
}

const unixNow = () => BigInt(Math.floor(Date.now() / 1_000));
const placeOf = ({ channel, id }: Place) => `${channel}/${id}`;

/** All payments of one program. */
export class Payments {
	private readonly flights = new Set<Flight>();
	/** By their memos. */
	private readonly begun: Map<string, Begun>;
	/** Invoices of which all that was begun came to nothing: nobody can claim it any more. */
	private readonly nothing = new Set<string>();
	/** Policies that a relay has told by a fault. */
	private readonly dearer = new Map<string, Policy>();
	/** Locks that wait for news of the chain. */
	private readonly held = new Map<string, { at: Place; lock: Lock; packet: Uint8Array; since: number }>();
	/** Letters that came, with the lock that each came with. */
	private readonly seen = new Map<string, string>();
	/** Accounts of partners, by channels. */
	private readonly partners = new Map<bigint, Uint8Array>();
	private readonly secret: Uint8Array;

	constructor(private readonly setup: PaymentsSetup) {
		const domain = new TextEncoder().encode('smartchain channels invoices v1');
		this.secret = blake2b(concat(domain, setup.me.secret), { dkLen: 32 });
		this.begun = new Map(setup.begun.map((begun) => [toHex(begun.memo), begun]));
	}

	/** Makes an invoice. Nothing of it is kept: what meets its payment is made of the node's secret. */
	invoice({ amount, seconds = AN_HOUR, text = '' }: InvoiceRequest): string {
		if (amount <= 0n) throw new RangeError('an amount is above 0 planck');
		const terms = { amount, expires: unixNow() + BigInt(seconds), nonce: random(16) };
		const { account: payee, genesis, me } = this.setup;
		const first = hashOf(this.secret, terms, 0);
		// It is never called: it calls.
		return writeInvoice({ chain: genesis.slice(0, 4), payee, node: me.key, url: '', terms, first, text });
	}

	/** Pays an invoice once: to its payee, if that is a partner with room, else over one relay. */
	async pay(text: string): Promise<PaidInvoice> {
		const invoice = readInvoice(text);
		const { genesis, account } = this.setup;
		const { terms: { amount, expires }, node, payee } = invoice;
		if (!same(invoice.chain, genesis.slice(0, 4))) throw new PaymentError('the invoice is of another chain');
		if (unixNow() > expires) throw new PaymentError('the invoice is over: ask for a new one');
		if (same(payee, account)) throw new PaymentError('the invoice is this account\'s own');
		const memo = memoOf(invoice.terms);
		const with_ = this.own().filter((own) => same(own.node, node));
		for (const { channel } of with_) await this.isPartner(channel, payee);
		const direct = with_.find(({ room }) => room >= amount);
		return direct ? this.payPartner(invoice, memo, direct.channel) : this.payOver(invoice, memo);
	}

	/**
	 * Sees to it that the account of the partner in a channel is this one: an invoice is signed by nobody, and could
	 * name the account of somebody else beside the node of whoever made it.
	 */
	private async isPartner(channel: bigint, payee: Uint8Array): Promise<void> {
		const { chain, account } = this.setup;
		if (!chain) return;
		let partner = this.partners.get(channel);
		if (!partner) {
			const answer = await chain.channel(channel);
			const [low, high] = [answer.slice(1, 33), answer.slice(33, 65)];
			partner = answer[0] === 1 ? (same(low, account) ? high : low) : new Uint8Array();
			if (partner.length > 0) this.partners.set(channel, partner);
		}
		if (same(partner, payee)) return;
		throw new PaymentError('the invoice names another account than its node\'s: whoever made it is not the '
			+ 'payee that it names');
	}

	/** To a partner, for good; once, too: a payee that has shown nothing yet over a relay could show it then. */
	private async payPartner(invoice: Invoice, memo: Uint8Array, channel: bigint): Promise<PaidInvoice> {
		const { amount } = invoice.terms;
		await this.begin(invoice, memo);
		try {
			await this.setup.step({ kind: 'pay', channel, amount, memo });
		} catch (error) {
			if (isRefused(error)) this.nothing.add(toHex(memo));
			throw error;
		}
		return { amount, fee: 0n, channel };
	}

	/** Our channels that can be used now. */
	private own(): Own[] {
		const { connected, view, policy } = this.setup;
		return connected().flatMap(({ channel, node }) => {
			const { room, stopped } = view(channel);
			if (stopped !== undefined) return [];
			return [{ channel, node, room, policy: this.dearer.get(toHex(node)) ?? policy(node) }];
		});
	}

	private async ways({ payee, terms: { amount } }: Invoice): Promise<Way[]> {
		const { chain, account } = this.setup;
		if (!chain) throw new PaymentError('no node of the chain is asked, which says who has channels with whom');
		return waysTo(payee, amount, await chain.lines(), account, this.own());
	}

	private async payOver(invoice: Invoice, memo: Uint8Array): Promise<PaidInvoice> {
		let [way, ...rest] = await this.ways(invoice);
		if (!way) {
			throw new PaymentError('no channel with the payee has room, and no partner carries so much on to it for at '
				+ 'most a twentieth of it: open a channel with the payee or with a relay, or put more in');
		}
		await this.begin(invoice, memo);
		let why = '';
		// Whether a lock was refused here, or came to nothing: of neither anybody can claim anything.
		for (let tries = 0; way && tries < MOST_TRIES; tries += 1) {
			const { outcome, faults } = await this.lock(invoice, way).then((begun) => begun, (error: unknown) => {
				if (!(error instanceof MachineError) || error.kind !== 'refused') throw error;
				why = error.message;
				return { outcome: undefined, faults: [] };
			});
			const came = await outcome;
			if (came && 'paid' in came) {
				const { channel, fee } = way;
				return { amount: invoice.terms.amount, fee, channel, preimage: came.paid };
			}
			const verdict = came ? this.verdict(came.failed, faults, way) : { again: true };
			why = verdict.why ?? why;
			if (!verdict.again) break;
			if (verdict.anew) [way, ...rest] = await this.ways(invoice);
			else [way, ...rest] = rest;
		}
		this.nothing.add(toHex(memo));
		throw new PaymentError(`nothing was paid: ${why}`);
	}

	/** Keeps durably that an invoice is paid: whoever carried it on once could claim another lock by it. */
	private async begin({ terms: { expires } }: Invoice, memo: Uint8Array): Promise<void> {
		const name = toHex(memo);
		if (this.begun.has(name) && !this.nothing.has(name)) {
			throw new PaymentError('this invoice was paid before, or is being paid: a relay could take a second '
				+ 'payment of it for itself. Ask the payee whether it has come, and for a new invoice for more');
		}
		this.nothing.delete(name);
		for (const [old, { until }] of this.begun) if (until + LONGER < unixNow()) this.begun.delete(old);
		if (this.begun.size >= MOST_BEGUN) throw new PaymentError('too many invoices are on their way: try later');
		this.begun.set(name, { memo, until: expires });
		await this.setup.keep([...this.begun.values()]);
	}

	private async lock(invoice: Invoice, way: Way): Promise<Locked> {
		const { genesis, now, step } = this.setup;
		const condition = hashLock(invoice.first);
		const last = now() + LAST_TICKS;
		const on = { channel: way.on, amount: invoice.terms.amount, expiry: last };
		const { letter, faults } = sealLetter({
			genesis,
			condition: conditionHash(condition),
			session: random(32),
			mediators: [{ node: way.relay, on }],
			payee: invoice.node,
			last: writeDue({ terms: invoice.terms, index: 0 }),
		});
		const { channel, amount } = way;
		const expiry = last + way.margin;
		let flight: Flight | undefined;
		const outcome = new Promise<Outcome>((resolve, reject) => {
			flight = { channel, condition: conditionHash(condition), expiry, done: resolve, fail: reject };
		});
		const begun = flight as unknown as Flight;
		// Before it is locked: its number is read from what goes out.
		this.flights.add(begun);
		try {
			await step({ kind: 'lock', channel, amount, expiry, condition, packet: letter });
		} catch (error) {
			this.flights.delete(begun);
			throw error;
		}
		return { outcome, faults };
	}

	/** What follows of a payment that came to nothing: whoever said so is believed about itself alone. */
	private verdict(reason: Reason, faults: readonly Uint8Array[], way: Way): {
		readonly again: boolean;
		readonly anew?: boolean;
		readonly why?: string;
	} {
		const { sealed } = reason;
		for (const [at, key] of sealed ? faults.entries() : []) {
			const fault = openFault(key, sealed as Uint8Array);
			if (!fault) continue;
			const why = WORDS[fault.kind];
			// It was the payee: over another way it says the same.
			if (at + 1 === faults.length) return { again: false, why };
			if (fault.kind !== 'dearer') return { again: true, why };
			const more = feeOf(fault.policy, way.amount - way.fee) > way.fee
				|| Math.max(fault.policy.margin, LEAST_MARGIN) > way.margin;
			this.dearer.set(toHex(way.relay), fault.policy);
			return { again: true, anew: more, why };
		}
		return { again: true, why: PLAIN[reason.code] ?? PLAIN[6] };
	}

	/** A node has said anew what it takes: what it said in a fault before is over. */
	hello(node: Uint8Array): void {
		this.dearer.delete(toHex(node));
	}

	/** A half of ours goes out: locks in it have numbers. */
	goesOut(channel: bigint, message: Uint8Array): void {
		const unnamed = [...this.flights].filter((flight) => flight.channel === channel && flight.lock === undefined);
		if (message[0] !== UPDATE || unnamed.length === 0) return;
		const reader = new Reader(message.subarray(1 + HALF));
		for (let left = reader.compact(); left > 0; left -= 1) {
			const id = reader.u64();
			reader.take(16 + 4);
			const condition = reader.take(32);
			for (const flight of unnamed) if (same(flight.condition, condition)) flight.lock = id;
		}
	}

	/** What the machine says. It waits for nothing: a step is under way. */
	heard(notice: Notice): void {
		switch (notice.kind) {
			case 'arrived': {
				const { channel, lock, packet } = notice;
				return this.arrived({ channel, id: lock.id }, lock, packet);
			}
			case 'paid': {
				const preimage = notice.shown?.[0];
				this.land(notice.channel, notice.lock, { paid: preimage }, preimage);
				return;
			}
			case 'failed':
				this.land(notice.channel, notice.lock, { failed: notice.reason });
		}
	}

	private land(channel: bigint, lock: bigint | undefined, outcome: Outcome, preimage?: Uint8Array): void {
		if (lock === undefined) return;
		const ours = [...this.flights].filter((flight) => flight.channel === channel);
		const met = preimage && conditionHash(hashLock(sha256(preimage)));
		// One that never went out has no number, and comes to nothing when it expires: the one that does so first.
		const unnamed = ours.filter((flight) => flight.lock === undefined);
		unnamed.sort((one, other) => one.expiry - other.expiry);
		const found = ours.find((flight) => flight.lock === lock)
			?? unnamed.find(({ condition, expiry }) => (met ? same(condition, met) : expiry < this.setup.now()));
		if (!found) return;
		this.flights.delete(found);
		found.done(outcome);
	}

	/** After a start: locks that came before the last end, and were not dealt with. What was is refused. */
	resume(notes: readonly Note[]): void {
		for (const { notice } of notes) if (notice.kind === 'arrived') this.heard(notice);
	}

	/** A final block was told, or some time has passed. */
	wake(): void {
		for (const [name, { at, lock, packet, since }] of this.held) {
			const behind = this.setup.isBehind();
			if (behind && Date.now() - since <= HELD_FOR) continue;
			this.held.delete(name);
			if (!behind) this.arrived(at, lock, packet);
			else void this.giveUp(at, this.opened(at, lock, packet), { kind: 'away' });
		}
	}

	/** The program ends: nobody here is told any more what comes of payments on their way. */
	end(): void {
		const why = 'the channels were closed while the payment was on its way: what came of it is in the notes';
		for (const flight of this.flights) flight.fail(new Error(why));
		this.flights.clear();
	}

	private arrived(at: Place, lock: Lock, packet: Uint8Array): void {
		// By an old tick it would seem to have time left, and what meets it would be shown too late to be claimed.
		if (this.setup.isBehind()) {
			const since = this.held.get(placeOf(at))?.since ?? Date.now();
			this.held.set(placeOf(at), { at, lock, packet, since });
			return;
		}
		void this.take(at, lock, packet).catch((error) => this.setup.trouble(error));
	}

	private async take(at: Place, lock: Lock, packet: Uint8Array): Promise<void> {
		const opened = this.opened(at, lock, packet);
		const fault = this.wanted(lock, opened);
		if ('fault' in fault) return this.giveUp(at, opened, fault.fault);
		try {
			await this.setup.step({ kind: 'show', at, witness: shown(fault.preimage) });
		} catch (error) {
			if (!isRefused(error)) throw error;
			await this.giveUp(at, opened, { kind: 'too-late' });
		}
	}

	/** What the letter of a lock says to us; nothing, if it is not for us and this lock, or came with another one. */
	private opened(at: Place, { condition }: Lock, packet: Uint8Array): Opened | undefined {
		const { genesis, me } = this.setup;
		let opened: Opened;
		try {
			opened = openLetter(packet, genesis, condition, me.secret);
		} catch {
			return undefined;
		}
		const [mark, place] = [toHex(opened.mark), placeOf(at)];
		const before = this.seen.get(mark);
		if (before !== undefined) return before === place ? opened : undefined;
		const [oldest] = this.seen.keys();
		if (this.seen.size >= MOST_SEEN && oldest) this.seen.delete(oldest);
		this.seen.set(mark, place);
		return opened;
	}

	/** What meets a lock, if it pays an invoice of ours; else why it does not. */
	private wanted(lock: Lock, opened: Opened | undefined): { preimage: Uint8Array } | { fault: Fault } {
		const found = opened?.found;
		if (!found) return { fault: { kind: 'unknown' } };
		// Nothing is carried on here.
		if (found.kind === 'on') return { fault: { kind: 'no-way' } };
		const due = readDue(found.said);
		// Whoever changed anything in the invoice has locked by another hash.
		const ours = due && conditionHash(hashLock(hashOf(this.secret, due.terms, due.index)));
		if (!due || !ours || !same(ours, lock.condition)) return { fault: { kind: 'unknown' } };
		const { amount, expires } = due.terms;
		if (lock.amount < amount || unixNow() > expires) return { fault: { kind: 'unwanted' } };
		return { preimage: preimageOf(this.secret, due.terms, due.index) };
	}

	/** Gives a lock up. Why is sealed for its payer, if there is a letter; a stream or an order is not wanted here. */
	private async giveUp(at: Place, opened: Opened | undefined, fault: Fault): Promise<void> {
		const plain = fault.kind === 'unknown' ? UNKNOWN : UNWANTED;
		const reason = opened ? { code: SEALED, sealed: sealFault(opened.fault, fault) } : plain;
		try {
			await this.setup.step({ kind: 'give-up', at, reason });
		} catch (error) {
			// It was dealt with before.
			if (!isRefused(error)) this.setup.trouble(error);
		}
	}
}

const isRefused = (error: unknown) => error instanceof MachineError && error.kind === 'refused';

/** The number of a message that is a half with its locks; and the bytes of the half with its signature. */
const UPDATE = 1;
const HALF = 112 + 64;
