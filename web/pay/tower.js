// The tower that answers while no page is open: the lines that `smart-pay tower show` prints where one serves.

import { accountOf, fromHex } from '@smartchain/channels';

/** The tower that these lines name; none, if there are none. An error says what is wrong with them. */
export function towerOf(text) {
	if (text.trim() === '') return undefined;
	const found = text.matchAll(/^\s*(\w+)\s*=\s*"(.*)"\s*$/gm);
	const lines = Object.fromEntries([...found].map(([, name, value]) => [name, value]));
	const key = (name) => {
		if (!/^[0-9a-fA-F]{64}$/.test(lines[name] ?? '')) {
			throw new Error(`the tower's ${name} is missing or wrong: paste all of \`smart-pay tower show\``);
		}
		return fromHex(lines[name]);
	};
	if (!/^wss?:\/\/\S+$/.test(lines.url ?? '')) {
		throw new Error('the tower says no address: it has to listen somewhere, and say so in node.url');
	}
	// Nothing is acknowledged before it has it: what it does not know it cannot answer.
	const account = accountOf(lines.account ?? '');
	return { account, key: key('key'), node: key('node'), url: lines.url, strict: true };
}
