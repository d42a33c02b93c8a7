/** SCALE, as far as the machine, the chain's runtime API and `smart-pay` speak it. */

/** What cannot be read: too short, too long, or of another version. */
export class ScaleError extends Error {
	override name = 'ScaleError';
}

const U64 = (1n << 64n) - 1n;
const U128 = (1n << 128n) - 1n;

/** Bytes that grow. */
export class Writer {
	private readonly parts: Uint8Array[] = [];

	/** An unsigned number of 8 bits. */
	u8(value: number): this {
		return this.raw(Uint8Array.of(whole(value, 0xff)));
	}

	/** An unsigned number of 16 bits. */
	u16(value: number): this {
		const bytes = new Uint8Array(2);
		new DataView(bytes.buffer).setUint16(0, whole(value, 0xffff), true);
		return this.raw(bytes);
	}

	/** An unsigned number of 32 bits. */
	u32(value: number): this {
		const bytes = new Uint8Array(4);
		new DataView(bytes.buffer).setUint32(0, whole(value, 0xffffffff), true);
		return this.raw(bytes);
	}

	/** An unsigned number of 64 bits. */
	u64(value: bigint): this {
		if (value < 0n || value > U64) throw new RangeError(`${value} is no unsigned number of 64 bits`);
		const bytes = new Uint8Array(8);
		new DataView(bytes.buffer).setBigUint64(0, value, true);
		return this.raw(bytes);
	}

	/** An unsigned number of 128 bits, such as an amount in planck. */
	u128(value: bigint): this {
		if (value < 0n || value > U128) throw new RangeError(`${value} is no unsigned number of 128 bits`);
		return this.u64(value & U64).u64(value >> 64n);
	}

	/** True or false. */
	bool(value: boolean): this {
		return this.u8(value ? 1 : 0);
	}

	/** A length, in its shortest form. */
	compact(value: number): this {
		if (value < 1 << 6) return this.u8(value << 2);
		if (value < 1 << 14) return this.u16((value << 2) | 1);
		if (value < 2 ** 30) return this.u32(value * 4 + 2);
		throw new RangeError(`a list of ${value} is too long`);
	}

	/** Bytes as they are. */
	raw(bytes: Uint8Array): this {
		this.parts.push(bytes);
		return this;
	}

	/** So many bytes as they are. */
	fixed(bytes: Uint8Array, length: number): this {
		if (bytes.length !== length) throw new RangeError(`${length} bytes are wanted, and there are ${bytes.length}`);
		return this.raw(bytes);
	}

	/** Bytes with their length before them. */
	blob(bytes: Uint8Array): this {
		return this.compact(bytes.length).raw(bytes);
	}

	/** A list with its length before it. */
	list<T>(items: readonly T[], each: (writer: this, item: T) => void): this {
		this.compact(items.length);
		for (const item of items) each(this, item);
		return this;
	}

	/** Something that may be missing. */
	option<T>(value: T | undefined, some: (writer: this, value: T) => void): this {
		this.bool(value !== undefined);
		if (value !== undefined) some(this, value);
		return this;
	}

	/** All bytes. */
	done(): Uint8Array {
		return concat(...this.parts);
	}
}

/** Reads bytes from their beginning. */
export class Reader {
	private at = 0;

	constructor(private readonly bytes: Uint8Array) {}

	/** So many bytes, copied. */
	take(length: number): Uint8Array {
		const end = this.at + length;
		if (end > this.bytes.length) throw new ScaleError('the bytes end too early');
		const part = this.bytes.slice(this.at, end);
		this.at = end;
		return part;
	}

	private view(length: number): DataView {
		return new DataView(this.take(length).buffer);
	}

	/** An unsigned number of 8 bits. */
	u8(): number {
		return this.view(1).getUint8(0);
	}

	/** An unsigned number of 16 bits. */
	u16(): number {
		return this.view(2).getUint16(0, true);
	}

	/** An unsigned number of 32 bits. */
	u32(): number {
		return this.view(4).getUint32(0, true);
	}

	/** An unsigned number of 64 bits. */
	u64(): bigint {
		return this.view(8).getBigUint64(0, true);
	}

	/** An unsigned number of 128 bits. */
	u128(): bigint {
		const low = this.u64();
		return low | (this.u64() << 64n);
	}

	/** True or false. */
	bool(): boolean {
		const value = this.u8();
		if (value > 1) throw new ScaleError(`${value} is neither true nor false`);
		return value === 1;
	}

	/** A length. */
	compact(): number {
		const first = this.u8();
		const more = (count: number) => this.take(count).reduceRight((sum, byte) => sum * 256 + byte, 0);
		switch (first & 3) {
			case 0:
				return first >> 2;
			case 1:
				return (first >> 2) + more(1) * 64;
			case 2:
				return (first >> 2) + more(3) * 64;
			default:
				throw new ScaleError('a list is too long');
		}
	}

	/** Bytes with their length before them. */
	blob(): Uint8Array {
		return this.take(this.compact());
	}

	/** A text with its length before it. */
	text(): string {
		return new TextDecoder().decode(this.blob());
	}

	/** A list with its length before it. */
	list<T>(each: (reader: this) => T): T[] {
		const length = this.compact();
		// Each item has a byte at least: a length that lies costs nothing.
		if (length > this.left()) throw new ScaleError('a list is longer than what there is');
		return Array.from({ length }, () => each(this));
	}

	/** Something that may be missing. */
	option<T>(some: (reader: this) => T): T | undefined {
		return this.bool() ? some(this) : undefined;
	}

	/** How many bytes are left. */
	left(): number {
		return this.bytes.length - this.at;
	}

	/** That nothing is left. */
	end(): void {
		if (this.left() > 0) throw new ScaleError(`${this.left()} bytes follow that nobody asked for`);
	}
}

function whole(value: number, most: number): number {
	if (!Number.isInteger(value) || value < 0 || value > most) {
		throw new RangeError(`${value} is not within 0 to ${most}`);
	}
	return value;
}

/** Bytes one after the other. */
export function concat(...parts: Uint8Array[]): Uint8Array {
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** Bytes as hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Hexadecimal digits as bytes; `0x` before them is left out. */
export function fromHex(hex: string): Uint8Array {
	const digits = hex.startsWith('0x') ? hex.slice(2) : hex;
	if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new ScaleError('these are no hexadecimal digits');
	return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

/** Whether two are the same bytes. It is no secret how far they are. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
	return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
