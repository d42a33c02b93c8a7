// What has happened in final blocks, the newest first.

import { happening, link, part, pill, table } from '../dom.js';
import { spaced } from '../words.js';

/** How many are shown. */
const SHOWN = 40;
/** Names that are good or bad news; others are neither. */
const TONES = new Map([
	...['Won', 'Linked', 'SlotConfirmed', 'SlotRepaired', 'ChallengeAnswered', 'DealActivated']
		.map((one) => [one, 'good']),
	...['SlotOffered', 'AuditsBehind', 'ClaimCut', 'RepairStalled', 'ChallengeMissed'].map((one) => [one, 'warn']),
	...['DeviceStruck', 'SlotLost', 'DealLost', 'Revoked', 'NotPaid', 'Removed'].map((one) => [one, 'bad']),
]);

/** A part that shows what has happened about something. */
export function happenings(app, about, title, empty) {
	const { nodes, fill } = table(title, ['Block', 'What', 'Of what'], empty);
	const update = () => fill(app.live.events.get(about).newest(SHOWN).map((one, index, all) => {
		// The same may happen twice in a block: they count from the oldest on.
		const nth = all.slice(index + 1).filter(({ number }) => number === one.number).length;
		const what = pill(TONES.get(one.name) ?? 'plain', spaced(one.name));
		return [`${one.number}-${nth}`, [link('block', one.number), what, happening(one.pallet, one.name, one.value)]];
	}));
	return { node: part(`${about}-happenings`, title, ...nodes), update };
}
