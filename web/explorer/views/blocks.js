// Blocks and finality as they come.

import { element, facts, link, part, pill, table, text } from '../dom.js';
import { clock, count, time } from '../words.js';

/** Blocks that are shown, and slots of the strip. */
const [SHOWN, STRIP] = [24, 72];

export function authorOf(app, block) {
	const author = app.live.author(block);
	if (!author) return undefined;
	if (author.place !== undefined) {
		return `place ${author.place} of the turns; the node has no state that says whose that was`;
	}
	const others = author.forSeat === undefined ? '' : `, for seat ${author.forSeat}`;
	const words = author.isStandby ? `Standby of seat ${author.seat}` : `Director ${author.seat}${others}`;
	return author.account ? link('account', author.account, words, author.account) : words;
}

export function stateOf(app, block) {
	if (block.isFinal) return pill('good', 'final');
	if (block.isOff) return pill('bad', 'left out');
	const certified = app.live.status?.certified;
	return certified && block.number <= certified.number ? pill('warn', 'certified') : pill('plain', 'in the chain');
}

/** Slots between a block and its parent, if that is known. */
function missedBefore(block, byHash) {
	const parent = byHash.get(block.parent);
	return parent?.slot && block.slot ? block.slot - parent.slot - 1 : undefined;
}

function row(app, block, byHash) {
	const { live } = app;
	const began = live.began(block);
	const missed = missedBefore(block, byHash);
	const after = (ms) => (ms && began ? time(ms - began) : undefined);
	return [block.hash, [
		link('block', block.hash, count(block.number)),
		began ? clock(began) : undefined,
		element('span', {}, authorOf(app, block) ?? '–', block.full ? ' (full)' : ''),
		missed === undefined ? undefined : missed === 0 ? '0' : pill('warn', String(missed)),
		after(block.seen), after(block.finalAt), stateOf(app, block),
	]];
}

/** The last slots as squares: who had a block in them. */
function strip(app, box) {
	const { live } = app;
	const blocks = live.blocks(STRIP).filter((block) => block.slot && !block.isOff);
	const last = blocks[0]?.slot;
	if (!last) return;
	const bySlot = new Map(blocks.map((block) => [block.slot, block]));
	const first = Math.max(last - STRIP + 1, blocks.at(-1).slot);
	const squares = [];
	let [missed, final] = [0, 0];
	for (let slot = first; slot <= last; slot += 1) {
		const block = bySlot.get(slot);
		if (!block) missed += 1;
		if (block?.isFinal) final += 1;
		const author = block && live.author(block);
		const isStandby = author?.isStandby || author?.forSeat !== undefined;
		const kind = !block ? 'missed' : block.isFinal ? 'final' : 'best';
		const turn = live.schedule && slot % live.schedule.turnLengthSlots === 0 ? ' turn' : '';
		squares.push(element('i', { className: `${kind}${isStandby ? ' standby' : ''}${turn}` }));
	}
	const all = last - first + 1;
	box.setAttribute('aria-label', `Of the last ${all} slots ${all - missed} have a block, ${final} of them final; `
		+ `${missed} have none.`);
	box.replaceChildren(...squares);
}

export function blocks(app) {
	const now = facts();
	const box = element('div', { className: 'strip', role: 'img', 'aria-label': 'No slot yet' });
	const legend = element('p', { className: 'legend' }, element('i', { className: 'final' }), ' final ',
		element('i', { className: 'best' }), ' not yet final ', element('i', { className: 'final standby' }),
		' by a standby ', element('i', { className: 'missed' }),
		' no block; a turn begins where a square stands apart');
	const list = table('Blocks, the newest first',
		['Block', 'Slot began', 'Author', 'Slots missed before', 'Here after', 'Final after', 'State'],
		'No block yet.');
	const node = element('div', {},
		part('now-title', 'Now', now.node),
		part('slots-title', 'Slots', box, legend),
		part('blocks-title', 'Blocks', ...list.nodes,
			text('p', 'Times are by this machine\'s clock, since the slot began; '
			+ 'of blocks that were there before this page, they are not known.', 'quiet')));
	const update = () => {
		const { best, final, votes, status, schedule } = app.live;
		const lag = best && final ? best.number - final.number : undefined;
		now.fill([
			['Best block', best && link('block', best.hash, count(best.number))],
			['Final block', final && link('block', final.hash, count(final.number))],
			['Lag of finality', lag === undefined ? undefined : `${lag} block${lag === 1 ? '' : 's'}`],
			['Votes for the last final block', votes
				&& `${votes.signers}${status?.voters ? ` of ${status.voters}, ${status.quorum} suffice` : ''}`],
			['Voter set', status && String(status.setId)],
			['51% rule', status && (status.relaxed ? pill('warn', 'in force at this node') : 'not in force')],
			['Era', schedule && link('eras', '', String(schedule.era), 'Eras')],
			['Slots', schedule && `${time(schedule.slotDurationMs)} each, ${schedule.turnLengthSlots} a turn`],
			['Author of the best block', best && (authorOf(app, best) ?? undefined)],
		]);
		strip(app, box);
		const known = app.live.blocks();
		const byHash = new Map(known.map((block) => [block.hash, block]));
		list.fill(known.slice(0, SHOWN).map((block) => row(app, block, byHash)));
	};
	return { title: 'Blocks', node, update };
}
