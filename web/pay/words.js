// What a person reads: amounts, states, and what is at risk until when. No page is needed for it.

import { STCI, stci } from '../parts/words.js';

export { STCI, stci };

/** Seconds of a tick, if none is left out. */
const TICK = 0.5;

/** What a person typed, in planck; an error says what is wrong with it. */
export function planck(text) {
	const found = /^(\d{1,9})(?:\.(\d{1,12}))?$/.exec(text.trim().replace(/ ?STCI$/, ''));
	if (!found) throw new Error('an amount is a number of STCI, such as 0.25, with 12 digits after the point at most');
	const amount = BigInt(found[1]) * STCI + BigInt((found[2] ?? '').padEnd(12, '0'));
	if (amount === 0n) throw new Error('an amount is above 0');
	return amount;
}

/** So many ticks as a time. */
export function time(ticks) {
	const seconds = ticks * TICK;
	const units = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];
	const [name, size] = units.find(([, one]) => seconds >= one) ?? units[3];
	const count = Math.floor(seconds / size);
	return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** The state of a channel in a word or two, and whether it needs somebody. */
export function state(view) {
	const { closing } = view;
	if (closing) return { text: closing.by === view.side ? 'you close it' : 'the partner closes it', bad: true };
	const names = {
		open: 'open', lost: 'data lost', parting: 'closing together', closing: 'you close it', settled: 'settled',
		recovering: 'recovering',
	};
	if (view.phase === 'open' && view.stopped) return { text: 'waits for the partner', bad: false };
	return { text: names[view.phase], bad: view.phase === 'lost' };
}

/**
 * What is at risk in a channel, and until when. `connected`: whether the partner is; `chainAge`: seconds since a final
 * block was seen; missing, if none was since the start; `watched`: whether a tower answers while no page is open.
 */
export function risks(view, { connected, chainAge, watched = false }) {
	const found = [];
	const left = Math.max(0, view.window - Math.ceil((chainAge ?? 0) / TICK));
	if (view.closing && view.closing.by !== view.side) {
		const ticks = Math.max(0, view.closing.deadline - view.now);
		found.push({
			what: 'The partner closes the channel alone. This page answers, if it is open and reaches the chain.',
			until: `${time(ticks)} from now`,
		});
	} else if (view.theirs.paid > 0n) {
		found.push({
			what: `${stci(view.theirs.paid)} that you were paid are lost if the partner closes on an old state and `
				+ (watched
					? 'neither your tower nor this page answers. The tower has all that you have acknowledged.'
					: 'this page does not answer: open it, and let it see the chain.'),
			until: chainAge === undefined ? 'the chain was not seen since the start: now' : `${time(left)} from now`,
		});
	}
	const unseen = view.ours.nonce > view.confirmed;
	if (unseen && !connected) {
		found.push({
			what: 'The partner has not said yet that it has your last payment. Hand the QR over again: it counts once.',
			until: 'it says so',
		});
	}
	if (view.phase === 'parting') {
		const what = 'You have signed to close together: nothing is paid beside it.';
		found.push({ what, until: 'it is closed or expires' });
	}
	if (found.length === 0) found.push({ what: 'Nothing that the partner could take.', until: 'you are paid' });
	return found;
}

/** What a payment comes to, before it is made. */
export function beforePaying(amount, view) {
	return [
		`${stci(amount)} go to the partner, for good. It costs no fee.`,
		`${stci(view.room - amount)} can still be paid afterwards.`,
	];
}

/** What others wrote, without what moves or turns the text around it. */
export const plain = (text) => text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The same of an invoice; `now` is in seconds of Unix time. */
export function beforeInvoice({ terms: { amount, expires }, text, payee, node }, now) {
	const left = Number(expires) - now;
	return [
		text === '' ? 'It does not say what for.' : `For: ${plain(text)}`,
		`To the account ${hex(payee)}, at the node ${hex(node)}. Nobody has signed that: have an invoice from its `
			+ 'payee alone, and compare the two where it matters.',
		left > 0 ? `It can be paid for ${time(left / TICK)} more.` : 'It is over: ask for a new one.',
		`${stci(amount)} go to a partner for good; or over a partner to its payee, who gets all of it or nothing.`,
		'A partner that carries it on takes a twentieth of it and 0.001 STCI at most.',
		'If somebody on the way goes away, it is locked until they are back, or it comes back by itself.',
	];
}

/** The same of closing alone. */
export function beforeClosing(view) {
	return [
		`You have your money after ${time(view.window)}; a fee of the chain goes off your account.`,
		'If this is an old copy of the store, all that is in the channel becomes the partner\'s.',
		'If the partner is connected, closing together is quicker and cheaper.',
	];
}

/** The same of opening; `watched`: whether a tower answers. */
export function beforeOpening(deposit, window, watched = false) {
	return [
		`${stci(deposit)} go from your account into the channel; a fee of the chain and a small deposit come on top.`,
		`If the partner is gone for good, you close alone and have your money after ${time(window)}.`,
		watched
			? `If you are away for longer than ${time(window)}, your tower alone answers for you.`
			: `Do not be away for longer than ${time(window)}: nobody answers for you.`,
		'Whoever clears this site\'s data needs the secret, written down, and the partner\'s word for what was paid.',
	];
}
