#!/usr/bin/env bash
# hdkd derives another account than polkadot.js from a numeric junction of 2^32 or more, and from text that looks like
# a number to JavaScript.
#
# Versions: @polkadot-labs/hdkd 0.0.28, @polkadot-labs/hdkd-helpers 0.0.30, @polkadot/keyring and
# @polkadot/util-crypto 14.0.3, scale-ts 1.6.1.
#
# Expected: one phrase and one path give one account in every library. Paths are shared in the text of a secret URI,
# and sp-core, whose rule it is, takes a junction as u64 if it parses as one, and as text otherwise.
# What happens: up to //4294967295 both agree, and on words such as //Alice. hdkd asks whether JavaScript's unary plus
# makes a number of the junction, and encodes that as u32. So //4294967296 is //0, a time in milliseconds loses its
# upper bits, and a device's hexadecimal name such as 7e12 is the number 7,000,000,000,000, cut to its lower 32 bits.
# No error and no warning, with sr25519 and with ed25519. polkadot.js keeps all digits, and takes 7e12 as text. A text
# junction whose encoding exceeds 32 bytes is hashed by polkadot.js, and refused by hdkd.
#
# Output seen (sr25519, development phrase, hdkd / polkadot.js):
#   //4294967295     5EKxD7tC... / 5EKxD7tC...
#   //4294967296     5D34dL5p... (that of //0) / 5HVoVRsn...
#   //1735689600000  5FcHhLzx... / 5H3uCpnq...
#   //7e12           another account each
#   40 letters       RangeError: offset is out of bounds / 5EJWRwGL...
# For a wallet: derive by numbers below 2^32 or by words such as Alice, if other libraries are to find the accounts.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact \
	@polkadot-labs/hdkd@0.0.28 @polkadot-labs/hdkd-helpers@0.0.30 scale-ts@1.6.1 \
	@polkadot/keyring@14.0.3 @polkadot/util@14.0.3 @polkadot/util-crypto@14.0.3 ||
	{ echo "Not checked: npm could not install the packages"; exit 2; }
cat >check.mjs <<'JS'
import { ed25519CreateDerive, sr25519CreateDerive } from '@polkadot-labs/hdkd';
import { DEV_PHRASE, entropyToMiniSecret, mnemonicToEntropy, ss58Address } from '@polkadot-labs/hdkd-helpers';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
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

await cryptoWaitReady();
const secret = entropyToMiniSecret(mnemonicToEntropy(DEV_PHRASE));
for (const [type, create] of [['sr25519', sr25519CreateDerive], ['ed25519', ed25519CreateDerive]]) {
	const derive = create(secret);
	const ring = new Keyring({ type, ss58Format: 42 });
	const hdkd = (path) => ss58Address(derive(path).publicKey);
	const polkadotJs = (path) => ring.addFromUri(DEV_PHRASE + path).address;
	for (const path of ['//0', '//1', '//01', '//4294967295', '//Alice']) {
		see(`${type} ${path}, same account`, hdkd(path) === polkadotJs(path), true);
	}
	for (const path of ['//4294967296', '//1735689600000', '//7e12']) {
		see(`${type} ${path}, same account`, hdkd(path) === polkadotJs(path), false);
		const low = Number(BigInt.asUintN(32, BigInt(Number(path.slice(2)))));
		see(`${type} ${path}, hdkd gives that of //${low}`, hdkd(path) === hdkd(`//${low}`), true);
		see(`${type} ${path}, polkadot.js gives that of //${low}`, polkadotJs(path) === polkadotJs(`//${low}`), false);
	}
}
const ring = new Keyring({ type: 'sr25519', ss58Format: 42 });
const derive = sr25519CreateDerive(secret);
see('hdkd //4294967296', ss58Address(derive('//4294967296').publicKey),
	'5D34dL5prEUaGNQtPPZ3yN5Y6BnkfXunKXXz6fo7ZJbLwRRH');
see('polkadot.js //4294967296', ring.addFromUri(`${DEV_PHRASE}//4294967296`).address,
	'5HVoVRsnV4o7JMWpqDRZxxw7pHHsW9byegaYj9ebnk21HtCG');
const long = `//${'x'.repeat(40)}`;
see('polkadot.js, 40 letters', ring.addFromUri(DEV_PHRASE + long).address,
	'5EJWRwGLcZ1KGDHtgrvTEQFjFL715DzcorquPqKBbEEvWQtv');
let refusal = 'none';
try { derive(long); } catch (error) { refusal = `${error.name}: ${error.message}`; }
see('hdkd, 40 letters', refusal, 'RangeError: offset is out of bounds');

console.log(changed ? `CHANGED: ${changed} of the points above` : 'The behaviour is as stated');
process.exit(changed ? 1 : 0);
JS
node check.mjs
