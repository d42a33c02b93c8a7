#!/usr/bin/env bash
# polkadot.js reads a type of one's own as another if its path ends like a type of the identity pallet.
#
# Versions: @polkadot/types 16.5.6; polkadot-api's @polkadot-api/metadata-builders 0.14.3 and substrate-bindings
# 0.20.3, as polkadot-api 2.2.2 has them; dedot 1.3.0 with deshape 0.1.0. All read the same metadata V14.
#
# Expected: since metadata V14 describes each type in full, a client reads what it describes.
# What happens: polkadot.js has a list of paths for which it takes a type that it carries itself, and it matches with
# wildcards. *_identity::types::Data is one of them. A pallet device_identity whose module types has a struct Data is
# read as the identity pallet's Data, an enum: a u32 of 1 turns into raw bytes without content, and one byte is read
# of five, so that all that follows is read from the wrong place. No error, no warning. The pattern fits any crate
# whose name ends in _identity. A struct of the same fields named Datum is read well. The paths
# *_democracy::vote::Vote and *_conviction_voting::vote::Vote are on the same list.
#
# Output seen, (device_identity::types::Data {a: u32 = 1, b: u8 = 9}, u8 of 7), 0x010000000907:
#   polkadot.js   [{"raw":"0x"},0]
#   polkadot-api  [{"a":1,"b":9},7]
#   dedot         [{"a":1,"b":9},7]
# For a runtime: give the struct, the module or the crate another name.
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
	type(6, ['device_identity', 'types', 'Data'], 'composite', [field('a', 1), field('b', 0)]),
	type(7, [], 'tuple', [6, 0]),
	type(8, ['device_identity', 'types', 'Datum'], 'composite', [field('a', 1), field('b', 0)]),
	type(9, [], 'tuple', [8, 0]),
	type(10, ['device_registry', 'types', 'Data'], 'composite', [field('a', 1), field('b', 0)]),
	type(11, [], 'tuple', [10, 0]),
	type(12, ['my_own_identity', 'types', 'Data'], 'composite', [field('a', 1), field('b', 0)]),
	type(13, [], 'tuple', [12, 0])
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

const hex = '0x010000000907';
const described = [{ a: 1, b: 9 }, 7];
see('device_identity::types::Data, polkadot.js', polkadotJs(7, hex).toJSON(), [{ raw: '0x' }, 0]);
see('device_identity::types::Data, polkadot.js, bytes read', polkadotJs(7, hex).toU8a().length, 2);
see('device_identity::types::Data, polkadot-api', papi(7, hex), described);
see('device_identity::types::Data, dedot', dedot(7, hex), described);
see('my_own_identity::types::Data, polkadot.js', polkadotJs(13, hex).toJSON(), [{ raw: '0x' }, 0]);
see('device_identity::types::Datum, polkadot.js', polkadotJs(9, hex).toJSON(), described);
see('device_registry::types::Data, polkadot.js', polkadotJs(11, hex).toJSON(), described);

console.log(changed ? `CHANGED: ${changed} of the points above` : 'The behaviour is as stated');
process.exit(changed ? 1 : 0);
JS
node check.mjs
