// One block, or one account.

import { account, element, facts, happening, link, part, pill, table, text } from '../dom.js';
import { amount, count, moment, plain, spaced, time } from '../words.js';
import { Unreadable } from '../chain.js';
import { authorBy } from '../live.js';
import { block as blockOf } from '../header.js';
import { authorOf, stateOf } from './blocks.js';

/** Transactions and events of a block that are shown. */
const SHOWN = 100;

/** The hash that a number or hash stands for. */
async function hashOf(session, id) {
	if (/^0x[\da-f]{64}$/i.test(id)) return id.toLowerCase();
	if (!/^\d{1,10}$/.test(id)) throw new Unreadable(`${id} is neither the number nor the hash of a block`);
	const hash = await session.ask('chain_getBlockHash', Number(id));
	if (!hash) throw new Unreadable(`there is no block ${id} yet, or this node does not keep it`);
	return hash;
}

const transactionRow = (chain, failed) => (raw, index) => {
	const { signer, call } = chain.transaction(raw);
	const words = call ? `${call.pallet}.${call.name}` : 'cannot be read by this chain\'s metadata';
	const size = `${count((raw.length - 2) / 2)} bytes`;
	return [String(index), [String(index), words, signer ? account(signer) : 'nobody', size,
		failed.has(index) ? pill('bad', 'failed') : pill('good', 'done')]];
};

const eventRow = ({ by, pallet, name, value }, index) => [String(index), [
	by === undefined ? '–' : String(by), `${pallet}: ${spaced(name)}`, happening(pallet, name, value),
]];

/** What is said of a block whose events or transactions are left out. */
const leftOut = (all) => (all > SHOWN ? `The first ${SHOWN} of ${count(all)} are shown.` : '');

/** Whether a block is final, and who authored it by the seats of its time, as far as the node still knows. */
async function place({ chain, session, live }, known) {
	const inChain = await session.ask('chain_getBlockHash', known.number) === known.hash;
	known.isFinal = inChain && live.final !== undefined && known.number <= live.final.number;
	known.isOff = !inChain;
	if (known.author === undefined) return;
	const seats = (item) => chain.storageAt(known.parent, 'Poca', item);
	const [directors, standbys] = await Promise.all([seats('Directors'), seats('StandbySigners')]).catch(() => []);
	known.by = authorBy(known.author, directors, standbys) ?? { place: known.author };
}

export function block(app, id) {
	const now = facts();
	const calls = table('Transactions', ['Number', 'Call', 'Signed by', 'Size', 'Outcome'], 'It has none.');
	const events = table('Events', ['Of transaction', 'Event', 'Says'], 'None can be read.');
	const [moreCalls, moreEvents] = [text('p', '', 'quiet'), text('p', '', 'quiet')];
	const node = element('div', {}, part('block-title', 'Block', now.node),
		part('calls-title', 'Transactions', ...calls.nodes, moreCalls),
		part('events-title', 'Events', ...events.nodes, moreEvents));
	let [done, known] = [false, undefined];
	const update = () => {
		if (!known) return;
		const { live } = app;
		const seen = live.blocks().find(({ hash }) => hash === known.hash) ?? known;
		const began = live.began(seen);
		now.fill([
			['Number', count(seen.number)], ['Hash', text('code', seen.hash)],
			['State', stateOf(app, seen)],
			['Slot', seen.slot && count(seen.slot)], ['Slot began', began && moment(began)],
			['Author', authorOf(app, seen)],
			['Became final after', seen.finalAt && began ? time(seen.finalAt - began) : undefined],
			['Its author held final', seen.claimed === undefined
				? undefined : link('block', seen.claimed, count(seen.claimed))],
			['Full', seen.full === undefined ? undefined : seen.full ? 'yes' : 'no'],
			['Parent', seen.number > 0 ? link('block', seen.parent) : undefined],
			['Next', link('block', seen.number + 1, count(seen.number + 1))],
		]);
	};
	// A block does not change: it is read once.
	const load = async () => {
		if (done) return;
		const { chain, session } = app;
		const hash = await hashOf(session, id);
		const answer = await session.ask('chain_getBlock', hash);
		if (!answer) throw new Unreadable('this node does not have that block');
		known = blockOf(answer.block.header);
		await place(app, known);
		update();
		const happened = await chain.events(hash).catch((error) => {
			moreEvents.textContent = `Its events cannot be read: ${error.message}. `
				+ 'Old states are there with --state-pruning archive.';
			return [];
		});
		const failed = new Set(happened.filter(({ pallet, name }) => pallet === 'System' && name === 'ExtrinsicFailed')
			.map(({ by }) => by));
		const { extrinsics } = answer.block;
		calls.fill(extrinsics.slice(0, SHOWN).map(transactionRow(chain, failed)));
		events.fill(happened.slice(0, SHOWN).map(eventRow));
		moreCalls.textContent = leftOut(extrinsics.length);
		moreEvents.textContent ||= leftOut(happened.length);
		done = true;
	};
	return { title: `Block ${id.length > 20 ? `${id.slice(0, 10)}…` : id}`, node, update, load };
}

async function role(chain, live, who) {
	const seat = live.directors?.findIndex((one) => one.account === who) ?? -1;
	if (seat >= 0) return `director of seat ${seat}`;
	const standby = live.standbys?.findIndex((one) => one?.account === who) ?? -1;
	if (standby >= 0) return `standby signer of seat ${standby}`;
	const candidate = chain.has('Candidates', 'Candidates') && await chain.storage('Candidates', 'Candidates', who);
	return candidate ? 'candidate' : undefined;
}

export function anAccount(app, who) {
	const now = facts();
	const list = table('What it can claim', ['Era', 'What'], 'It has nothing to claim.');
	const node = element('div', {}, part('account-title', 'Account', now.node),
		part('claims-title', 'Earned and not claimed', ...list.nodes));
	const load = async () => {
		const { chain, live } = app;
		let found;
		try {
			found = await chain.storage('System', 'Account', who);
		} catch (error) {
			if (error.name === 'RpcError' || error instanceof Unreadable) throw error;
			throw new Unreadable(`${who} is no address of an account`);
		}
		const { data, nonce } = found;
		const held = chain.has('Balances', 'Holds') ? await chain.storage('Balances', 'Holds', who) : [];
		now.fill([
			['Address', text('code', who)], ['Role', await role(chain, live, who)],
			['Free', amount(data.free)], ['Reserved or on hold', amount(data.reserved)],
			['Frozen', amount(data.frozen)],
			['On hold for', held.map(({ id, amount: much }) => `${plain(id)} ${amount(much)}`).join(', ') || undefined],
			['Transactions signed', count(nonce)],
		]);
		if (!chain.hasApi('StciIssuanceApi', 'claimable')) return;
		const claims = await chain.call('StciIssuanceApi', 'claimable', who);
		const words = (pots) => Object.entries(pots).filter(([, much]) => much > 0n)
			.map(([pot, much]) => `${pot} ${amount(much)}`).join(', ');
		list.fill(claims.slice(0, SHOWN).map(([era, pots]) => [String(era), [String(era), words(pots)]]));
	};
	return { title: 'Account', node, load };
}
