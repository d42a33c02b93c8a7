//! What is true, damaged as the fuzzer's bytes say.

/// Some bytes of a whole are others: of each two that are given one says where, and one the value.
pub fn exchanged(mut whole: Vec<u8>, bytes: &[u8]) -> Vec<u8> {
	for change in bytes.chunks_exact(2) {
		let at = usize::from(change[0]) % whole.len();
		whole[at] = change[1];
	}
	whole
}

/// The same, and then as much of it as the number of bytes says.
#[allow(dead_code)]
pub fn exchanged_and_cut(whole: Vec<u8>, bytes: &[u8]) -> [Vec<u8>; 2] {
	let exchanged = exchanged(whole, bytes);
	let cut = exchanged[..bytes.len() * 7 % (exchanged.len() + 1)].to_vec();
	[exchanged, cut]
}
