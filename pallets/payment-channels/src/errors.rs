//! Why calls are refused: a part of the pallet, which `lib.rs` brings in.

use frame_support::pallet_macros::pallet_section;

/// The errors of the pallet.
#[pallet_section]
mod refusals {
	#[pallet::error]
	pub enum Error<T> {
		/// A channel is of two accounts: name another one.
		SelfChannel,
		/// The window is shorter or longer than may be.
		BadWindow,
		/// Anybody could sign under this key: take another.
		BadKey,
		/// Both sides have this key, or the side has it already: take another.
		SameKey,
		/// The partner's account did not sign these terms for this opener on this chain.
		BadAccept,
		/// What was signed counts no more: have it signed again.
		Expired,
		/// There is no such channel, or it is gone.
		UnknownChannel,
		/// The account is on neither side of the channel.
		NotASide,
		/// The channel is closing or settled.
		NotOpen,
		/// The channel is not closing.
		NotClosing,
		/// The channel is not settled.
		NotSettled,
		/// An amount of nothing.
		Nothing,
		/// More than a number or balance holds.
		Overflow,
		/// It is not more than was taken out before.
		NotMonotone,
		/// It is more than there is.
		Exceeds,
		/// The parts are not what is in the channel.
		NotConserved,
		/// A signature is false: of another key, channel, side or message.
		BadSignature,
		/// The side for which this is brought did not sign that it is to be: the partner of one that has lost its data,
		/// or whoever a word about lost data is for.
		NoSubmit,
		/// What was signed is to let in another half, or another word.
		OtherHalf,
		/// The list is not that of the claim or half.
		BadLocks,
		/// The closer claims to owe more than it has: bring the partner's newest half.
		OverCapacity,
		/// The time for answers is over.
		TooLate,
		/// It is not time yet.
		TooEarly,
		/// A half as new, or the word, is there already.
		Stale,
		/// The half is one of those that its side had lost.
		Superseded,
		/// The half is worth no more than the claim: bring the lists of locks.
		NotAFraud,
		/// Data was lost too often in this channel: close it together.
		TooManyResyncs,
		/// The side has answered as often as it may without a fee: let an account send it by `answer`.
		NoFreeAnswer,
		/// No locks of this side are left to split.
		NothingPending,
		/// Some locks may still be claimed.
		Undecided,
		/// Locks are left: split them first.
		StillPending,
		/// The condition was met before: first wins.
		AlreadyMet,
		/// The condition is none: too long, too deep, or of parts that do not fit.
		BadCondition,
		/// What is shown does not fit the condition, or is false.
		WrongWitness,
		/// What is shown is true and not enough.
		NotMet,
		/// No such reveal is kept.
		UnknownReveal,
		/// The account is a tower already.
		AlreadyTower,
		/// The account is no tower with a bond.
		NotTower,
		/// The bond is less than a tower needs.
		BondTooSmall,
		/// The tower leaves already.
		AlreadyLeaving,
		/// The tower has not said that it leaves.
		NotLeaving,
		/// The receipt was over before the settlement.
		ReceiptOver,
		/// The settlement cost the side nothing of what the half says.
		NoLoss,
		/// The tower has paid for this settlement, or as many as may have.
		AlreadyPaid,
		/// No endpoint is announced.
		NoEndpoint,
	}
}
