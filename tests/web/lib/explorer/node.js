// A node of the chain that is not real: the part of JSON-RPC that a page asks, over WebSocket on this machine.

import { createRequire } from 'node:module';
import { INSTALLED } from '../../../../web/explorer/modules.js';
import { toHex } from './chain.js';
import { Bytes, Option } from './metadata.js';

const { WebSocketServer } = createRequire(INSTALLED)('ws');
const KINDS = {
	chain_subscribeNewHeads: 'head', chain_subscribeFinalizedHeads: 'final', poca_subscribeCertificates: 'certificate',
	state_subscribeRuntimeVersion: 'version',
};

export class FakeNode {
	/** Listens at a port, 0 for any. */
	static start(chain, port = 0) {
		const node = new FakeNode();
		node.chain = chain;
		node.asked = [];
		node.listeners = new Set();
		node.refuses = new Set();
		node.server = new WebSocketServer({ host: '127.0.0.1', port });
		node.server.on('connection', (socket) => node.#meet(socket));
		return new Promise((resolve, reject) => {
			node.server.once('listening', () => resolve(node));
			node.server.once('error', reject);
		});
	}

	get port() {
		return this.server.address().port;
	}

	get url() {
		return `ws://127.0.0.1:${this.port}`;
	}

	#meet(socket) {
		socket.on('close', () => {
			for (const one of this.listeners) if (one.socket === socket) this.listeners.delete(one);
		});
		socket.on('message', (data) => {
			const { id, method, params } = JSON.parse(data);
			this.asked.push(method);
			let answer;
			try {
				answer = { result: this.#answer(method, params, socket) };
			} catch (error) {
				answer = { error: { code: -32_000, message: error.message } };
			}
			socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
		});
	}

	#answer(method, params, socket) {
		if (this.refuses.has(method)) throw new Error('not here');
		if (KINDS[method]) {
			const subscription = `${KINDS[method]}-${this.listeners.size}`;
			this.listeners.add({ kind: KINDS[method], subscription, socket });
			return subscription;
		}
		const answers = this.#answers();
		if (!answers[method]) throw new Error(`Method not found: ${method}`);
		return answers[method](...params) ?? null;
	}

	#answers() {
		const { chain } = this;
		return {
			system_chain: () => 'SmartChain Looking Glass',
			state_getRuntimeVersion: () => ({ specName: 'smartchain', specVersion: chain.spec }),
			chain_getBlockHash: (number) => chain.canonical[number],
			chain_getHeader: (hash) => chain.header(hash ?? chain.best),
			chain_getFinalizedHead: () => chain.final,
			chain_getBlock: (hash) => {
				const block = chain.blocks.get(hash ?? chain.best);
				return block && { block, justifications: null };
			},
			state_getStorage: (key, at) => {
				const events = chain.runtime.builder.buildStorage('System', 'Events').keys.enc();
				return key === events ? chain.events.get(at ?? chain.best) : chain.state.get(key);
			},
			state_queryStorageAt: (keys) => [{ block: chain.best,
				changes: keys.map((key) => [key, chain.state.get(key) ?? null]) }],
			state_getKeysPaged: (prefix, count, after) => [...chain.state.keys()].sort()
				.filter((key) => key.startsWith(prefix) && (!after || key > after)).slice(0, count),
			state_call: (name) => {
				if (name === 'Metadata_metadata_at_version') return toHex(Option(Bytes()).enc(chain.runtime.bytes));
				if (!chain.answers.has(name)) throw new Error(`no function ${name}`);
				return chain.answers.get(name);
			},
			poca_schedule: () => chain.schedule(),
			poca_finalityStatus: () => chain.status(),
		};
	}

	tell(kind, result) {
		const names = { head: 'chain_newHead', final: 'chain_finalizedHead', certificate: 'poca_certificate',
			version: 'state_runtimeVersion' };
		for (const { kind: wanted, subscription, socket } of this.listeners) {
			if (wanted !== kind) continue;
			socket.send(JSON.stringify({ jsonrpc: '2.0', method: names[kind], params: { subscription, result } }));
		}
	}

	/** Makes a block, which everybody is told of; blocks up to so many below it become final, unless that is null. */
	block(how = {}, below = 0) {
		const hash = this.chain.produce(how);
		this.tell('head', this.chain.header(hash));
		if (below !== null) this.finalise(below);
		return hash;
	}

	finalise(below = 0) {
		const hash = this.chain.finalise(below);
		const number = Number(this.chain.header(hash).number);
		this.tell('certificate', {
			phase: 'commit', setId: 2, relaxed: false, block: { slot: this.chain.slot, number, hash }, end: null,
			signers: [0, 1, 2, 3, 5, 6], certificate: '0x',
		});
		this.tell('final', this.chain.header(hash));
	}

	/** Another runtime comes into force. */
	upgrade(market) {
		this.chain.install(market);
		this.chain.spec += 1;
		this.tell('version', { specName: 'smartchain', specVersion: this.chain.spec });
	}

	/** Ends, and all connections with it. */
	stop() {
		for (const socket of this.server.clients) socket.terminate();
		return new Promise((resolve) => this.server.close(resolve));
	}
}
