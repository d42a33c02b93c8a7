/** Base58, as addresses and invoices have it. */

const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Bytes in base58; each zero at the beginning is a 1. */
export function base58(bytes: Uint8Array): string {
	const digits: number[] = [];
	for (const byte of bytes) {
		let carry = byte;
		for (let at = 0; at < digits.length; at += 1) {
			carry += (digits[at] ?? 0) << 8;
			digits[at] = carry % 58;
			carry = Math.floor(carry / 58);
		}
		for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58);
	}
	const zeros = bytes.findIndex((byte) => byte !== 0);
	const leading = '1'.repeat(zeros < 0 ? bytes.length : zeros);
	return leading + digits.reverse().map((digit) => DIGITS[digit]).join('');
}

/** The bytes of a text in base58; nothing, if it is none. */
export function fromBase58(given: string): Uint8Array | undefined {
	const bytes: number[] = [];
	for (const character of given) {
		let carry = DIGITS.indexOf(character);
		if (carry < 0) return undefined;
		for (let at = 0; at < bytes.length; at += 1) {
			carry += (bytes[at] ?? 0) * 58;
			bytes[at] = carry & 0xff;
			carry >>= 8;
		}
		for (; carry > 0; carry >>= 8) bytes.push(carry & 0xff);
	}
	const leading = [...given].findIndex((character) => character !== '1');
	return Uint8Array.from([...new Array<number>(leading < 0 ? given.length : leading).fill(0), ...bytes.reverse()]);
}
