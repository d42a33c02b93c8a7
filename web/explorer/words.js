// How values become words. No page is needed for it.

import { STCI, stci } from '../parts/words.js';

/** Parts of a whole in `Perbill`. */
const BILLION = 1_000_000_000;
/** What all competence together is. */
const ALL = 2 ** 48;

/** A number, thousands set apart. */
export const count = (value) => value.toLocaleString('en');

/** Planck as STCI, with four digits after the point at most: to look at, not to reckon with. */
export function amount(planck) {
	const step = STCI / 10_000n;
	if (planck > 0n && planck < step) return stci(planck);
	const [whole, rest] = stci((planck / step) * step).replace(' STCI', '').split('.');
	return `${BigInt(whole).toLocaleString('en')}${rest ? `.${rest}` : ''} STCI`;
}

/** A part of a billion in per cent. */
export const perbill = (value) => `${(value / BILLION * 100).toLocaleString('en', { maximumFractionDigits: 2 })} %`;

/** A competence in per cent of all. */
export const competence = (value) => (
	`${(Number(value) / ALL * 100).toLocaleString('en', { maximumSignificantDigits: 3 })} %`);

/** Bytes in what fits. */
export function bytes(value) {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
	let [size, unit] = [Number(value), 0];
	for (; size >= 1024 && unit < units.length - 1; unit += 1) size /= 1024;
	return `${size.toLocaleString('en', { maximumFractionDigits: size < 10 ? 2 : 1 })} ${units[unit]}`;
}

/** Milliseconds in what fits. */
export function time(ms) {
	if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
	const seconds = ms / 1_000;
	if (seconds < 100) return `${seconds.toFixed(1)} s`;
	const units = [['d', 86_400], ['h', 3_600], ['min', 60]];
	const [name, size] = units.find(([, one]) => seconds >= one) ?? units[2];
	const next = units[units.findIndex(([unit]) => unit === name) + 1];
	const rest = next ? Math.floor((seconds % size) / next[1]) : 0;
	return `${Math.floor(seconds / size)} ${name}${rest ? ` ${rest} ${next[0]}` : ''}`;
}

/** A clock time of milliseconds of Unix time. */
export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB');
/** The same with its day. */
export const moment = (ms) => `${new Date(ms).toLocaleDateString('en-GB')} ${clock(ms)}`;

/** A long identifier, to be known again by its ends. */
export const short = (text) => (text.length > 16 ? `${text.slice(0, 8)}…${text.slice(-6)}` : text);

/** `PascalCase` as words. */
export const spaced = (name) => name.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ').toLowerCase();

/** What fields without names mean, of events of the storage market. */
const FIELDS = {
	OfferSet: ['device', 'ask', 'capacity'], OfferWithdrawn: ['device'],
	DealOpened: ['deal', 'owner', 'order', 'put in'],
	SlotOffered: ['deal', 'slot', 'device'], RootsCommitted: ['deal'], SlotConfirmed: ['deal', 'slot', 'device'],
	DealActivated: ['deal'], ChallengesIssued: ['until tick', 'challenges'],
	ChallengeAnswered: ['deal', 'slot', 'device', 'earned'], ChallengeMissed: ['deal', 'slot', 'device'],
	AuditsBehind: ['slots'], SlotLost: ['deal', 'slot', 'device'], SlotRepaired: ['deal', 'slot', 'device'],
	RepairStalled: ['deal', 'slot'], DealLost: ['deal'], DealExtended: ['deal', 'eras', 'cost'], DealEnded: ['deal'],
	DealClosed: ['deal', 'burned'], Claimed: ['deal', 'slot', 'paid'], NotPaid: ['account', 'amount'],
	PaidLater: ['account', 'amount'],
	Granted: ['deal', 'to'], Revoked: ['deal', 'from'], EgressToppedUp: ['deal', 'slot', 'amount'],
	Redeemed: ['deal', 'slot', 'device', 'paid'], ProofWanted: ['deal', 'slot', 'tick'], Evacuated: ['device'],
	ProbersDrawn: ['round', 'probers'], Probed: ['device', 'device', 'score', 'in all'], PlotsKept: ['device', 'bytes'],
};
/** Fields that are planck. */
const MONEY = new Set(['earned', 'cost', 'paid', 'put in', 'amount', 'ask', 'ceiling', 'created', 'burned', 'deposit',
	'bond', 'slashed', 'free', 'reserved', 'frozen']);
/** Fields that are parts of a billion. */
const PARTS = new Set(['score', 'in all', 'usage']);
/** Fields that lead somewhere. */
const LINKS = { device: 'device', deal: 'deal', owner: 'account', account: 'account',
	candidate: 'account',
	vendor: 'account', to: 'account', from: 'account', who: 'account' };

/** Fields of an event: name, value, and where it leads. */
export function fields(pallet, name, value) {
	if (value === undefined || value === null) return [];
	const known = pallet === 'StorageMarket' ? FIELDS[name] : undefined;
	// One field without a name stands alone.
	const isOne = typeof value !== 'object' || value instanceof Uint8Array;
	const all = isOne ? [value] : value;
	return Object.entries(all).map(([key, one]) => {
		const label = known?.[key] ?? spaced(key.replace(/_/g, ' '));
		const leads = typeof one === 'string' || label === 'deal';
		return { label, value: plain(one, label), link: leads ? LINKS[label] : undefined };
	});
}

/** Characters of a value at most. */
const MOST = 160;

/** Any value as a line of text. */
export function plain(value, label) {
	if (typeof value === 'bigint' && MONEY.has(label)) return amount(value);
	if (typeof value === 'number' && PARTS.has(label)) return perbill(value);
	if (typeof value === 'bigint' || typeof value === 'number') return String(value);
	if (value === undefined || value === null) return '–';
	if (value instanceof Uint8Array) return ofBytes(value);
	if (typeof value === 'string' || typeof value === 'boolean') return String(value);
	if (Array.isArray(value)) return cut(value.map((one) => plain(one)).join(', '));
	if (typeof value.type === 'string') {
		const inner = value.value === undefined || value.value === null ? '' : ` ${plain(value.value)}`;
		return cut(`${value.type}${inner}`);
	}
	return cut(Object.entries(value).map(([key, one]) => `${key} ${plain(one, key)}`).join(', '));
}

const cut = (text) => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);

/** Bytes as text, if they are printable; as digits otherwise. */
function ofBytes(value) {
	const isText = value.length > 0 && value.every((one) => one >= 32 && one < 127);
	const digits = () => `0x${[...value.slice(0, MOST / 2)].map((one) => one.toString(16).padStart(2, '0')).join('')}`;
	return cut(isText ? new TextDecoder().decode(value) : digits());
}
