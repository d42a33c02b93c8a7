//! What this pallet costs: a runtime measures it (`scripts/weights`). What a
//! [`CompetenceHook`](pallet_traits::CompetenceHook) costs is part of it.
//!
//! Functions of a number have a part for none of them, which a block is charged once, and one for each.

use frame_support::weights::Weight;

macro_rules! weights {
	($($(#[$doc:meta])* fn $name:ident($($of:ident: u32)?);)*) => {
		/// What this pallet's calls and hooks cost.
		pub trait WeightInfo {
			$($(#[$doc])* fn $name($($of: u32)?) -> Weight;)*
		}

		/// For tests.
		impl WeightInfo for () {
			$(fn $name($($of: u32)?) -> Weight {
				// So much that a test sees whether there is room for it.
				Weight::from_parts(1, 0)$(.saturating_add(Weight::from_parts($of.into(), 0)))?
			})*
		}
	};
}

weights! {
	/// A block that opens no round.
	fn on_initialize();
	/// What each round costs that a block opens, at the most.
	fn open_round();
	/// A block that runs no segment.
	fn on_idle();
	/// A device enters its last lottery, or claims otherwise.
	fn declare();
	/// A device leaves its last lottery, and its link ends.
	fn withdraw();
	/// So many wins of space of one block are looked at but for their proofs' validity, and credited; nobody is told.
	fn win_space(n: u32);
	/// So many validations of proofs of the lowest strength.
	fn verify_space(n: u32);
	/// So many wins of compute of one block are looked at but for their signatures, and put into the queue.
	fn win_compute(n: u32);
	/// The signature of an announcement is checked.
	fn verify_announcement();
	/// A segment is run that wins, and credited; nobody is told.
	fn verify_segment();
	/// A segment is run that does not win, and its device struck.
	fn strike();
	/// So many wins of uptime of one block are looked at but for their outputs' proofs, and credited; nobody is told.
	fn pulse(n: u32);
	/// The proof of an output is checked.
	fn verify_pulse();
	/// A candidate's competence has changed, and who sorts candidates is told.
	fn tell();
	/// A device is offered.
	fn offer_link();
	/// A device is accepted that is in all lotteries.
	fn accept_link();
	/// A link ends.
	fn unlink();
	/// A device in all lotteries is counted anew.
	fn refresh();
	/// All parameters.
	fn set_parameters();
}
