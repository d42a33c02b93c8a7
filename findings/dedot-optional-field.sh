#!/usr/bin/env bash
# dedot loses the last bytes of a struct if one of its fields is an Option that is set.
#
# Versions: dedot 1.3.0 with @dedot/shape 1.3.0 and deshape 0.1.0; the same bytes with polkadot.js (@polkadot/types
# 16.5.6).
#
# Expected: what was decoded encodes to the same bytes, or an error says why not.
# What happens: $.Struct reserves room for an optional field's value, and not for the byte before it that says whether
# there is one. With fields of fixed size, each Option that is set pushes one byte over the end of the buffer. Bytes
# are written one by one, and JavaScript drops those beyond the end: the encoding is shorter, without an error. In a
# vector the number of items is right, and the last item has lost its end. Where the last field is a u16, u32 or u64,
# a RangeError is thrown instead. A field of variable size, such as a text, behind it hides the fault, and so does
# None: a call with it, which is such an enum variant, works until the day when somebody sets the option.
#
# Output seen:
#   {a: Option<u8>, b: u8}      None, 7       0x0007           -> 0x0007
#   {a: Option<u8>, b: u8}      Some(5), 7    0x010507         -> 0x0105
#   {b: u8, a: Option<u8>}      7, Some(5)    0x070105         -> 0x0701
#   Vec of the first            two items     0x08010507010608 -> 0x08010507010000
#   enum variant with it        Some(5), 7    0x00010507       -> 0x000105
#   {a: Option<u32>, b: u32}    Some(5), 1    RangeError: Offset is outside the bounds of the DataView
# For a client: a tuple counts right, so let the shape of such a struct be one; or decode the bytes again and compare.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact \
	dedot@1.3.0 @dedot/shape@1.3.0 deshape@0.1.0 @polkadot/types@16.5.6 @polkadot/util@14.0.3 ||
	{ echo "Not checked: npm could not install the packages"; exit 2; }
cat >check.mjs <<'JS'
import * as $ from 'dedot/shape';
import { TypeRegistry } from '@polkadot/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
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

const registry = new TypeRegistry();
const option = '{"a":"Option<u8>","b":"u8"}';
const Item = $.Struct({ a: $.Option($.u8), b: $.u8 });
const points = [
	['struct, None', Item, option, '0x0007', '0x0007'],
	['struct, Some', Item, option, '0x010507', '0x0105'],
	['option last', $.Struct({ b: $.u8, a: $.Option($.u8) }), '{"b":"u8","a":"Option<u8>"}', '0x070105', '0x0701'],
	['vector', $.Vec(Item), `Vec<${option}>`, '0x08010507010608', '0x08010507010000'],
	['variant', $.Enum({ A: Item, B: $.u8 }), `{"_enum":{"A":${JSON.stringify(option)},"B":"u8"}}`, '0x00010507',
		'0x000105'],
	['tuple', $.Tuple($.Option($.u8), $.u8), '(Option<u8>,u8)', '0x010507', '0x010507'],
	['text behind', $.Struct({ a: $.Option($.u8), b: $.str }), '{"a":"Option<u8>","b":"Text"}', '0x0105086162',
		'0x0105086162']
];
for (const [what, shape, type, bytes, stated] of points) {
	see(`${what}, ${bytes} by dedot`, u8aToHex(shape.tryEncode(shape.tryDecode(bytes))), stated);
	see(`${what}, ${bytes} by polkadot.js`, u8aToHex(registry.createType(type, hexToU8a(bytes)).toU8a()), bytes);
}
const wide = $.Struct({ a: $.Option($.u32), b: $.u32 });
let refusal = 'none';
try { wide.tryEncode({ a: 5, b: 1 }); } catch (error) { refusal = `${error.name}: ${error.message}`; }
see('two u32, Some', refusal, 'RangeError: Offset is outside the bounds of the DataView');

console.log(changed ? `CHANGED: ${changed} of the points above` : 'The behaviour is as stated');
process.exit(changed ? 1 : 0);
JS
node check.mjs
