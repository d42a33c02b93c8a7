//! When plots may be deleted: a rule for whoever deletes them, since the machine does not.

use proof_lottery_primitives::{LotteryState, OpenRound, Resource};

/// Whether groups numbered from `left` on may be deleted, as of a block that is final.
///
/// - `state`: what the chain has of the device in the lottery of space; none if it is in no such lottery.
/// - `open`: the rounds that can still be won.
/// - `slot`: that of the block.
/// - `left`: how many groups, numbered from 0 on, stay.
///
/// No more may be claimed than stays, that claim has to count, and every round that was opened before it did has to be
/// over: such a round asks for the groups of the claim before, and whoever was asked and has them no more wins less
/// than the claim says.
pub fn may_delete(state: Option<&LotteryState>, open: &[OpenRound], slot: u64, left: u32) -> bool {
	let Some(state) = state else { return true };
	let asks = |round: &&OpenRound| {
		round.resource == Resource::Space && round.opened < state.claimed_from && slot <= round.until
	};
	state.claimed <= left && state.claimed_from <= slot && !open.iter().any(|round| asks(&round))
}
