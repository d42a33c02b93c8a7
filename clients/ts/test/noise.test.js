import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './setup.js';
import { Handshake, identity, seal, unseal } from '../dist/noise.js';
import { fromHex, toHex } from '../dist/scale.js';

const of = (byte) => new Uint8Array(32).fill(byte);
const golden = Object.fromEntries(
	readFileSync(new URL('../../../pay/wire/tests/golden/noise-v1.txt', import.meta.url), 'utf8')
		.trim().split('\n').map((line) => line.split(' ')),
);
const frame = new TextEncoder().encode('frame');
const [caller, answerer] = [identity(of(1)), identity(of(2))];

const shaken = (genesis = of(9)) => {
	const calls = new Handshake(caller, genesis, 1n, answerer.key);
	const answers = new Handshake(answerer, genesis, 2n);
	answers.read(calls.write());
	calls.read(answers.write());
	answers.read(calls.write());
	return [calls.finish(), answers.finish()];
};

test('the bytes are those of smart-pay', () => {
	assert.equal(toHex(caller.key), golden.caller);
	const calls = new Handshake(caller, of(9), 1n, answerer.key, identity(of(3)));
	const answers = new Handshake(answerer, of(9), 2n, undefined, identity(of(4)));
	const first = calls.write();
	assert.equal(toHex(first), golden.first);
	answers.read(first);
	const second = answers.write();
	assert.equal(toHex(second), golden.second);
	calls.read(second);
	const third = calls.write();
	assert.equal(toHex(third), golden.third);
	answers.read(third);
	const out = calls.finish();
	assert.equal(toHex(out.seal(frame)), golden.sealed0);
	assert.equal(toHex(out.seal(frame)), golden.sealed1);
	assert.equal(toHex(seal(caller, answerer.key, of(9), frame, identity(of(3)))), golden.envelope);
	const { from, plain } = unseal(answerer, of(9), fromHex(golden.envelope));
	assert.deepEqual([toHex(from), plain], [golden.caller, frame]);
});

test('both know each other, and what is doubled or changed does not open', () => {
	const [out, into] = shaken();
	assert.deepEqual([into.key, into.writer, out.writer], [caller.key, 1n, 2n]);
	const sealed = out.seal(frame);
	const changed = sealed.slice();
	changed[0] ^= 1;
	assert.throws(() => into.open(changed), { name: 'NoiseError' });
	assert.deepEqual(into.open(sealed), frame, 'what was false does not count');
	assert.throws(() => into.open(sealed), { name: 'NoiseError' }, 'doubled');
	assert.throws(() => out.open(out.seal(frame)), { name: 'NoiseError' }, 'sent back');
});

test('whoever answers with another key, or from another chain, is no partner', () => {
	const other = identity(of(5));
	const calls = new Handshake(caller, of(9), 1n, answerer.key);
	const answers = new Handshake(other, of(9), 2n);
	answers.read(calls.write());
	assert.throws(() => calls.read(answers.write()), /somebody else/);
	const again = new Handshake(caller, of(9), 1n, answerer.key);
	const elsewhere = new Handshake(answerer, of(8), 2n);
	elsewhere.read(again.write());
	assert.throws(() => again.read(elsewhere.write()), { name: 'NoiseError' });
});

test('an envelope opens for its reader alone, and no byte of it can be changed', () => {
	const sealed = seal(caller, answerer.key, of(9), frame);
	assert.equal(sealed.length, frame.length + 96);
	assert.throws(() => unseal(caller, of(9), sealed), { name: 'NoiseError' });
	assert.throws(() => unseal(answerer, of(8), sealed), { name: 'NoiseError' });
	for (let at = 0; at < sealed.length; at += 1) {
		const changed = sealed.slice();
		changed[at] ^= 1;
		assert.throws(() => unseal(answerer, of(9), changed), { name: 'NoiseError' }, `byte ${at}`);
		assert.throws(() => unseal(answerer, of(9), sealed.slice(0, at)), { name: 'NoiseError' });
	}
});
