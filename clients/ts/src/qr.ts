/** Files as texts that fit into one QR: `SCPAY1:` and base45 (RFC 9285), whose characters QR codes hold best. */

import { ScaleError } from './scale.js';

/** What the text of a QR begins with. */
export const QR_PREFIX = 'SCPAY1:';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
/** Bytes that one QR holds, at its lowest level of correction: more go as a file. */
export const MAX_QR = 2_800;

/** Bytes in base45. */
export function toBase45(bytes: Uint8Array): string {
	let text = '';
	for (let at = 0; at < bytes.length; at += 2) {
		const [high, low] = [bytes[at] ?? 0, bytes[at + 1]];
		let value = low === undefined ? high : high * 256 + low;
		for (let digits = low === undefined ? 2 : 3; digits > 0; digits -= 1) {
			text += DIGITS[value % 45];
			value = Math.floor(value / 45);
		}
	}
	return text;
}

/** Base45 as bytes. */
export function fromBase45(text: string): Uint8Array {
	const bytes: number[] = [];
	for (let at = 0; at < text.length; at += 3) {
		const digits = [...text.slice(at, at + 3)].map((character) => DIGITS.indexOf(character));
		const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0);
		const most = digits.length === 3 ? 0xffff : 0xff;
		if (digits.length < 2 || digits.includes(-1) || value > most) throw new ScaleError('this is no base45');
		if (digits.length === 3) bytes.push(value >> 8);
		bytes.push(value & 0xff);
	}
	return Uint8Array.from(bytes);
}

/** A sealed file as the text of a QR. */
export function toQrText(sealed: Uint8Array): string {
	if (sealed.length > MAX_QR) throw new RangeError('it is too long for one QR: hand it over as a file');
	return QR_PREFIX + toBase45(sealed);
}

/** The sealed file that the text of a QR is. */
export function fromQrText(text: string): Uint8Array {
	if (!text.startsWith(QR_PREFIX)) throw new ScaleError(`this is no payment: one begins with ${QR_PREFIX}`);
	return fromBase45(text.slice(QR_PREFIX.length));
}
