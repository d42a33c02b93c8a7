// What somebody typed, as a place of the page.

const HASH = /^(0x)?[\da-f]{64}$/i;
const DID = /^did:smart:[\da-f]{32}:([\da-f]{64})$/i;
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{46,50}$/;

/**
 * Where what was typed leads: `block/7`, `account/5G…`, `device/0x…`, `deal/7`. 64 digits may be a block or a device:
 * the chain is asked. An error says what can be typed.
 */
export async function find(text, { chain, session }) {
	const typed = text.trim();
	const deal = /^(?:deal\s*#?\s*|#)(\d{1,18})$/i.exec(typed);
	if (deal) return `deal/${deal[1]}`;
	const block = /^(?:block\s*)?([\d,]{1,13})$/i.exec(typed);
	if (block) return `block/${block[1].replaceAll(',', '')}`;
	const did = DID.exec(typed);
	if (did) return `device/0x${did[1].toLowerCase()}`;
	if (ADDRESS.test(typed)) return `account/${typed}`;
	if (HASH.test(typed)) {
		const hash = `0x${typed.toLowerCase().replace(/^0x/, '')}`;
		const isDevice = chain.has('DeviceRegistry', 'Devices')
			&& await chain.storage('DeviceRegistry', 'Devices', hash);
		if (isDevice) return `device/${hash}`;
		if (await session.ask('chain_getHeader', hash)) return `block/${hash}`;
		throw new Error('neither a block nor a device of this chain has this hash, as far as this node knows');
	}
	throw new Error('search for the number or hash of a block, the address of an account, the id or DID of a device, '
		+ 'or "deal" with its number');
}
