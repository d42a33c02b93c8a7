//! The same rounds by the AES instructions of x86-64. The crate `archmage` proves with a token that the processor has
//! them, so that this needs no `unsafe`.

use archmage::{arcane, SimdToken, X64CryptoToken};

/// Four columns, each as a number in little endian.
type Block = [u32; 4];

/// That the processor has the instructions.
pub type Token = X64CryptoToken;

/// The token, if it has them; asked of the processor once.
pub fn token() -> Option<Token> {
	Token::summon()
}

/// The block after `2 * pairs` rounds under the keys in turn.
#[arcane(import_intrinsics)]
pub fn mix(_token: X64CryptoToken, keys: &[Block; 2], block: Block, pairs: u32) -> Block {
	let (first, second) = (_mm_loadu_si128(&keys[0]), _mm_loadu_si128(&keys[1]));
	let mut state = _mm_loadu_si128(&block);
	for _ in 0..pairs {
		state = _mm_aesenc_si128(_mm_aesenc_si128(state, first), second);
	}
	let mut mixed = block;
	_mm_storeu_si128(&mut mixed, state);
	mixed
}
