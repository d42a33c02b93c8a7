// The agent's page in a browser: what a provider sees, reads aloud, and reaches by keys.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { nameless, weakTexts } from '../lib/reads.js';
import { browser, fixture, look, screenshot, Served, shows } from '../lib/served.js';

const options = { timeout: 60_000 };
let chromium;
let served;
let seen;
let page;
let close;

async function open(how) {
	({ page, seen, close } = await look(chromium, served, how));
}

describe('the agent\'s page', options, () => {
	before(async () => {
		chromium = await browser();
	}, options);
	after(() => chromium?.close());
	beforeEach(async () => {
		served = await Served.start();
	});
	afterEach(async () => {
		await close?.();
		await served.stop();
		close = undefined;
	});

	it('shows what the status says', options, async () => {
		await open();
		await shows(page, '#score', /^0\.404 %$/);
		await shows(page, '#score-error', /^± 0\.039 %$/);
		const of = /^of all plots, compute and bandwidth on SmartChain Local, weighted, times uptime$/;
		await shows(page, '#score-of', of);
		await shows(page, '#device-state', /^active$/);
		await shows(page, '#ladder [aria-current]', /^Standby signer$/);
		await shows(page, '#link-text', /place 5 by score, linked, and counts/);
		await shows(page, '#problem-list', /One plot of size 28 is damaged[^]*smart-agent plot create/);
		await shows(page, '#wins-in-all', /wins since .* 45\.2 expected: as chance has it/);
		await shows(page, '#plots-sum', /^40 plots, 33\.1 GiB$/);
		await shows(page, '#making-text', /3 of 12 done, about 47 min left, 4\.33 MiB a second/);
		assert.equal(await page.locator('#making-bar').evaluate((bar) => bar.position), 0.314);
		await shows(page, '#rounds', /Space 14965663\s+plot 5 wins \(block 417,951\); took 4 s\s+won/);
		await shows(page, '#device', /to spend\s+4,999\.812 STCI/);
		await shows(page, '#chain', /38 ms behind the chain's/);
		await shows(page, '#earnings-sum', /^21\.4 STCI of 96 eras to be claimed$/);
		await shows(page, '#earnings-more', /^0 STCI in the last era; 14\.25 STCI in a day; 3\.6 STCI on its way; /);
		await shows(page, '#earnings-more', /0\.5 STCI of 2 eras lost soon; claimed by the agent each day\.$/);
		await shows(page, '#earnings li:first-child', /Era 2,992\s+nothing\. No win, where 0\.4 were expected/);
		await shows(page, '#earnings li:first-child', /usage 12\.4 %, at most 1,000 STCI for all\s+nothing$/);
		await shows(page, '#earnings', /0\.25 STCI \(signing 0\.05 STCI, plots 0\.2 STCI\): 2 wins[^]*to be claimed/);
		await shows(page, '#storage-sum', /^1 slot held, 512 MiB of 500 GiB taken$/);
		await shows(page, '#storage-more', /^61 challenges answered, 1 missed; 1 GiB sent, 256 MiB taken in; /);
		await shows(page, '#slots tr:first-child', /^17\/3\s+1 group rotten\s+256 MiB\s+0\.0514 STCI\s/);
		await shows(page, '#slots', /18\/0\s+\S[^\n]*\s+64 MiB of 256 MiB/);
		const cards = page.locator('.lottery');
		assert.equal(await cards.count(), 3);
		const space = /Space[^]*38\.4 ± 3\.91 plots[^]*claimed\s+40 plots[^]*48\.2 of 50\.8 expected/;
		assert.match(await cards.nth(0).innerText(), space);
		assert.match(await cards.nth(1).innerText(), /16 now, all from slot[^]*Its claim of 24 counts/);
		assert.match(await cards.nth(2).innerText(), /96\.2 ± 9 % of the time/);
		assert.match(await page.title(), /^0\.404 % · smart-agent$/);
		await screenshot(page, 'day');
	});

	it('draws the score with its band, its wins and its gap', options, async () => {
		await open();
		const count = (selector) => page.locator(`#plot ${selector}`).count();
		await page.locator('#plot .line').first().waitFor({ state: 'attached' });
		assert.equal(await count('.line'), 2, 'while the agent did not run there is no line');
		assert.equal(await count('.band'), 2);
		const wins = fixture().history.points.filter((point) => point.wins > 0).length;
		assert.equal(await count('.win'), wins);
		const labels = await page.locator('#plot text').allTextContents();
		assert.ok(labels.includes('0 %') && labels.includes('0.4 %'), `${labels}`);
	});

	it('takes changes without being loaded again', options, async () => {
		await open();
		await page.evaluate(() => {
			window.untouched = true;
		});
		const status = fixture();
		status.competence = { value: 2 ** 41, low: 2 ** 40, high: 3 * 2 ** 40 };
		status.link.cluster = 'director';
		status.plots.making.done = 4;
		const won = { ...status.rounds[0], outcome: 'won', why: 'plot 12 wins', block: 418300 };
		status.rounds = [won, ...status.rounds.slice(1)];
		const last = status.history.points.at(-1);
		const at = last.at + status.history.interval;
		status.history.points.push({ ...last, at, score: 2 ** 41, high: 3 * 2 ** 40 });
		served.tell(status);
		await shows(page, '#score', /^0\.781 %$/);
		await shows(page, '#ladder [aria-current]', /^Director$/);
		await shows(page, '#rounds li:first-child', /plot 12 wins \(block 418,300\)[^]*won/);
		await shows(page, '#making-text', /4 of 12 done/);
		await shows(page, '#said', /Won: Space, round 14965666/);
		await shows(page, '#readout', /0\.781 %/);
		assert.equal(await page.evaluate(() => window.untouched), true, 'the page was loaded again');
		const loads = seen.requests.filter((url) => url.endsWith('/status.json')).length;
		assert.equal(loads, 1, 'the status was asked for again');
	});

	it('says what to do when something is wrong, and that all is well after', options, async () => {
		await open();
		const status = fixture();
		const problem = (severity, code, what) => ({ severity, code, what, remedy: `mend the ${code}` });
		status.problems = [problem('error', 'disk', 'the disk is gone'), problem('info', 'link', 'it is not linked')];
		status.chain.connection = { state: 'lost', since: status.at - 30, why: 'connection refused' };
		served.tell(status);
		await shows(page, '#problem-list', /The node is lost: connection refused[^]*The disk is gone\s+Mend the disk/);
		await shows(page, '#said', /The (node is lost|disk is gone)/);
		await screenshot(page, 'trouble');
		served.tell({ ...fixture(), problems: [] });
		await page.locator('#problems').waitFor({ state: 'hidden' });
	});

	it('shows an agent that has nothing yet', options, async () => {
		await open();
		const status = fixture();
		Object.assign(status, { device: null, funds: null, lotteries: [], competence: null, link: null, problems: [],
			earnings: null, storage: null, rounds: [], history: { interval: 10, points: [] } });
		status.plots = { kinds: [], freeBytes: null, making: null };
		status.chain = { name: '', genesis: null, node: 'ws://127.0.0.1:9944', connection: { state: 'never' },
			best: null, finalized: null, slot: null, slotMillis: 0, clockSkewMillis: null };
		served.tell(status);
		await shows(page, '#score', /^–$/);
		await shows(page, '#problem-list', /There is no device yet[^]*smart-agent init/);
		await shows(page, '#plots-sum', /^No plots yet$/);
		await shows(page, '#lotteries', /no lottery yet/);
		// The page keeps the points that it has drawn; whoever opens it now sees none.
		await page.reload();
		await page.locator('#chart-empty').waitFor();
		await page.locator('#rounds-empty').waitFor();
		await page.locator('#earnings-empty').waitFor();
		await shows(page, '#earnings-sum', /^–$/);
		assert.ok(await page.locator('#storage').isHidden());
		assert.equal(await page.locator('#plot > *').count(), 0);
		await screenshot(page, 'empty');
	});

	it('shows that there is nothing to be claimed, and what is lost', options, async () => {
		await open();
		const status = fixture();
		Object.assign(status.earnings, { claimable: '0', claimableEras: 0, onItsWay: '0', expiring: '0',
			expiringEras: 0, lost: '1500000000000', claims: 'never', eras: [] });
		served.tell(status);
		await shows(page, '#earnings-sum', /^Nothing to be claimed$/);
		await shows(page, '#earnings-more', /1\.5 STCI lost, for nobody claimed it in time; smart-agent claim --all/);
		await page.locator('#earnings-empty').waitFor();
	});

	it('shows text as text, whatever it holds', options, async () => {
		await open();
		const status = fixture();
		const evil = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>';
		status.chain.name = evil;
		status.rounds[0].why = evil;
		status.earnings.eras[0].why = evil;
		status.earnings.eras[0].state = evil;
		status.problems = [{ severity: 'warning', code: 'x', what: evil, remedy: evil }];
		status.lotteries[0].whyNot = evil;
		status.device.did = evil;
		status.link.candidate = evil;
		served.tell(status);
		await shows(page, '#chain-name', /<img src=x/);
		await shows(page, '#rounds li:first-child', /<script>/);
		assert.equal(await page.evaluate(() => window.evil), undefined);
		assert.equal(await page.locator('main img, main script').count(), 0);
	});

	it('says that the agent has gone, and goes on when it is back', options, async () => {
		await open();
		const { port } = served;
		await served.stop();
		await shows(page, '#live-text', /does not answer/);
		await shows(page, '#score', /^0\.404 %$/);
		served = await Served.start(port);
		await shows(page, '#live-text', /^Live$/);
		// The browser itself says that a connection was refused.
		seen.errors = seen.errors.filter((error) => !/ERR_|net::/.test(error));
	});

	it('loads little, and nothing from elsewhere, and complains of nothing', options, async () => {
		await open();
		await page.waitForTimeout(1_500);
		assert.deepEqual(seen.errors, []);
		const elsewhere = seen.requests.filter((url) => !url.startsWith(`${served.url}/`));
		assert.deepEqual(elsewhere, []);
		let bytes = 0;
		for (const url of new Set(seen.requests.filter((url) => !url.endsWith('/events')))) {
			bytes += (await (await fetch(url)).arrayBuffer()).byteLength;
		}
		assert.ok(bytes < 100_000, `${bytes} bytes`);
		assert.equal(await page.evaluate(() => document.cookie + Object.keys({ ...localStorage }).length), '0');
	});

	it('is followed by keys', options, async () => {
		await open();
		const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
		await page.keyboard.press('Tab');
		assert.equal(await focus(), 'skip');
		await page.locator('#chart').focus();
		// The newest point's time goes on with the clock: what it says beside that is compared.
		const says = async () => (await page.locator('#chart').getAttribute('aria-valuetext')).replace(/^.*?: /, '');
		const newest = await says();
		await page.keyboard.press('Home');
		assert.equal(await page.locator('#chart').getAttribute('aria-valuenow'), '1');
		assert.match(await says(), /^0 %, from 0 % to 0 %; 0 wins$/);
		assert.match(newest, /^0\.404 %, from /);
		await page.keyboard.press('ArrowRight');
		assert.equal(await page.locator('#chart').getAttribute('aria-valuenow'), '2');
		await page.keyboard.press('Escape');
		assert.equal(await says(), newest);
		await page.locator('summary').focus();
		await page.keyboard.press('Enter');
		await page.locator('#table tr').first().waitFor();
		const rows = await page.locator('#table tr').count();
		assert.ok(rows > 10 && rows <= 24, `${rows}`);
	});

	for (const colorScheme of ['light', 'dark']) {
		it(`has names for everything and contrast enough when it is ${colorScheme}`, options, async () => {
			await open({ colorScheme });
			const status = fixture();
			status.problems = ['error', 'warning', 'info'].map((severity) => (
				{ severity, code: severity, what: `it is ${severity}`, remedy: 'mend it' }));
			status.rounds = ['open', 'sent', 'won', 'nothing', 'notUp', 'missed', 'refused'].map((outcome, round) => (
				{ ...status.rounds[0], round, outcome }));
			status.earnings.eras = ['running', 'nothing', 'unknown', 'claimable', 'claiming', 'claimed', 'expired'].map(
				(state, era) => ({ ...status.earnings.eras[0], era, state }));
			served.tell(status);
			await shows(page, '#problem-list', /It is info/);
			const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
			const bright = ground.match(/\d+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part) / 3 > 128;
			assert.equal(bright, colorScheme === 'light', ground);
			assert.deepEqual(await page.evaluate(weakTexts), []);
			assert.deepEqual(await page.evaluate(nameless), []);
			await screenshot(page, colorScheme);
		});
	}

	it('fits on a phone', options, async () => {
		await open({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
		await shows(page, '#score', /0\.404 %/);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
		assert.ok(wide <= 0, `${wide} pixels too wide`);
		await screenshot(page, 'phone');
	});
});
