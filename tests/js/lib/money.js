// Money for accounts of a test: Alice of the chain `dev` has enough.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { rpc } from './poca.js';
import * as transactions from './tx.js';

/** Gives each of these accounts, by its public key or address, so much, once that is final. */
export async function give(url, accounts, planck) {
	await cryptoWaitReady();
	const api = await ApiPromise.create({ provider: new WsProvider(url), rpc, noInitWarn: true });
	try {
		const alice = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
		for (const account of accounts) {
			await transactions.finalized(api, api.tx.balances.transferKeepAlive(account, planck), alice);
		}
	} finally {
		await api.disconnect();
	}
}
