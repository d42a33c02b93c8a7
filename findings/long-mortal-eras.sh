#!/usr/bin/env bash
# polkadot.js and polkadot-api sign transactions that live for more than 4,096 blocks with the hash of the wrong
# block.
#
# Versions: @polkadot/api 16.5.6, @polkadot/types-support 16.5.6 (metadata of Polkadot), polkadot-api 2.2.2.
#
# Expected: a transaction that lives for a period of blocks names its first block by the two bytes of its era, and
# signs that block's hash. sp-runtime rounds the position within the period down to a multiple of period / 4,096,
# since two bytes hold no more; the chain then looks up the hash of the block that the rounded position names.
# What happens: both libraries write the rounded position, and sign the hash of the block that they began with. With a
# period of 8,192 this is another block if its number is odd, with 65,536 for 15 numbers of 16. The chain builds the
# payload with the hash that the era names, so the signature does not fit; begun a block later it does. Up to 4,096
# nothing is rounded, and all is well. polkadot.js also answers differently about the first block before and after its
# own era was written and read, since it rounds by dividing and multiplying without cutting the fraction.
#
# Output seen, period 8,192, begun at block 1,234,567:
#   polkadot.js   era 0x3cb4; its birth 1234567, that of the bytes read again 1234566; the signature is that of 1234567
#   polkadot-api  era 0x3cb4; with the hash of 1234567
# For a client: begin at a block whose number is a multiple of period / 4,096, or keep to 4,096 blocks.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact \
	@polkadot/api@16.5.6 @polkadot/types-support@16.5.6 @polkadot/keyring@14.0.3 @polkadot/util@14.0.3 \
	@polkadot/util-crypto@14.0.3 polkadot-api@2.2.2 ||
	{ echo "Not checked: npm could not install the packages"; exit 2; }
cat >check.mjs <<'JS'
import { ApiPromise } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import polkadot from '@polkadot/types-support/metadata/v14/polkadot-hex';
import { hexToU8a, numberToHex, u8aToHex } from '@polkadot/util';
import { signatureVerify } from '@polkadot/util-crypto';
import { getOfflineApi } from 'polkadot-api';
// Compares what is seen with what the head of this script states.
let changed = 0;
const see = (what, got, stated) => {
	const [seen, wanted] = [JSON.stringify(got), JSON.stringify(stated)];
	if (seen !== wanted) changed += 1;
	console.log(seen === wanted ? `as stated: ${what}: ${seen}` : `CHANGED: ${what}: ${seen}, stated ${wanted}`);
};
process.on('uncaughtException', (error) => {
	console.log(`CHANGED: an error that was not there: ${error.message}`);
	process.exit(1);
});

const HEAD = 1_234_567;
const hash = (number) => numberToHex(number, 256);
const GENESIS = hash(0xabc);
const header = (number) => ({
	parentHash: hash(number - 1), number: numberToHex(number), stateRoot: hash(1), extrinsicsRoot: hash(2),
	digest: { logs: [] }
});
const version = {
	specName: 'polkadot', implName: 'test', authoringVersion: 0, specVersion: 9140, implVersion: 0, apis: [],
	transactionVersion: 10, stateVersion: 0
};
// A node that has one chain of headers; no server runs.
const answers = {
	chain_getBlockHash: ([number]) => number ? hash(number) : GENESIS,
	chain_getFinalizedHead: () => hash(head),
	chain_getHeader: ([of]) => header(of ? Number(BigInt(of)) : head),
	rpc_methods: () => ({ methods: [] }),
	state_getMetadata: () => polkadot,
	state_getRuntimeVersion: () => version,
	system_chain: () => 'Polkadot',
	system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
	system_properties: () => ({})
};
let head = HEAD;
const provider = {
	hasSubscriptions: true, isClonable: false, isConnected: true, connect: async () => {}, disconnect: async () => {},
	on: (event, then) => { if (event === 'connected') queueMicrotask(then); return () => {}; },
	send: async (method, params) => answers[method](params),
	subscribe: async () => 1, unsubscribe: async () => true
};
console.warn = () => {};
const api = await ApiPromise.create({ provider, noInitWarn: true });
const pair = new Keyring({ type: 'ed25519' }).addFromUri('//Alice');

// Whether the signature is that of a payload with this block's hash.
const signed = (tx, number) => signatureVerify(api.createType('ExtrinsicPayload', {
	method: tx.method.toHex(), era: tx.era.toHex(), nonce: 0, tip: 0, genesisHash: GENESIS,
	specVersion: version.specVersion, transactionVersion: version.transactionVersion,
	blockHash: api.createType('Header', header(number)).hash
}, { version: 4 }).toU8a({ method: true }), tx.signature.toU8a(), pair.publicKey).isValid;
const birth = (era) => api.createType('ExtrinsicEra', hexToU8a(era)).asMortalEra.birth(HEAD);
// The block that the chain looks up: era.rs of sp-runtime, decode() and birth().
const first = (era, current) => {
	const encoded = hexToU8a(era)[0] | (hexToU8a(era)[1] << 8);
	const period = 2 << (encoded & 15);
	const phase = (encoded >> 4) * Math.max(period >> 12, 1);
	return Math.floor((Math.max(current, phase) - phase) / period) * period + phase;
};

const tx = await api.tx.system.remark('0x00').signAsync(pair, { era: 8192, nonce: 0 });
see('polkadot.js, period 8192, era', tx.era.toHex(), '0x3cb4');
see('polkadot.js, birth of its own era', api.createType('ExtrinsicEra', { current: HEAD, period: 8192 })
	.asMortalEra.birth(HEAD), HEAD);
see('polkadot.js, birth of the bytes read again', birth('0x3cb4'), HEAD - 1);
see('the chain looks up', first('0x3cb4', HEAD), HEAD - 1);
see('polkadot.js signed the hash that the chain looks up', signed(tx, HEAD - 1), false);
see('polkadot.js signed the hash of the block begun with', signed(tx, HEAD), true);
const short = await api.tx.system.remark('0x00').signAsync(pair, { era: 4096, nonce: 0 });
see('polkadot.js, period 4096, the chain looks up', first(short.era.toHex(), HEAD), HEAD);
see('polkadot.js, period 4096, signed that', signed(short, HEAD), true);
head = HEAD - 1;
const even = await api.tx.system.remark('0x00').signAsync(pair, { era: 8192, nonce: 0 });
see('polkadot.js, period 8192 from an even block, the chain looks up', first(even.era.toHex(), head), HEAD - 1);
see('polkadot.js, period 8192 from an even block, signed that', signed(even, HEAD - 1), true);

const offline = await getOfflineApi({ genesis: GENESIS, getMetadata: async () => hexToU8a(polkadot) });
const mortality = async (period) => {
	let seen;
	const signer = { publicKey: pair.publicKey, signTx: async (call, extensions) => {
		seen = extensions.CheckMortality;
		return call;
	} };
	await offline.tx.System.remark({ remark: new Uint8Array([0]) }).sign(signer, {
		nonce: 0, mortality: { mortal: true, period, startAtBlock: { height: HEAD, hash: hash(HEAD) } }
	});
	return [u8aToHex(seen.value), Number(u8aToHex(seen.additionalSigned))];
};
const [era, of] = await mortality(8192);
see('polkadot-api, period 8192, era', era, '0x3cb4');
see('polkadot-api, hash of block', of, HEAD);
see('polkadot-api, the chain looks up', first(era, HEAD), HEAD - 1);
see('polkadot-api, period 65536, the chain looks up', first((await mortality(65536))[0], HEAD), HEAD - 7);

console.log(changed ? `CHANGED: ${changed} of the points above` : 'The behaviour is as stated');
process.exit(changed ? 1 : 0);
JS
node check.mjs
