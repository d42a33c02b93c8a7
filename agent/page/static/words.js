// How values become words, and words elements. Nothing of the status is ever read as HTML.

/** What all devices together count for. */
export const ALL = 2 ** 48;

/** An element with classes and children; text is text. */
export function element(name, classes, ...children) {
	const made = document.createElement(name);
	if (classes) made.className = classes;
	made.append(...children.filter((child) => child !== null && child !== undefined));
	return made;
}

/** A number with so many decimals at most, thousands set apart. */
export function number(value, decimals = 0) {
	return new Intl.NumberFormat('en', { maximumFractionDigits: decimals }).format(value);
}

/** A number with about three digits that say something. */
export function short(value) {
	const size = Math.abs(value);
	if (size >= 100 || Number.isInteger(value)) return number(value);
	return number(value, size >= 10 ? 1 : 2);
}

/** A competence as a part of all: per cent, with so many digits that say something. */
export function share(value, digits = 3) {
	const percent = (value / ALL) * 100;
	if (percent === 0) return '0 %';
	if (percent < 0.000_01) return `${number(percent * 10_000_000, 1)} in 10⁹`;
	const decimals = Math.min(7, Math.max(0, digits - 1 - Math.floor(Math.log10(percent))));
	return `${number(percent, decimals)} %`;
}

/** Bytes in GiB or what fits. */
export function bytes(value) {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
	let size = value;
	let unit = 0;
	while (size >= 1024 && unit < units.length - 1) {
		size /= 1024;
		unit += 1;
	}
	return `${short(size)} ${units[unit]}`;
}

/** Planck, which is text of digits, as STCI: 12 decimals, of which at most four are shown. */
export function money(planck) {
	if (!/^\d+$/.test(planck)) return '?';
	const digits = planck.padStart(13, '0');
	const whole = BigInt(digits.slice(0, -12)).toLocaleString('en');
	const rest = digits.slice(-12, -8).replace(/0+$/, '');
	return `${whole}${rest ? `.${rest}` : ''} STCI`;
}

/** A time that passes, in its two largest units. */
export function duration(seconds) {
	const left = Math.max(0, Math.round(seconds));
	const parts = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']];
	const first = parts.findIndex(([size]) => left >= size);
	if (first < 0) return '0 s';
	const [size, unit] = parts[first];
	const [below, belowUnit] = parts[first + 1] ?? [0, ''];
	const rest = below ? Math.floor((left % size) / below) : 0;
	return `${Math.floor(left / size)} ${unit}${rest && first < 2 ? ` ${rest} ${belowUnit}` : ''}`;
}

/** How long ago, or how long until. */
export function distance(at, now) {
	if (at > now) return `in ${duration(at - now)}`;
	return now - at < 2 ? 'now' : `${duration(now - at)} ago`;
}

/** A clock time; with the day, if it is another one. */
export function clock(at, now) {
	const date = new Date(at * 1000);
	const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
	if (date.toDateString() === new Date(now * 1000).toDateString()) return time;
	return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}

/** A text that begins as a sentence does, unless it begins with a command. */
export function sentence(text) {
	return text.startsWith('smart-agent ') ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** An element that shows how long ago, kept right by `tick`. Of what is to come: what it is once the time is over. */
export function moment(at, over = '') {
	const made = element('time');
	made.dataset.at = at;
	made.dataset.over = over;
	made.dateTime = new Date(at * 1000).toISOString();
	made.textContent = age(made);
	return made;
}

function age({ dataset: { at, over } }) {
	const now = Date.now() / 1000;
	return over && Number(at) <= now ? over : distance(Number(at), now);
}

/** Sets all moments right. */
export function tick() {
	for (const shown of document.querySelectorAll('time[data-at]')) {
		const text = age(shown);
		if (shown.textContent !== text) shown.textContent = text;
	}
}

/** The ends of an id, which is long; all of it where somebody looks closer. */
export function id(text) {
	const made = element('code', '', text.length > 24 ? `${text.slice(0, 14)}…${text.slice(-8)}` : text);
	made.title = text;
	return made;
}

export const RESOURCES = { space: 'Space', compute: 'Compute', uptime: 'Uptime' };

/** What a round's outcome is called, and how it looks. */
export const OUTCOMES = {
	open: ['open', 'plain'],
	sent: ['sent', 'warn'],
	won: ['won', 'good'],
	nothing: ['no win', 'plain'],
	notUp: ['not up', 'plain'],
	missed: ['missed', 'bad'],
	refused: ['refused', 'bad'],
};

/** What an era's state is called, and how it looks. */
export const EARNED = {
	running: ['runs', 'plain'],
	nothing: ['nothing', 'plain'],
	unknown: ['not known', 'plain'],
	claimable: ['to be claimed', 'warn'],
	claiming: ['on its way', 'warn'],
	claimed: ['claimed', 'good'],
	expired: ['lost', 'bad'],
};

/** What a slot's state is called, and how it looks. */
export const SLOTS = {
	drawn: ['drawn', 'warn'],
	uploading: ['is uploaded', 'warn'],
	repairing: ['is built', 'warn'],
	confirming: ['is confirmed', 'warn'],
	held: ['held', 'good'],
	suspect: ['has missed', 'bad'],
	leaving: ['is left', 'plain'],
	missing: ['not here', 'bad'],
	ended: ['over', 'plain'],
};

export const UNIT_STATES = {
	fetching: ['is fetched', 'warn'],
	waiting: ['waits', 'plain'],
	running: ['is run', 'good'],
	committing: ['is committed', 'warn'],
	sealed: ['sealed', 'good'],
	revealing: ['is revealed', 'warn'],
	probing: ['is asked for', 'plain'],
	'handed-back': ['handed back', 'plain'],
};

export const DEVICE_STATES = {
	unknown: ['not asked yet', 'plain'],
	notRegistered: ['not registered', 'warn'],
	registering: ['registering', 'warn'],
	active: ['active', 'good'],
	suspended: ['suspended', 'warn'],
	retired: ['retired', 'bad'],
	revoked: ['revoked', 'bad'],
	struck: ['struck', 'bad'],
};

export const CLUSTERS = [
	['director', 'Director'],
	['standbySigner', 'Standby signer'],
	['standbyComputeNode', 'Standby compute node'],
	['ordinaryNode', 'Ordinary node'],
];

export const LINKS = {
	offered: 'offered; the candidate has not accepted it yet',
	nextEra: 'linked; it counts from the next era on',
	counts: 'linked, and counts',
};
