/** A connection with a node: Noise over WebSocket, as `pay/wire` has it. It calls; browsers cannot be called. */

import { BYES, readFrame, writeFrame, type Frame } from './frames.js';
import { Handshake, type Identity, type Transport } from './noise.js';

/** A partner that is connected. */
export interface Peer {
	/** The key of its node, which it has shown. */
	readonly node: Uint8Array;
	/** Sends a frame. It may be lost. */
	send(frame: Frame): void;
	/** Ends the connection. */
	close(): void;
}

/** Who is told what comes. */
export interface PeerEvents {
	/** A frame came. They come in order. */
	frame(frame: Frame): void;
	/** The connection has ended: why, as a sentence. */
	gone(why: string): void;
}

/** Who calls, and whom. */
export interface Call {
	/** Where the node listens: `ws://host:port`, or `wss://` behind a proxy that speaks TLS. */
	readonly url: string;
	/** Its key. */
	readonly node: Uint8Array;
	readonly me: Identity;
	readonly genesis: Uint8Array;
	/** A number that was drawn when this program began: by it others see two programs with one key. */
	readonly writer: bigint;
	/** Makes the socket; the platform's otherwise. */
	readonly socket?: (url: string) => WebSocket;
}

const PATH = '/smart-pay/1';
/** Milliseconds that a handshake may take, */
const HANDSHAKE = 10_000;
/** after which a ping goes out, */
const PING = 15_000;
/** and after which a partner that says nothing is gone. */
const SILENCE = 45_000;
/** Bytes that wait to be sent, at most: a partner that reads nothing is left alone. */
const MOST_WAITING = 4 << 20;

/** Calls a node, and fulfils once both ends know each other. */
export function dial(call: Call, events: PeerEvents): Promise<Peer> {
	const address = call.url.replace(/\/+$/, '');
	return new Promise((resolve, reject) => {
		const socket = (call.socket ?? ((url) => new WebSocket(url)))(address + PATH);
		socket.binaryType = 'arraybuffer';
		const link = new Link(socket, call, events, resolve, reject);
		socket.onopen = () => link.opened();
		socket.onmessage = ({ data }) => link.came(data);
		socket.onerror = () => link.end('the node does not answer: check its address, and whether it runs');
		socket.onclose = () => link.end('the connection was closed');
	});
}

class Link implements Peer {
	readonly node: Uint8Array;
	private readonly handshake: Handshake;
	private transport: Transport | undefined;
	private timer: ReturnType<typeof setTimeout>;
	private pings: ReturnType<typeof setInterval> | undefined;
	private ended = false;
	private count = 0n;

	constructor(
		private readonly socket: WebSocket,
		call: Call,
		private readonly events: PeerEvents,
		private readonly resolve: (peer: Peer) => void,
		private readonly reject: (error: Error) => void,
	) {
		this.node = call.node;
		this.handshake = new Handshake(call.me, call.genesis, call.writer, call.node);
		this.timer = setTimeout(() => this.end('the node does not finish the handshake in time'), HANDSHAKE);
	}

	opened(): void {
		this.put(this.handshake.write());
	}

	came(data: unknown): void {
		if (this.ended) return;
		try {
			if (!(data instanceof ArrayBuffer)) throw new Error('the node says something that is no message');
			const bytes = new Uint8Array(data);
			if (this.transport) this.take(readFrame(this.transport.open(bytes)));
			else this.shake(bytes);
		} catch (error) {
			this.end(error instanceof Error ? error.message : String(error));
		}
	}

	private shake(bytes: Uint8Array): void {
		this.handshake.read(bytes);
		this.put(this.handshake.write());
		this.transport = this.handshake.finish();
		this.listen();
		this.pings = setInterval(() => this.send({ kind: 'ping', number: (this.count += 1n) }), PING);
		this.resolve(this);
	}

	private listen(): void {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.end('the partner has been silent for too long'), SILENCE);
	}

	private take(frame: Frame): void {
		this.listen();
		switch (frame.kind) {
			case 'ping':
				return this.send({ kind: 'pong', number: frame.number });
			case 'pong':
				return;
			case 'bye':
				return this.end(BYES[frame.why] ?? 'it leaves');
			default:
				this.events.frame(frame);
		}
	}

	send(frame: Frame): void {
		if (!this.transport || this.ended) return;
		if (this.socket.bufferedAmount > MOST_WAITING) return this.end('the partner reads nothing');
		this.put(this.transport.seal(writeFrame(frame)));
	}

	private put(bytes: Uint8Array): void {
		this.socket.send(bytes as BufferSource);
	}

	close(): void {
		this.send({ kind: 'bye', why: 0 });
		this.end('this program leaves');
	}

	end(why: string): void {
		if (this.ended) return;
		this.ended = true;
		clearTimeout(this.timer);
		clearInterval(this.pings);
		this.socket.close();
		if (this.transport) this.events.gone(why);
		else this.reject(new Error(why));
	}
}
