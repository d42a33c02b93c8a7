#!/usr/bin/env bash
# polkadot.js and dedot lose a field of a struct if two names differ only in where underscores stand around digits.
#
# Versions: @polkadot/types 16.5.6; polkadot-api's @polkadot-api/metadata-builders 0.14.3 and substrate-bindings
# 0.20.3, as polkadot-api 2.2.2 has them; dedot 1.3.0 with deshape 0.1.0. All read the same metadata V14.
#
# Expected: the names m_1_11 and m_11_1 are two fields, as in Rust; each name has its own.
# What happens: both libraries rename fields to camel case, where an underscore before a digit leaves no trace: both
# are m111. The later replaces the earlier, and not just by name: polkadot.js and dedot then take the struct to have
# one field of the two. They read four bytes of eight, so that all that follows is read from the wrong place, and
# write four bytes. No error, no warning. polkadot-api keeps the names as they are, and reads both.
#
# Output seen, struct {m_1_11: u32 = 1, m_11_1: u32 = 2}, then a u8 of 7, 0x010000000200000007:
#   polkadot.js   [{"m111":1},2], written again 0x0100000002
#   dedot         [{"m111":1},2], written again 0x0100000002
#   polkadot-api  [{"m_1_11":1,"m_11_1":2},7]
# For a runtime: let names of one struct differ in letters; row_1_col_11 and row_11_col_1 are safe.
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
	type(6, ['pallet_grid', 'Cells'], 'composite', [field('m_1_11', 1), field('m_11_1', 1)]),
	type(7, [], 'tuple', [6, 0]),
	type(8, ['pallet_grid', 'Named'], 'composite', [field('row_1_col_11', 1), field('row_11_col_1', 1)])
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

const cells = '0x010000000200000007';
see('polkadot.js reads', polkadotJs(7, cells).toJSON(), [{ m111: 1 }, 2]);
see('polkadot.js writes', u8aToHex(polkadotJs(7, cells).toU8a()), '0x0100000002');
see('dedot reads', dedot(7, cells), [{ m111: 1 }, 2]);
see('dedot writes', u8aToHex(dedotTypes.findCodec(7).tryEncode(dedot(7, cells))), '0x0100000002');
see('polkadot-api reads', papi(7, cells), [{ m_1_11: 1, m_11_1: 2 }, 7]);
const named = '0x0100000002000000';
see('polkadot.js, names that differ', polkadotJs(8, named).toJSON(), { row1Col11: 1, row11Col1: 2 });
see('dedot, names that differ', dedot(8, named), { row1Col11: 1, row11Col1: 2 });

console.log(changed ? `CHANGED: ${changed} of the points above` : 'The behaviour is as stated');
process.exit(changed ? 1 : 0);
JS
node check.mjs
