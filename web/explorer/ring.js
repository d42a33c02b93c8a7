// What is kept of what comes without end: so much, and the oldest goes.

export class Ring {
	#kept = [];

	/** `most`: how many are kept. */
	constructor(most) {
		this.most = most;
	}

	get length() {
		return this.#kept.length;
	}

	/** Adds one; what has to go for it is returned. */
	add(one) {
		this.#kept.push(one);
		return this.#kept.length > this.most ? this.#kept.shift() : undefined;
	}

	/** All of them, the newest first. */
	newest(count = this.most) {
		return this.#kept.slice(-count).reverse();
	}

	clear() {
		this.#kept.length = 0;
	}
}
