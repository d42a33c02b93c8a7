/** An account with a key of ed25519 that this program holds: pocket money. Larger ones belong to a wallet. */

import { ed25519 } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { ChainError, type RpcChain } from './chain.js';
import type { Wallet } from './channels.js';
import { concat, fromHex, toHex, Writer } from './scale.js';

/** A signed transaction of version 4. */
const SIGNED = 0x84;
/** An account by its bytes, and ed25519, each as its number in SCALE. */
const ID = 0;
const ED25519 = 0;
/** Payloads that are longer are hashed before they are signed. */
const LONGEST = 256;
/** So many transactions wait for each other at most. */
const MOST_WAITING = 64;

interface RuntimeVersion {
	readonly specVersion: number;
	readonly transactionVersion: number;
}

/** A wallet of a secret of 32 bytes, over a node. Transactions of it go one after the other. */
export class SecretWallet implements Wallet {
	readonly account: Uint8Array;
	private queue: Promise<unknown> = Promise.resolve();
	private waiting = 0;

	constructor(private readonly secret: Uint8Array, private readonly chain: RpcChain) {
		this.account = ed25519.getPublicKey(secret);
	}

	async sign(payload: Uint8Array): Promise<Uint8Array> {
		return new Writer().u8(ED25519).raw(ed25519.sign(payload, this.secret)).done();
	}

	submit(call: Uint8Array): Promise<void> {
		if (this.waiting >= MOST_WAITING) {
			return Promise.reject(new ChainError('too many transactions wait: try again later'));
		}
		this.waiting += 1;
		const sent = this.queue.then(() => this.send(call)).finally(() => {
			this.waiting -= 1;
		});
		this.queue = sent.catch(() => undefined);
		return sent;
	}

	private async send(call: Uint8Array): Promise<void> {
		const { chain, account } = this;
		const genesis = await chain.genesis();
		const version = await chain.request<RuntimeVersion>('state_getRuntimeVersion');
		const nonce = await this.nonce();
		// For ever valid, no tip, no hash of the metadata: `TxExtension` of the runtime.
		const extra = new Writer().u8(0).raw(compact(nonce)).u8(0).u8(0).done();
		const additional = new Writer().u32(version.specVersion).u32(version.transactionVersion);
		additional.raw(genesis).raw(genesis).u8(0);
		const payload = concat(call, extra, additional.done());
		const signed = payload.length > LONGEST ? blake2b(payload, { dkLen: 32 }) : payload;
		const body = new Writer().u8(SIGNED).u8(ID).raw(account).raw(await this.sign(signed));
		body.raw(extra).raw(call);
		await chain.request('author_submitExtrinsic', `0x${toHex(new Writer().blob(body.done()).done())}`);
	}

	/** The number of the next transaction, those that wait in the node's pool counted. */
	private async nonce(): Promise<number> {
		const account = `0x${toHex(this.account)}`;
		const api = await this.chain.request<string>('state_call', 'AccountNonceApi_account_nonce', account);
		const final = new DataView(fromHex(api).buffer).getUint32(0, true);
		const pending = await this.chain.request<string[]>('author_pendingExtrinsics');
		const own = toHex(new Writer().u8(SIGNED).u8(ID).raw(this.account).done());
		return final + pending.filter((extrinsic) => extrinsic.slice(2, 84).includes(own)).length;
	}
}

function compact(value: number): Uint8Array {
	return new Writer().compact(value).done();
}
