/** Payment channels of SmartChain in browsers, phones and Node.js. Amounts are `bigint`, in planck. */

export { BackupError, restoreBackup } from './backup.js';
export { RpcChain, ChainError, type Chain, type FinalBlock, type Interest } from './chain.js';
export { Channels, type ChannelEvent, type Setup, type Tower, type Wallet } from './channels.js';
export { InUseError, webLocks, withinProcess, type Exclusive, type Hold } from './exclusive.js';
export { readFrame, writeFrame, type Frame, type Say } from './frames.js';
export {
	accountOf, extensions, InjectedError, InjectedWallet,
	type Extension, type Injected, type InjectedAccount, type InjectedSigner,
} from './injected.js';
export { newKey, signWith, type KeyKind, type KeyRecord } from './keys.js';
export { dial, type Call, type Peer, type PeerEvents } from './link.js';
export { Machine, MachineError, type Signed, type Stepped, type WasmSource } from './machine.js';
export { identity, NoiseError, seal, unseal, type Identity } from './noise.js';
export { sideOf, type OpenRequest } from './openings.js';
export { InvoiceError, readInvoice, type Invoice, type InvoiceTerms } from './pay/invoice.js';
export type { Policy } from './pay/letter.js';
export { PaymentError, type InvoiceRequest, type PaidInvoice } from './pay/payments.js';
export type { Line } from './pay/ways.js';
export { fromNfc, NFC_TYPE, readHanded, toNfc } from './nfc.js';
export { fromQrText, MAX_QR, toQrText } from './qr.js';
export { fromHex, ScaleError, toHex } from './scale.js';
export {
	IndexedDbStore, MemoryStore,
	type Begun, type Change, type Contact, type Mark, type Note, type Opening, type Store,
} from './store.js';
export type {
	ChannelView, Deed, FaultKind, Lock, Notice, Options, Part, PerSide, Phase, Place, Reason, Reveal, Side, Terms, Told,
	Want,
} from './words.js';
export { SecretWallet } from './wallet.js';
