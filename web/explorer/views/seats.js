// Directors and their turns, those that stand by, and elections.

import { account, element, facts, link, part, pill, table, text } from '../dom.js';
import { count, time } from '../words.js';
import { happenings } from './happenings.js';

/** Standby compute nodes that are shown. */
const SHOWN = 60;

/** Where the turns stand at this moment, by the node's clock when it was asked and this machine's since. */
export function turnOf(schedule, askedAt, now = Date.now()) {
	const { slotDurationMs, turnLengthSlots, currentSlot, directors } = schedule;
	const slot = currentSlot + Math.floor((now - askedAt) / slotDurationMs);
	const turn = Math.floor(slot / turnLengthSlots);
	const seat = turn % directors.length;
	const left = (turn + 1) * turnLengthSlots - slot;
	return { slot, turn, seat, nth: slot % turnLengthSlots, left };
}

/** Slots until the next turn of a seat. */
export function slotsUntil({ seat, left }, { turnLengthSlots, directors }, of) {
	const turns = (of - seat + directors.length) % directors.length;
	return turns === 0 ? 0 : left + (turns - 1) * turnLengthSlots;
}

function row(app, turn, director, seat) {
	const { schedule, directors, standbys } = app.live;
	const wait = slotsUntil(turn, schedule, seat);
	const state = seat === turn.seat ? pill('good', 'has its turn') : `in ${time(wait * schedule.slotDurationMs)}`;
	const standby = standbys?.[seat];
	return [`${seat}-${director.key}`, [
		String(seat), account(directors?.[seat]?.account ?? director.key), state, count(director.authoredBlocks),
		director.missedSlots === 0 ? '0' : pill('warn', count(director.missedSlots)),
		account(standby?.account),
	]];
}

export function seats(app) {
	const now = facts();
	const list = table('Directors, in the order of turns',
		['Seat', 'Director', 'Turn', 'Blocks authored', 'Slots missed', 'Standby signer'],
		'This node does not say who the directors are.');
	const others = table('Standby compute nodes', ['Rank', 'Account'], 'There are none.');
	const more = text('p', '', 'quiet');
	const news = happenings(app, 'seats', 'Elections and seats', 'Nothing has happened since this page began.');
	const node = element('div', {}, part('turn-title', 'Turn', now.node),
		part('directors-title', 'Directors', ...list.nodes),
		part('others-title', 'Standby compute nodes', ...others.nodes, more), news.node);
	const update = () => {
		const { schedule, scheduleAt } = app.live;
		news.update();
		if (!schedule) return;
		const turn = turnOf(schedule, scheduleAt);
		const stepped = schedule.currentStandbys.length;
		now.fill([
			['Turn', count(turn.turn)],
			['Director', link('account', app.live.directors?.[turn.seat]?.account ?? '', `Seat ${turn.seat}`)],
			['Slot of the turn', `${turn.nth + 1} of ${schedule.turnLengthSlots}`],
			['Next turn', `seat ${(turn.seat + 1) % schedule.directors.length}, in `
				+ time(turn.left * schedule.slotDurationMs)],
			['Standbys that have stepped in', stepped === 0 ? 'none' : pill('warn', String(stepped))],
			['A standby steps in after', `${schedule.missedSlotsToReplace} missed slots in a row`],
		]);
		list.fill(schedule.directors.map((director, seat) => row(app, turn, director, seat)));
	};
	const load = async () => {
		const { chain } = app;
		if (!chain.has('Candidates', 'StandbyComputeNodes')) return;
		const all = await chain.storage('Candidates', 'StandbyComputeNodes');
		others.fill(all.slice(0, SHOWN).map((who, index) => [who, [String(index + 1), account(who)]]));
		more.textContent = all.length > SHOWN ? `${all.length - SHOWN} more are not shown.` : '';
	};
	return { title: 'Directors', node, update, load, about: ['seats'] };
}
