/** Connections that are wanted: each is made again when it is lost. */

import { dial, type Call, type Peer, type PeerEvents } from './link.js';
import { toHex } from './scale.js';

/** What calls need of the program. */
export interface CallsSetup {
	/** Who calls. */
	readonly from: Omit<Call, 'url' | 'node'>;
	/** Takes a partner in; the answer is told what it says. */
	readonly attach: (peer: Peer) => PeerEvents;
	/** A call failed, or a connection was lost: why, as a sentence. */
	readonly trouble: (why: string) => void;
}

/** Milliseconds until a node is called again: at first, and at most. */
const RECALL = [200, 60_000] as const;

/** All calls of one program. */
export class Calls {
	private readonly wanted = new Map<string, { readonly url: string; stop(): void }>();
	private ended = false;

	constructor(private readonly setup: CallsSetup) {}

	/** Wants a connection with a node from now on. */
	want(node: Uint8Array, url: string): void {
		const name = toHex(node);
		const before = this.wanted.get(name);
		if (before?.url === url || this.ended) return;
		before?.stop();
		this.wanted.set(name, { url, stop: this.begin(node, url) });
	}

	private begin(node: Uint8Array, url: string): () => void {
		const { from, attach, trouble } = this.setup;
		let stopped = false;
		let timer: ReturnType<typeof setTimeout> | undefined;
		let pause: number = RECALL[0];
		const again = (why: string) => {
			if (stopped) return;
			trouble(why);
			clearTimeout(timer);
			timer = setTimeout(call, pause * (0.5 + Math.random()));
			pause = Math.min(pause * 2, RECALL[1]);
		};
		const call = () => {
			let inner: PeerEvents | undefined;
			const events: PeerEvents = {
				frame: (frame) => inner?.frame(frame),
				gone: (why) => {
					inner?.gone(why);
					again(why);
				},
			};
			dial({ ...from, url, node }, events).then((peer) => {
				if (stopped) return peer.close();
				pause = RECALL[0];
				inner = attach(peer);
			}, (error: Error) => again(error.message));
		};
		call();
		return () => {
			stopped = true;
			clearTimeout(timer);
		};
	}

	/** Calls nobody any more. */
	stop(): void {
		this.ended = true;
		for (const { stop } of this.wanted.values()) stop();
	}
}
