// A new runtime comes into force while polkadot.js and PAPI are connected: both see it without connecting anew.
//
// SMARTCHAIN_NEXT_RUNTIME names the Wasm of the runtime with the feature `other-slot-rule` (the build of the workspace
// leaves it in wbuild/smartchain-next-runtime/). Without it there is nothing to upgrade to, and the test is left out.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { u8aToHex } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';

import { startNode } from '../lib/node.js';
import { finalized } from '../lib/tx.js';

// Beside the node that was built with it.
const BUILT = 'wbuild/smartchain-next-runtime/smartchain_next_runtime.compact.compressed.wasm';
const WASM = process.env.SMARTCHAIN_NEXT_RUNTIME ?? join(dirname(process.env.SMARTCHAIN_BIN ?? '.'), BUILT);
// 120 blocks of half a second, and as much again for a machine that is busy.
const LIMIT_MS = 150_000;

/** Waits until `look` gives something else than undefined or false. */
async function until(what, look) {
	const start = Date.now();
	for (;;) {
		const found = await look();
		if (found) return found;
		assert.ok(Date.now() - start < LIMIT_MS, `waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 250));
	}
}

const missing = existsSync(WASM) ? false : `there is no ${WASM}`;

describe('an upgrade', { skip: missing }, () => {
	let node, api, client, papi, alice;

	before(async () => {
		await cryptoWaitReady();
		node = await startNode();
		api = await ApiPromise.create({ provider: new WsProvider(node.url), noInitWarn: true });
		client = createClient(getWsProvider(node.url, { websocketClass: WebSocket }));
		papi = client.getUnsafeApi();
		alice = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
	}, { timeout: 120_000 });

	after(async () => {
		client?.destroy();
		await api?.disconnect();
		await node?.stop();
	}, { timeout: 30_000 });

	it('is seen by clients that are connected', { timeout: 2 * LIMIT_MS }, async () => {
		const before = api.runtimeVersion.specVersion.toNumber();
		assert.equal((await papi.constants.System.Version()).spec_version, before);
		assert.equal(api.tx.upgrades.doNothing, undefined, 'the new call is not there yet');

		const code = u8aToHex(readFileSync(WASM));
		const set = api.tx.sudo.sudo(api.tx.system.setCode(code));
		await finalized(api, set, alice);
		const pending = (await api.query.upgrades.pending()).unwrap();
		const now = (await api.rpc.chain.getHeader()).number.toNumber();
		assert.ok(pending.due.toNumber() > now, 'it waits');
		assert.equal(api.runtimeVersion.specVersion.toNumber(), before, 'and is not in force');

		await until('polkadot.js to see the version', () => api.runtimeVersion.specVersion.toNumber() === before + 1);
		assert.ok(api.tx.upgrades.doNothing, 'polkadot.js has the new call');
		await until('PAPI to see the version', async () => {
			return (await papi.constants.System.Version()).spec_version === before + 1;
		});

		// What waited for migrations goes on, signed for the new version by both.
		await until('the migrations to end', async () => (await api.query.multiBlockMigrations.cursor()).isNone);
		await finalized(api, api.tx.upgrades.doNothing(), alice);
		const signer = getPolkadotSigner(alice.publicKey, 'Sr25519', (bytes) => alice.sign(bytes));
		const result = await papi.tx.Upgrades.do_nothing({}).signAndSubmit(signer);
		assert.ok(result.ok, JSON.stringify(result.dispatchError));
	});
});
