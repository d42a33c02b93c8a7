// Eras: what each could create, what it did, and who it was for.

import { element, facts, part, table, text } from '../dom.js';
import { amount, count, perbill, time } from '../words.js';
import { happenings } from './happenings.js';

/** Closed eras that are shown. */
const SHOWN = 16;
const POTS = ['signing', 'plots', 'storage', 'compute', 'bandwidth', 'discovery', 'treasury'];

/** A bar of a part of 1, with the words for it. */
function bar(part, words) {
	return element('span', { className: 'bar' },
		element('progress', { max: '1', value: String(part), 'aria-label': words }), ` ${words}`);
}

function row(era, { closing, created, expired, burned }) {
	const pots = POTS.filter((pot) => closing.pots[pot] > 0n).map((pot) => `${pot} ${amount(closing.pots[pot])}`);
	return [String(era), [
		count(era), amount(closing.ceiling), bar(closing.usage / 1e9, perbill(closing.usage)), amount(closing.gross),
		amount(created), pots.join(', ') || 'none', expired > 0n ? amount(expired) : '–', amount(burned),
	]];
}

async function open(chain, schedule) {
	const [[era, ceiling, usage], opened, supply, issuance, expiry] = await Promise.all([
		chain.call('StciIssuanceApi', 'open_era'), chain.storage('StciIssuance', 'OpenEra'),
		chain.storage('StciIssuance', 'SupplyOf'), chain.storage('Balances', 'TotalIssuance'),
		chain.call('StciIssuanceApi', 'expiry_eras'),
	]);
	const start = await chain.storage('Poca', 'EraStarts', era);
	const gone = schedule && start !== undefined ? schedule.currentSlot - Number(start) : undefined;
	const left = gone === undefined ? undefined : Math.max(0, schedule.eraLengthSlots - gone) * schedule.slotDurationMs;
	return { era, facts: [
		['Open era', count(era)],
		['Ends in', left === undefined ? undefined : time(left)],
		['Ceiling: it can create at most', amount(ceiling)],
		['Usage of what is proven', bar(usage / 1e9, perbill(usage))],
		['Created in it so far', amount(opened.created)],
		['Rate of a unit of work', amount(opened.rate)],
		['Total issuance', amount(issuance)],
		['Created since genesis', amount(supply.created)],
		['Promised and not yet claimed', amount(supply.committed)],
		['An era can be claimed for', `${count(expiry)} eras`],
	] };
}

export function eras(app) {
	const now = facts();
	const list = table('Closed eras, the newest first',
		['Era', 'Ceiling', 'Usage', 'Earned', 'Created so far', 'Pots', 'Expired', 'Burned'],
		'No era has been closed yet.');
	const news = happenings(app, 'eras', 'Claims and closings', 'Nothing has happened since this page began.');
	const missing = text('p', 'This chain\'s runtime has no issuance of STCI.', 'quiet');
	const node = element('div', {}, part('open-title', 'Open era', now.node, missing),
		part('ledger-title', 'Ledger', ...list.nodes), news.node);
	const load = async () => {
		const { chain, live } = app;
		missing.hidden = chain.has('StciIssuance', 'Ledgers');
		if (!missing.hidden) return;
		const { era, facts: found } = await open(chain, live.schedule);
		now.fill(found);
		const closed = Array.from({ length: Math.min(SHOWN, era) }, (_, index) => era - 1 - index);
		const ledgers = await chain.values('StciIssuance', 'Ledgers', closed);
		list.fill(closed.map((one, index) => [one, ledgers[index]]).filter(([, ledger]) => ledger)
			.map(([one, ledger]) => row(one, ledger)));
	};
	return { title: 'Eras', node, update: news.update, load, about: ['eras'] };
}
