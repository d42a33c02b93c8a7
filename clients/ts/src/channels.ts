/** All channels of one account, as an app uses them. */

import { findKeys, keyOfSeed, nextNumber, nodeOf, writeBackup } from './backup.js';
import { Calls } from './calls.js';
import type { Chain, FinalBlock } from './chain.js';
import { InUseError, webLocks, type Exclusive, type Hold } from './exclusive.js';
import type { Frame, Say } from './frames.js';
import { newKey, signWith, type KeyKind, type KeyRecord } from './keys.js';
import type { Peer, PeerEvents } from './link.js';
import { Machine, MachineError, type Signed, type WasmSource } from './machine.js';
import { identity, random, seal, unseal, type Identity } from './noise.js';
import { Openings, type OpenRequest } from './openings.js';
import type { Policy } from './pay/letter.js';
import { Payments, type InvoiceRequest, type PaidInvoice } from './pay/payments.js';
import { otherEnd } from './pay/ways.js';
import { same, toHex } from './scale.js';
import type { Change, Contact, Kept as Loaded, Mark, Note, Store } from './store.js';
import type { ChannelView, Deed, Kept, Notice, Options, Ticket, Told, Want } from './words.js';

/** The account that holds the money, as a wallet has it. */
export interface Wallet {
	/** Its 32 bytes. */
	readonly account: Uint8Array;
	/** Signs 32 bytes: a `MultiSignature` in SCALE. It is asked when a partner opens a channel with us. */
	sign(payload: Uint8Array): Promise<Uint8Array>;
	/** Brings a call of the chain there, signed by the account: two numbers and arguments in SCALE. */
	submit(call: Uint8Array): Promise<void>;
}

/** A tower, as `smart-pay tower` shows it where it serves. */
export interface Tower {
	/** Its account, which gets the reward. */
	readonly account: Uint8Array;
	/** The key of its receipts. */
	readonly key: Uint8Array;
	/** The key of its node, and where that listens. */
	readonly node: Uint8Array;
	readonly url: string;
	/** What it gets if it answers a close, in planck; 0, if it is not said. */
	readonly reward?: bigint;
	/** Whether nothing is acknowledged before the tower has it. Payments take a round trip longer. */
	readonly strict?: boolean;
}

/** What channels are opened with. */
export interface Setup {
	/** The module: `fetch` of `channel.wasm`, or its bytes. */
	readonly wasm: WasmSource;
	readonly store: Store;
	/** The hash of the chain's first block. */
	readonly genesis: Uint8Array;
	readonly wallet: Wallet;
	/** The chain. Without one nothing is opened, closed or watched: payments by file and to partners alone. */
	readonly chain?: Chain;
	/** Who may use the store; Web Locks otherwise. */
	readonly exclusive?: Exclusive;
	readonly keys?: KeyKind;
	/**
	 * 32 secret bytes that a person has written down: the node's key and those of channels are made of it, and come
	 * back by {@link Channels.recover} if the store is lost. Of a store that has keys, the node's stays.
	 */
	readonly seed?: Uint8Array;
	readonly options?: Options;
	/** A tower that watches these channels while no program is open: a `smart-pay` that serves. */
	readonly tower?: Tower;
	/** Whether a partner may open a channel with us, with a window of so many ticks; never otherwise. */
	readonly accept?: (opener: Uint8Array, window: number) => boolean;
	/** Makes sockets to partners; the platform's otherwise. */
	readonly socket?: (url: string) => WebSocket;
}

/** What happens. */
export type ChannelEvent =
	| { readonly kind: 'notice'; readonly notice: Notice }
	/** Something of a channel has changed: look at it anew. */
	| { readonly kind: 'changed'; readonly channel: bigint }
	| { readonly kind: 'peer'; readonly node: Uint8Array; readonly connected: boolean; readonly why?: string }
	| { readonly kind: 'block'; readonly number: number; readonly tick: number }
	/** Something is wrong that may pass, as a sentence. */
	| { readonly kind: 'trouble'; readonly why: string }
	/** Nothing is signed any more: open the channels anew. */
	| { readonly kind: 'broken'; readonly why: string };

/** Milliseconds after which what was not answered is said again. */
const WAKE = 1_000;
/** Milliseconds after which a tick is old: within half of what a payee needs to claim. */
const OLD = 30_000;
/** Notes that are looked through after a start for locks that were not dealt with. */
const MOST_NOTES = 1_000;
/** Ticks for which what we propose counts, and after which a call is made again: what the machine takes otherwise. */
const USUAL: Options = { together: 240, resubmit: 20 };
/** Frames that wait to be dealt with, at most: more are dropped. */
const MOST_UNHEARD = 1_024;
/** Messages that wait in a file at most. */
const MOST_BY_FILE = 64;
/** Openings that the chain has not shown, at most: the oldest go. */
const MOST_OPENINGS = 256;
/** Kinds of messages of which the newest says all that one before it said: greeting, half, receipt, parting. */
const NEWEST = new Set([0, 1, 2, 8]);
/** The number of the word by which a partner wants another key. */
const RENEWED = 10;
/** The number of greetings; those that answer none end in eight zeros. */
const HELLO = 0;

/**
 * Whether a message says all that another one said. Of greetings, what answers one is no greeting to be answered: with
 * one of each in its file the partner is sure of us, and lets us be sure of it.
 */
function replaces(message: Uint8Array, other: Uint8Array): boolean {
	if (message[0] !== other[0] || !NEWEST.has(message[0] ?? HELLO)) return false;
	const answers = (hello: Uint8Array): boolean => hello.subarray(-8).some((byte) => byte !== 0);
	return message[0] !== HELLO || answers(message) === answers(other);
}

/** A number that nobody could foresee, and not 0. */
const drawn = (): bigint => new DataView(random(8).buffer).getBigUint64(0) | 1n;
const NO_MEMO = new Uint8Array(32);

/** All channels of one account. One tab or program has them at a time. */
export class Channels {
	private readonly listeners = new Set<(event: ChannelEvent) => void>();
	private readonly peers = new Map<string, Peer>();
	/** What nodes take for carrying payments on, by their last word. */
	private readonly policies = new Map<string, Policy | undefined>();
	/** What goes by file: messages, with the channels that were greeted so. */
	private readonly byFile = new Map<bigint, Uint8Array[]>();
	private readonly openings: Openings;
	private readonly payments: Payments;
	private readonly calls: Calls;
	private queue: Promise<unknown> = Promise.resolve();
	private failed: Error | undefined;
	private ending: Promise<void> | undefined;
	private wake: ReturnType<typeof setInterval> | undefined;
	private unfollow: (() => void) | undefined;
	private mark: Mark | undefined;
	/** Frames that came and are not dealt with. */
	private unheard = 0;
	/** The tick of the last final block that was told; 0 before the first. */
	private tick = 0;
	/** When that was, in milliseconds of Unix time; 0, if none was told since the start. */
	private toldAt = 0;

	private constructor(
		private readonly setup: Setup,
		private readonly machine: Machine,
		private readonly kept: Loaded,
		private readonly me: Identity,
		private readonly hold: Hold,
	) {
		this.mark = kept.mark;
		this.openings = new Openings({
			account: setup.wallet.account,
			genesis: setup.genesis,
			machine,
			wallet: setup.wallet,
			accept: setup.accept ?? (() => false),
			now: () => this.tick,
			newKey: (partner) => this.newKey(partner),
			waits: (key) => kept.openings.has(toHex(key)),
			say: (node, say) => this.say(node, say),
		});
		this.payments = new Payments({
			account: setup.wallet.account,
			genesis: setup.genesis,
			me,
			chain: setup.chain,
			now: () => this.tick,
			isBehind: () => Date.now() - this.toldAt > OLD,
			step: (want) => this.step(want),
			view: (channel) => this.view(channel),
			connected: () => [...kept.contacts.values()].filter(({ channel, node }) =>
				kept.sheets.has(channel) && this.peers.has(toHex(node)) && !this.byFile.has(channel)),
			policy: (node) => this.policies.get(toHex(node)),
			begun: kept.begun ?? [],
			keep: (begun) => this.keep([{ table: 'begun', begun }]),
			trouble: (error) => this.trouble(error),
		});
		const { genesis, socket } = setup;
		this.calls = new Calls({
			from: { me, genesis, writer: drawn(), ...(socket ? { socket } : {}) },
			attach: (peer) => this.attach(peer),
			trouble: (why) => this.emit({ kind: 'trouble', why }),
		});
	}

	private say(node: Uint8Array, say: Say): void {
		this.peers.get(toHex(node))?.send({ kind: 'say', say });
	}

	/**
	 * Opens what is stored.
	 *
	 * @throws InUseError if another tab has it.
	 */
	static async open(setup: Setup): Promise<Channels> {
		const hold = await (setup.exclusive ?? webLocks)(setup.store.name);
		if (!hold) throw new InUseError(setup.store.name);
		try {
			const machine = await Machine.load(setup.wasm);
			const kept = await setup.store.load();
			machine.start(kept.sheets, options(setup));
			const me = identity(kept.node ?? (setup.seed && nodeOf(setup.seed)));
			if (!kept.node) await setup.store.commit([{ table: 'node', secret: me.secret }]);
			const channels = new Channels(setup, machine, kept, me, hold);
			await channels.begin();
			return channels;
		} catch (error) {
			hold.release();
			throw error;
		}
	}

	private async begin(): Promise<void> {
		const { mark } = this.kept;
		if (mark) {
			// The last block that was stored, once more: files are taken before the chain is seen.
			await this.step({ kind: 'final', tick: mark.tick, told: [] });
			this.tick = mark.tick;
		}
		void this.hold.ended.then(() => this.fail(new InUseError(this.setup.store.name)));
		this.wake = setInterval(() => {
			this.payments.wake();
			void this.step({ kind: 'wake' }).catch(() => undefined);
		}, WAKE);
		for (const { node, url } of this.kept.contacts.values()) if (url) this.connect(node, url);
		const { chain, wallet, tower } = this.setup;
		if (tower) this.connect(tower.node, tower.url);
		if (!chain) return;
		const genesis = await chain.genesis();
		if (!same(genesis, this.setup.genesis)) throw new Error('the node follows another chain than these channels');
		this.unfollow = chain.follow({
			account: wallet.account,
			channels: () => this.channels(),
			lastId: () => this.mark?.lastId,
			tell: (block) => this.tell(block),
			best: (channel, state) => this.step({ kind: 'best', channel, state }),
			trouble: (why) => this.emit({ kind: 'trouble', why }),
		});
	}

	/** The key of this program's node: partners know it by that. */
	get node(): Uint8Array {
		return this.me.key;
	}

	/** The numbers of all channels. */
	channels(): bigint[] {
		return [...this.kept.sheets.keys()];
	}

	/** How a channel stands. */
	view(channel: bigint): ChannelView {
		return this.machine.view(channel);
	}

	/** What was noted, the newest last. */
	notes(most = 100): Promise<Note[]> {
		return this.setup.store.notes(most);
	}

	/** Is told what happens, until the answer is called. */
	on(listener: (event: ChannelEvent) => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	private emit(event: ChannelEvent): void {
		for (const listener of this.listeners) listener(event);
	}

	/** Pays the partner for good, in planck. Fulfilled once it is stored; the partner has it if `confirmed` says so. */
	async pay(channel: bigint, amount: bigint, memo: Uint8Array = NO_MEMO): Promise<void> {
		if (amount <= 0n) throw new RangeError('an amount is above 0 planck');
		await this.step({ kind: 'pay', channel, amount, memo });
	}

	/**
	 * Pays an invoice, once: to its payee, if that is a partner with room, else over one relay that is a partner.
	 * Fulfilled once the payee has shown what it was locked by, or, to a partner, once it is stored; that can take as
	 * long as the lock counts, if the relay or the payee goes away.
	 *
	 * @throws PaymentError, InvoiceError: nothing was paid.
	 */
	payInvoice(text: string): Promise<PaidInvoice> {
		return this.payments.pay(text);
	}

	/** Makes an invoice, to be paid by a partner, or over a relay that is one. What comes is told as `received`. */
	invoice(request: InvoiceRequest): string {
		return this.payments.invoice(request);
	}

	/** Closes together, if the partner agrees: nothing is signed beside it until it counts or has expired. */
	async closeTogether(channel: bigint): Promise<void> {
		await this.step({ kind: 'together', channel });
	}

	/** Closes alone; the money comes after the window. `sure`: a person knows that this store is the newest. */
	async closeAlone(channel: bigint, sure = false): Promise<void> {
		await this.step({ kind: 'close', channel, sure });
	}

	/** Takes out, in planck, if the partner agrees; the channel stays open. */
	async withdraw(channel: bigint, amount: bigint): Promise<void> {
		await this.step({ kind: 'withdraw', channel, amount });
	}

	/** Takes another key for our side, if the partner agrees: what is signed meanwhile counts under both. */
	async changeKey(channel: bigint): Promise<void> {
		const record = await this.freshKey();
		await this.keep([{ table: 'keys', record }]);
		await this.step({ kind: 'rekey', channel, key: record.key });
	}

	/** A key that was never used, nor is given out a second time while it is being stored. */
	private async freshKey(): Promise<KeyRecord> {
		const { kept: { keys }, machine, setup: { seed, keys: kind } } = this;
		const record = seed ? keyOfSeed(seed, nextNumber(keys.values()), machine) : await newKey(machine, kind);
		keys.set(toHex(record.key), record);
		return record;
	}

	/**
	 * All keys and how partners are reached, as a file under a passphrase: it goes back into an empty store by
	 * {@link restoreBackup}. Make one anew for each channel that was opened without a seed.
	 */
	backup(passphrase: string): Promise<Uint8Array> {
		return writeBackup(this.kept, this.me.secret, passphrase);
	}

	/**
	 * Brings back the channels of the account that are on the chain and not in this store, and whose keys are in it or
	 * are of the seed. Their partners say what was paid: until then nothing is signed in them. The numbers of those
	 * that came back; of one whose partner's node is not known it is said by {@link reach}.
	 */
	async recover(): Promise<bigint[]> {
		const { setup: { chain, wallet: { account }, genesis, seed }, kept, machine } = this;
		if (!chain) throw new Error('without a node of the chain no channel is recovered');
		const lines = await chain.lines();
		const ours = lines.filter((line) => otherEnd(line, account)).map(({ channel }) => channel);
		const ids = new Set([...ours, ...kept.contacts.keys()].filter((id) => !kept.sheets.has(id)));
		const found = new Map<bigint, { state: Uint8Array; key: Uint8Array }>();
		for (const id of ids) {
			const answer = await chain.channel(id);
			const state = answer.slice(1);
			const key = answer[0] === 1 ? ownKey(state, account) : undefined;
			if (key) found.set(id, { state, key });
		}
		const missing = [...found.values()].map(({ key }) => key).filter((key) => !kept.keys.has(toHex(key)));
		const records = seed && missing.length > 0 ? findKeys(seed, missing, machine) : [];
		await this.keep(records.map((record) => ({ table: 'keys', record })));
		for (const record of records) kept.keys.set(toHex(record.key), record);
		const back: bigint[] = [];
		for (const [channel, { state, key }] of found) {
			if (!kept.keys.has(toHex(key))) continue;
			await this.step({ kind: 'recover', genesis, channel, account, state });
			back.push(channel);
			const contact = kept.contacts.get(channel);
			if (contact?.url !== undefined) this.connect(contact.node, contact.url);
			if (contact) await this.greet(contact.node);
		}
		return back;
	}

	/**
	 * Opens a channel with a node: both agree, and the wallet brings it to the chain. Fulfilled once it was brought
	 * there; it can be used when a final block has it.
	 */
	async openWith(request: OpenRequest): Promise<void> {
		if (!this.setup.chain) throw new Error('without a node of the chain no channel is opened');
		if (!this.peers.has(toHex(request.node))) this.connect(request.node, request.url);
		await this.setup.wallet.submit(await this.openings.ask(request));
	}

	/** Says whose node the partner's is, and where it listens: of a channel that came from elsewhere. */
	async reach(channel: bigint, node: Uint8Array, url?: string): Promise<void> {
		const contact: Contact = url === undefined ? { channel, node } : { channel, node, url };
		await this.keep([{ table: 'contacts', channel, contact }]);
		this.kept.contacts.set(channel, contact);
		if (url !== undefined) this.connect(node, url);
		await this.greet(node);
	}

	/**
	 * What is to be handed to the partner of a channel, where there is no network: an `.scpay` file, sealed for it. It
	 * can be made anew at any time, and counts once however often it is handed over.
	 */
	async exportEnvelope(channel: bigint): Promise<Uint8Array> {
		const { node } = this.contact(channel);
		await this.goByFile(channel);
		const bytes = this.machine.writeEnvelope(channel, this.byFile.get(channel) ?? []);
		return seal(this.me, node, this.setup.genesis, bytes);
	}

	/** Takes a file in that the partner has made. How much came with it, in planck; and what is to be known. */
	async importEnvelope(sealed: Uint8Array): Promise<{ readonly channel: bigint; readonly received: bigint }> {
		const { from, plain } = unseal(this.me, this.setup.genesis, sealed);
		const { channel, messages } = this.machine.readEnvelope(plain);
		if (!same(this.contact(channel).node, from)) {
			throw new Error('the file was not made by the partner of the channel: nothing was taken');
		}
		await this.goByFile(channel);
		const before = this.view(channel).theirs.paid;
		let refused: unknown;
		for (const message of messages) {
			// By file as over the network.
			if (this.isUnwanted(message)) {
				refused = new Error('the partner wants another key, and a tower watches: its bond would cover nothing');
				continue;
			}
			await this.step({ kind: 'received', channel, message }).catch((error) => {
				refused = error;
			});
		}
		const received = this.view(channel).theirs.paid - before;
		if (received === 0n && refused) throw refused;
		return { channel, received };
	}

	private contact(channel: bigint): Contact {
		const contact = this.kept.contacts.get(channel);
		if (!contact) throw new Error(`the node of the partner of channel ${channel} is not known: say it by reach()`);
		return contact;
	}

	private async goByFile(channel: bigint): Promise<void> {
		if (this.byFile.has(channel)) return;
		if (this.peers.has(toHex(this.contact(channel).node))) {
			throw new Error('the partner is connected: pay over the network');
		}
		this.byFile.set(channel, []);
		try {
			await this.step({ kind: 'connected', channel, number: drawn() });
		} catch (error) {
			this.byFile.delete(channel);
			throw error;
		}
	}

	/** Wants a connection with a node from now on: it is called again when it is lost. */
	connect(node: Uint8Array, url: string): void {
		this.calls.want(node, url);
	}

	/** Takes a partner in that is connected by other means than {@link connect}; the answer is told what it says. */
	attach(peer: Peer): PeerEvents {
		this.peers.set(toHex(peer.node), peer);
		this.emit({ kind: 'peer', node: peer.node, connected: true });
		peer.send({ kind: 'say', say: { kind: 'hello', account: this.setup.wallet.account } });
		void this.greet(peer.node);
		return {
			frame: (frame) => void this.heard(peer.node, frame),
			gone: (why) => this.detach(peer, why),
		};
	}

	private detach(peer: Peer, why: string): void {
		const { node } = peer;
		// Another connection with it may have taken the place of this one.
		if (this.peers.get(toHex(node)) !== peer) return;
		this.peers.delete(toHex(node));
		this.emit({ kind: 'peer', node, connected: false, why });
		for (const channel of this.channelsWith(node)) {
			void this.step({ kind: 'disconnected', channel }).catch(() => undefined);
		}
	}

	private channelsWith(node: Uint8Array): bigint[] {
		const with_ = [...this.kept.contacts.values()].filter((contact) => same(contact.node, node));
		return with_.map((contact) => contact.channel).filter((channel) => this.kept.sheets.has(channel));
	}

	private async greet(node: Uint8Array): Promise<void> {
		if (!this.peers.has(toHex(node))) return;
		for (const channel of this.channelsWith(node)) {
			// One that went by file goes by the network again.
			this.byFile.delete(channel);
			await this.step({ kind: 'connected', channel, number: drawn() }).catch((error) => this.trouble(error));
		}
	}

	private async heard(node: Uint8Array, frame: Frame): Promise<void> {
		// What is lost is said again.
		if (this.unheard >= MOST_UNHEARD) return;
		this.unheard += 1;
		try {
			if (frame.kind === 'say') await this.said(node, frame.say);
			if (frame.kind !== 'channel') return;
			const contact = this.kept.contacts.get(frame.channel);
			// Not all messages are signed: they count from the partner's node alone.
			if (!contact || !same(contact.node, node)) return;
			if (this.isUnwanted(frame.message)) return;
			await this.step({ kind: 'received', channel: frame.channel, message: frame.message });
		} catch (error) {
			this.trouble(error);
		} finally {
			this.unheard -= 1;
		}
	}

	/** A tower's bond covers nothing in a channel whose keys change: none is agreed to that one watches. */
	private isUnwanted(message: Uint8Array): boolean {
		return this.setup.tower !== undefined && message[0] === RENEWED;
	}

	private async said(node: Uint8Array, say: Say): Promise<void> {
		if (say.kind === 'hello') {
			this.policies.set(toHex(node), say.policy);
			this.payments.hello(node);
		}
		const { tower } = this.setup;
		if (say.kind === 'receipt' && tower && same(tower.node, node)) {
			return this.step({ kind: 'receipt', channel: say.channel, receipt: say.receipt });
		}
		return this.openings.heard(node, say);
	}

	private trouble(error: unknown): void {
		this.emit({ kind: 'trouble', why: error instanceof Error ? error.message : String(error) });
	}

	/** Takes a final block: what the chain says of our channels. */
	async tell(block: FinalBlock): Promise<void> {
		const { number, tick, lastId, jumped } = block;
		const mark: Mark = { number, tick, lastId };
		const changes: Change[] = [{ table: 'mark', mark }];
		const opened = new Map<bigint, Contact>();
		const ours = block.told.filter((told) => told.kind !== 'opened' || this.isHere(told));
		for (const told of ours) if (told.kind === 'opened') this.meet(told, opened, changes);
		await this.exclusively(async () => {
			if (jumped) this.machine.forget();
			await this.advance({ kind: 'final', tick, told: ours }, changes);
			this.tick = tick;
		});
		const first = this.toldAt === 0;
		this.toldAt = Date.now();
		if (first) this.payments.resume(await this.notes(MOST_NOTES));
		this.payments.wake();
		this.mark = mark;
		for (const [channel, contact] of opened) this.kept.contacts.set(channel, contact);
		for (const change of changes) if (change.table === 'openings') this.kept.openings.delete(toHex(change.key));
		for (const { node, url } of opened.values()) {
			if (url && !this.peers.has(toHex(node))) this.connect(node, url);
			void this.greet(node);
		}
		this.emit({ kind: 'block', number, tick });
	}

	/** Whether a new channel of the account is one of this store: another program of the account may have opened it. */
	private isHere({ account, channel, state }: Extract<Told, { kind: 'opened' }>): boolean {
		const own = ownKey(state, account);
		const known = own !== undefined && this.kept.keys.has(toHex(own));
		// Who has never seen the chain does not know what was paid in a channel that is there.
		if (known && this.mark) return true;
		const why = known
			? 'is older than this store: recover it'
			: 'was opened by another program of this account: use that';
		this.emit({ kind: 'trouble', why: `channel ${channel} ${why}` });
		return false;
	}

	/** Whom a new channel is with: by our key in it, which is not that of another one. */
	private meet(told: Extract<Told, { kind: 'opened' }>, opened: Map<bigint, Contact>, changes: Change[]): void {
		// Accounts, then keys: 32 bytes each.
		for (const key of [told.state.slice(64, 96), told.state.slice(96, 128)]) {
			const opening = this.kept.openings.get(toHex(key));
			if (!opening) continue;
			const { node, url } = opening;
			const contact: Contact = { channel: told.channel, node, ...(url === undefined ? {} : { url }) };
			opened.set(told.channel, contact);
			changes.push({ table: 'contacts', channel: told.channel, contact });
			changes.push({ table: 'openings', key, opening: undefined });
		}
	}

	/** A key, stored with how the partner is reached before anybody is told of it. */
	private async newKey(reach: { readonly node: Uint8Array; readonly url?: string }): Promise<KeyRecord> {
		const record = await this.freshKey();
		const opening = { key: record.key, ...reach };
		const changes: Change[] = [{ table: 'keys', record }, { table: 'openings', key: record.key, opening }];
		const { openings } = this.kept;
		const [oldest] = openings.values();
		const crowded = openings.size >= MOST_OPENINGS ? oldest : undefined;
		if (crowded) changes.push({ table: 'openings', key: crowded.key, opening: undefined });
		await this.keep(changes);
		if (crowded) openings.delete(toHex(crowded.key));
		openings.set(toHex(record.key), opening);
		return record;
	}

	private keep(changes: readonly Change[]): Promise<void> {
		return this.exclusively(() => this.setup.store.commit(changes));
	}

	/** One thing at a time: no step begins before what came of the last one is stored and done. */
	private exclusively<T>(task: () => Promise<T>): Promise<T> {
		const result = this.queue.then(async () => {
			if (this.failed) throw this.failed;
			try {
				return await task();
			} catch (error) {
				throw error instanceof MachineError && error.kind === 'broken' ? this.fail(error) : error;
			}
		});
		this.queue = result.catch(() => undefined);
		return result;
	}

	private step(want: Want): Promise<void> {
		return this.exclusively(() => this.advance(want, []));
	}

	private async advance(want: Want, changes: readonly Change[]): Promise<void> {
		let stepped = this.machine.step(want);
		if ('ask' in stepped) {
			const { chain } = this.setup;
			if (!chain) throw new Error('without a node of the chain no locks are taken');
			const reveals = await chain.reveals(stepped.ask);
			this.machine.learn(stepped.ask.map((condition, at) => [condition, reveals[at]] as const));
			stepped = this.machine.step(want);
			if ('ask' in stepped) throw new Error('the machine asks twice for what it was told');
		}
		const { writes } = stepped;
		try {
			await this.setup.store.commit([...writes.map(stored), ...changes]);
		} catch (error) {
			// The machine has gone on, and the store has not: begin anew from what is stored.
			const why = 'nothing is signed any more, for the store has failed: open it anew';
			throw this.fail(new Error(why, { cause: error }));
		}
		for (const write of writes) this.note(write);
		for (const deed of this.machine.stored()) {
			// It is stored: what fails now is made again, and the others are done.
			await this.act(deed).catch((error) => this.trouble(error));
		}
	}

	private note(write: Kept): void {
		if (write.kind === 'note') return;
		if (write.kind === 'sheet') this.kept.sheets.set(write.channel, write.bytes);
		else {
			this.kept.sheets.delete(write.channel);
			this.byFile.delete(write.channel);
		}
		this.emit({ kind: 'changed', channel: write.channel });
	}

	private async act(deed: Deed): Promise<void> {
		switch (deed.kind) {
			case 'send':
			case 'submit': {
				const signed = await this.signed(deed);
				if ('message' in signed) this.send(deed.channel, signed.message);
				else this.bring(signed.call, signed.free);
				return;
			}
			case 'watch': {
				const signed = await this.signed(deed);
				if ('message' in signed) this.toTower({ kind: 'watch', watch: signed.message });
				return;
			}
			case 'guard':
				return this.toTower({ kind: 'guard', channel: deed.channel, guard: deed.guard });
			case 'unguard':
				return this.toTower({ kind: 'unguard', channel: deed.channel, lock: deed.lock });
			case 'notify':
				this.emit({ kind: 'notice', notice: deed.notice });
				this.payments.heard(deed.notice);
		}
	}

	/** If it is lost, the machine says it again until there is a receipt. */
	private toTower(say: Say): void {
		const { tower } = this.setup;
		if (tower) this.say(tower.node, say);
	}

	private async signed({ channel, ticket, payload }: Ticket): Promise<Signed> {
		if (!payload) return this.machine.sign(ticket);
		// While another key is taken, it signs as well: the machine says which.
		const record = this.kept.keys.get(toHex(this.machine.signer(ticket)));
		if (!record) throw new Error(`a key of channel ${channel} is not in this store: nothing is signed by it`);
		return this.machine.sign(ticket, await signWith(record, this.machine, payload));
	}

	/** To the partner: on the wire, or into the file that is handed over. What is lost the machine says again. */
	private send(channel: bigint, message: Uint8Array): void {
		this.payments.goesOut(channel, message);
		const waiting = this.byFile.get(channel);
		if (!waiting) {
			const contact = this.kept.contacts.get(channel);
			if (contact) this.peers.get(toHex(contact.node))?.send({ kind: 'channel', channel, message });
			return;
		}
		const newest = waiting.filter((other) => !replaces(message, other));
		waiting.splice(0, waiting.length, ...newest.slice(-MOST_BY_FILE + 1), message);
	}

	/** To the chain. If its effect is not seen, the machine makes it again. */
	private bring(call: Uint8Array, free: boolean): void {
		const brought = free ? this.setup.chain?.submitFree(call) : this.setup.wallet.submit(call);
		void brought?.catch((error) => this.trouble(error));
	}

	private fail(error: Error): Error {
		if (this.failed) return this.failed;
		this.failed = error;
		this.stop();
		this.emit({ kind: 'broken', why: error.message });
		return error;
	}

	private stop(): void {
		clearInterval(this.wake);
		this.unfollow?.();
		this.calls.stop();
		this.payments.end();
		for (const peer of this.peers.values()) peer.close();
	}

	/** Ends: what is under way is stored, and the store is free for another tab. */
	close(): Promise<void> {
		return (this.ending ??= this.end());
	}

	private async end(): Promise<void> {
		await this.queue;
		this.failed ??= new Error('these channels were closed');
		this.stop();
		await this.queue;
		this.setup.store.close();
		this.hold.release();
	}
}

/** Our key in a channel, by its state in SCALE: accounts, then keys, 32 bytes each; nothing, if it is not ours. */
function ownKey(state: Uint8Array, account: Uint8Array): Uint8Array | undefined {
	if (same(state.slice(0, 32), account)) return state.slice(64, 96);
	return same(state.slice(32, 64), account) ? state.slice(96, 128) : undefined;
}

/** What the machine goes by: what is said of it, and the tower. */
function options({ options: given, tower }: Setup): Options | undefined {
	if (!tower) return given;
	const { account, key, reward = 0n, strict = false } = tower;
	return { ...USUAL, ...given, tower: { account, key, reward, strict } };
}

function stored(kept: Kept): Change {
	switch (kept.kind) {
		case 'sheet':
			return { table: 'sheets', channel: kept.channel, bytes: kept.bytes };
		case 'forget':
			return { table: 'sheets', channel: kept.channel, bytes: undefined };
		case 'note':
			return { table: 'notes', note: { at: Date.now(), notice: kept.notice } };
	}
}
