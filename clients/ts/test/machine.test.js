import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { wasm } from './setup.js';
import { newKey, signWith } from '../dist/keys.js';
import { Machine } from '../dist/machine.js';
import { fromHex } from '../dist/scale.js';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/envelope-v1.json', import.meta.url), 'utf8'));

test('files are those of smart-pay, byte for byte', async () => {
	const machine = await Machine.load(wasm());
	for (const { name, channel, messages, file } of vectors) {
		const said = messages.map(fromHex);
		assert.deepEqual(machine.writeEnvelope(BigInt(channel), said), fromHex(file), name);
		assert.deepEqual(machine.readEnvelope(fromHex(file)), { channel: BigInt(channel), messages: said }, name);
		const damaged = fromHex(file);
		damaged[5] ^= 1;
		assert.throws(() => machine.readEnvelope(damaged), { name: 'MachineError', kind: 'envelope' }, name);
	}
});

test('keys of WebCrypto and of the machine sign alike', async () => {
	const machine = await Machine.load(wasm());
	const payload = new Uint8Array(32).fill(5);
	for (const kind of ['webcrypto', 'wasm']) {
		const record = await newKey(machine, kind);
		assert.equal(record.handle === undefined, kind === 'wasm');
		assert.notEqual(record.handle?.extractable, true);
		const signature = await signWith(record, machine, payload);
		assert.ok(machine.verify(record.key, payload, signature), kind);
		signature[0] ^= 1;
		assert.ok(!machine.verify(record.key, payload, signature), kind);
	}
	// RFC 8032, the first vector's key.
	const secret = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
	const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
	assert.deepEqual(machine.keyOf(secret), key);
});

test('what is out of turn is said, and changes nothing', async () => {
	const machine = await Machine.load(wasm());
	assert.throws(() => machine.step({ kind: 'wake' }), { kind: 'turn' });
	machine.start([]);
	assert.throws(() => machine.stored(), { kind: 'turn' });
	assert.throws(() => machine.sign(0), { kind: 'turn' });
	assert.throws(() => machine.view(1n), { kind: 'refused' });
	assert.throws(() => machine.start([[1n, Uint8Array.of(9)]]), { kind: 'store' });
	assert.deepEqual(machine.step({ kind: 'wake' }), { writes: [] });
	assert.deepEqual(machine.stored(), []);
});

test('a module of another version, or that is none, is refused', async () => {
	await assert.rejects(Machine.load(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)), /version/);
	await assert.rejects(Machine.load(Uint8Array.of(1, 2, 3)));
});
