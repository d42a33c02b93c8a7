import assert from 'node:assert/strict';
import { test } from 'node:test';
import './setup.js';
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
