import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './setup.js';
import {
	conditionHash, hashLock, hashOf, memoOf, preimageOf, readDue, readInvoice, writeDue, writeInvoice,
} from '../dist/pay/invoice.js';
import { toHex } from '../dist/scale.js';

const golden = Object.fromEntries(
	readFileSync(new URL('../../../pay/frames/tests/golden/invoice-v1.txt', import.meta.url), 'utf8')
		.trim().split('\n').map((line) => line.split(' ')),
);
const of = (byte, length = 32) => new Uint8Array(length).fill(byte);
const terms = { amount: 1_000_000_000n, expires: 1_790_000_000n, nonce: of(7, 16) };
const invoice = {
	chain: Uint8Array.of(1, 2, 3, 4),
	payee: of(5),
	node: of(6),
	url: 'ws://127.0.0.1:9956',
	terms,
	first: hashOf(of(9), terms, 0),
	text: 'tea',
};

test('invoices are those of smart-pay, to the letter', () => {
	const zeros = { ...invoice, chain: Uint8Array.of(0, 0, 3, 4) };
	for (const [name, one] of [['invoice', invoice], ['zeros', zeros]]) {
		assert.equal(writeInvoice(one), golden[name]);
		assert.deepEqual(readInvoice(` ${golden[name]}\n`), one);
	}
	assert.equal(toHex(memoOf(terms)), golden.memo);
	assert.equal(toHex(preimageOf(of(9), terms, 0)), golden.preimage);
	assert.equal(toHex(hashOf(of(9), terms, 0xffffffff)), golden.later);
	assert.equal(toHex(conditionHash(hashLock(invoice.first))), golden.condition);
	assert.equal(toHex(writeDue({ terms, index: 3 })), golden.due);
	assert.deepEqual(readDue(writeDue({ terms, index: 3 })), { terms, index: 3 });
	assert.equal(readDue(of(9, 3)), undefined);
});

test('any character of an invoice that is wrong is found', () => {
	const { invoice: text } = golden;
	for (let at = 'scinv1'.length; at < text.length; at += 1) {
		const other = `${text.slice(0, at)}${text[at] === '2' ? '3' : '2'}${text.slice(at + 1)}`;
		assert.throws(() => readInvoice(other), { name: 'InvoiceError' }, `${at}`);
	}
	for (const other of ['', 'scinv1', 'scinv1!', 'lnbc1', text.slice(0, -1), `scinv1${'2'.repeat(2_000)}`]) {
		assert.throws(() => readInvoice(other), { name: 'InvoiceError' }, other);
	}
});
