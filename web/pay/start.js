// Begins: the account, the node of the chain, the store. The page itself is pay.js.

import {
	Channels, extensions, fromHex, IndexedDbStore, InjectedWallet, RpcChain, SecretWallet, toHex,
} from '@smartchain/channels';
import { Page } from './pay.js';
import { towerOf } from './tower.js';
import { time } from './words.js';

const begin = document.getElementById('begin');
const SECRET = 'smartchain-pay-secret';
const CHAIN = 'smartchain-pay-chain';
const TOWER = 'smartchain-pay-tower';
/** Accounts of wallets that have let this page in, by their addresses. */
const injected = new Map();

begin.elements.secret.value = localStorage.getItem(SECRET) ?? '';
begin.elements.chain.value = localStorage.getItem(CHAIN) ?? begin.elements.chain.value;
begin.elements.tower.value = localStorage.getItem(TOWER) ?? '';

function problem(why) {
	const place = document.getElementById('problem');
	place.hidden = why === undefined;
	place.textContent = why ?? '';
}

// Wallets inject themselves while the page loads.
const wallets = document.getElementById('wallets');
wallets.hidden = extensions().length === 0;
wallets.onclick = async () => {
	problem();
	for (const extension of extensions()) {
		try {
			const { accounts, signer } = await extension.enable('SmartChain payments');
			for (const account of await accounts.get()) {
				if (injected.has(account.address)) continue;
				injected.set(account.address, { account, signer });
				const shown = `${account.name ?? account.address} (${extension.name})`;
				begin.elements.account.add(new Option(shown, account.address));
			}
		} catch (error) {
			problem(`${extension.name} does not let this page in: ${error.message}`);
		}
	}
};

/** The account that was chosen. */
function walletOf(address, secret, chain) {
	const found = injected.get(address);
	return found ? new InjectedWallet(found.account, found.signer, chain) : new SecretWallet(secret, chain);
}

begin.onsubmit = async (event) => {
	event.preventDefault();
	problem();
	const { chain: { value: url }, secret: field, account: chosen, tower: { value: lines } } = begin.elements;
	const button = begin.querySelector('button:not([type])');
	button.disabled = true;
	try {
		await navigator.storage.persist?.();
		const tower = towerOf(lines);
		const chain = await RpcChain.connect(url);
		field.value ||= toHex(crypto.getRandomValues(new Uint8Array(32)));
		localStorage.setItem(SECRET, field.value);
		localStorage.setItem(CHAIN, url);
		localStorage.setItem(TOWER, lines);
		const seed = fromHex(field.value);
		const wallet = walletOf(chosen.value, seed, chain);
		const channels = await Channels.open({
			wasm: fetch('/channels/wasm/channel.wasm'),
			store: await IndexedDbStore.open(`smartchain-pay-${toHex(wallet.account)}`),
			genesis: await chain.genesis(),
			chain,
			wallet,
			tower,
			// Other keys are made of it than the account's own.
			seed,
			accept: (opener, window) => confirm(
				`${toHex(opener)} wants to open a channel with you: ${time(window)} to answer a close. Agree?`,
			),
		});
		new Page(channels, wallet.account, { watched: tower !== undefined });
	} catch (error) {
		problem(error.message);
		button.disabled = false;
	}
};
