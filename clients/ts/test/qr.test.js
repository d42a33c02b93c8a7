import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './setup.js';
import { fromNfc, NFC_TYPE, readHanded, toNfc } from '../dist/nfc.js';
import { fromBase45, fromQrText, MAX_QR, toBase45, toQrText } from '../dist/qr.js';

const bytes = (text) => new TextEncoder().encode(text);

// The examples of RFC 9285.
test('base45 is that of its standard', () => {
	const examples = [['AB', 'BB8'], ['Hello!!', '%69 VD92EX0'], ['base-45', 'UJCLQE7W581'], ['ietf!', 'QED8WEX0']];
	examples.push(['', '']);
	for (const [plain, text] of examples) {
		assert.equal(toBase45(bytes(plain)), text);
		assert.deepEqual(fromBase45(text), bytes(plain));
	}
	for (const wrong of ['GGW', ':::', 'A', 'BB8A', 'bb8', '::']) {
		assert.throws(() => fromBase45(wrong), /base45/, wrong);
	}
});

test('a file comes back from a QR, and one that is too long has none', () => {
	const sealed = crypto.getRandomValues(new Uint8Array(501));
	const text = toQrText(sealed);
	assert.match(text, /^SCPAY1:[0-9A-Z $%*+\-./:]+$/);
	assert.deepEqual(fromQrText(text), sealed);
	assert.throws(() => toQrText(new Uint8Array(MAX_QR + 1)), RangeError);
	assert.throws(() => fromQrText('https://example.org'), /SCPAY1/);
});

const VECTORS = JSON.parse(readFileSync(new URL('../../vectors/handed-v1.json', import.meta.url), 'utf8'));
const unhex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));

// The bytes that programs in other languages have.
test('what is handed over is that of other programs', () => {
	assert.ok(VECTORS.length > 3);
	for (const vector of VECTORS) {
		const [sealed, nfc] = [unhex(vector.sealed), unhex(vector.nfc)];
		assert.equal(toQrText(sealed), vector.qr);
		assert.deepEqual(toNfc(sealed), nfc, vector.name);
		for (const handed of [sealed, nfc, bytes(vector.qr), bytes(` ${vector.qr}\r\n`)]) {
			assert.deepEqual(readHanded(handed), sealed, vector.name);
		}
	}
});

/** An NDEF record with a short length. */
const record = (head, type, payload, name) => Uint8Array.from([
	head | 0x10 | (name === undefined ? 0 : 0x08), type.length, payload.length,
	...(name === undefined ? [] : [name.length]),
	...bytes(type), ...bytes(name ?? ''), ...payload,
]);
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

test('a record is found beside others on a tag, and others are none', () => {
	const sealed = bytes('sealed');
	const address = record(0x81, 'U', bytes('example.org'));
	assert.deepEqual(fromNfc(joined(address, record(0x42, NFC_TYPE.toUpperCase(), sealed, '1'))), sealed);
	for (const other of [
		joined(address, record(0x42, 'text/plain', sealed)),
		record(0xa2, NFC_TYPE, sealed),
		record(0x42, NFC_TYPE, sealed),
		joined(record(0x81, 'U', []), record(0xc2, NFC_TYPE, sealed)),
		joined(record(0xc1, 'U', []), record(0x42, NFC_TYPE, sealed)),
	]) {
		assert.equal(fromNfc(other), undefined);
		assert.deepEqual(readHanded(other), other);
	}
	const whole = toNfc(new Uint8Array(300).fill(1));
	for (let end = 0; end < whole.length; end += 1) assert.equal(fromNfc(whole.subarray(0, end)), undefined);
});
