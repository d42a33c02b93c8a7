// Two ends of a WebSocket that are in one program.

const turn = () => new Promise((resolve) => setImmediate(resolve));

export class Pipe {
	bufferedAmount = 0;
	open = true;

	static pair() {
		const [one, other] = [new Pipe(), new Pipe()];
		[one.far, other.far] = [other, one];
		return [one, other];
	}

	/** Says to both that they are connected. */
	static begin(...ends) {
		for (const end of ends) setImmediate(() => end.onopen?.());
	}

	/** Waits until what was sent has come, and what was answered to it. */
	static async idle() {
		for (let turns = 0; turns < 20; turns += 1) await turn();
	}

	send(data) {
		if (!this.open) return;
		const bytes = typeof data === 'string' ? data : Uint8Array.from(data).buffer;
		setImmediate(() => this.far.open && this.far.onmessage?.({ data: bytes }));
	}

	close() {
		if (!this.open) return;
		this.open = false;
		setImmediate(() => {
			this.onclose?.();
			this.far.close();
		});
	}
}
