import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './setup.js';
import { readFrame, writeFrame } from '../dist/frames.js';
import { Reader, fromHex, toHex, Writer } from '../dist/scale.js';
import { readNotice, readReply, writeWant } from '../dist/words.js';

const hex = (writer) => toHex(writer.done());
const step = (want) => hex(writeWant(new Writer().u8(1), want));

// The same bytes as in clients/wasm/tests/wasm/desks.rs, `the_bytes_stay`.
test('the machine is asked, and answers, in the bytes that it knows', () => {
	const pay = step({ kind: 'pay', channel: 7n, amount: 5n, memo: new Uint8Array(32) });
	assert.equal(pay, `01070700000000000000${'05000000000000000000000000000000'}${'00'.repeat(32)}`);
	assert.equal(step({ kind: 'close', channel: 7n, sure: true }), '010d070000000000000001');
	const key = new Uint8Array(32).fill(3);
	assert.equal(step({ kind: 'rekey', channel: 7n, key }), `01100700000000000000${'03'.repeat(32)}`);
	const deeds = readReply(fromHex('02040007000000000000000300000000'));
	const send = { kind: 'send', channel: 7n, ticket: 3, payload: undefined };
	assert.deepEqual(deeds, { kind: 'deeds', deeds: [send] });
	assert.deepEqual(readReply(fromHex('0901086e6f')), { kind: 'fault', fault: 'turn', text: 'no' });
});

test('a notice is read as the machine stores it', () => {
	const file = new URL('../../../core/channel/tests/golden/notice-v1.hex', import.meta.url);
	const notice = readFileSync(file, 'utf8').trim();
	const reply = readReply(fromHex(`010402${notice}`));
	const memo = new Uint8Array(32).fill(6);
	assert.deepEqual(reply.writes, [{
		kind: 'note',
		notice: { kind: 'received', channel: 5n, amount: 70n, memo, lock: 1n, relayed: true },
	}]);
});

test('numbers of all sizes come back, and those that are too large are refused', () => {
	const most = (1n << 128n) - 1n;
	for (const value of [0n, 1n, 1n << 64n, most]) {
		assert.equal(new Reader(new Writer().u128(value).done()).u128(), value);
	}
	for (const value of [-1n, most + 1n]) assert.throws(() => new Writer().u128(value), RangeError);
	assert.throws(() => new Writer().u32(-1), RangeError);
	assert.throws(() => new Writer().u8(1.5), RangeError);
	for (const value of [0, 63, 64, 16_383, 16_384, 2 ** 30 - 1]) {
		assert.equal(new Reader(new Writer().compact(value).done()).compact(), value);
	}
	assert.equal(hex(new Writer().compact(16_384)), '02000100');
});

test('what is cut short, goes on, or lies about its length is refused', () => {
	const reply = '02040007000000000000000300000000';
	for (let end = 0; end < reply.length; end += 2) assert.throws(() => readReply(fromHex(reply.slice(0, end))));
	assert.throws(() => readReply(fromHex(`${reply}00`)), /nobody asked for/);
	assert.throws(() => readReply(fromHex('04fe')), { name: 'ScaleError' }, 'a list of 63 hashes');
	assert.throws(() => fromHex('0g'), { name: 'ScaleError' });
});

// pay/wire/src/frame.rs, `bytes_stay`.
test('frames are those of smart-pay', () => {
	const message = fromHex('020201000000000000');
	const frames = [
		[{ kind: 'channel', channel: 7n, message }, '010111000700000000000000020201000000000000'],
		[{ kind: 'ping', number: 1n }, '010208000100000000000000'],
		[{ kind: 'pong', number: 2n }, '010308000200000000000000'],
		[{ kind: 'bye', why: 1 }, '0104010001'],
	];
	for (const [frame, bytes] of frames) {
		assert.equal(toHex(writeFrame(frame)), bytes);
		assert.deepEqual(readFrame(fromHex(bytes)), frame);
		for (let end = 0; end < bytes.length; end += 2) assert.throws(() => readFrame(fromHex(bytes.slice(0, end))));
	}
	assert.throws(() => readFrame(fromHex('02030800020000000000000000')), /version 2/);
	assert.throws(() => readFrame(fromHex('01050000')), /kind 5/);
});

test('what programs say of openings comes back, and what is not known is left out', () => {
	const key = new Uint8Array(32).fill(3);
	const account = new Uint8Array(32).fill(4);
	const says = [
		{ kind: 'hello', account },
		{ kind: 'ask-open', id: 9n, opener: account, key, window: 20 },
		{ kind: 'agree-open', id: 9n, account, key, expiry: 500, signature: new Uint8Array(65).fill(1) },
		{ kind: 'refuse-open', id: 9n, why: 'no' },
	];
	for (const say of says) assert.deepEqual(readFrame(writeFrame({ kind: 'say', say })), { kind: 'say', say });
	// A program that carries payments on says its fee.
	const hello = `00${'04'.repeat(32)}01${'05'.padEnd(32, '0')}0600000007000000`;
	const policy = { base: 5n, ppm: 6, margin: 7 };
	assert.deepEqual(readFrame(fromHex(`01403a00${hello}`)), { kind: 'say', say: { ...says[0], policy } });
	assert.deepEqual(readFrame(fromHex('0140020007ff')), { kind: 'say', say: { kind: 'unknown', number: 7 } });
	assert.deepEqual(readFrame(fromHex('01410000')), { kind: 'say', say: { kind: 'unknown', number: 65 } });
});

test('what a tower is told, and says', () => {
	const watch = Uint8Array.of(1, 2);
	for (const [say, bytes] of [
		[{ kind: 'watch', watch }, '01400300070102'],
		[{ kind: 'guard', channel: 7n, guard: watch }, '01400b000907000000000000000102'],
		[{ kind: 'unguard', channel: 7n, lock: 3n }, '014011000a07000000000000000300000000000000'],
	]) assert.equal(toHex(writeFrame({ kind: 'say', say })), bytes);
	const receipt = { kind: 'say', say: { kind: 'receipt', channel: 7n, receipt: watch } };
	assert.deepEqual(readFrame(writeFrame(receipt)), receipt);
});

test('why a lock came to nothing, and that a side has another key', () => {
	const sealed = new Uint8Array(48).fill(2);
	const at = { channel: 7n, id: 1n };
	const want = writeWant(new Writer(), { kind: 'give-up', at, reason: { code: 7, sealed } }).done();
	assert.equal(toHex(want), `0a0700000000000000010000000000000007${'02'.repeat(48)}`);
	const notice = (hex) => readNotice(new Reader(fromHex(hex)));
	const failed = `0307000000000000000100000000000000${'07'}${'02'.repeat(48)}`;
	assert.deepEqual(notice(failed), { kind: 'failed', channel: 7n, lock: 1n, reason: { code: 7, sealed } });
	assert.deepEqual(notice('09070000000000000001'), { kind: 'rekeyed', channel: 7n, side: 'high' });
	assert.throws(() => notice('030700000000000000010000000000000008'), /8 is no reason/);
});
