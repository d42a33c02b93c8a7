//! What the storage holds, and what calls carry.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use proof_lottery_primitives::{Challenge, Credit, Kept, Resource, SpaceScheme, Terms, Total, MAX_WINS};
use proof_of_compute_primitives::Kernel;
use proof_of_space_primitives::{pos2, FindKey};
use scale_info::TypeInfo;
use sp_core::ConstU32;

/// Planck.
pub type Balance = u128;

/// The bytes of the longest proof of space.
pub const MAX_PROOF: u32 = 448;

/// A proof of space as a call carries it.
pub type ProofBytes = BoundedVec<u8, ConstU32<MAX_PROOF>>;

/// How many kinds of plots there are: schemes times sizes.
pub const MAX_KINDS: u32 = 12;

/// Plots that add up: of one scheme and size.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PlotKind {
	/// The scheme.
	pub scheme: SpaceScheme,
	/// Their size.
	pub k: u8,
}

impl PlotKind {
	/// So many plots, in GiB; rounded down, and never more than there are plots.
	pub fn gib(self, plots: Credit) -> Credit {
		Credit(u64::try_from(self.gib_of_sum(plots.0.into())).unwrap_or(u64::MAX))
	}

	/// The same of a sum of plots, in 32 fractional bits.
	pub fn gib_of_sum(self, plots: u128) -> u128 {
		let pieces: u128 = match self.scheme {
			SpaceScheme::Pos2 => pos2::pieces(self.k).into(),
		};
		// Piece by piece first, for a sum may be large: 32,768 pieces of 32 KiB are a GiB.
		let (whole, rest) = (plots >> 15, plots & 0x7fff);
		whole
			.saturating_mul(pieces)
			.saturating_add(rest.saturating_mul(pieces) >> 15)
	}
}

/// A device in the lottery of space.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SpaceEntry {
	/// What its plots are.
	pub kind: PlotKind,
	/// Their strength.
	pub strength: u8,
	/// What is held of the owner for it, in planck.
	pub deposit: Balance,
	/// What it claims and has won.
	pub kept: Kept,
	/// The last round that it won,
	pub round: u64,
	/// and what with.
	pub found: BoundedVec<FindKey, ConstU32<MAX_WINS>>,
}

/// A device in the lottery of compute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ComputeEntry {
	/// What is held of the owner for it, in planck.
	pub deposit: Balance,
	/// What it claims and has won.
	pub kept: Kept,
	/// The last window in which it announced wins,
	pub window: u64,
	/// and the segments that win.
	pub announced: BoundedVec<u32, ConstU32<MAX_WINS>>,
	/// How many announcements wait to be verified.
	pub pending: u32,
}

/// A device in the lottery of uptime.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct UptimeEntry {
	/// What is held of the owner for it, in planck.
	pub deposit: Balance,
	/// What it claims and has won.
	pub kept: Kept,
	/// The last round that it won; none if it has not won yet.
	pub won: Option<u64>,
}

/// Something of each resource that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Parts<Part> {
	/// Of space, in GiB.
	pub space: Part,
	/// Of compute, in segments.
	pub compute: Part,
	/// Of bandwidth.
	pub bandwidth: Part,
}

/// Which candidate a device counts for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Link<AccountId> {
	/// The candidate.
	pub candidate: AccountId,
	/// What is held of the owner for it, in planck.
	pub deposit: Balance,
	/// The era from which on it counts; none until the candidate accepts.
	pub from: Option<u32>,
	/// What it adds to the candidate's sums: as it was
	pub counted: Parts<Credit>,
	/// in this slot.
	pub counted_at: u64,
}

/// What is kept of a device that is in a lottery.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Entry<AccountId> {
	/// Whose deposits are held for it.
	pub owner: AccountId,
	/// Whether the device is gone or another's, and only its announcements wait to be verified.
	pub leaving: bool,
	/// Its plots.
	pub space: Option<SpaceEntry>,
	/// Its compute.
	pub compute: Option<ComputeEntry>,
	/// Its uptime.
	pub uptime: Option<UptimeEntry>,
	/// Whom it counts for.
	pub link: Option<Link<AccountId>>,
}

impl<AccountId> Entry<AccountId> {
	/// Of a device that is in no lottery yet.
	pub fn new(owner: AccountId) -> Self {
		Self {
			owner,
			leaving: false,
			space: None,
			compute: None,
			uptime: None,
			link: None,
		}
	}

	/// Whether it is in no lottery.
	pub fn is_empty(&self) -> bool {
		self.space.is_none() && self.compute.is_none() && self.uptime.is_none()
	}

	/// What is kept of it in one lottery.
	pub fn kept(&self, resource: Resource) -> Option<&Kept> {
		match resource {
			Resource::Space => self.space.as_ref().map(|space| &space.kept),
			Resource::Compute => self.compute.as_ref().map(|compute| &compute.kept),
			Resource::Uptime => self.uptime.as_ref().map(|uptime| &uptime.kept),
		}
	}

	/// The same, to be changed.
	pub fn kept_mut(&mut self, resource: Resource) -> Option<&mut Kept> {
		match resource {
			Resource::Space => self.space.as_mut().map(|space| &mut space.kept),
			Resource::Compute => self.compute.as_mut().map(|compute| &mut compute.kept),
			Resource::Uptime => self.uptime.as_mut().map(|uptime| &mut uptime.kept),
		}
	}

	/// Whether it counts for a candidate, now or from the next era on.
	pub fn is_linked(&self) -> bool {
		self.link.as_ref().is_some_and(|link| link.from.is_some())
	}

	/// How many of its announcements wait to be verified.
	pub fn pending(&self) -> u32 {
		self.compute.as_ref().map_or(0, |compute| compute.pending)
	}

	/// What is held of the owner for its lotteries, in planck.
	pub fn lottery_deposits(&self) -> Balance {
		let deposits = [
			self.space.as_ref().map(|space| space.deposit),
			self.compute.as_ref().map(|compute| compute.deposit),
			self.uptime.as_ref().map(|uptime| uptime.deposit),
		];
		deposits.into_iter().flatten().fold(0, Balance::saturating_add)
	}

	/// All that is held of the owner for it, in planck.
	pub fn deposits(&self) -> Balance {
		let link = self.link.as_ref().map_or(0, |link| link.deposit);
		self.lottery_deposits().saturating_add(link)
	}
}

/// What all devices have of one kind of plots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KindTotal {
	/// The kind.
	pub kind: PlotKind,
	/// How many plots.
	pub plots: Total,
}

/// What all devices have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Totals {
	/// Space by kinds of plots.
	pub space: BoundedVec<KindTotal, ConstU32<MAX_KINDS>>,
	/// Segments in a compute window.
	pub compute: Total,
	/// How many devices are there, as far as it is known.
	pub uptime: Total,
}

impl Totals {
	/// The sum that a device belongs to; none if it has plots of a kind that nobody claimed, which does not happen.
	pub fn of(&mut self, resource: Resource, kind: Option<PlotKind>) -> Option<&mut Total> {
		match resource {
			Resource::Space => self
				.space
				.iter_mut()
				.find(|total| Some(total.kind) == kind)
				.map(|total| &mut total.plots),
			Resource::Compute => Some(&mut self.compute),
			Resource::Uptime => Some(&mut self.uptime),
		}
	}
}

/// How many devices are in each lottery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Counts {
	/// In that of space.
	pub space: u32,
	/// In that of compute.
	pub compute: u32,
	/// In that of uptime.
	pub uptime: u32,
}

impl Counts {
	/// Those in one lottery.
	pub fn of(&self, resource: Resource) -> u32 {
		match resource {
			Resource::Space => self.space,
			Resource::Compute => self.compute,
			Resource::Uptime => self.uptime,
		}
	}

	/// The same, to be changed.
	pub fn of_mut(&mut self, resource: Resource) -> &mut u32 {
		match resource {
			Resource::Space => &mut self.space,
			Resource::Compute => &mut self.compute,
			Resource::Uptime => &mut self.uptime,
		}
	}
}

/// A round that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round<BlockNumber> {
	/// Its number.
	pub number: u64,
	/// The slot of the block that opened it,
	pub opened: u64,
	/// and that block's height: in it no win counts yet.
	pub block: BlockNumber,
	/// The last slot in whose block a win counts.
	pub until: u64,
	/// What it is about.
	pub challenge: Challenge,
	/// What a win is worth in it, and how rare it is.
	pub terms: Terms,
	/// How many devices were in the lottery.
	pub devices: u32,
}

/// A compute window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Window<BlockNumber> {
	/// As a round.
	pub round: Round<BlockNumber>,
	/// What segments run in it.
	pub kernel: Kernel,
	/// How many announcements wait to be verified.
	pub pending: u32,
}

/// The announcements that wait, from the one that is verified next to the one that came last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Waiting {
	/// Which is next.
	pub next: u64,
	/// Which the next one to be announced will be.
	pub end: u64,
}

impl Waiting {
	/// How many there are.
	pub fn len(&self) -> u64 {
		self.end.saturating_sub(self.next)
	}

	/// Whether there are none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}
}

/// What counts for a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CandidateSums {
	/// How many devices are linked.
	pub devices: u32,
	/// What they add up to, those that count,
	pub counting: Parts<Total>,
	/// and those that will
	pub coming: Parts<Total>,
	/// from this era on.
	pub coming_from: u32,
	/// The era in which somebody was told last that it changed.
	pub told: u32,
}

/// How many wins a block has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct WinsOfBlock<BlockNumber> {
	/// Which block.
	pub block: BlockNumber,
	/// Of space.
	pub space: u32,
	/// Announced ones of compute.
	pub compute: u32,
	/// Of uptime.
	pub uptime: u32,
}
