/**
 * Files as what an NFC tag has: an NDEF message with one record, of a MIME type, as `smart-pay export --nfc` writes it.
 * Web NFC and other programs put the record together by themselves: they take the type and the bytes.
 */

import { fromQrText, QR_PREFIX } from './qr.js';

/** The MIME type of the record. */
export const NFC_TYPE = 'application/vnd.smartchain.scpay';
/** Records of a message that are looked through, at most. */
const MOST_RECORDS = 16;

/** Bits of a record's first byte: it begins the message, ends it, goes on in the next one; is short; has a name. */
const [FIRST, LAST, CHUNK, SHORT, NAMED] = [0x80, 0x40, 0x20, 0x10, 0x08];
/** Its kind, and that of a record with a MIME type. */
const [KIND, MIME] = [0x07, 0x02];

/** A sealed file as an NDEF message. */
export function toNfc(sealed: Uint8Array): Uint8Array {
	const type = new TextEncoder().encode(NFC_TYPE);
	const short = sealed.length <= 0xff;
	const length = new Uint8Array(short ? 1 : 4);
	const view = new DataView(length.buffer);
	if (short) view.setUint8(0, sealed.length);
	else view.setUint32(0, sealed.length);
	const head = [FIRST | LAST | (short ? SHORT : 0) | MIME, type.length, ...length];
	return Uint8Array.from([...head, ...type, ...sealed]);
}

/** The sealed file of an NDEF message; none if it has none. */
export function fromNfc(message: Uint8Array): Uint8Array | undefined {
	const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
	let at = 0;
	const take = (bytes: number): Uint8Array => {
		if (at + bytes > message.length) throw new RangeError('it ends early');
		at += bytes;
		return message.subarray(at - bytes, at);
	};
	const number = (bytes: 1 | 4): number => {
		const from = at;
		take(bytes);
		return bytes === 1 ? view.getUint8(from) : view.getUint32(from);
	};
	try {
		for (let record = 0; record < MOST_RECORDS; record += 1) {
			const head = number(1);
			if ((record === 0) !== ((head & FIRST) !== 0) || (head & CHUNK) !== 0) return undefined;
			const typeLength = number(1);
			const length = number((head & SHORT) !== 0 ? 1 : 4);
			const nameLength = (head & NAMED) !== 0 ? number(1) : 0;
			const type = new TextDecoder('latin1').decode(take(typeLength));
			take(nameLength);
			const sealed = take(length);
			// MIME types do not tell large letters from small ones.
			if ((head & KIND) === MIME && type.toLowerCase() === NFC_TYPE) return sealed.slice();
			if ((head & LAST) !== 0) return undefined;
		}
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
	}
	return undefined;
}

/** The sealed file of what was handed over: as it is, as the text of a QR, or as an NDEF message. */
export function readHanded(bytes: Uint8Array): Uint8Array {
	const prefix = new TextEncoder().encode(QR_PREFIX);
	const text = new TextDecoder('latin1').decode(bytes.subarray(0, prefix.length + 8)).trimStart();
	if (text.startsWith(QR_PREFIX)) return fromQrText(new TextDecoder('latin1').decode(bytes).trim());
	return fromNfc(bytes) ?? bytes;
}
