// The page: what it shows of channels, and what it asks before anything is committed.

import qrcode from 'qrcode-generator';
import { fromHex, fromQrText, MAX_QR, readHanded, readInvoice, toHex, toQrText } from '@smartchain/channels';
import { canScan, scan } from './scan.js';
import { canTag, readTag, writeTag } from './tag.js';
import { beforeClosing, beforeInvoice, beforeOpening, beforePaying, planck, risks, state, stci } from './words.js';

const $ = (id) => document.getElementById(id);
const TICKS_A_DAY = 172_800;

function element(name, text, className) {
	const made = document.createElement(name);
	if (text !== undefined) made.textContent = text;
	if (className) made.className = className;
	return made;
}

/** Asks whether something is to be done, with what it costs and can cost. */
function confirmed(title, lines) {
	const dialog = $('ask');
	$('ask-title').textContent = title;
	$('ask-list').replaceChildren(...lines.map((line) => element('li', line)));
	dialog.returnValue = 'no';
	dialog.showModal();
	return new Promise((resolve) => {
		dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
	});
}

function problem(why) {
	$('problem').hidden = why === undefined;
	$('problem').textContent = why ?? '';
}

/** Does what a form or button asks; what goes wrong is said. */
async function attempt(task) {
	problem();
	try {
		await task();
	} catch (error) {
		problem(error instanceof Error ? error.message : String(error));
	}
}

function draw(text, mode) {
	const qr = qrcode(0, 'L');
	qr.addData(text, mode);
	qr.make();
	$('qr').innerHTML = qr.createSvgTag({ cellSize: 4, margin: 16, scalable: true });
	$('code-text').textContent = text;
}

/** Shows an invoice: its payer scans it, or is given the text. */
function showInvoice(text) {
	draw(text, 'Byte');
	$('as-file').hidden = $('code-about').hidden = $('as-tag').hidden = true;
	$('code').showModal();
}

/** Shows what is handed over: a QR where it fits into one, a file in any case. */
function showCode(channel, sealed) {
	$('as-file').hidden = $('code-about').hidden = false;
	const link = $('file');
	URL.revokeObjectURL(link.href);
	link.href = URL.createObjectURL(new Blob([sealed]));
	link.download = `channel-${channel}.scpay`;
	$('as-tag').hidden = !canTag();
	$('tag-said').textContent = '';
	$('tag').onclick = async () => {
		const said = (text) => void ($('tag-said').textContent = text);
		said('Hold a tag to the phone.');
		await writeTag(sealed).then(() => said('It is on the tag.'), (error) => said(error.message));
	};
	if (sealed.length <= MAX_QR) {
		draw(toQrText(sealed), 'Alphanumeric');
	} else {
		$('qr').textContent = 'It is too long for one QR: hand the file over.';
		$('code-text').textContent = '';
	}
	$('code').showModal();
}

/** The page over channels; `seen` says when a final block was told, in milliseconds. */
export class Page {
	connected = new Set();
	seen = undefined;

	constructor(channels, account, { watched = false } = {}) {
		this.channels = channels;
		this.watched = watched;
		$('account').textContent = toHex(account);
		$('node').textContent = toHex(channels.node);
		$('setup').hidden = true;
		for (const id of ['own', 'channels', 'invoices', 'take', 'more', 'back']) $(id).hidden = false;
		channels.on((event) => this.heard(event));
		$('import').onsubmit = (event) => this.submitted(event, (form) => this.take(form));
		$('open').onsubmit = (event) => this.submitted(event, (form) => this.open(form));
		$('pay-invoice').onsubmit = (event) => this.submitted(event, (form) => this.payInvoice(form));
		$('ask-invoice').onsubmit = (event) => this.submitted(event, (form) => this.askInvoice(form));
		$('reach').onsubmit = (event) => this.submitted(event, (form) => this.reach(form));
		$('recover').onclick = () => attempt(() => this.recover());
		this.scanners();
		$('from-tag').hidden = !canTag();
		$('from-tag').onclick = () => attempt(async () => {
			$('live').textContent = 'Hold the tag to the phone';
			await this.taken(await readTag());
		});
		this.show();
	}

	submitted(event, task) {
		event.preventDefault();
		return attempt(async () => {
			await task(new FormData(event.target));
			event.target.reset();
		});
	}

	/** Where the browser reads QRs, a button fills the text beside it by the camera. */
	async scanners() {
		if (!(await canScan())) return;
		for (const button of document.querySelectorAll('button.scan')) {
			button.hidden = false;
			button.onclick = () => attempt(async () => {
				const text = await scan($('camera'), $('video'));
				if (text !== undefined) button.form.querySelector('textarea').value = text;
			});
		}
	}

	heard(event) {
		switch (event.kind) {
			case 'peer': {
				const node = toHex(event.node);
				if (event.connected) this.connected.add(node);
				else this.connected.delete(node);
				break;
			}
			case 'block':
				this.seen = Date.now();
				$('live').textContent = `Block ${event.number}, tick ${event.tick}`;
				break;
			case 'trouble':
			case 'broken':
				problem(event.why);
				break;
			case 'notice':
				if (event.notice.kind === 'received') $('live').textContent = `${stci(event.notice.amount)} came`;
		}
		this.show();
	}

	/** Shows all anew, once a frame; what is being typed stays. */
	show() {
		if (this.shown) return;
		this.shown = requestAnimationFrame(() => {
			this.shown = undefined;
			const ids = this.channels.channels();
			$('none').hidden = ids.length > 0;
			const list = $('list');
			const cards = new Map([...list.children].map((card) => [card.dataset.channel, card]));
			for (const [id, card] of cards) if (!ids.some((channel) => String(channel) === id)) card.remove();
			for (const channel of ids) {
				const card = cards.get(String(channel)) ?? list.appendChild(this.card(channel));
				this.fill(card, this.channels.view(channel));
			}
		});
	}

	card(channel) {
		const card = element('li', undefined, 'channel');
		card.dataset.channel = channel;
		card.append(element('h3', `Channel ${channel}`), element('div', undefined, 'facts'));
		const form = element('form');
		const label = element('label', 'Pay, in STCI ');
		const amount = element('input');
		Object.assign(amount, { name: 'amount', inputMode: 'decimal', autocomplete: 'off' });
		label.append(amount);
		form.append(label);
		const tasks = {
			'Pay': () => this.pay(channel, planck(amount.value), false),
			'Pay by QR': () => this.pay(channel, planck(amount.value), true),
			'Show QR again': async () => showCode(channel, await this.channels.exportEnvelope(channel)),
			'Close together': () => this.channels.closeTogether(channel),
			'Close alone': () => this.closeAlone(channel),
		};
		for (const [name, task] of Object.entries(tasks)) {
			const button = element('button', name);
			button.type = 'button';
			button.onclick = () => attempt(task);
			form.append(button, ' ');
		}
		form.onsubmit = (event) => event.preventDefault();
		card.append(form);
		return card;
	}

	fill(card, view) {
		const facts = element('dl');
		const row = (name, value, className) => facts.append(element('dt', name), element('dd', value, className));
		const { text, bad } = state(view);
		row('You can pay', stci(view.room));
		row('You have paid, and were paid', `${stci(view.ours.paid)}, ${stci(view.theirs.paid)}`);
		row('State', view.stopped ? `${text}: ${view.stopped}` : text, bad ? 'bad' : undefined);
		const chainAge = this.seen === undefined ? undefined : (Date.now() - this.seen) / 1_000;
		const seen = { connected: this.connected.size > 0, chainAge, watched: this.watched };
		const all = risks(view, seen).map(({ what, until }) => {
			const risk = element('p', what, 'risk');
			risk.append(element('br'), element('strong', `Until: ${until}`));
			return risk;
		});
		card.querySelector('.facts').replaceChildren(facts, element('h4', 'What is at risk'), ...all);
	}

	async pay(channel, amount, byFile) {
		const view = this.channels.view(channel);
		if (amount > view.room) throw new Error(`${stci(view.room)} can be paid in this channel, and no more`);
		if (!(await confirmed(`Pay ${stci(amount)}?`, beforePaying(amount, view)))) return;
		// The way first: what is signed before it is known how it goes is paid, and not handed over.
		if (byFile) await this.channels.exportEnvelope(channel);
		await this.channels.pay(channel, amount);
		if (byFile) showCode(channel, await this.channels.exportEnvelope(channel));
	}

	async payInvoice(form) {
		const text = String(form.get('invoice')).trim();
		const invoice = readInvoice(text);
		const { amount } = invoice.terms;
		if (!(await confirmed(`Pay ${stci(amount)}?`, beforeInvoice(invoice, Date.now() / 1_000)))) return;
		$('live').textContent = `${stci(amount)} are on their way`;
		const { fee } = await this.channels.payInvoice(text);
		$('live').textContent = `${stci(amount)} are paid${fee > 0n ? `, and ${stci(fee)} to the relay` : ''}`;
	}

	askInvoice(form) {
		const [amount, text] = [planck(form.get('amount')), String(form.get('text')).trim()];
		showInvoice(this.channels.invoice({ amount, text }));
	}

	async recover() {
		const back = await this.channels.recover();
		$('live').textContent = back.length > 0
			? `Back: ${back.join(', ')}. Nothing is signed in them before their partners have said what was paid`
			: 'No channel of this account is on the chain that is not here, and whose key this secret makes';
		this.show();
	}

	async reach(form) {
		const url = String(form.get('url')).trim();
		await this.channels.reach(BigInt(form.get('channel')), fromHex(form.get('node')), url === '' ? undefined : url);
	}

	async closeAlone(channel) {
		const lines = beforeClosing(this.channels.view(channel));
		if (await confirmed(`Close channel ${channel} alone?`, lines)) await this.channels.closeAlone(channel);
	}

	async take(form) {
		const file = form.get('file');
		const text = String(form.get('text')).trim();
		if (!text && !file?.size) throw new Error('give the text of the QR, or the file');
		await this.taken(text ? fromQrText(text) : readHanded(new Uint8Array(await file.arrayBuffer())));
	}

	async taken(sealed) {
		const { channel, received } = await this.channels.importEnvelope(sealed);
		$('live').textContent = `${stci(received)} came in channel ${channel}`;
		// The answer says that it is here.
		showCode(channel, await this.channels.exportEnvelope(channel));
	}

	async open(form) {
		const [deposit, window] = [planck(form.get('deposit')), Number(form.get('days')) * TICKS_A_DAY];
		const lines = beforeOpening(deposit, window, this.watched);
		if (!(await confirmed(`Open a channel with ${stci(deposit)}?`, lines))) return;
		await this.channels.openWith({ node: fromHex(form.get('node')), url: form.get('url'), deposit, window });
		$('live').textContent = 'The channel is on its way to the chain';
	}
}
