// The storage market, if the runtime has one: deals, their slots, audits and repairs as they happen.

import { Unreadable } from '../chain.js';
import { account, element, facts, link, part, pill, table, text } from '../dom.js';
import { amount, bytes, count, short, spaced, time } from '../words.js';
import { happenings } from './happenings.js';
import { pages } from './pages.js';

/** Deals of a page, and slots of the queue that are shown. */
const [SHOWN, QUEUE] = [20, 20];
const PALLET = 'StorageMarket';
/** Of what it is read anew. */
const ABOUT = ['repairs', 'deals', 'audits'];

/** How a slot does. */
export function slotOf({ holding, drawn, failures }, isActive) {
	if (holding?.suspect !== undefined) return { kind: 'warn', words: 'suspect' };
	if (holding?.leaving) return { kind: 'warn', words: 'leaving' };
	if (holding) return { kind: 'good', words: 'held' };
	if (drawn) return { kind: 'warn', words: isActive ? 'being repaired' : 'offered' };
	const words = isActive && failures > 0 ? `waits, ${failures} draws in vain` : 'waits for a device';
	return { kind: isActive ? 'bad' : 'plain', words };
}

function stageOf({ stage: { type, value } }) {
	if (type === 'Active') return pill('good', 'active');
	if (type !== 'Ended') return pill('plain', spaced(type));
	const why = value.why.type;
	return pill(['Lost', 'Failed', 'Unplaced'].includes(why) ? 'bad' : 'plain', `ended: ${spaced(why)}`);
}

/** All slots of a deal as squares. */
function squares(deal) {
	const isActive = deal.stage.type === 'Active';
	const states = deal.slots.map((slot) => slotOf(slot, isActive));
	const held = states.filter(({ words }) => words === 'held').length;
	const words = `${held} of ${states.length} slots held, ${deal.order.geometry.enough} suffice`;
	return element('span', { className: 'slots' },
		element('span', { className: 'strip', role: 'img', 'aria-label': words },
		...states.map(({ kind }) => element('i', { className: kind }))), ` ${held} of ${states.length}`);
}

const row = ([id, deal]) => [String(id), [
	link('deal', id, count(id)), account(deal.owner), stageOf(deal), bytes(deal.order.geometry.volume_len),
	squares(deal), `${deal.order.eras} eras`, amount(deal.escrow), amount(deal.reserve),
]];

async function sums(chain) {
	const names = ['LastDeal', 'ActiveCount', 'StrainedCount', 'QueueHead', 'QueueTail', 'TicketCount', 'Pool',
		'AuditsWaiting', 'InUse'];
	const known = names.filter((name) => chain.has(PALLET, name));
	const values = await Promise.all(known.map((name) => chain.storage(PALLET, name)));
	return Object.fromEntries(known.map((name, index) => [name, values[index]]));
}

async function waiting(chain, { QueueHead: head, QueueTail: tail }) {
	if (head === undefined || !chain.has(PALLET, 'Queue')) return [];
	const many = Number(tail - head > BigInt(QUEUE) ? BigInt(QUEUE) : tail - head);
	const places = Array.from({ length: many }, (_, index) => head + BigInt(index));
	const found = await chain.values(PALLET, 'Queue', places);
	return found.flatMap((one, index) => (one ? [[String(places[index]), [
		link('deal', one.deal, count(one.deal)), String(one.slot), `tick ${one.from}`,
	]]] : []));
}

/** What is said if the runtime has no market. */
const absent = () => text('p', 'This chain\'s runtime has no storage market (pallet StorageMarket): there are no '
	+ 'deals, slots and repairs to show. An upgrade of the runtime may bring it; this page then shows it by itself.',
'notice');

export function storage(app) {
	if (!app.chain.has(PALLET, 'Deals')) {
		return { title: 'Storage', node: element('div', {}, part('market-title', 'Storage market', absent())) };
	}
	const now = facts();
	const list = table('Deals, the newest first',
		['Deal', 'Owner', 'Stage', 'Bytes', 'Slots held', 'For', 'Escrow', 'Reserve'], 'There is no deal.');
	const queue = table('Slots that wait for a device', ['Deal', 'Slot', 'Drawn from'], 'No slot waits.');
	const turn = pages(() => app.load());
	const news = [
		happenings(app, 'repairs', 'Repairs as they happen', 'No slot has changed hands since this page began.'),
		happenings(app, 'audits', 'Audits', 'No slot has been audited since this page began.'),
		happenings(app, 'deals', 'Deals and money', 'Nothing has happened since this page began.'),
	];
	const node = element('div', {}, part('market-title', 'Storage market', now.node),
		part('deals-title', 'Deals', ...list.nodes, turn.node), news[0].node,
		part('queue-title', 'Slots that wait for a device', ...queue.nodes), news[1].node, news[2].node);
	const load = async () => {
		const { chain } = app;
		const found = await sums(chain);
		const total = found.LastDeal ?? 0n;
		now.fill([
			['Deals opened since genesis', count(total)],
			['Slots that are audited', found.ActiveCount === undefined ? undefined : count(found.ActiveCount)],
			['Strained deals', found.StrainedCount === undefined ? undefined
				: found.StrainedCount === 0 ? 'none' : pill('warn', count(found.StrainedCount))],
			['Slots that wait for a device',
				found.QueueTail === undefined ? undefined : count(found.QueueTail - found.QueueHead)],
			['Tickets of devices', found.TicketCount === undefined ? undefined : count(found.TicketCount)],
			['Bytes in use', found.InUse === undefined ? undefined : bytes(found.InUse)],
			['Audits that wait for room', found.AuditsWaiting === undefined ? undefined : count(found.AuditsWaiting)],
			['Pool', found.Pool === undefined ? undefined : amount(found.Pool)],
		]);
		const from = turn.here ?? total;
		const many = Number(from < BigInt(SHOWN) ? from : BigInt(SHOWN));
		const ids = Array.from({ length: many }, (_, index) => from - BigInt(index));
		const deals = await chain.values(PALLET, 'Deals', ids);
		list.fill(ids.map((id, index) => [id, deals[index]]).filter(([, deal]) => deal).map(row));
		turn.next = from > BigInt(SHOWN) ? from - BigInt(SHOWN) : undefined;
		queue.fill(await waiting(chain, found));
	};
	return { title: 'Storage', node, update: () => news.forEach((one) => one.update()), load, about: ABOUT };
}

function slotRow(slot, index, isActive) {
	const { kind, words } = slotOf(slot, isActive);
	const { holding, drawn } = slot;
	const who = holding?.device ?? drawn?.device;
	return [String(index), [
		String(index), pill(kind, words), who && link('device', who),
		holding ? `tick ${holding.proven_to}` : drawn ? `has until tick ${drawn.until}` : undefined,
		holding ? String(holding.misses) : undefined, holding ? amount(holding.accrued) : undefined,
		text('code', /^0x0*$/.test(slot.root) ? '–' : short(slot.root)),
	]];
}

/** So many ticks as a time: at least so long, for a tick may take longer. */
function ends(app, deal, tick) {
	if (deal.stage.type !== 'Active' || tick === undefined || !app.live.slotMs) return undefined;
	return `tick ${deal.ends}, in ${time(Math.max(0, deal.ends - tick) * app.live.slotMs)} at the earliest`;
}

export function deal(app, id) {
	if (!app.chain.has(PALLET, 'Deals')) {
		return { title: `Deal ${id}`, node: element('div', {}, part('deal-title', `Deal ${id}`, absent())) };
	}
	const now = facts();
	const list = table('Its slots',
		['Slot', 'State', 'Device', 'Proven up to', 'Misses', 'Earned, not claimed', 'Root'],
		'It has no slots.');
	const none = text('p', 'There is no such deal now: it was never opened, or it is closed and nothing is kept of it.',
		'problem');
	const node = element('div', {}, part('deal-title', `Deal ${id}`, now.node, none),
		part('deal-slots', 'Slots', ...list.nodes));
	const load = async () => {
		const { chain } = app;
		if (!/^\d{1,18}$/.test(id)) throw new Unreadable('a deal has a number');
		const found = await chain.storage(PALLET, 'Deals', BigInt(id));
		none.hidden = found !== undefined;
		now.node.hidden = list.nodes[0].hidden = !none.hidden;
		if (!found) return;
		const tick = chain.has('Poca', 'Clock') ? (await chain.storage('Poca', 'Clock')).tick : undefined;
		const { geometry, max_ask: ask, eras } = found.order;
		now.fill([
			['Owner', account(found.owner)], ['Stage', stageOf(found)],
			['Devices chosen by', { Beacon: 'the beacon', Chosen: 'its owner' }[found.kind.type] ?? 'the chain'],
			['Volume', bytes(geometry.volume_len)], ['Slots', `${geometry.slots}, any ${geometry.enough} suffice`],
			['Held', squares(found)], ['For', `${eras} eras`], ['Ends', ends(app, found, tick)],
			['Pays at most for a GiB and era', typeof ask === 'bigint' ? amount(ask) : String(ask)],
			['Escrow', amount(found.escrow)], ['Reserve for repairs', amount(found.reserve)],
			['A repair is worth', amount(found.repair)], ['Collateral of a slot', amount(found.collateral)],
			['Roots', found.rooted ? 'committed' : 'not committed yet'],
		]);
		const isActive = found.stage.type === 'Active';
		list.fill(found.slots.map((slot, index) => slotRow(slot, index, isActive)));
	};
	return { title: `Deal ${id}`, node, load, about: ABOUT };
}
