#!/usr/bin/env bash
# No two of polkadot.js, polkadot-api and dedot read bit sequences alike, although the metadata says all that it
# takes.
#
# Versions: @polkadot/types 16.5.6; polkadot-api's @polkadot-api/metadata-builders 0.14.3 and substrate-bindings
# 0.20.3, as polkadot-api 2.2.2 has them; dedot 1.3.0 with deshape 0.1.0. All read the same metadata V14.
#
# Expected: the metadata names the order of the bits and the width of the words in which they are stored, and SCALE
# writes whole words (BitVec<u32, Lsb0> of three bits takes four bytes behind the length). So bits and bytes are
# certain.
# What happens:
#   polkadot.js   reads bits as Lsb0 whatever the metadata says, and refuses words other than u8 with an error
#   polkadot-api  minds the order and takes words of any width for bytes: what follows the bits is read from within them
#   dedot         gives bits as Msb0 whatever the metadata says, and takes words of any width for bytes too
# Of Lsb0 in u8, which Polkadot's parachain pallets store, dedot gives the bits reversed within each byte. Msb0 in u8
# is shown reversed by polkadot.js. Wider words nobody reads, and polkadot-api and dedot do not notice.
#
# Output seen, for the bits 1 0 0 and then 1 1 0:
#   u8, Lsb0   0x0c01   polkadot.js 100   polkadot-api 100   dedot 000
#   u8, Msb0   0x0cc0   polkadot.js 000   polkadot-api 110   dedot 110
#   (BitVec<u32, Lsb0> of 1 0 0, u8 of 7), 0x0c0100000007: polkadot.js refuses; polkadot-api and dedot read 0 for the 7
# For a runtime: let stored bits be BitVec<u8, Lsb0>, or bytes whose meaning the pallet defines.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact \
	@polkadot/types@16.5.6 @polkadot/util@14.0.3 @polkadot-api/substrate-bindings@0.20.3 \
	@polkadot-api/metadata-builders@0.14.3 scale-ts@1.6.1 dedot@1.3.0 @dedot/codecs@1.3.0 deshape@0.1.0 ||
	{ echo "Not checked: npm could not install the packages"; exit 2; }
cat >check.mjs <<'JS'
import { getDynamicBuilder, getLookupFn } from '@polkadot-api/metadata-builders';
import { metadata, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { Metadata, TypeRegistry } from '@polkadot/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { $Metadata, TypeRegistry as DedotRegistry } from 'dedot/codecs';
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

// Metadata V14 with the types of a chain and no pallet; all three libraries read its bytes.
const type = (id, path, tag, value, params = []) => ({ id, path, params, def: { tag, value }, docs: [] });
const field = (name, of) => ({ name, type: of, typeName: undefined, docs: [] });
const lookup = [
	type(0, [], 'primitive', { tag: 'u8', value: undefined }),
	type(1, [], 'primitive', { tag: 'u32', value: undefined }),
	type(2, [], 'tuple', []),
	type(3, [], 'array', { len: 32, type: 0 }),
	type(4, ['sp_core', 'crypto', 'AccountId32'], 'composite', [field(undefined, 3)]),
	type(5, ['sp_runtime', 'generic', 'unchecked_extrinsic', 'UncheckedExtrinsic'], 'composite', [], [
		{ name: 'Address', type: 4 }, { name: 'Call', type: 2 }, { name: 'Signature', type: 3 },
		{ name: 'Extra', type: 2 }
	]),
	type(6, ['bitvec', 'order', 'Lsb0'], 'composite', []),
	type(7, ['bitvec', 'order', 'Msb0'], 'composite', []),
	type(8, [], 'bitSequence', { bitStoreType: 0, bitOrderType: 6 }),
	type(9, [], 'bitSequence', { bitStoreType: 0, bitOrderType: 7 }),
	type(10, [], 'bitSequence', { bitStoreType: 1, bitOrderType: 6 }),
	type(11, [], 'tuple', [10, 0])
];
const bytes = metadata.enc({
	magicNumber: 0x6174656d,
	metadata: {
		tag: 'v14',
		value: { lookup, pallets: [], extrinsic: { type: 5, version: 4, signedExtensions: [] }, type: 2 }
	}
});
// Without a pallet there is no type of events, which polkadot.js would say.
console.warn = () => {};
const registry = new TypeRegistry();
registry.setMetadata(new Metadata(registry, u8aToHex(bytes)));
const polkadotJs = (id, hex) => registry.createType(registry.createLookupType(id), hexToU8a(hex));
const builder = getDynamicBuilder(getLookupFn(unifyMetadata(metadata.dec(bytes))));
const papi = (id, hex) => builder.buildDefinition(id).dec(hex);
const dedotTypes = new DedotRegistry($Metadata.tryDecode(bytes).metadataVersioned.value.types);
const dedot = (id, hex) => dedotTypes.findCodec(id).tryDecode(hex);

const three = (bits) => [0, 1, 2].map((i) => Number(bits[i])).join('');
for (const [what, id, hex, seen] of [
	['u8, Lsb0, bits 100', 8, '0x0c01', ['100', '100', '000']],
	['u8, Msb0, bits 110', 9, '0x0cc0', ['000', '110', '110']]
]) {
	see(`${what}, polkadot.js`, three(polkadotJs(id, hex).toBoolArray()), seen[0]);
	see(`${what}, polkadot-api`, three(papi(id, hex)), seen[1]);
	see(`${what}, dedot`, three(dedot(id, hex)), seen[2]);
}
const words = '0x0c0100000007';
let refusal = 'none';
try { polkadotJs(11, words); } catch (error) { refusal = /Only u8 bitStore[^,]*/.exec(error.message)?.[0]; }
see('(u32 words, 7), polkadot.js', refusal, 'Only u8 bitStore is currently supported');
see('(u32 words, 7), polkadot-api', papi(11, words)[1], 0);
see('(u32 words, 7), dedot', dedot(11, words)[1], 0);

console.log(changed ? `CHANGED: ${changed} of the points above` : 'The behaviour is as stated');
process.exit(changed ? 1 : 0);
JS
node check.mjs
