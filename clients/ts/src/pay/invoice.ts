/** Invoices: what a payee gives to a payer, as a text; the same as `smart-pay` makes and takes. */

import { blake2b } from '@noble/hashes/blake2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base58, fromBase58 } from '../base58.js';
import { concat, Reader, same, ScaleError, Writer } from '../scale.js';

const PREFIX = 'scinv1';
/** Bytes of the checksum. */
const SUM = 4;
/** Characters of an invoice, at most. */
const MOST = 1_024;
/** Bytes of what it is for, at most. */
export const MAX_TEXT = 64;

const text = new TextEncoder();
const hash = (...parts: Uint8Array[]) => blake2b(concat(...parts), { dkLen: 32 });

/** What an invoice asks for, and what its payments are made of. */
export interface InvoiceTerms {
	/** For each payment, in planck. */
	readonly amount: bigint;
	/** Until when it can be paid, in seconds of Unix time. */
	readonly expires: bigint;
	/** 16 bytes that tell it from others. */
	readonly nonce: Uint8Array;
}

/** What a payee asks for. */
export interface Invoice {
	/** The first four bytes of the chain's genesis: it is paid on no other. */
	readonly chain: Uint8Array;
	/** Who is paid. */
	readonly payee: Uint8Array;
	/** The key of its node. */
	readonly node: Uint8Array;
	/** Where that listens; empty if nowhere. */
	readonly url: string;
	readonly terms: InvoiceTerms;
	/** What its first payment is locked by: a SHA-256. */
	readonly first: Uint8Array;
	/** What it is for, to be read by people. */
	readonly text: string;
}

/** A text that is no invoice; the message says what to do. */
export class InvoiceError extends Error {
	override name = 'InvoiceError';
}

const writeTerms = (writer: Writer, { amount, expires, nonce }: InvoiceTerms): Writer =>
	writer.u128(amount).u64(expires).fixed(nonce, 16);
const readTerms = (reader: Reader): InvoiceTerms =>
	({ amount: reader.u128(), expires: reader.u64(), nonce: reader.take(16) });

/** An invoice as a text without blanks. */
export function writeInvoice(invoice: Invoice): string {
	const writer = new Writer().fixed(invoice.chain, 4).fixed(invoice.payee, 32).fixed(invoice.node, 32);
	writer.blob(text.encode(invoice.url));
	const bytes = writeTerms(writer, invoice.terms).fixed(invoice.first, 32).blob(text.encode(invoice.text)).done();
	return PREFIX + base58(concat(bytes, hash(bytes).slice(0, SUM)));
}

/** Reads an invoice. */
export function readInvoice(given: string): Invoice {
	const whole = given.trim();
	if (!whole.startsWith(PREFIX) || whole.length > MOST) {
		throw new InvoiceError(`this is no invoice: one begins with ${PREFIX}`);
	}
	const bytes = fromBase58(whole.slice(PREFIX.length));
	const damaged = 'the invoice is damaged: a character is wrong or missing; copy it anew';
	if (!bytes || bytes.length < SUM) throw new InvoiceError(damaged);
	const body = bytes.slice(0, -SUM);
	if (!same(hash(body).slice(0, SUM), bytes.slice(-SUM))) throw new InvoiceError(damaged);
	let invoice: Invoice;
	try {
		const reader = new Reader(body);
		const [chain, payee, node, url] = [reader.take(4), reader.take(32), reader.take(32), reader.text()];
		invoice = { chain, payee, node, url, terms: readTerms(reader), first: reader.take(32), text: reader.text() };
		reader.end();
	} catch (error) {
		const newer = 'the invoice is of a newer program: use a newer package';
		throw error instanceof ScaleError ? new InvoiceError(newer) : error;
	}
	if (text.encode(invoice.text).length > MAX_TEXT || invoice.terms.amount === 0n) throw new InvoiceError(damaged);
	return invoice;
}

/** What payments of an invoice name it by. */
export const memoOf = (terms: InvoiceTerms): Uint8Array =>
	hash(text.encode('smart-pay invoice v1'), writeTerms(new Writer(), terms).done());

/** What meets the lock of one payment, of a secret of the payee's. */
export function preimageOf(secret: Uint8Array, terms: InvoiceTerms, index: number): Uint8Array {
	const rest = writeTerms(new Writer().fixed(secret, 32), terms).u32(index).done();
	return hash(text.encode('smart-pay preimage v1'), rest);
}

/** What that payment is locked by. */
export const hashOf = (secret: Uint8Array, terms: InvoiceTerms, index: number): Uint8Array =>
	sha256(preimageOf(secret, terms, index));

/** The condition of a lock by this SHA-256, in SCALE. */
export const hashLock = (sha: Uint8Array): Uint8Array => new Writer().compact(1).u8(0).fixed(sha, 32).done();

/** What a lock names its condition by. */
export const conditionHash = (condition: Uint8Array): Uint8Array =>
	hash(text.encode('SmartChain/condition/v1\0'), condition);

/** What meets a lock by a hash: a witness in SCALE. */
export const shown = (preimage: Uint8Array): Uint8Array => new Writer().compact(1).u8(1).fixed(preimage, 32).done();

/** What a letter says to the payee: which payment of which invoice it is. It does not say whose. */
export interface Due {
	readonly terms: InvoiceTerms;
	readonly index: number;
}

/** As a letter says it. */
export const writeDue = ({ terms, index }: Due): Uint8Array => writeTerms(new Writer(), terms).u32(index).done();

/** From what a letter says; nothing, if it is none. */
export function readDue(said: Uint8Array): Due | undefined {
	try {
		const reader = new Reader(said);
		const due = { terms: readTerms(reader), index: reader.u32() };
		reader.end();
		return due;
	} catch {
		return undefined;
	}
}
