/** Accounts of wallets that are extensions of the browser, by what those inject: `window.injectedWeb3`. */

import { blake2b } from '@noble/hashes/blake2.js';
import { fromBase58 } from './base58.js';
import type { RpcChain } from './chain.js';
import type { Wallet } from './channels.js';
import { concat, fromHex, same, toHex, Writer } from './scale.js';
import { boundTo, extraOf, InTurn, send } from './wallet.js';

/** An account, as an extension names it. */
export interface InjectedAccount {
	readonly address: string;
	readonly name?: string;
	/** Of which kind its key is; sr25519, if it is not said. */
	readonly type?: string;
}

/** What signs for accounts. It asks its person each time. */
export interface InjectedSigner {
	signPayload?(payload: Record<string, unknown>): Promise<{ readonly signature: string }>;
	signRaw?(raw: { address: string; data: string; type: 'bytes' }): Promise<{ readonly signature: string }>;
}

/** A wallet that has let this page in. */
export interface Injected {
	readonly accounts: { get(anyType?: boolean): Promise<InjectedAccount[]> };
	readonly signer: InjectedSigner;
}

/** A wallet that is there. */
export interface Extension {
	readonly name: string;
	/** Asks to be let in. */
	enable(app: string): Promise<Injected>;
}

interface Provider {
	enable?(app: string): Promise<Injected>;
}

/** An account that cannot be used; the message says why. */
export class InjectedError extends Error {
	override name = 'InjectedError';
}

/** Numbers of signatures in a `MultiSignature`. */
const KINDS = ['ed25519', 'sr25519', 'ecdsa'];
const CHECKSUM = new TextEncoder().encode('SS58PRE');
/** `TxExtension` of the runtime. */
const EXTENSIONS = [
	'AuthorizeCall', 'CheckNonZeroSender', 'CheckSpecVersion', 'CheckTxVersion', 'CheckGenesis', 'CheckMortality',
	'CheckNonce', 'CheckWeight', 'ChargeTransactionPayment', 'CheckMetadataHash', 'WeightReclaim',
];

/** The wallets that are there. They inject themselves while the page loads: ask when it has. */
export function extensions(from: unknown = (globalThis as { injectedWeb3?: unknown }).injectedWeb3): Extension[] {
	const all = Object.entries((from ?? {}) as Record<string, Provider>);
	return all.flatMap(([name, provider]) => (provider.enable
		? [{ name, enable: async (app: string) => (provider.enable as (app: string) => Promise<Injected>)(app) }]
		: []));
}

/** The 32 bytes of an address. */
export function accountOf(address: string): Uint8Array {
	const bytes = fromBase58(address);
	// A network below 64 takes one byte, others two; what follows is the account, and two bytes of a checksum.
	const prefix = bytes && (bytes[0] ?? 0) < 64 ? 1 : 2;
	const body = bytes?.slice(0, -2);
	const sum = body && blake2b(concat(CHECKSUM, body), { dkLen: 64 }).slice(0, 2);
	if (!bytes || !body || !sum || body.length !== prefix + 32 || !same(sum, bytes.slice(-2))) {
		throw new InjectedError(`${address} is no address of an account with 32 bytes`);
	}
	return body.slice(prefix);
}

/** A number, as hexadecimal digits of so many bytes. */
const digits = (value: number, bytes: number) => `0x${value.toString(16).padStart(2 * bytes, '0')}`;

/** An account of an extension, over a node. Transactions of it go one after the other. */
export class InjectedWallet implements Wallet {
	readonly account: Uint8Array;
	private readonly kind: number;
	private readonly turn = new InTurn();

	constructor(
		private readonly of: InjectedAccount,
		private readonly signer: InjectedSigner,
		private readonly chain: RpcChain,
	) {
		this.account = accountOf(of.address);
		this.kind = KINDS.indexOf(of.type ?? 'sr25519');
		if (this.kind < 0) throw new InjectedError(`accounts of the kind ${of.type} have no channels`);
	}

	/** Signs 32 bytes, between `<Bytes>` and `</Bytes>` as wallets do: the chain takes agreements so, too. */
	async sign(payload: Uint8Array): Promise<Uint8Array> {
		const { signer, of: { address } } = this;
		if (!signer.signRaw) {
			throw new InjectedError('this wallet signs transactions alone: no partner opens a channel with it');
		}
		const { signature } = await signer.signRaw({ address, data: `0x${toHex(payload)}`, type: 'bytes' });
		return this.multi(signature);
	}

	submit(call: Uint8Array): Promise<void> {
		return this.turn.do(() => this.send(call));
	}

	private async send(call: Uint8Array): Promise<void> {
		const { chain, account, signer, of: { address } } = this;
		if (!signer.signPayload) throw new InjectedError('this wallet signs no transactions');
		const { genesis, specVersion, transactionVersion, nonce } = await boundTo(chain, account);
		const genesisHash = `0x${toHex(genesis)}`;
		const { signature } = await signer.signPayload({
			address,
			// For ever valid.
			blockHash: genesisHash,
			blockNumber: digits(0, 4),
			era: '0x00',
			genesisHash,
			metadataHash: null,
			method: `0x${toHex(call)}`,
			mode: 0,
			nonce: digits(nonce, 4),
			signedExtensions: EXTENSIONS,
			specVersion: digits(specVersion, 4),
			tip: digits(0, 16),
			transactionVersion: digits(transactionVersion, 4),
			version: 4,
			withSignedTransaction: false,
		});
		await send(chain, account, this.multi(signature), extraOf(nonce), call);
	}

	/** A `MultiSignature`: some wallets put the kind before a signature, and some do not. */
	private multi(signature: string): Uint8Array {
		const bytes = fromHex(signature);
		const length = KINDS[this.kind] === 'ecdsa' ? 65 : 64;
		if (bytes.length === length) return new Writer().u8(this.kind).raw(bytes).done();
		if (bytes.length === length + 1 && bytes[0] === this.kind) return bytes;
		throw new InjectedError('the wallet answers something that is no signature of this account');
	}
}
