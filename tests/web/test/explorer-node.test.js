// web/explorer in a browser at a real node of the chain `dev`: what the other tests take as given of a node holds.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startNode } from '../../js/lib/node.js';
import { go, open, served } from '../lib/explorer/look.js';
import { browser, screenshot, shows } from '../lib/served.js';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const options = { timeout: 120_000, skip: process.env.SMARTCHAIN_BIN ? false : 'SMARTCHAIN_BIN names no node' };

describe('the explorer at a real node', options, () => {
	let [chromium, site, node] = [];
	before(async () => {
		[chromium, site, node] = await Promise.all([browser(), served(), startNode()]);
	}, options);
	after(async () => {
		await chromium?.close();
		site?.stop();
		await node?.stop();
	}, options);

	it('shows what comes, and every part without an error', options, async () => {
		const { page, seen } = await open(chromium, site.url, node.url);
		await shows(page, '#link', /^Live$/);
		await shows(page, 'main', /Votes for the last final block\s+1 of 1, 1 suffice/);
		await shows(page, 'main tbody', /Director 0\s+0\s+[\d.]+ (ms|s)\s+[\d.]+ (ms|s)\s+final/);
		await screenshot(page, 'explorer-node');
		const parts = [
			['directors', /Seat\s[^]*5GrwvaEF…/], ['eras', /Ceiling: it can create at most\s+[\d,]+/],
			['devices', /In the lottery of space\s+0/], ['storage', /no storage market|Deals opened since genesis\s+0/],
			['block/1', /Timestamp\.set\s+nobody/], [`account/${ALICE}`, /director of seat 0[^]*Free\s+[\d,.]+ STCI/],
		];
		for (const [part, pattern] of parts) {
			await go(page, part);
			await shows(page, 'main', pattern);
			await page.locator('main[aria-busy=false]').waitFor();
			assert.equal(await page.locator('#problem').textContent(), '', part);
		}
		assert.deepEqual(seen.errors, []);
	});
});
