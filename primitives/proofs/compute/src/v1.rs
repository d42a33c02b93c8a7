//! The first kernel. Everything in it is integers of 64 bits: the same on every processor, in whatever order it keeps
//! their bytes and however wide its addresses are.

/// Blocks of the scratchpad: a power of two.
pub const BLOCKS: usize = 1 << BLOCK_BITS;

/// Words of a block: two cache lines, which most processors fetch together.
pub const BLOCK_WORDS: usize = 2 * LANES;

/// Bytes of the scratchpad.
pub const SCRATCHPAD_BYTES: usize = BLOCKS * BLOCK_WORDS * 8;

/// Steps of a walk. Each block is changed 16 times on average, and one of nine million never.
pub const STEPS: u32 = 65_536;

/// What is read and written in a step.
pub type Block = [u64; BLOCK_WORDS];

/// What the kernel works in: 512 KiB. A multiprocessor of a graphics card has at most 228 KiB of shared memory and 256
/// of registers; a processor's core mostly has 512 KiB or more of cache.
pub type Scratchpad = [Block; BLOCKS];

/// Words of the state.
const LANES: usize = 8;

/// Bits of a block's number.
const BLOCK_BITS: u32 = 12;

/// Mixings after which each bit of a seed has changed about half of the state: eight do, and as many again for safety.
const SETTLING: u32 = 16;

/// The walk's state.
type State = [u64; LANES];

/// The fractional digits of pi in base 2^64: numbers that nobody chose.
const PI: Block = [
	0x243f_6a88_85a3_08d3,
	0x1319_8a2e_0370_7344,
	0xa409_3822_299f_31d0,
	0x082e_fa98_ec4e_6c89,
	0x4528_21e6_38d0_1377,
	0xbe54_66cf_34e9_0c6c,
	0xc0ac_29b7_c97c_50dd,
	0x3f84_d5b5_b547_0917,
	0x9216_d5d9_8979_fb1b,
	0xd131_0ba6_98df_b5ac,
	0x2ffd_72db_d01a_dfb7,
	0xb8e1_afed_6a26_7e96,
	0xba7c_9045_f12c_7f99,
	0x24a1_9947_b391_6cf7,
	0x0801_f2e2_858e_fc16,
	0x6369_20d8_7157_4e69,
];

/// Mixes a block into the state.
///
/// Each lane is multiplied by an odd number from the block and has its halves swapped, for the upper half of a product
/// is the one that depends on everything; then lanes are mixed in pairs, and move by one place, so that a lane meets
/// another one next time. For a given block all of it can be undone: no two states become one, however long the walk.
#[inline(always)]
fn mix(state: &State, block: &Block) -> State {
	let lane = |k: usize| {
		let factor = block[k + LANES];
		(state[k] ^ block[k])
			.wrapping_mul(factor | 1)
			.rotate_left(32)
			// So that the factor's last bit counts, too.
			.wrapping_add(factor)
	};
	let pair = |k: usize| {
		let (left, right) = (lane(k), lane(k + 1));
		let sum = left.wrapping_add(right);
		(sum, right ^ sum.rotate_left(23))
	};
	let ((a, b), (c, d), (e, f), (g, h)) = (pair(0), pair(2), pair(4), pair(6));
	[b, c, d, e, f, g, h, a]
}

/// The block that is next: from bits that were the uppermost of products, and of all pairs, so that nobody can fetch it
/// before the whole of this step is done.
#[inline(always)]
fn next(state: &State) -> usize {
	let bits = (state[7] ^ state[1]) ^ (state[3] ^ state[5]);
	// The mask leaves 12 bits, whatever a `usize` has.
	(bits >> 20) as usize & (BLOCKS - 1)
}

/// Changes a block by the state that it was mixed into.
#[inline(always)]
fn write(block: &mut Block, state: &State) {
	for k in 0..LANES {
		block[k] = block[k].wrapping_add(state[k]);
		block[k + LANES] ^= state[(k + 3) % LANES].rotate_left(11);
	}
}

/// The state that a seed begins with.
fn begin(seed: &[u8; 32]) -> State {
	let mut state = PI_STATE;
	for (word, bytes) in state.iter_mut().zip(seed.chunks_exact(8)) {
		let mut number = [0; 8];
		number.copy_from_slice(bytes);
		*word = u64::from_le_bytes(number);
	}
	settle(state)
}

/// What stands beside the seed in the first state.
const PI_STATE: State = [0, 0, 0, 0, PI[0], PI[1], PI[2], PI[3]];

fn settle(state: State) -> State {
	(0..SETTLING).fold(state, |state, _| mix(&state, &PI))
}

/// Fills the scratchpad: half a block with each mixing, one after the other, so that no block is known before all
/// blocks in front of it.
fn fill(mut state: State, pad: &mut Scratchpad) -> State {
	for block in pad.iter_mut() {
		let (first, second) = block.split_at_mut(LANES);
		for half in [first, second] {
			state = mix(&state, &PI);
			half.copy_from_slice(&state);
		}
	}
	state
}

/// The whole kernel: fills the scratchpad, walks through it, and folds it. `visit` sees each block that a step goes to.
pub fn walk(seed: &[u8; 32], pad: &mut Scratchpad, mut visit: impl FnMut(usize)) -> [u8; 64] {
	let mut state = fill(begin(seed), pad);
	for _ in 0..STEPS {
		let place = next(&state);
		visit(place);
		// Never out of range: see `next`.
		let block = &mut pad[place];
		state = mix(&state, block);
		write(block, &state);
	}
	fold(state, pad)
}

/// Every word of the scratchpad is part of the result: so nothing of the last steps can be left out.
fn fold(state: State, pad: &Scratchpad) -> [u8; 64] {
	let state = settle(pad.iter().fold(state, |state, block| mix(&state, block)));
	let mut bytes = [0; 64];
	for (target, word) in bytes.chunks_exact_mut(8).zip(state) {
		target.copy_from_slice(&word.to_le_bytes());
	}
	bytes
}

#[cfg(test)]
mod tests;
