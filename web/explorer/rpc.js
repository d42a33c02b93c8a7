// A node's JSON-RPC over WebSocket: asks, subscribes, and calls again if the connection ends.

/** A node that refuses, does not answer, or cannot be reached. */
export class RpcError extends Error {
	name = 'RpcError';

	/** `code`: the node's, if it has answered. */
	constructor(message, code) {
		super(message);
		this.code = code;
	}
}

/** Milliseconds that an answer may take. */
const PATIENCE = 20_000;
/** Milliseconds until a node is called again: doubled from the first to the second. */
const PAUSES = [1_000, 30_000];
/** Questions that wait for answers at most. */
const MOST_WAITING = 128;
/** Characters of a message that is read at most: no answer to what is asked here is longer. */
const MOST_CHARACTERS = 16_000_000;
/** Characters of what a node says if it refuses, at most. */
const MOST_WORDS = 300;

/** One connection. It ends once, and with it all that it was asked. */
class Session {
	#next = 1;
	#waiting = new Map();
	#heard = new Map();
	ended = false;

	constructor(socket) {
		this.socket = socket;
		socket.onmessage = ({ data }) => this.#came(data);
	}

	end(why) {
		this.ended = true;
		for (const { reject } of this.#waiting.values()) reject(new RpcError(why));
		this.#waiting.clear();
		this.#heard.clear();
	}

	#came(data) {
		if (typeof data !== 'string' || data.length > MOST_CHARACTERS) return;
		let message;
		try {
			message = JSON.parse(data);
		} catch {
			return;
		}
		if (message?.method) {
			this.#heard.get(message.params?.subscription)?.(message.params.result);
			return;
		}
		const waiting = this.#waiting.get(message?.id);
		if (!waiting) return;
		this.#waiting.delete(message.id);
		if (!message.error) return waiting.resolve(message.result);
		const more = typeof message.error.data === 'string' ? ` (${message.error.data})` : '';
		const why = `${message.error.message}${more}`.slice(0, MOST_WORDS);
		waiting.reject(new RpcError(`the node refuses ${waiting.method}: ${why}`, message.error.code));
	}

	#send(method, params, done) {
		if (this.ended) return Promise.reject(new RpcError('the connection to the node has ended'));
		if (this.#waiting.size >= MOST_WAITING) {
			return Promise.reject(new RpcError('the node is behind with its answers: too much was asked at once'));
		}
		const id = this.#next++;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#waiting.delete(id);
				reject(new RpcError(`the node does not answer ${method}`));
			}, PATIENCE);
			const settle = (then) => (value) => {
				clearTimeout(timer);
				then(value);
			};
			// A subscription is known before anything that it tells.
			const answered = (value) => {
				done?.(value);
				resolve(value);
			};
			this.#waiting.set(id, { method, resolve: settle(answered), reject: settle(reject) });
			this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
		});
	}

	/** Asks the node. */
	ask(method, ...params) {
		return this.#send(method, params);
	}

	/** Is told something until the connection ends. */
	subscribe(method, tell) {
		return this.#send(method, [], (id) => this.#heard.set(id, tell));
	}
}

/** Keeps a connection. `begun(session)` is called for each one, `told(state, why)` as it changes. */
export class Link {
	#timer;
	#socket;
	#session;
	#pause = PAUSES[0];
	#stopped = false;

	constructor(url, { begun, told }) {
		Object.assign(this, { url, begun, told });
		this.#call();
	}

	#call() {
		this.told('calling');
		let socket;
		try {
			socket = new WebSocket(this.url);
		} catch (error) {
			// An address that is none stays none.
			this.told('refused', `${this.url} is no address of a node: ${error.message}`);
			return;
		}
		this.#socket = socket;
		let [session, failed] = [];
		socket.onopen = () => {
			session = new Session(socket);
			this.#session = session;
			this.told('open');
			Promise.resolve(this.begun(session)).then(() => {
				this.#pause = PAUSES[0];
			}, (error) => {
				if (session.ended) return;
				failed = error.message;
				socket.close();
			});
		};
		socket.onclose = () => {
			session?.end('the node has closed the connection');
			if (this.#stopped) return;
			const why = session
				? failed ?? 'the connection to the node has ended'
				: `no node answers at ${this.url}: check the address, whether it runs, and whether it lets this page `
					+ 'in (--rpc-cors)';
			this.told('closed', `${why}; it is called again in ${Math.round(this.#pause / 1_000)} s`);
			this.#timer = setTimeout(() => this.#call(), this.#pause);
			this.#pause = Math.min(this.#pause * 2, PAUSES[1]);
		};
	}

	/** Ends it for good. */
	stop() {
		this.#stopped = true;
		clearTimeout(this.#timer);
		this.#session?.end('another node is asked');
		this.#socket?.close();
	}
}
