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

/** What a transaction is bound to. */
export interface Bound {
	readonly genesis: Uint8Array;
	readonly specVersion: number;
	readonly transactionVersion: number;
	/** The number of the account's next transaction, those that wait in the node's pool counted. */
	readonly nonce: number;
}

/** What the next transaction of an account is bound to. */
export async function boundTo(chain: RpcChain, account: Uint8Array): Promise<Bound> {
	const genesis = await chain.genesis();
	const version = await chain.request<Omit<Bound, 'nonce' | 'genesis'>>('state_getRuntimeVersion');
	const api = await chain.request<string>('state_call', 'AccountNonceApi_account_nonce', `0x${toHex(account)}`);
	const final = new DataView(fromHex(api).buffer).getUint32(0, true);
	const pending = await chain.request<string[]>('author_pendingExtrinsics');
	const own = toHex(new Writer().u8(SIGNED).u8(ID).raw(account).done());
	const nonce = final + pending.filter((extrinsic) => extrinsic.slice(2, 84).includes(own)).length;
	const { specVersion, transactionVersion } = version;
	return { genesis, specVersion, transactionVersion, nonce };
}

/** For ever valid, no tip, no hash of the metadata: `TxExtension` of the runtime. */
export const extraOf = (nonce: number): Uint8Array =>
	new Writer().u8(0).compact(nonce).u8(0).u8(0).done();

/** Sends a call with the signature of its account, a `MultiSignature` in SCALE. */
export async function send(
	chain: RpcChain,
	account: Uint8Array,
	signature: Uint8Array,
	extra: Uint8Array,
	call: Uint8Array,
): Promise<void> {
	const body = new Writer().u8(SIGNED).u8(ID).raw(account).raw(signature).raw(extra).raw(call);
	await chain.request('author_submitExtrinsic', `0x${toHex(new Writer().blob(body.done()).done())}`);
}

/** Tasks one after the other, so that each sees the number of the one before. */
export class InTurn {
	private queue: Promise<unknown> = Promise.resolve();
	private waiting = 0;

	/** Does a task once those before are done. */
	do(task: () => Promise<void>): Promise<void> {
		if (this.waiting >= MOST_WAITING) {
			return Promise.reject(new ChainError('too many transactions wait: try again later'));
		}
		this.waiting += 1;
		const done = this.queue.then(task).finally(() => {
			this.waiting -= 1;
		});
		this.queue = done.catch(() => undefined);
		return done;
	}
}

/** A wallet of a secret of 32 bytes, over a node. Transactions of it go one after the other. */
export class SecretWallet implements Wallet {
	readonly account: Uint8Array;
	private readonly turn = new InTurn();

	constructor(private readonly secret: Uint8Array, private readonly chain: RpcChain) {
		this.account = ed25519.getPublicKey(secret);
	}

	async sign(payload: Uint8Array): Promise<Uint8Array> {
		return new Writer().u8(ED25519).raw(ed25519.sign(payload, this.secret)).done();
	}

	submit(call: Uint8Array): Promise<void> {
		return this.turn.do(() => this.send(call));
	}

	private async send(call: Uint8Array): Promise<void> {
		const { chain, account } = this;
		const { genesis, specVersion, transactionVersion, nonce } = await boundTo(chain, account);
		const extra = extraOf(nonce);
		const additional = new Writer().u32(specVersion).u32(transactionVersion).raw(genesis).raw(genesis).u8(0);
		const payload = concat(call, extra, additional.done());
		const signed = payload.length > LONGEST ? blake2b(payload, { dkLen: 32 }) : payload;
		await send(chain, account, await this.sign(signed), extra, call);
	}
}
