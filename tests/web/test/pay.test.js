// web/pay in a real browser: what it shows, what it asks before it does it, the QR, day and night.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser, LIMIT, screenshot, shows } from '../lib/served.js';
import { beforeOpening, plain, planck, risks, stci, STCI, time } from '../../../web/pay/words.js';

const SERVE = fileURLToPath(new URL('../../../web/pay/serve.js', import.meta.url));
const GOLDEN = new URL('../../../pay/frames/tests/golden/invoice-v1.txt', import.meta.url);
const [, INVOICE] = /^invoice (\S+)$/m.exec(readFileSync(GOLDEN, 'utf8'));
let chromium;
let server;
let url;
before(async () => {
	server = spawn(process.execPath, [SERVE, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
	url = await new Promise((resolve, reject) => {
		createInterface({ input: server.stdout }).once('line', resolve);
		server.once('exit', (code) => reject(new Error(`the page's server ended with ${code}`)));
	});
	chromium = await browser();
});
after(async () => {
	await chromium?.close();
	server?.kill();
});

/** The page over channels that are not real: what it asks of them is kept in `window.asked`. */
async function look({ prepare, ...options } = {}) {
	const context = await chromium.newContext({ viewport: { width: 800, height: 1_000 }, locale: 'en-GB', ...options });
	context.setDefaultTimeout(LIMIT);
	const page = await context.newPage();
	const errors = [];
	page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
	page.on('pageerror', (error) => errors.push(error.message));
	if (prepare) await page.addInitScript(prepare);
	await page.goto(url);
	await page.evaluate(async (invoice) => {
		const { Page } = await import('/pay.js');
		const view = {
			side: 'low', window: 172_800, room: 5n * 10n ** 12n, acked: 0n, confirmed: 1n, phase: 'open', now: 100,
			ours: { paid: 10n ** 12n, locked: 0n, nonce: 1n }, theirs: { paid: 2n * 10n ** 12n, locked: 0n, nonce: 1n },
		};
		const asked = [];
		const ask = (name) => async (...what) => {
			asked.push([name, ...what].map(String));
			if (name === 'exportEnvelope') return new Uint8Array(480).fill(7);
			if (name === 'importEnvelope') return { channel: 7n, received: 10n ** 12n };
			if (name === 'payInvoice') return { amount: 10n ** 9n, fee: 5n, channel: 7n };
			if (name === 'recover') return [9n];
			return undefined;
		};
		const channels = {
			node: new Uint8Array(32).fill(3),
			channels: () => [7n],
			view: () => view,
			on: (listener) => Object.assign(window, { tell: listener }),
			invoice: ({ amount, text }) => {
				asked.push(['invoice', String(amount), text]);
				return invoice;
			},
		};
		const names = [
			'pay', 'exportEnvelope', 'importEnvelope', 'openWith', 'closeTogether', 'closeAlone', 'payInvoice',
			'recover', 'reach',
		];
		for (const name of names) channels[name] = ask(name);
		Object.assign(window, { asked, view });
		new Page(channels, new Uint8Array(32).fill(4));
	}, INVOICE);
	const asked = () => page.evaluate(() => window.asked);
	return { page, asked, errors, close: () => context.close() };
}

test('a page of elsewhere that asks for what is no path ends nothing', async () => {
	const status = (path) => new Promise((resolve, reject) => {
		request(url, { path }, (answer) => {
			answer.resume();
			resolve(answer.statusCode);
		}).on('error', reject).end();
	});
	for (const path of ['//', '/%', '/../../etc/passwd']) assert.equal(await status(path), 404, path);
	assert.equal(await status('/'), 200);
});

test('what others wrote turns nothing around', () => {
	assert.equal(plain('tea\u202e ICTS 1\u0007\n'), 'tea ICTS 1');
});

test('it shows a channel, and what is at risk until when', async () => {
	const { page, errors, close } = await look();
	await shows(page, '.channel', /You can pay\s+5 STCI/);
	await shows(page, '.channel', /1 STCI, 2 STCI/);
	await shows(page, '.channel', /2 STCI that you were paid are lost.*\s+Until: the chain was not seen .*: now/);
	await page.evaluate(() => window.tell({ kind: 'block', number: 9, tick: 101 }));
	await shows(page, '.channel', /Until: (1 day|23 hours) from now/);
	await page.evaluate(() => {
		window.view.closing = { by: 'high', deadline: 7_300 };
		window.tell({ kind: 'changed', channel: 7n });
	});
	await shows(page, '.channel', /The partner closes the channel alone.*\s+Until: 1 hour from now/);
	await screenshot(page, 'pay');
	assert.deepEqual(errors, []);
	await close();
});

test('nothing is paid before it is confirmed, and more than there is not at all', async () => {
	const { page, asked, errors, close } = await look();
	await page.getByLabel('Pay, in STCI').fill('0.25');
	await page.getByRole('button', { name: 'Pay', exact: true }).click();
	await shows(page, '#ask', /Pay 0\.25 STCI\?[^]*4\.75 STCI can still be paid/);
	await page.getByRole('button', { name: 'Do not' }).click();
	assert.deepEqual(await asked(), []);
	await page.getByRole('button', { name: 'Pay', exact: true }).click();
	await page.getByRole('button', { name: 'Do it' }).click();
	await page.waitForFunction(() => window.asked.length > 0);
	assert.deepEqual((await asked())[0].slice(0, 3), ['pay', '7', '250000000000']);
	const wrong = [['6', /no more/], ['x', /a number of STCI/], ['0', /above 0/], ['0.0000000000001', /12 digits/]];
	for (const [amount, why] of wrong) {
		await page.getByLabel('Pay, in STCI').fill(amount);
		await page.getByRole('button', { name: 'Pay', exact: true }).click();
		await shows(page, '#problem', why);
	}
	assert.equal((await asked()).length, 1);
	assert.deepEqual(errors, []);
	await close();
});

test('a payment by QR is shown, and its text is taken in again', async () => {
	const { page, asked, errors, close } = await look();
	await page.getByLabel('Pay, in STCI').fill('1');
	await page.getByRole('button', { name: 'Pay by QR' }).click();
	await page.getByRole('button', { name: 'Do it' }).click();
	await page.locator('#qr svg').waitFor();
	const names = (await asked()).map(([name]) => name);
	// It can be handed over before it is signed.
	assert.deepEqual(names, ['exportEnvelope', 'pay', 'exportEnvelope']);
	const text = await page.locator('#code-text').textContent();
	assert.match(text, /^SCPAY1:/);
	await screenshot(page, 'pay-qr');
	await page.getByRole('button', { name: 'Done' }).click();
	await page.getByLabel('Text of the QR').fill(text);
	await page.getByRole('button', { name: 'Take in' }).click();
	await shows(page, '#live', /1 STCI came in channel 7/);
	await page.locator('#qr svg').waitFor();
	assert.deepEqual(errors, []);
	await close();
});

test('an invoice is paid once it is confirmed, and one is made and shown', async () => {
	const { page, asked, errors, close } = await look();
	await page.getByLabel('An invoice to pay').fill('scinv1no');
	await page.getByRole('button', { name: 'Pay the invoice' }).click();
	await shows(page, '#problem', /the invoice is damaged/);
	await page.getByLabel('An invoice to pay').fill(INVOICE);
	await page.getByRole('button', { name: 'Pay the invoice' }).click();
	await shows(page, '#ask', /Pay 0\.001 STCI\?[^]*For: tea[^]*To the account [0-9a-f]{64}, at the node [0-9a-f]{64}/);
	assert.deepEqual(await asked(), []);
	await page.getByRole('button', { name: 'Do it' }).click();
	await shows(page, '#live', /0\.001 STCI are paid, and 0\.000000000005 STCI to the relay/);
	await page.getByLabel('Ask for, in STCI').fill('2.5');
	await page.getByLabel('What for').fill('bread');
	await page.getByRole('button', { name: 'Make an invoice' }).click();
	await page.locator('#qr svg').waitFor();
	assert.equal(await page.locator('#code-text').textContent(), INVOICE);
	assert.deepEqual(await asked(), [['payInvoice', INVOICE], ['invoice', '2500000000000', 'bread']]);
	assert.deepEqual(errors, []);
	await close();
});

test('where the browser reads QRs the camera fills the text, and is off then', async () => {
	const prepare = () => {
		globalThis.BarcodeDetector = class {
			static getSupportedFormats = async () => ['qr_code'];
			looks = 0;
			// The first frame has none.
			detect = async () => ((this.looks += 1) > 1 ? [{ rawValue: 'SCPAY1:SEEN' }] : []);
		};
		const stream = new MediaStream();
		stream.getTracks = () => [{ stop: () => { window.stopped = true; } }];
		Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: async () => stream } });
		HTMLMediaElement.prototype.play = async () => {};
	};
	const { page, errors, close } = await look({ prepare });
	await page.locator('#import .scan').click();
	await page.waitForFunction(() => window.stopped);
	assert.equal(await page.getByLabel('Text of the QR').inputValue(), 'SCPAY1:SEEN');
	assert.equal(await page.locator('#camera').isVisible(), false);
	assert.deepEqual(errors, []);
	await close();
});

test('where the browser has NFC a payment goes to a tag, and comes from one', async () => {
	const prepare = () => {
		globalThis.NDEFReader = class {
			async write({ records: [{ recordType, mediaType, data }] }) {
				window.written = [recordType, mediaType, data.length];
			}

			async scan({ signal }) {
				signal.onabort = () => { window.ended = true; };
				// A tag has other records, and a browser shows a part of what it has read.
				const data = new DataView(Uint8Array.of(9, 9, 1, 2, 3).buffer, 2);
				const ours = { recordType: 'mime', mediaType: 'application/vnd.smartchain.scpay', data };
				const records = [{ recordType: 'url' }, ours];
				setTimeout(() => this.onreading({ message: { records } }));
			}
		};
	};
	const { page, asked, errors, close } = await look({ prepare });
	await page.getByRole('button', { name: 'Show QR again' }).click();
	await page.getByRole('button', { name: 'Write to an NFC tag' }).click();
	await shows(page, '#tag-said', /It is on the tag/);
	assert.deepEqual(await page.evaluate(() => window.written), ['mime', 'application/vnd.smartchain.scpay', 480]);
	await page.getByRole('button', { name: 'Done' }).click();
	await page.getByRole('button', { name: 'Read a tag' }).click();
	await page.waitForFunction(() => window.ended);
	await page.locator('#code').waitFor();
	assert.deepEqual((await asked())[1], ['importEnvelope', '1,2,3']);
	assert.deepEqual(errors, []);
	await close();
});

test('where the browser has no NFC the page offers none', async () => {
	const { page, errors, close } = await look();
	await page.getByRole('button', { name: 'Show QR again' }).click();
	await page.locator('#qr svg').waitFor();
	assert.equal(await page.locator('#as-tag').isVisible() || await page.locator('#from-tag').isVisible(), false);
	assert.deepEqual(errors, []);
	await close();
});

test('channels are brought back, and it is said where their partners are', async () => {
	const { page, asked, errors, close } = await look();
	await page.getByRole('button', { name: 'Bring channels back' }).click();
	await shows(page, '#live', /Back: 9\./);
	await page.getByLabel('Channel', { exact: true }).fill('9');
	await page.getByLabel('Key of its partner').fill('ab'.repeat(32));
	await page.getByRole('button', { name: 'Say where its partner is' }).click();
	await page.waitForFunction(() => window.asked.length > 1);
	assert.deepEqual((await asked()).map((call) => call.slice(0, 2)), [['recover'], ['reach', '9']]);
	assert.deepEqual(errors, []);
	await close();
});

test('a channel is opened and closed alone after what can happen is said', async () => {
	const { page, asked, errors, close } = await look({ colorScheme: 'dark' });
	await page.getByRole('button', { name: 'Close alone' }).click();
	await shows(page, '#ask', /your money after 1 day/);
	await page.getByRole('button', { name: 'Do it' }).click();
	await page.getByLabel('Key of the partner').fill('ab'.repeat(32));
	await page.getByLabel('Its address').fill('ws://127.0.0.1:9956');
	await page.getByLabel('You put in').fill('2.5');
	await page.getByRole('button', { name: 'Open' }).click();
	await shows(page, '#ask', /2\.5 STCI go from your account[^]*Do not be away for longer than 14 days/);
	await screenshot(page, 'pay-dark');
	await page.getByRole('button', { name: 'Do it' }).click();
	await shows(page, '#live', /on its way/);
	assert.deepEqual((await asked()).map(([name]) => name), ['closeAlone', 'openWith']);
	assert.deepEqual(errors, []);
	await close();
});

test('amounts are exact, and times are those of ticks', () => {
	const amounts = [['1', STCI], ['0.000000000001', 1n], ['12.5 STCI', 12_500_000_000_000n], ['007', 7n * STCI]];
	for (const [text, amount] of amounts) {
		assert.equal(planck(text), amount);
		assert.equal(planck(stci(amount)), amount);
	}
	for (const wrong of ['', '-1', '1e3', '0', '1,5', '.5', '1.', '1.0000000000000', '0x1']) {
		assert.throws(() => planck(wrong), /amount/, wrong);
	}
	assert.deepEqual([1, 7_200, 172_800, 345_600].map(time), ['0 seconds', '1 hour', '1 day', '2 days']);
});

test('who has a tower is told what it answers, and who has none that nobody does', () => {
	const [theirs, ours] = [{ paid: STCI }, { nonce: 1n }];
	const view = { side: 'low', window: 172_800, theirs, ours, confirmed: 1n, phase: 'open' };
	const said = (watched) => risks(view, { connected: true, chainAge: 0, watched })[0].what;
	assert.match(said(true), /neither your tower nor this page answers/);
	assert.match(said(false), /this page does not answer/);
	assert.match(beforeOpening(STCI, 172_800, true).join(), /your tower alone answers/);
	assert.match(beforeOpening(STCI, 172_800).join(), /nobody answers for you/);
});

test('a tower is named by its lines, and by all of them', async () => {
	const { page, close } = await look();
	const tower = (text) => page.evaluate(async (lines) => {
		const { towerOf } = await import('/tower.js');
		try {
			const found = towerOf(lines);
			return found && [found.account.length, found.key.length, found.node[0], found.url, found.strict];
		} catch (error) {
			return error.message;
		}
	}, text);
	const lines = [
		'[tower]', 'account = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"', `key = "${'11'.repeat(32)}"`,
		`node = "${'22'.repeat(32)}"`, 'url = "ws://203.0.113.7:9956"',
	];
	assert.deepEqual(await tower(lines.join('\n')), [32, 32, 0x22, 'ws://203.0.113.7:9956', true]);
	assert.equal(await tower(' \n'), undefined);
	for (const [left, why] of [[1, /address/], [2, /key/], [3, /node/], [4, /no address/]]) {
		assert.match(await tower(lines.filter((_, number) => number !== left).join('\n')), why);
	}
	await close();
});
