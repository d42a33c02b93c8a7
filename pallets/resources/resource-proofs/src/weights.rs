//! What this pallet costs: a runtime measures it (`scripts/weights`). What a
//! [`CompetenceHook`](pallet_traits::CompetenceHook) costs is part of it.

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
				$(let _ = $of;)?
				// So much that a test sees whether there is room for it.
				Weight::from_parts(1, 0)
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
	/// A win of space is credited, and its candidate told.
	fn win_space();
	/// All that is checked of a proof but its validity.
	fn authorize_win_space();
	/// So many validations of proofs of the lowest strength.
	fn verify_space(n: u32);
	/// A win of compute is put into the queue.
	fn win_compute();
	/// Checking an announcement, its signature among others.
	fn authorize_win_compute();
	/// A segment is run and credited, and its candidate told; or its device struck.
	fn verify_segment();
	/// A win of uptime is credited, and its candidate told.
	fn pulse();
	/// Checking it, its output among others.
	fn authorize_pulse();
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
