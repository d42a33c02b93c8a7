// The page: reads the status once, then takes each change as it is told, and shows it.

import { Chart } from './chart.js';
import { bytes, clock, CLUSTERS, DEVICE_STATES, duration, EARNED, element, id, LINKS, moment, money, number, OUTCOMES,
	RESOURCES, sentence, share, short, SLOTS, tick, UNIT_STATES } from './words.js';

const $ = (name) => document.getElementById(name);
const chart = new Chart($('chart'), $('plot'), $('readout'), $('chart-empty'));

/** After so many seconds without a change the agent is said to stand still, as /health does. */
const STANDS_STILL = 90;
/** So long an agent that does not answer is left alone, in milliseconds. */
const AGAIN = 5_000;

let status = null;
const shown = new Map();

/** Calls `show` if the value is another than last time. */
function when(name, value, show) {
	const text = JSON.stringify(value);
	if (shown.get(name) === text) return;
	shown.set(name, text);
	show(value);
}

function say(name, text) {
	if ($(name).textContent !== text) $(name).textContent = text;
}

function pill([text, look]) {
	return element('span', `pill ${look}`, text);
}

/** Rows of a list of terms; those without a value are left out. */
function terms(list, rows) {
	list.replaceChildren(...rows.filter(([, value]) => value !== null && value !== undefined && value !== '')
		.flatMap(([term, value]) => [element('dt', '', term), element('dd', '', ...[value].flat())]));
}

function showTop(now) {
	say('chain-name', now.chain.name || 'No chain yet');
	when('state', now.device?.state ?? null, (state) => {
		const [text, look] = state === null ? ['no device yet', 'warn'] : DEVICE_STATES[state] ?? [state, 'plain'];
		$('device-state').hidden = false;
		$('device-state').className = `pill ${look}`;
		say('device-state', text);
	});
	document.title = now.competence ? `${share(now.competence.value)} · smart-agent` : 'smart-agent';
}

/** What the agent says is wrong, and what only this page can see. */
function problemsOf(now) {
	const own = [];
	const still = Date.now() / 1000 - now.at;
	if (still > STANDS_STILL) {
		own.push({ severity: 'error', code: 'still',
			what: 'The agent stands still: nothing has changed for more than a minute.',
			remedy: 'Restart it, and look at its log.' });
	}
	if (now.chain.connection.state === 'lost') {
		own.push({ severity: 'error', code: 'lost', what: `The node is lost: ${now.chain.connection.why}`,
			remedy: 'The agent tries again by itself. See whether the node runs.' });
	}
	if (!now.device) {
		own.push({ severity: 'info', code: 'device', what: 'There is no device yet.',
			remedy: 'smart-agent init makes one.' });
	}
	return [...own, ...now.problems];
}

function showProblems(now) {
	when('problems', problemsOf(now), (problems) => {
		const before = new Set([...$('problem-list').children].map((item) => item.dataset.code));
		$('problems').hidden = problems.length === 0;
		$('problem-list').replaceChildren(...problems.map((problem) => {
			const what = element('strong', '', sentence(problem.what));
			const item = element('li', `problem ${problem.severity}`, what, sentence(problem.remedy));
			item.dataset.code = problem.code;
			return item;
		}));
		const fresh = problems.find((problem) => problem.severity !== 'info' && !before.has(problem.code));
		if (fresh) say('said', `${fresh.what} ${fresh.remedy}`);
	});
}

function showScore(now) {
	when('score', now.competence, (competence) => {
		say('score', competence ? share(competence.value) : '–');
		const error = competence ? (competence.high - competence.low) / 2 : 0;
		say('score-error', error > 0 ? `± ${share(error, 2)}` : '');
	});
	say('score-of', `of all plots, compute and bandwidth on ${now.chain.name || 'the chain'}, weighted, times uptime`);
	when('link', now.link, (link) => {
		$('ladder').replaceChildren(...CLUSTERS.map(([key, name]) => {
			const step = element('li', '', name);
			if (link?.cluster === key) step.setAttribute('aria-current', 'true');
			return step;
		}));
		if (!link) {
			say('link-text', 'Linked to no candidate: what it proves counts for nobody yet.');
			return;
		}
		const place = link.rank ? `place ${link.rank} by score, ` : '';
		const how = `: ${place}${LINKS[link.state] ?? link.state}.`;
		$('link-text').replaceChildren('Candidate ', id(link.candidate), how);
	});
}

/** Whether so many wins are what chance makes of what was expected. */
function verdict(wins, expected) {
	const spread = 2 * Math.sqrt(Math.max(1, expected));
	if (wins < expected - spread) return 'fewer than chance explains: look at the rounds below';
	if (wins > expected + spread) return 'more than expected: luck, or the claim is too small';
	return 'as chance has it';
}

function showHistory(now) {
	when('history', now.history, (history) => {
		chart.show(history);
		const wins = history.points.reduce((sum, point) => sum + point.wins, 0);
		const expected = history.points.reduce((sum, point) => sum + Number(point.expected), 0);
		say('wins-in-all', history.points.length < 2 ? ''
			: `${number(wins)} ${wins === 1 ? 'win' : 'wins'} since ${clock(history.points[0].at, now.at)}, `
				+ `${short(expected)} expected: ${verdict(wins, expected)}.`);
		if ($('table-fold').open) showTable();
	});
}

function showTable() {
	if (!status) return;
	const { points, interval } = status.history;
	// Two dozen rows, evenly over all points, the newest first.
	const every = Math.max(1, Math.ceil(points.length / 24));
	const rows = points.filter((_, index) => (points.length - 1 - index) % every === 0).reverse();
	$('table').replaceChildren(...rows.map((point) => element('tr', '',
		element('td', '', clock(point.at + interval, status.at)),
		...[share(point.score), share(point.low), share(point.high), number(point.wins), short(Number(point.expected))]
			.map((text) => element('td', 'number', text)))));
}

/** A length on the gauge, which is as long as what is most. */
function part(name, most, from, to) {
	const made = element('span', name);
	const percent = (value) => `${Math.min(100, Math.max(0, (value / most) * 100)).toFixed(2)}%`;
	if (from !== null) made.style.left = percent(from);
	if (to !== null) made.style.width = percent(to - (from ?? 0));
	return made;
}

function gauge(lottery, text) {
	const [estimate, error, assured] = [lottery.estimate, lottery.error, lottery.assured].map(Number);
	const most = Math.max(lottery.claimed, estimate + error, 1e-9) * 1.04;
	const made = element('div', 'gauge', element('span', 'track'), part('estimate', most, null, estimate),
		part('assured', most, null, assured),
		estimate > 0 ? part('whisker', most, Math.max(0, estimate - error), estimate + error) : null,
		part('claimed', most, lottery.claimed, null));
	made.setAttribute('role', 'img');
	made.setAttribute('aria-label', text);
	return made;
}

const UNITS = {
	space: (value) => `${short(value)} ${value === 1 ? 'plot' : 'plots'}`,
	compute: (value) => `${short(value)} ${value === 1 ? 'segment' : 'segments'} a window`,
	uptime: (value) => `${short(value * 100)} % of the time`,
};

function lotteryCard(lottery) {
	const units = UNITS[lottery.resource] ?? ((value) => short(value));
	const isUptime = lottery.resource === 'uptime';
	const factor = isUptime ? 100 : 1;
	const [estimate, error, assured, wins, expected] = [lottery.estimate, lottery.error, lottery.assured, lottery.wins,
		lottery.expected].map(Number);
	const claimed = isUptime ? 'all of the time' : units(lottery.claimed);
	const counts = lottery.countsFrom === null || isUptime ? null
		: `${short(lottery.counting)} now, all from slot ${number(lottery.countsFrom)} on`;
	const title = RESOURCES[lottery.resource] ?? lottery.resource;
	const spoken = `${title}: estimated ${units(estimate)}, give or take ${short(error * factor)}; `
		+ `assured ${units(assured)}; claimed ${claimed}`;
	const list = element('dl');
	const last = lottery.last && [(OUTCOMES[lottery.last.outcome] ?? [lottery.last.outcome])[0], ', ',
		moment(lottery.last.at), element('div', 'quiet', lottery.last.why)];
	terms(list, [
		['claimed', claimed],
		['counts', counts],
		['assured', units(assured)],
		['wins', `${short(wins)} of ${short(expected)} expected`],
		['waiting', lottery.pending ? `${number(lottery.pending)} to be verified` : null],
		['last round', last],
		['next', lottery.next && moment(lottery.next.at, 'due')],
		['next', !lottery.next && lottery.resource === 'compute' ? 'drawn by the chain' : null],
	]);
	const card = element('article', 'card lottery',
		element('div', 'head', element('h3', '', title),
			element('span', 'quiet', verdict(wins, expected).split(':')[0])),
		element('p', 'medium', short(estimate * factor), element('span', 'margin',
			` ± ${short(error * factor)} ${units(estimate).replace(/^\S+ /, '')}`)),
		gauge(lottery, spoken), list,
		lottery.whyNot ? element('p', 'note', sentence(lottery.whyNot)) : null);
	card.setAttribute('aria-label', title);
	return card;
}

function showLotteries(now) {
	when('lotteries', now.lotteries, (lotteries) => {
		$('lotteries').replaceChildren(...lotteries.length ? lotteries.map(lotteryCard)
			: [element('p', 'empty', 'It takes part in no lottery yet.')]);
	});
}

function showPlots(now) {
	when('plots', now.plots, ({ kinds, freeBytes, making }) => {
		const count = kinds.reduce((sum, kind) => sum + kind.count, 0);
		const size = kinds.reduce((sum, kind) => sum + kind.bytes, 0);
		say('plots-sum', count ? `${number(count)} ${count === 1 ? 'plot' : 'plots'}, ${bytes(size)}` : 'No plots yet');
		$('plots-table').hidden = kinds.length === 0;
		$('plots').replaceChildren(...kinds.map((kind) => element('tr', '',
			element('td', '', `size ${kind.k}, strength ${kind.strength}`),
			element('td', 'number', number(kind.count)),
			element('td', 'number', bytes(kind.bytes)),
			element('td', '', pill(kind.damaged ? [`${number(kind.damaged)} damaged`, 'bad'] : ['sound', 'good'])))));
		$('making').hidden = !making;
		if (making) {
			const left = making.secondsLeft === null ? '' : `, about ${duration(making.secondsLeft)} left`;
			const rate = making.bytesPerSecond === null ? '' : `, ${bytes(making.bytesPerSecond)} a second`;
			say('making-text', `Making plots of size ${making.k}: ${making.done} of ${making.of} done${left}${rate}`);
			$('making-bar').value = making.permille;
		}
		say('plots-free', freeBytes === null ? (count ? '' : 'smart-agent plot create makes some.')
			: `${bytes(freeBytes)} are free${count ? '' : '; smart-agent plot create makes plots'}.`);
	});
}

function slotRow(slot) {
	const known = SLOTS[slot.state] ?? [slot.state, 'plain'];
	const groups = slot.rotten === 1 ? 'group' : 'groups';
	const state = slot.rotten ? [`${number(slot.rotten)} ${groups} rotten`, 'bad'] : known;
	const there = slot.durable < slot.bytes ? `${bytes(slot.durable)} of ${bytes(slot.bytes)}` : bytes(slot.bytes);
	const why = slot.why ? element('div', 'quiet', sentence(slot.why)) : null;
	const what = element('td', '', `${slot.deal}/${slot.slot}`, why);
	return element('tr', '', what, element('td', '', pill(state)), element('td', 'number', there),
		element('td', 'number', slot.accrued === '0' ? '–' : money(slot.accrued)),
		element('td', '', slot.scrubbed === null ? '–' : moment(slot.scrubbed)));
}

function showStorage(now) {
	when('storage', now.storage ?? null, (storage) => {
		$('storage').hidden = storage === null;
		if (!storage) return;
		const of = (name) => storage.states.find((state) => state.name === name)?.count ?? 0;
		const held = of('held') + of('suspect') + of('leaving');
		say('storage-sum', `${number(held)} ${held === 1 ? 'slot' : 'slots'} held, ${bytes(storage.usedBytes)} of `
			+ `${bytes(storage.offeredBytes)} taken`);
		const missed = storage.missed.reduce((sum, reason) => sum + reason.count, 0);
		const more = [`${number(storage.answered)} challenges answered, ${number(missed)} missed`,
			`${bytes(storage.sentBytes)} sent, ${bytes(storage.receivedBytes)} taken in`];
		if (storage.answerMillis !== null) more.push(`the last answer took ${short(storage.answerMillis / 1000)} s`);
		if (storage.repaired) more.push(`${number(storage.repaired)} built from others`);
		if (storage.claimable !== '0') more.push(`${money(storage.claimable)} to be claimed`);
		if (storage.vouchers !== '0') more.push(`vouchers over ${money(storage.vouchers)}`);
		if (storage.tickets === 0) more.push('no ticket: it gets no new slots');
		say('storage-more', `${more.join('; ')}.`);
		$('slots-table').hidden = storage.slots.length === 0;
		$('slots').replaceChildren(...storage.slots.map(slotRow));
	});
}

function unitRow(unit) {
	const why = unit.why ? element('div', 'quiet', sentence(unit.why)) : null;
	return element('tr', '', element('td', '', `${unit.job}/${unit.unit}`, why),
		element('td', '', pill(UNIT_STATES[unit.state] ?? [unit.state, 'plain'])));
}

function showWork(now) {
	when('work', now.work ?? null, (work) => {
		$('work').hidden = work === null;
		if (!work) return;
		say('work-sum', `${number(work.running)} of ${number(work.slots)} slots run a unit; ${number(work.ran)} were `
			+ `run, ${number(work.outputs)} ${work.outputs === 1 ? 'output is' : 'outputs are'} served`);
		const missed = work.missed.reduce((sum, reason) => sum + reason.count, 0);
		const more = [
			`${number(work.revealed)} revealed, ${number(missed)} missed, ${number(work.declined)} handed back`,
			`${number(work.right)} right, ${number(work.wrong)} wrong in all`,
		];
		if (work.faults) more.push(`${number(work.faults)} could not be run`);
		if (!work.idle) more.push('the machine is needed for something else');
		if (work.claimable !== '0') more.push(`${money(work.claimable)} to be claimed`);
		if (work.later !== '0') more.push(`${money(work.later)} once outputs were handed over`);
		if (work.tickets === 0) more.push('no ticket: it is drawn for no job');
		say('work-more', `${more.join('; ')}.`);
		$('units-table').hidden = work.units.length === 0;
		$('units').replaceChildren(...work.units.map(unitRow));
	});
}

function roundItem(round, isNew) {
	const title = `${RESOURCES[round.resource] ?? round.resource} ${round.round}`;
	const block = round.block === null ? '' : ` (block ${number(round.block)})`;
	const took = round.tookMillis === null || round.tookMillis < 1_000 ? ''
		: `; took ${duration(round.tookMillis / 1_000)}`;
	return element('li', isNew ? 'new' : '', moment(round.at),
		element('div', '', element('div', 'what', title), element('div', 'why', `${round.why}${block}${took}`)),
		pill(OUTCOMES[round.outcome] ?? [round.outcome, 'plain']));
}

let known = null;
function showRounds(now) {
	when('rounds', now.rounds, (rounds) => {
		const key = (round) => `${round.resource} ${round.round} ${round.outcome}`;
		const fresh = rounds.filter((round) => known && !known.has(key(round)));
		known = new Set(rounds.map(key));
		$('rounds').replaceChildren(...rounds.map((round) => roundItem(round, fresh.includes(round))));
		$('rounds-empty').hidden = rounds.length > 0;
		const won = fresh.find((round) => round.outcome === 'won');
		if (won) say('said', `Won: ${RESOURCES[won.resource] ?? won.resource}, round ${won.round}.`);
	});
	when('tallies', now.tallies, (tallies) => {
		const sum = (outcome) => Object.values(tallies).reduce((all, tally) => all + tally[outcome], 0);
		const without = number(sum('nothing') + sum('notUp'));
		say('rounds-sum', `Since the start: ${number(sum('won'))} won, ${without} without a win, `
			+ `${number(sum('missed'))} missed, ${number(sum('refused'))} refused.`);
	});
}

function eraItem(era) {
	const pots = era.pots.map(({ pot, amount }) => `${pot} ${money(amount)}`).join(', ');
	const brought = era.earned === '0' ? era.why : `${money(era.earned)} (${pots}): ${era.why}`;
	const chain = era.ceiling === null || era.usage === null ? ''
		: `; usage ${era.usage} %, at most ${money(era.ceiling)} for all`;
	return element('li', '', era.at ? moment(era.at) : element('time', '', 'now'),
		element('div', '', element('div', 'what', `Era ${number(era.era)}`),
			element('div', 'why', `${brought}${chain}`)),
		pill(EARNED[era.state] ?? [era.state, 'plain']));
}

function eras(count) {
	return `${number(count)} ${count === 1 ? 'era' : 'eras'}`;
}

function showEarnings(now) {
	when('earnings', now.earnings ?? null, (earnings) => {
		$('earnings-empty').hidden = earnings !== null && earnings.eras.length > 0;
		$('earnings').replaceChildren(...(earnings?.eras ?? []).map(eraItem));
		if (!earnings) {
			say('earnings-sum', '–');
			say('earnings-more', '');
			return;
		}
		say('earnings-sum', earnings.claimableEras === 0 ? 'Nothing to be claimed'
			: `${money(earnings.claimable)} of ${eras(earnings.claimableEras)} to be claimed`);
		const more = [`${money(earnings.last)} in the last era`, `${money(earnings.day)} in a day`];
		if (earnings.onItsWay !== '0') more.push(`${money(earnings.onItsWay)} on its way`);
		if (earnings.expiringEras > 0) {
			more.push(`${money(earnings.expiring)} of ${eras(earnings.expiringEras)} lost soon`);
		}
		if (earnings.lost !== '0') more.push(`${money(earnings.lost)} lost, for nobody claimed it in time`);
		more.push(earnings.claims === 'daily' ? 'claimed by the agent each day' : 'smart-agent claim --all claims it');
		say('earnings-more', `${more.join('; ')}.`);
	});
}

function showDevice(now) {
	when('device', [now.device, now.funds], ([device, funds]) => {
		terms($('device'), device ? [
			['id', id(device.id)],
			['DID', device.did && id(device.did)],
			['owner', id(device.owner)],
			['to spend', funds && money(funds.free)],
			['held', funds && money(funds.held)],
		] : [['', 'smart-agent init makes one.']]);
	});
}

function showChain(now) {
	const { chain } = now;
	const skew = chain.clockSkewMillis;
	when('chain', chain, () => {
		const reached = { never: 'not reached yet', connected: 'reached', lost: 'lost' }[chain.connection.state];
		const since = chain.connection.since ? [', since ', moment(chain.connection.since)] : [];
		terms($('chain'), [
			['node', element('code', '', chain.node)],
			['', [reached, ...since]],
			['genesis', chain.genesis && id(chain.genesis)],
			['best block', chain.best === null ? null : number(chain.best)],
			['final block', chain.finalized === null ? null : number(chain.finalized)],
			['slot', chain.slot === null ? null : number(chain.slot)],
			['clock', skew === null ? null
				: `${number(Math.abs(skew))} ms ${skew < 0 ? 'behind' : 'ahead of'} the chain's`],
		]);
	});
	when('agent', now.agent, (agent) => {
		$('agent').replaceChildren(`Version ${agent.version}, started `, moment(agent.started), '.');
	});
}

function show() {
	const parts = [showTop, showProblems, showScore, showHistory, showLotteries, showEarnings, showStorage, showWork,
		showPlots, showRounds, showDevice, showChain];
	for (const part of parts) part(status);
}

function live(look, text) {
	$('live').className = `live ${look}`;
	say('live-text', text);
}

/** Takes a change up: it brings the last point of the history alone. False if points are missing between. */
function take(change) {
	const { interval, points } = status.history;
	const point = change.history.points.at(-1);
	const before = points.filter((other) => !point || other.at < point.at);
	const fits = change.history.interval === interval
		&& (!point || !before.length || point.at <= before.at(-1).at + 2 * interval);
	status = { ...change, history: { ...change.history, points: point ? [...before, point] : points } };
	return fits;
}

async function load() {
	const answer = await fetch('status.json');
	if (!answer.ok) throw new Error(`the agent answers ${answer.status}`);
	status = await answer.json();
	show();
}

let stream = null;
function listen() {
	stream = new EventSource('events');
	stream.addEventListener('status', async (event) => {
		try {
			if (!status || !take(JSON.parse(event.data))) await load();
			else show();
			live('good', 'Live');
		} catch {
			lost();
		}
	});
	stream.addEventListener('error', lost);
}

let again = null;
function lost() {
	live('bad', 'The agent does not answer; trying again');
	if (stream?.readyState === EventSource.CLOSED && again === null) again = setTimeout(begin, AGAIN);
}

async function begin() {
	again = null;
	stream?.close();
	try {
		await load();
		listen();
	} catch {
		live('bad', 'The agent does not answer; trying again');
		again = setTimeout(begin, AGAIN);
	}
}

$('table-fold').addEventListener('toggle', () => $('table-fold').open && showTable());
setInterval(() => {
	tick();
	if (status) showProblems(status);
}, 1_000);
begin();
