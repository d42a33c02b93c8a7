// web/explorer in a browser, at a node of a chain that is not real: what it shows as blocks come, and when things go
// wrong.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { account, FakeChain, id } from '../lib/explorer/chain.js';
import { deal, devices, eras, market, slots } from '../lib/explorer/life.js';
import { go, open, served } from '../lib/explorer/look.js';
import { FakeNode } from '../lib/explorer/node.js';
import { nameless, weakTexts } from '../lib/reads.js';
import { browser, LIMIT, screenshot, shows } from '../lib/served.js';

const options = { timeout: 60_000 };
let [chromium, site, chain, node, page, seen, close] = [];

/** A chain with 40 blocks, the last of which is not final, and its node. */
async function begin(how, port) {
	chain = new FakeChain(how);
	eras(chain);
	devices(chain);
	if (how?.market) market(chain);
	for (let made = 0; made < 40; made += 1) chain.produce();
	chain.finalise(1);
	node = await FakeNode.start(chain, port);
}

async function look(how) {
	({ page, seen, close } = await open(chromium, site.url, node.url, how));
	await shows(page, '#link', /^Live$/);
}

/** Waits until a part that was gone to has all that it reads of the chain, and is drawn. */
async function settled() {
	await page.locator('main[aria-busy=false]').waitFor();
	await page.waitForTimeout(100);
}

/** The text of the row of a table that begins with something. */
const row = (label, first) => page.getByRole('region', { name: label }).locator('tbody tr')
	.filter({ has: page.locator('td:first-child', { hasText: new RegExp(`^${first}$`) }) });

/** Waits until a row says something. */
async function says(label, first, pattern) {
	const until = Date.now() + LIMIT;
	let last;
	do {
		last = (await row(label, first).allInnerTexts()).join('\n');
		if (pattern.test(last)) return last;
		await new Promise((resolve) => setTimeout(resolve, 50));
	} while (Date.now() < until);
	return assert.fail(`${label}, ${first}: ${JSON.stringify(last)} and not ${pattern}`);
}

const sum = (name) => page.locator('.facts div', { has: page.getByText(name, { exact: true }) }).locator('dd');

/** Waits until a fact is something. */
async function fact(name, pattern) {
	const until = Date.now() + LIMIT;
	let last;
	do {
		last = await sum(name).innerText().catch(() => undefined);
		if (last !== undefined && pattern.test(last)) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	} while (Date.now() < until);
	assert.fail(`${name} is ${last} and not ${pattern}`);
}

const LIST = 'Blocks, the newest first';
const KINDS = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript' };

describe('the explorer', () => {
	before(async () => {
		[chromium, site] = await Promise.all([browser(), served()]);
	}, options);
	after(async () => {
		await chromium?.close();
		site?.stop();
	});
	afterEach(async () => {
		await close?.();
		await node?.stop();
		close = node = undefined;
	});

	describe('of a chain without a market', () => {
		beforeEach(() => begin());
		whatComes();
		whatGoesWrong();
		whatIsStored();
		whatIsAsked();
	});
	describe('of a chain with one', () => {
		beforeEach(() => begin({ market: true }));
		whatIsInTheMarket();
		whoReads();
	});
});

/** Blocks, finality, turns. */
function whatComes() {
	it('shows blocks and finality as they come', options, async () => {
		await look();
		await fact('Best block', /^40$/);
		await fact('Lag of finality', /^1 block$/);
		await says(LIST, '40', /Director \d\s[^]*in the chain/);
		await says(LIST, '39', /final/);
		node.block({ missed: 2 }, 1);
		await says(LIST, '41', /\s2\s[^]*in the chain/);
		await says(LIST, '40', /final/);
		await fact('Votes for the last final block', /^6 of 7, 5 suffice$/);
		node.block({ full: true }, 0);
		await says(LIST, '42', /\(full\)[^]*final/);
		await fact('Lag of finality', /^0 blocks$/);
		assert.match(await page.locator('main .strip').first().getAttribute('aria-label'),
			/^Of the last \d+ slots \d+ have a block, \d+ of them final; 2 have none\.$/);
	});

	it('says how long a block took to come and to become final', options, async () => {
		await look();
		chain.slot = Math.floor(Date.now() / 500) - 1;
		node.block({}, 0);
		const text = await says(LIST, '41', /final/);
		assert.match(text, /41\s+\d\d:\d\d:\d\d\s+Director \d\s+\d+\s+[\d.]+ (ms|s)\s+[\d.]+ (ms|s)\s+final/);
	});

	it('shows a fork, and that it was left out', options, async () => {
		await look();
		const { canonical, slot } = chain;
		const parent = canonical.at(-1);
		const fork = node.block({}, null);
		await says(LIST, '41', /in the chain/);
		canonical.length -= 1;
		chain.slot = slot;
		const other = node.block({ missed: 1 }, 0);
		assert.notEqual(fork, other);
		assert.equal(chain.header(other).parentHash, parent);
		await says(LIST, '41', /final[^]*left out|left out[^]*final/);
	});

	it('names a standby that authored, and who has which turn', options, async () => {
		await look();
		while (Math.floor((chain.slot + 1) / 12) % 7 !== 2) chain.slot += 1;
		node.block({ standby: true });
		await says(LIST, '41', /Standby of seat 2/);
		node.block({ later: 1 });
		await says(LIST, '42', /Director 3, for seat 2/);
		await go(page, 'directors');
		const list = 'Directors, in the order of turns';
		await says(list, '4', /104\s+3\s/);
		await says(list, String(Math.floor(chain.slot / 12) % 7), /has its turn/);
		await says(list, '2', new RegExp(`${account(40).slice(0, 8)}`));
		await says('Standby compute nodes', '1', new RegExp(account(50).slice(0, 8)));
	});

	it('keeps no more than it says, however much comes', options, async () => {
		await look();
		const kept = await page.evaluate(async () => {
			const { Live, MOST_BLOCKS, MOST_EVENTS } = await import('/live.js');
			const told = {};
			const header = (number, parentHash) => ({
				parentHash, number: `0x${number.toString(16)}`, stateRoot: `0x${'00'.repeat(32)}`,
				extrinsicsRoot: `0x${'00'.repeat(32)}`, digest: { logs: [] },
			});
			const { hashOf } = await import('/header.js');
			const first = header(1, `0x${'00'.repeat(32)}`);
			const session = {
				ask: async (method) => (method === 'chain_getFinalizedHead' ? hashOf(first) : first),
				subscribe: async (method, tell) => { told[method] = tell; },
			};
			const events = async () => [{ pallet: 'ResourceProofs', name: 'Won', value: {} }];
			const live = new Live({ changed: () => {}, trouble: (why) => { throw new Error(why); } });
			await live.begin({ has: () => false, events }, session);
			for (let [number, parent] = [2, hashOf(first)]; number < 400; number += 1) {
				const next = header(number, parent);
				parent = hashOf(next);
				told.chain_subscribeNewHeads(next);
				told.chain_subscribeFinalizedHeads(next);
				while (live.final.number < number) await new Promise((resolve) => setTimeout(resolve));
			}
			const counts = [live.blocks().length, live.events.get('devices').length];
			live.forget();
			return { counts, most: [MOST_BLOCKS, MOST_EVENTS] };
		});
		assert.deepEqual(kept.counts, kept.most);
	});

	it('holds still if it is asked to', options, async () => {
		await look();
		await says(LIST, '40', /in the chain/);
		await page.getByRole('button', { name: 'Hold still' }).click();
		node.block();
		await page.waitForTimeout(1_200);
		assert.equal(await row(LIST, '41').count(), 0);
		await page.getByRole('button', { name: 'Hold still' }).click();
		await says(LIST, '41', /final/);
	});
}

/** Nodes that go away, refuse, or are none. */
function whatGoesWrong() {
	it('calls again if the node goes away, and fills the gap', options, async () => {
		await look();
		const { port } = node;
		await node.stop();
		await shows(page, '#link', /connection to the node has ended; it is called again in \d+ s/);
		for (let made = 0; made < 5; made += 1) chain.produce();
		chain.finalise();
		node = await FakeNode.start(chain, port);
		await shows(page, '#link', /^Live$/);
		for (const number of ['41', '44', '45']) await says(LIST, number, /final/);
		node.block();
		await says(LIST, '46', /final/);
	});

	it('forgets a chain if another one answers at its address', options, async () => {
		await look();
		await says(LIST, '40', /in the chain/);
		const { port } = node;
		await node.stop();
		await begin({ began: 1_000_000 }, port);
		chain.append({ number: 0, parentHash: id(3), logs: [] });
		for (let made = 0; made < 3; made += 1) node.chain.canonical.pop();
		chain.finalise();
		await shows(page, '#link', /^Live$/);
		await fact('Best block', /^37$/);
		assert.equal(await row(LIST, '40').count(), 0);
	});

	it('says what is wrong if no node answers', options, async () => {
		({ page, seen, close } = await open(chromium, site.url, 'ws://127.0.0.1:1'));
		await shows(page, '#link', /no node answers at ws:\/\/127\.0\.0\.1:1: check the address.*--rpc-cors/);
		await page.getByLabel('Node of the chain').fill('nonsense');
		await page.getByRole('button', { name: 'Ask this node' }).click();
		await shows(page, '#link', /no address of a node|no node answers/);
		await page.getByLabel('Node of the chain').fill(node.url);
		await page.getByRole('button', { name: 'Ask this node' }).click();
		await shows(page, '#link', /^Live$/);
	});

	it('shows blocks of a node that has no methods of its own', options, async () => {
		for (const name of ['poca_schedule', 'poca_finalityStatus',
			'poca_subscribeCertificates']) node.refuses.add(name);
		await look();
		await says(LIST, '40', /Director/);
		await go(page, 'directors');
		await page.getByText('This node does not say who the directors are.').waitFor();
	});

	it('says why a node is of no use, and goes on once it is', options, async () => {
		node.refuses.add('state_call');
		({ page, seen, close } = await open(chromium, site.url, node.url));
		await shows(page, '#link', /^the node refuses state_call: not here; it is called again in \d+ s$/);
		node.refuses.clear();
		await shows(page, '#link', /^Live$/);
		await says(LIST, '40', /Director/);
	});

	it('says if something cannot be read', options, async () => {
		await look();
		node.refuses.add('state_queryStorageAt');
		await go(page, 'eras');
		await shows(page, '#problem', /^The node refuses state_queryStorageAt: not here\.$/);
		node.refuses.clear();
		await page.locator('#problem').waitFor({ state: 'hidden' });
		await says('Closed eras, the newest first', '2', /700 STCI/);
	});
}

/** Eras, devices, one of each. */
function whatIsStored() {
	it('shows eras: ceiling, usage, and what was created', options, async () => {
		await look({ at: '#/eras' });
		await fact('Open era', /^3$/);
		await fact('Ceiling: it can create at most', /^1,000 STCI$/);
		await fact('Usage of what is proven', /31\.25 %/);
		await fact('Created in it so far', /^12\.3456 STCI$/);
		await says('Closed eras, the newest first', '1',
			/25 %[^]*700 STCI[^]*40 STCI[^]*signing 100 STCI, plots 200 STCI/);
		node.block({ events: [[undefined, 'StciIssuance', 'EraExpired', { era: 0, amount: 5n * 10n ** 12n }]] });
		await says('Claims and closings', '41', /era expired\s+era 0, amount 5 STCI/);
	});

	it('shows devices and what they prove', options, async () => {
		await look({ at: '#/devices' });
		await fact('Devices', /^3$/);
		await says('Open rounds', 'space', /77\s[^]*one of 4 rounds/);
		await says('Devices', `${id(101).slice(0, 8)}…${id(101).slice(-6)}`, /suspended by its owner/);
		const won = { device: id(100), resource: { type: 'Space' }, round: 77n, unit: 3 };
		node.block({ events: [[0, 'ResourceProofs', 'Won', won], [0, 'ResourceProofs', 'Won', { ...won, unit: 4 }]] });
		await says('Proofs and changes', '41', /won\s+device 0x646464…646464, resource Space, round 77, unit 3/);
		await page.getByRole('region', { name: 'Proofs and changes' }).getByRole('link',
			{ name: /646464/ }).first().click();
		await fact('Counts for', new RegExp(account(1).slice(0, 8)));
		await fact('Competence', /^50 %$/);
		await fact('Why it does not win or count', /^NotYet Compute$/);
		await says('Its lotteries', 'space', /40\s+38\s+30\s+[\d.]+ (s|min) ago/);
	});

	it('turns pages of many devices, and keeps one', options, async () => {
		devices(chain, 45);
		await look({ at: '#/devices' });
		const rows = page.getByRole('region', { name: 'Devices' }).locator('tbody tr');
		const first = async () => (await rows.first().innerText()).slice(0, 10);
		await fact('Devices', /^45$/);
		const begins = await first();
		assert.equal(await rows.count(), 20);
		await page.getByRole('button', { name: 'More' }).click();
		await page.waitForFunction((old) => !document.querySelector('main').innerText.includes(old), begins);
		await page.getByRole('button', { name: 'More' }).click();
		await page.getByRole('button', { name: 'More' }).and(page.locator(':disabled')).waitFor();
		assert.equal(await rows.count(), 5);
		await page.getByRole('button', { name: 'Back' }).click();
		await page.getByRole('button', { name: 'Back' }).click();
		await page.waitForFunction((old) => document.querySelector('main').innerText.includes(old), begins);
	});

	it('shows a block with its transactions and events', options, async () => {
		const failed = { dispatch_error: { type: 'BadOrigin' },
			dispatch_info: { weight: { ref_time: 1n, proof_size: 1n }, class: { type: 'Normal' },
				pays_fee: { type: 'Yes' } } };
		const hash = chain.produce({ events: [[0, 'System', 'ExtrinsicFailed', failed]] });
		chain.finalise();
		await look({ at: '#/block/41' });
		await fact('Hash', new RegExp(hash));
		await fact('State', /^final$/);
		await fact('Author', /^Director \d$/);
		await says('Transactions', '0', /Timestamp\.set\s+nobody\s+11 bytes\s+failed/);
		await says('Events', '0', /System: extrinsic failed/);
		await go(page, 'block/4000');
		await shows(page, '#problem', /^There is no block 4000 yet/);
	});

	it('says plainly that there is no market, until an upgrade brings one', options, async () => {
		await look({ at: '#/storage' });
		await page.getByText('This chain\'s runtime has no storage market (pallet StorageMarket)').waitFor();
		node.upgrade(true);
		market(chain);
		await fact('Deals opened since genesis', /^3$/);
	});
}

/** Search, and what must not be done. */
function whatIsAsked() {
	it('finds blocks, accounts and devices', options, async () => {
		await look();
		const search = async (text) => {
			await page.getByLabel('Block, account, device or deal').fill(text);
			await page.getByRole('button', { name: 'Search' }).click();
		};
		await search('12');
		await fact('Number', /^12$/);
		await search(chain.canonical[20]);
		await fact('Number', /^20$/);
		await search(account(60));
		await fact('Free', /^25 STCI$/);
		await says('What it can claim', '1', /signing 1 STCI, plots 2 STCI/);
		await search(`did:smart:${'0'.repeat(32)}:${id(102).slice(2)}`);
		await fact('Device', new RegExp(id(102)));
		await search(id(101));
		await fact('State', /suspended by its owner/);
		await search(id(222));
		await shows(page, '#problem', /^Neither a block nor a device of this chain has this hash/);
		await search('what?');
		await shows(page, '#problem', /^Search for the number or hash of a block/);
		await search('deal 7');
		await page.getByText('This chain\'s runtime has no storage market').waitFor();
		assert.deepEqual(seen.errors, []);
	});

	it('loads nothing from elsewhere, and reads nothing as HTML', options, async () => {
		const vendor = { vendor: account(3), name: new TextEncoder().encode('<img src=x onerror=alert(1)>') };
		await look({ at: '#/devices' });
		node.block({ events: [[0, 'DeviceRegistry', 'VendorRegistered', vendor]] });
		await says('Proofs and changes', '41', /<img src=x onerror=alert\(1\)>/);
		assert.equal(await page.locator('main img').count(), 0);
		assert.deepEqual(seen.requests.filter((url) => !url.startsWith(site.url) && !url.startsWith('data:')), []);
		assert.deepEqual(seen.errors, []);
		const refused = await page.evaluate((url) => fetch(url).then(() => 'fetched', () => 'refused'), site.url);
		assert.equal(refused, 'refused');
	});
}

/** Deals, slots, repairs. */
function whatIsInTheMarket() {
	it('shows deals and their slots, and repairs as they happen', options, async () => {
		await look({ at: '#/storage' });
		await fact('Slots that are audited', /^16$/);
		await says('Deals, the newest first', '3', /active\s+1 GiB\s+8 of 8\s+90 eras/);
		await says('Deals, the newest first', '2', /ended: lost/);
		const put = (others) => chain.put('StorageMarket', 'Deals', [3n], deal(slots(others)));
		const event = (name, ...value) => [undefined, 'StorageMarket', name, value];
		put({ 1: 'suspect', 4: 'lost', 6: 'drawn' });
		chain.put('StorageMarket', 'StrainedCount', [], 1);
		node.block({ events: [
			event('ChallengeMissed', 3n, 1, id(101)), event('SlotLost', 3n, 4, id(104)),
				event('SlotOffered', 3n, 6, id(120)),
		] });
		await says('Repairs as they happen', '41', /slot lost\s+deal 3, slot 4, device 0x6[^]*|slot offered/);
		await says('Audits', '41', /challenge missed\s+deal 3, slot 1/);
		await says('Deals, the newest first', '3', /5 of 8/);
		await fact('Strained deals', /^1$/);
		await screenshot(page, 'explorer-storage');
		await page.getByRole('region', { name: 'Deals, the newest first' }).getByRole('link',
			{ name: '3', exact: true }).click();
		await says('Its slots', '1', /suspect\s[^]*tick 4900\s+2\s/);
		await says('Its slots', '4', /waits for a device/);
		await says('Its slots', '6', /being repaired\s[^]*has until tick 5100/);
		await screenshot(page, 'explorer-deal');
		put({});
		node.block({ events: [event('SlotRepaired', 3n, 4, id(121)), event('SlotConfirmed', 3n, 6, id(120))] });
		await says('Its slots', '6', /held/);
		await fact('Held', /8 of 8/);
		await go(page, 'storage');
		await says('Repairs as they happen', '42', /slot repaired/);
		assert.deepEqual(seen.errors, []);
	});

	it('turns pages of many deals', options, async () => {
		market(chain, 50);
		await look({ at: '#/storage' });
		await says('Deals, the newest first', '50', /active/);
		await page.getByRole('button', { name: 'More' }).click();
		await says('Deals, the newest first', '30', /active/);
		await page.getByRole('button', { name: 'More' }).click();
		await says('Deals, the newest first', '2', /ended: lost/);
		await page.getByRole('button', { name: 'More' }).and(page.locator(':disabled')).waitFor();
	});

	it('shows what a device offers, and a deal that is gone', options, async () => {
		await look({ at: `#/device/${id(100)}` });
		await fact('Offers', /^500 GiB, 20 GiB of it taken, in slots of 64 GiB at most$/);
		await says('Slots that it holds or was drawn for', '3', /3\s+0/);
		assert.equal(await page.getByRole('region', { name: 'Slots that it holds' }).locator('tbody tr').count(), 1);
		await go(page, 'deal/77');
		await page.getByText('There is no such deal now').waitFor();
	});
}

const PARTS = ['blocks', 'directors', 'eras', 'devices', 'storage', 'deal/3', 'block/40', `account/${account(60)}`,
	`device/${id(100)}`];

/** Everybody: by ear, by keys, on a phone, by night. */
function whoReads() {
	for (const colorScheme of ['light', 'dark']) {
		it(`has names for everything and contrast enough when it is ${colorScheme}`, options, async () => {
			chain.put('StorageMarket', 'Deals', [3n], deal(slots({ 1: 'suspect', 4: 'lost', 6: 'drawn' })));
			await look({ colorScheme });
			const events = [[0, 'ResourceProofs', 'Won',
				{ device: id(100), resource: { type: 'Space' }, round: 7n, unit: 3 }],
				[undefined, 'StorageMarket', 'SlotLost', [3n, 4, id(104)]]];
			node.block({ missed: 3, events }, 0);
			for (let made = 0; made < 3; made += 1) node.block({ standby: made === 1 }, 1);
			await says(LIST, '44', /Director/);
			for (const part of PARTS) {
				await go(page, part);
				await settled();
				assert.deepEqual(await page.evaluate(weakTexts), [], part);
				assert.deepEqual(await page.evaluate(nameless), [], part);
				if (['blocks', 'directors', 'eras', 'devices'].includes(part)) {
					await screenshot(page, `explorer-${part}${colorScheme === 'dark' ? '-dark' : ''}`);
				}
			}
			assert.deepEqual(seen.errors, []);
		});
	}

	it('is reached by keys, and the focus stays where it is as blocks come', options, async () => {
		await look();
		await says(LIST, '40', /Director/);
		const link = row(LIST, '40').getByRole('link').first();
		await link.focus();
		for (let made = 0; made < 3; made += 1) node.block({}, null);
		await says(LIST, '43', /Director/);
		assert.equal(await page.evaluate(() => document.activeElement.textContent), '40');
		await page.keyboard.press('Enter');
		await fact('Number', /^40$/);
		assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
		await page.goBack();
		await says(LIST, '43', /Director/);
		assert.equal(await page.locator('nav a[aria-current]').innerText(), 'Blocks');
	});

	it('is the same from a folder that any web server serves', options, async () => {
		const folder = mkdtempSync(join(tmpdir(), 'smartchain-explorer-'));
		const plain = createServer(async ({ url }, answer) => {
			const path = new URL(url, 'http://page').pathname;
			const body = await readFile(join(folder, path)).catch(() => undefined);
			answer.writeHead(body ? 200 : 404, { 'content-type': KINDS[extname(path)] ?? 'text/plain' }).end(body);
		});
		try {
			const written = fileURLToPath(new URL('../../../web/explorer/write.js', import.meta.url));
			execFileSync(process.execPath, [written, join(folder, 'deep', 'down')], { stdio: 'pipe' });
			await new Promise((resolve) => { plain.listen(0, '127.0.0.1', resolve); });
			const at = `http://127.0.0.1:${plain.address().port}/deep/down/index.html`;
			({ page, seen, close } = await open(chromium, at, node.url));
			await shows(page, '#link', /^Live$/);
			await says(LIST, '40', /Director/);
			const refused = await page.evaluate((url) => fetch(url).then(() => 'fetched', () => 'refused'), at);
			assert.equal(refused, 'refused');
			assert.deepEqual(seen.requests.filter((url) => !url.startsWith(new URL('.', at).href)
				&& !url.startsWith('data:')), []);
			const licences = readFileSync(join(folder, 'deep/down/modules/LICENCES.txt'), 'utf8');
			for (const name of ['substrate-bindings', '@noble/hashes', '@scure/base',
				'scale-ts']) assert.ok(licences.includes(name), name);
		} finally {
			plain.close();
			rmSync(folder, { recursive: true });
		}
	});

	it('fits on a phone', options, async () => {
		await look({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
		for (const part of PARTS) {
			await go(page, part);
			await settled();
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			assert.ok(wide <= 0, `${part} is ${wide} pixels too wide`);
			if (part === 'storage') await screenshot(page, 'explorer-phone', false);
		}
	});
}
