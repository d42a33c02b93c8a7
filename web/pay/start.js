// Begins: the account's secret, the node of the chain, the store. The page itself is pay.js.

import { Channels, fromHex, IndexedDbStore, RpcChain, SecretWallet, toHex } from '@smartchain/channels';
import { Page } from './pay.js';
import { time } from './words.js';

const begin = document.getElementById('begin');
const SECRET = 'smartchain-pay-secret';
const CHAIN = 'smartchain-pay-chain';

begin.elements.secret.value = localStorage.getItem(SECRET) ?? '';
begin.elements.chain.value = localStorage.getItem(CHAIN) ?? begin.elements.chain.value;

begin.onsubmit = async (event) => {
	event.preventDefault();
	const problem = document.getElementById('problem');
	problem.hidden = true;
	const { chain: { value: url }, secret: field } = begin.elements;
	const button = begin.querySelector('button');
	button.disabled = true;
	try {
		await navigator.storage.persist?.();
		const chain = await RpcChain.connect(url);
		field.value ||= toHex(crypto.getRandomValues(new Uint8Array(32)));
		localStorage.setItem(SECRET, field.value);
		localStorage.setItem(CHAIN, url);
		const wallet = new SecretWallet(fromHex(field.value), chain);
		const account = toHex(wallet.account);
		const channels = await Channels.open({
			wasm: fetch('/channels/wasm/channel.wasm'),
			store: await IndexedDbStore.open(`smartchain-pay-${account}`),
			genesis: await chain.genesis(),
			chain,
			wallet,
			accept: (opener, window) => confirm(
				`${toHex(opener)} wants to open a channel with you: ${time(window)} to answer a close. Agree?`,
			),
		});
		new Page(channels, wallet.account);
	} catch (error) {
		problem.textContent = error.message;
		problem.hidden = false;
		button.disabled = false;
	}
};
