import assert from 'node:assert/strict';
import { test } from 'node:test';
import './setup.js';
import { readFrame, writeFrame } from '../dist/frames.js';
import { dial } from '../dist/link.js';
import { Handshake, identity } from '../dist/noise.js';
import { Pipe } from './pipe.js';

const of = (byte) => new Uint8Array(32).fill(byte);
const [caller, answerer] = [identity(of(1)), identity(of(2))];

/** A node that answers, and whoever calls it. */
async function meet({ node = answerer, genesis = of(9) } = {}) {
	const heard = [];
	const gone = [];
	let told = () => {};
	const [socket, far] = Pipe.pair();
	const handshake = new Handshake(node, genesis, 2n);
	let transport;
	far.onmessage = ({ data }) => {
		const bytes = new Uint8Array(data);
		if (transport) return heard.push(readFrame(transport.open(bytes)));
		handshake.read(bytes);
		if (handshake.mine) far.send(handshake.write());
		else transport = handshake.finish();
	};
	const urls = [];
	const peer = dial(
		{ url: 'ws://node:9956/', node: answerer.key, me: caller, genesis: of(9), writer: 1n, socket: (url) => {
			urls.push(url);
			return socket;
		} },
		{ frame: (frame) => told(frame), gone: (why) => gone.push(why) },
	);
	Pipe.begin(socket, far);
	const say = (frame) => far.send(transport.seal(writeFrame(frame)));
	const next = () => new Promise((done) => {
		told = done;
	});
	return { peer, far, heard, gone, urls, say, transport: () => transport, next };
}

test('both ends know each other, and frames go both ways', async () => {
	const { peer, heard, urls, say, transport, next } = await meet();
	const link = await peer;
	assert.deepEqual(urls, ['ws://node:9956/smart-pay/1']);
	const came = next();
	link.send({ kind: 'channel', channel: 7n, message: Uint8Array.of(2, 1) });
	await Pipe.idle();
	assert.deepEqual([transport().key, transport().writer], [caller.key, 1n]);
	assert.deepEqual(heard, [{ kind: 'channel', channel: 7n, message: Uint8Array.of(2, 1) }]);
	say({ kind: 'ping', number: 5n });
	say({ kind: 'channel', channel: 8n, message: Uint8Array.of(3) });
	assert.deepEqual(await came, { kind: 'channel', channel: 8n, message: Uint8Array.of(3) });
	await Pipe.idle();
	assert.deepEqual(heard[1], { kind: 'pong', number: 5n });
	link.close();
});

test('a node with another key, or of another chain, gets no connection', async () => {
	for (const other of [{ node: identity(of(5)) }, { genesis: of(8) }]) {
		const { peer } = await meet(other);
		await assert.rejects(peer);
	}
});

test('what was changed on its way ends the connection, and so does a second program', async () => {
	const { peer, far, gone, transport } = await meet();
	await peer;
	await Pipe.idle();
	const sealed = transport().seal(writeFrame({ kind: 'ping', number: 1n }));
	sealed[0] ^= 1;
	far.send(sealed);
	await Pipe.idle();
	assert.match(gone[0], /does not open/);

	const second = await meet();
	await second.peer;
	await Pipe.idle();
	second.say({ kind: 'bye', why: 1 });
	await Pipe.idle();
	assert.match(second.gone[0], /another program with this key/);
});
