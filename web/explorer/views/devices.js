// Devices, what they prove, and one of them.

import { MOST_KEYS, Unreadable } from '../chain.js';
import { account, facts, link, part, pill, table, text } from '../dom.js';
import { amount, bytes, competence, count, perbill, plain, spaced, time } from '../words.js';
import { happenings } from './happenings.js';
import { pages } from './pages.js';

/** Devices of a page. */
const SHOWN = 20;

function stateOf({ suspended: { owner, vendor } }) {
	if (owner || vendor) return pill('warn', `suspended by its ${owner ? 'owner' : 'vendor'}`);
	return pill('good', 'active');
}

const row = ({ key, value: device }) => [key, [
	link('device', key), count(device.number), account(device.owner), stateOf(device),
	device.attested ? account(device.attested.vendor) : 'none', `era ${device.registered}`,
]];

async function sums(chain) {
	const [devices, counts, rounds] = await Promise.all([
		chain.storage('DeviceRegistry', 'CounterForDevices'), chain.storage('ResourceProofs', 'DeviceCounts'),
		chain.call('ResourceProofsApi', 'open_rounds'),
	]);
	const open = Array.isArray(rounds) ? rounds : rounds.rounds ?? [];
	return { pairs: [
		['Devices', count(devices)],
		...Object.entries(counts).map(([kind, many]) => [`In the lottery of ${kind}`, count(many)]),
	], open };
}

export function devices(app) {
	const now = facts();
	const rounds = table('Open rounds', ['Lottery', 'Round', 'Ends in', 'Devices', 'Tries'], 'No round is open.');
	const list = table('Devices', ['Device', 'Number', 'Owner', 'State', 'Attested by', 'Registered'],
		'No device has been registered yet.');
	const turn = pages(() => app.load());
	const news = happenings(app, 'devices', 'Proofs and changes', 'Nothing has happened since this page began.');
	const missing = text('p', 'This chain\'s runtime has no devices.', 'quiet');
	const node = document.createElement('div');
	node.append(part('sums-title', 'Devices in all', now.node, missing),
		part('rounds-title', 'Open rounds', ...rounds.nodes),
		news.node, part('devices-title', 'Devices', ...list.nodes, turn.node));
	const load = async () => {
		const { chain, live } = app;
		missing.hidden = chain.has('DeviceRegistry', 'Devices');
		if (!missing.hidden) return;
		const { pairs, open } = await sums(chain);
		now.fill(pairs);
		rounds.fill(open.map(({ resource, round, until, devices: many, filter }) => {
			const left = live.best?.slot && live.slotMs ? (Number(until) - live.best.slot) * live.slotMs : undefined;
			return [`${resource.type}-${round}`, [
				spaced(resource.type), count(round), left === undefined ? undefined : time(left), count(many),
				filter > 1 ? `each in one of ${count(filter)} rounds` : 'each in every round',
			]];
		}));
		const { entries, next } = await chain.page('DeviceRegistry', 'Devices', SHOWN, turn.here);
		list.fill(entries.map(row));
		turn.next = next;
	};
	return { title: 'Devices', node, update: news.update, load, about: ['devices'] };
}

/** 2^-32 units, as units. */
const units = (credit) => (Number(credit) / 2 ** 32).toLocaleString('en', { maximumFractionDigits: 2 });

const lottery = (live) => (one) => [one.resource.type, [
	spaced(one.resource.type), count(one.claimed), units(one.estimate), units(one.assured),
	live.best?.slot && live.slotMs ? `${time((live.best.slot - Number(one.last_win)) * live.slotMs)} ago` : undefined,
	String(one.pending),
]];

async function offer(chain, id) {
	if (!chain.has('StorageMarket', 'Offers')) return [];
	const found = await chain.storage('StorageMarket', 'Offers', id);
	if (!found) return [['Offer of storage', 'none']];
	return [
		['Offers', `${bytes(found.capacity)}, ${bytes(found.used)} of it taken, in slots of ${bytes(found.max_slot)} `
			+ 'at most'],
		['Asks for a GiB and era', plain(found.ask, 'ask')],
		['Serves', perbill(found.score)],
		['Asks for a GiB that it gives out', found.egress === undefined ? undefined : plain(found.egress, 'ask')],
		['Tickets', found.tickets === 0 ? 'none: it takes no new slots' : count(found.tickets)],
	];
}

export function device(app, id) {
	const now = facts();
	const list = table('Its lotteries', ['Lottery', 'Claims', 'Estimate', 'Assured', 'Last win', 'Wins to verify'],
		'It is in no lottery.');
	const held = table('Slots that it holds or was drawn for', ['Deal', 'Slot'],
		'It holds none, or the runtime keeps no list of them.');
	const none = text('p', 'This chain has no such device. It may have been retired or revoked.', 'problem');
	const node = document.createElement('div');
	node.append(part('device-title', 'Device', now.node, none), part('lotteries-title', 'Proofs', ...list.nodes),
		part('held-title', 'Slots of deals', ...held.nodes));
	const load = async () => {
		const { chain, live } = app;
		if (!/^0x[\da-f]{64}$/.test(id)) throw new Unreadable('a device has an id of 0x and 64 digits');
		const found = await chain.storage('DeviceRegistry', 'Devices', id);
		none.hidden = found !== undefined;
		if (!found) return now.fill([['Device', text('code', id)]]);
		const proofs = await chain.call('ResourceProofsApi', 'device_proofs', id);
		now.fill([
			['Device', text('code', id)], ['Owner', account(found.owner)], ['State', stateOf(found)],
			['Key', found.key.type], ['Number in the status lists', count(found.number)],
			['Attested by', found.attested ? account(found.attested.vendor) : 'nobody'],
			['Deposit', amount(found.deposit)], ['Registered in', `era ${found.registered}`],
			['Changed hands', `${found.transfers} times`],
			['Counts for', proofs?.candidate ? account(proofs.candidate) : 'nobody'],
			['Competence', proofs && competence(proofs.competence)],
			['Why it does not win or count',
				proofs?.why_not.length ? proofs.why_not.map((one) => plain(one)).join(', ') : undefined],
			...await offer(chain, id),
		]);
		list.fill((proofs?.lotteries ?? []).map(lottery(live)));
		if (!chain.has('StorageMarket', 'Places')) return;
		const { entries } = await chain.page('StorageMarket', 'Places', MOST_KEYS, undefined, id);
		held.fill(entries.map(({ key, value }) => [String(key), [link('deal', key, count(key)), String(value)]]));
	};
	return { title: `Device ${id.slice(0, 10)}…`, node, load, about: ['devices'] };
}
