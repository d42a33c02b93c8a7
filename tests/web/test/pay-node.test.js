// web/pay in a browser, with a real `smart-pay`, a tower and a real chain: a channel is opened, both pay, the page is
// loaded again, and the channel is closed; all to the planck.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { give } from '../../js/lib/money.js';
import { startNode } from '../../js/lib/node.js';
import { Payer } from '../../js/lib/pay.js';
import { browser, screenshot, shows } from '../lib/served.js';

const SERVE = fileURLToPath(new URL('../../../web/pay/serve.js', import.meta.url));
const STCI = 10n ** 12n;
const options = { timeout: 180_000, skip: process.env.SMARTCHAIN_BIN ? false : 'SMARTCHAIN_BIN names no node' };
/** Milliseconds within which what is waited for has to come. */
const SOON = 30_000;

describe('web/pay with a real smart-pay', options, () => {
	let [chromium, node, payer, tower, server, url, context] = [];
	const errors = [];

	before(async () => {
		[chromium, node] = await Promise.all([browser(), startNode()]);
		server = spawn(process.execPath, [SERVE, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
		url = await new Promise((resolve, reject) => {
			createInterface({ input: server.stdout }).once('line', resolve);
			server.once('exit', (code) => reject(new Error(`the page's server ended with ${code}`)));
		});
		const genesis = await genesisOf(node.url);
		payer = await Payer.make(node.url, genesis);
		tower = await Payer.make(node.url, genesis, ['[tower]', 'serve = true']);
		await give(node.url, [payer.address], 100n * STCI);
		await Promise.all([payer.run(), tower.run()]);
		context = await chromium.newContext({ locale: 'en-GB' });
		context.setDefaultTimeout(SOON);
	}, options);

	after(async () => {
		await chromium?.close();
		server?.kill();
		await payer?.stop();
		await tower?.stop();
		await node?.stop();
	}, options);

	async function genesisOf(of) {
		const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_getBlockHash', params: [0] });
		const headers = { 'Content-Type': 'application/json' };
		const answer = await fetch(of.replace(/^ws/, 'http'), { method: 'POST', headers, body });
		return (await answer.json()).result;
	}

	/** A page that has begun, with the account of this secret. */
	async function begun(secret) {
		const page = await context.newPage();
		page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
		page.on('pageerror', (error) => errors.push(error.message));
		await page.goto(url);
		await page.getByLabel('Your node of the chain').fill(node.url);
		await page.getByLabel('Secret, 64 digits').fill(secret);
		// Lines of a configuration.
		await page.getByLabel('A tower that answers').fill(await tower.ask('tower', 'show'));
		await page.getByRole('button', { name: 'Begin', exact: true }).click();
		await page.locator('#own').waitFor();
		return page;
	}

	async function until(what, holds) {
		const end = Date.now() + SOON;
		while (!(await holds())) {
			assert.ok(Date.now() < end, `${what} does not come about`);
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	const seen = async () => (await payer.ask('channels'))[0];
	const confirm = (page) => page.getByRole('button', { name: 'Do it' }).click();

	it('opens a channel, pays and is paid, outlives a reload, and closes', options, async () => {
		const secret = '5a'.repeat(32);
		let page = await begun(secret);
		await give(node.url, [`0x${await page.locator('#account').textContent()}`], 100n * STCI);
		await page.getByLabel('Key of the partner\'s node').first().fill(payer.node);
		await page.getByLabel('Its address').fill(payer.url);
		await page.getByLabel('You put in, in STCI').fill('80');
		await page.getByLabel('Days to answer a close').fill('1');
		await page.getByRole('button', { name: 'Open', exact: true }).click();
		await confirm(page);
		await shows(page, '.channel', /You can pay\s*80 STCI[^]*State\s*open/);
		await until('the channel at the daemon', async () => (await seen())?.state === 'open');

		// For good and at once, and by an invoice.
		await page.getByLabel('Pay, in STCI').fill('1.5');
		await page.getByRole('button', { name: 'Pay', exact: true }).click();
		await confirm(page);
		await until('what was paid', async () => (await seen()).received === String(3n * STCI / 2n));
		await page.getByLabel('An invoice to pay').fill(await payer.ask('invoice', '3.25', '--text', 'tea'));
		await page.getByRole('button', { name: 'Pay the invoice' }).click();
		await shows(page, '#ask-list', /For: tea/);
		await confirm(page);
		await shows(page, '#live', /3\.25 STCI are paid|Block/);
		await until('what the invoice paid', async () => (await seen()).received === String(19n * STCI / 4n));

		// And back: nothing is acknowledged before the tower has it.
		await page.getByLabel('Ask for, in STCI').fill('0.75');
		await page.getByLabel('What for').fill('change');
		await page.getByRole('button', { name: 'Make an invoice' }).click();
		await payer.ask('pay', await page.locator('#code-text').textContent());
		await page.getByRole('button', { name: 'Done' }).click();
		await shows(page, '.channel', /4\.75 STCI, 0\.75 STCI[^]*neither your tower nor this page answers/);
		assert.equal((await tower.ask('status')).watched, 1);
		await screenshot(page, 'pay-node');

		// What is stored outlives the page.
		await page.close();
		page = await begun(secret);
		await shows(page, '.channel', /You can pay\s*76 STCI[^]*State\s*open/);
		await page.getByRole('button', { name: 'Close together' }).click();
		await until('the end of the channel', async () => (await payer.ask('channels')).length === 0);
		await page.locator('.channel').waitFor({ state: 'detached' });
		assert.deepEqual(errors, []);
	});
});
