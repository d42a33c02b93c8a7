import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './setup.js';
import { LETTER, MAX_HOPS, MAX_LAST, openFault, openLetter, sealFault, sealLetter } from '../dist/pay/letter.js';
import { identity } from '../dist/noise.js';
import { toHex } from '../dist/scale.js';

const golden = Object.fromEntries(
	readFileSync(new URL('../../../pay/routes/tests/golden/letter-v1.txt', import.meta.url), 'utf8')
		.trim().split('\n').map((line) => line.split(' ')),
);
const of = (byte) => new Uint8Array(32).fill(byte);
const [genesis, condition] = [of(9), of(7)];
const secret = (hop) => of(11 + hop);
const on = (hop) => ({ channel: BigInt(100 + hop), amount: 2n ** 128n - 1n - BigInt(hop), expiry: 0xffffffff - hop });

function sealed(hops, last) {
	const mediators = Array.from({ length: hops - 1 }, (_, hop) => ({ node: identity(secret(hop)).key, on: on(hop) }));
	const payee = identity(secret(hops - 1)).key;
	return sealLetter({ genesis, condition, session: of(3), mediators, payee, last });
}

test('letters are those of smart-pay, byte for byte', () => {
	assert.equal(toHex(identity(secret(0)).key), golden.key);
	let { letter, faults } = sealed(8, Uint8Array.from({ length: 146 }, (_, at) => at));
	assert.equal(toHex(letter), golden.letter);
	for (let hop = 0; hop < 7; hop += 1) {
		const { found, fault, mark } = openLetter(letter, genesis, condition, secret(hop));
		assert.deepEqual(found.on, on(hop));
		if (hop === 3) {
			const why = { kind: 'dearer', policy: { base: 5n, ppm: 6, margin: 1_200 } };
			const said = sealFault(fault, why);
			assert.equal(toHex(said), golden.fault3);
			const by = faults.map((key) => openFault(key, said));
			assert.deepEqual(by, faults.map((_, at) => (at === 3 ? why : undefined)));
			assert.equal(toHex(mark), golden.mark3);
		}
		({ letter } = found);
		if (hop === 0 || hop === 6) assert.equal(toHex(letter), golden[`after${hop}`]);
	}
	const alone = sealLetter({
		genesis, condition, session: of(3), mediators: [], payee: identity(secret(7)).key, last: Uint8Array.of(0x78),
	});
	assert.equal(toHex(alone.letter), golden.alone);
});

test('every length of way reaches its payee, and a letter looks as long at each hop', () => {
	for (let hops = 1; hops <= MAX_HOPS; hops += 1) {
		const last = Uint8Array.from({ length: MAX_LAST }, (_, at) => at);
		let { letter } = sealed(hops, last);
		for (let hop = 0; hop < hops; hop += 1) {
			assert.equal(letter.length, LETTER);
			const { found } = openLetter(letter, genesis, condition, secret(hop));
			assert.equal(found.kind, hop + 1 < hops ? 'on' : 'last');
			if (found.kind === 'last') assert.deepEqual(found.said, last);
			else ({ letter } = found);
		}
	}
	assert.throws(() => sealed(MAX_HOPS + 1, Uint8Array.of()), /1 to 8 hops/);
});

test('nobody opens what is for others, for another lock, or was changed', () => {
	const { letter, faults } = sealed(3, Uint8Array.of(1));
	for (let hop = 1; hop < 5; hop += 1) {
		assert.throws(() => openLetter(letter, genesis, condition, secret(hop)), /not for this node/);
	}
	assert.throws(() => openLetter(letter, genesis, of(8), secret(0)), /not for this node/);
	assert.throws(() => openLetter(letter, of(8), condition, secret(0)), /not for this node/);
	for (const at of [40, 100, 511]) {
		const changed = letter.slice();
		changed[at] ^= 1;
		assert.throws(() => openLetter(changed, genesis, condition, secret(0)), { name: 'LetterError' });
	}
	const said = sealFault(faults[1], { kind: 'lacks' });
	said[3] ^= 1;
	assert.equal(openFault(faults[1], said), undefined);
});
