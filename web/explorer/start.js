// Begins: the node, the chain by its metadata, and which part of it is shown.

import { Chain } from './chain.js';
import { Live } from './live.js';
import { Link } from './rpc.js';
import { find } from './search.js';
import { blocks } from './views/blocks.js';
import { device, devices } from './views/devices.js';
import { anAccount, block } from './views/detail.js';
import { eras } from './views/eras.js';
import { seats } from './views/seats.js';
import { deal, storage } from './views/storage.js';

/**
 * Milliseconds between two looks at what is stored; sooner if it has changed, or could not be read; and between
 * drawings.
 */
const [LOOK, SOON, DRAW] = [6_000, 1_500, 400];
const KEY = 'smartchain-explorer-node';
const NODE = 'ws://127.0.0.1:9944';
const VIEWS = {
	blocks, directors: seats, eras, devices, storage, block, account: anAccount, device, deal,
};
const BELOW = { block: 'blocks', account: undefined, device: 'devices', deal: 'storage' };
const $ = (id) => document.getElementById(id);

/** Storage of the browser, if it lets this page have it. */
const remembered = {
	get: () => { try { return localStorage.getItem(KEY); } catch { return null; } },
	set: (url) => { try { localStorage.setItem(KEY, url); } catch { /* The address is asked for again next time. */ } },
};

class App {
	chain = undefined;
	session = undefined;
	view = undefined;
	held = false;
	#drawing = false;
	#loading = undefined;
	#soon = undefined;
	#read = 0;
	#link = undefined;
	#route = '';
	#genesis = undefined;
	#spec = undefined;

	constructor() {
		this.live = new Live({ changed: () => this.draw(), trouble: (why) => this.problem(why) });
		setInterval(() => {
			if (!document.hidden && !this.held) this.load();
			this.draw();
		}, LOOK);
	}

	problem(why) {
		$('problem').hidden = why === undefined;
		$('problem').textContent = why ?? '';
	}

	/** Asks another node. */
	ask(url) {
		this.#link?.stop();
		this.forget();
		this.problem();
		$('url').value = url;
		this.#link = new Link(url, {
			begun: (session) => this.begun(session), told: (state, why) => this.told(state, why),
		});
	}

	forget() {
		this.live.forget();
		this.chain = this.session = this.#genesis = this.#spec = this.view = undefined;
		this.#route = '';
	}

	told(state, why) {
		const words = {
			calling: 'Calls the node', open: 'Reads the chain', live: 'Live', closed: why, refused: why,
		};
		const kinds = { live: 'good', closed: 'bad', refused: 'bad' };
		const place = $('link');
		// What went wrong stays to be read while the node is called again.
		if (state === 'calling' && place.classList.contains('bad') && this.#link) return;
		place.className = `state ${kinds[state] ?? 'plain'}`;
		if (place.textContent !== words[state]) place.textContent = words[state];
	}

	async begun(session) {
		const [genesis, name, version] = await Promise.all([
			session.ask('chain_getBlockHash', 0), session.ask('system_chain'), session.ask('state_getRuntimeVersion'),
		]);
		if (this.#genesis !== undefined && this.#genesis !== genesis) this.forget();
		this.#genesis = genesis;
		await this.read(session, version.specVersion);
		$('chain').textContent = name;
		const { specName, specVersion: spec } = version;
		$('about').textContent = `Genesis ${genesis.slice(0, 10)}…, runtime ${specName} ${spec}. `
			+ 'This page loads nothing from elsewhere and believes the one node that it asks.';
		await this.live.begin(this.chain, session);
		await session.subscribe('state_subscribeRuntimeVersion',
			({ specVersion }) => this.upgraded(session, specVersion));
		this.told('live');
		this.problem();
		this.show();
	}

	async read(session, spec) {
		this.chain = this.#spec === spec && this.chain ? this.chain.over(session) : await Chain.load(session);
		this.#spec = spec;
		this.session = session;
	}

	/** A runtime came into force: what is shown is read by its metadata from now on. */
	async upgraded(session, spec) {
		if (spec === this.#spec) return;
		try {
			await this.read(session, spec);
			this.live.chain = this.chain;
			this.#route = '';
			this.show();
		} catch (error) {
			const why = `its metadata cannot be read: ${error.message}`;
			this.problem(`The chain was upgraded, and ${why}. Load this page again.`);
		}
	}

	/** Shows what the address of the page says. */
	show() {
		if (!this.chain) return;
		const [kind, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
		const name = Object.hasOwn(VIEWS, kind) ? kind : 'blocks';
		const route = `${name}/${rest.join('/')}`;
		if (route === this.#route) return;
		const isFirst = this.#route === '';
		this.#route = route;
		this.problem();
		let argument = '';
		try {
			argument = decodeURIComponent(rest.join('/'));
		} catch {
			this.problem('This address cannot be read.');
		}
		this.view = VIEWS[name](this, argument);
		$('main').replaceChildren(this.view.node);
		document.title = `${this.view.title} – SmartChain explorer`;
		for (const one of document.querySelectorAll('nav a')) {
			if (one.hash === `#/${name in BELOW ? BELOW[name] : name}`) one.setAttribute('aria-current', 'page');
			else one.removeAttribute('aria-current');
		}
		// Who reads by ear is told that something else is here.
		if (!isFirst) $('main').focus({ preventScroll: true });
		if (!isFirst) window.scrollTo(0, 0);
		$('main').setAttribute('aria-busy', String(this.view.load !== undefined));
		this.#loading = undefined;
		this.load();
		this.draw(true);
	}

	/** How much has happened of what the part that is shown is about. */
	#stirred() {
		return (this.view?.about ?? []).reduce((sum, about) => sum + (this.live.stirred.get(about) ?? 0), 0);
	}

	/** Reads what the part that is shown wants of the chain; one at a time. */
	async load() {
		const { view } = this;
		if (!view?.load || this.#loading || !this.session || this.session.ended) return;
		const loading = {};
		this.#loading = loading;
		clearTimeout(this.#soon);
		this.#soon = undefined;
		this.#read = this.#stirred();
		try {
			await view.load();
			if (this.#loading === loading && view.failed) this.problem();
			view.failed = false;
		} catch (error) {
			if (this.#loading === loading && !this.session?.ended) this.problem(sentence(error));
			view.failed = true;
		}
		if (this.#loading !== loading) return;
		this.#loading = undefined;
		$('main').setAttribute('aria-busy', 'false');
		if (view.failed) this.#loadSoon();
	}

	#loadSoon() {
		this.#soon ??= setTimeout(() => this.load(), SOON);
	}

	/** Draws what is live, some times a second at most; nothing while it is held still. */
	draw(now = false) {
		if (this.#drawing && !now) return;
		this.#drawing = true;
		setTimeout(() => {
			this.#drawing = false;
			if ((this.held && !now) || document.hidden) return;
			this.view?.update?.();
			if (this.view?.load && this.#stirred() !== this.#read) this.#loadSoon();
		}, now ? 0 : DRAW);
	}
}

/** What went wrong, as a sentence. */
function sentence(error) {
	const words = error instanceof Error ? error.message : String(error);
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

const app = new App();
$('node').onsubmit = (event) => {
	event.preventDefault();
	const url = $('url').value.trim();
	remembered.set(url);
	app.ask(url);
};
$('search').onsubmit = async (event) => {
	event.preventDefault();
	app.problem();
	try {
		if (!app.session) throw new Error('there is no node to ask yet');
		location.hash = `#/${await find($('query').value, app)}`;
	} catch (error) {
		app.problem(sentence(error));
	}
};
$('hold').onclick = () => {
	app.held = !app.held;
	$('hold').setAttribute('aria-pressed', String(app.held));
	if (!app.held) app.draw(true);
};
window.onhashchange = () => app.show();
document.onvisibilitychange = () => app.draw();
app.ask(new URLSearchParams(location.search).get('node') ?? remembered.get() ?? NODE);
