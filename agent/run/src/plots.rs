//! The plots as the run sees them.

use crate::status::PlotKind;
use proof_of_space_primitives::Hash;
use smart_agent_store::{
	container::Header,
	plotter::{Cancel, Launcher},
	Find, Listed, Looked, State, Store, StoreError,
};
use smartchain_provider::{Plots, Rates};
use std::{
	cmp::{Ordering, Reverse},
	collections::BTreeMap,
	sync::Arc,
	time::Instant,
};

/// A store of plots. All of it blocks.
pub trait PlotStore: Send + Sync {
	/// All containers, with what other processes made and deleted.
	///
	/// # Errors
	/// If the folder cannot be read: what is there is not known then.
	fn list(&self) -> Result<Vec<Listed>, StoreError>;

	/// Looks into all plots that are up, until a moment at the latest.
	fn look(&self, challenge: &Hash, filter_bits: u8, threads: usize, until: Instant, cancel: &Cancel) -> Looked;

	/// The proof of a find, verified.
	///
	/// # Errors
	/// If the solver fails, or its proof does not hold.
	fn solve(&self, find: &Find, challenge: &Hash, cancel: &Cancel) -> Result<Vec<u8>, StoreError>;

	/// Whether more are being made.
	fn is_growing(&self) -> bool;
}

/// A real store.
pub struct StorePlots {
	/// The store.
	pub store: Arc<Store>,
	/// How the solver's process is started.
	pub launcher: Launcher,
}

impl PlotStore for StorePlots {
	fn list(&self) -> Result<Vec<Listed>, StoreError> {
		self.store.refresh()?;
		Ok(self.store.list())
	}

	fn look(&self, challenge: &Hash, filter_bits: u8, threads: usize, until: Instant, cancel: &Cancel) -> Looked {
		self.store
			.look_until(challenge, filter_bits, threads, Some(until), cancel)
	}

	fn solve(&self, find: &Find, challenge: &Hash, cancel: &Cancel) -> Result<Vec<u8>, StoreError> {
		self.store.solve(find, challenge, &self.launcher, cancel)
	}

	fn is_growing(&self) -> bool {
		self.store.is_making()
	}
}

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inventory {
	/// The kind that is claimed, and its groups.
	pub plots: Plots,
	/// All kinds, for people.
	pub kinds: Vec<PlotKind>,
}

/// Plots of one size and strength that can be claimed: sound ones, each alone in its group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
	/// The size.
	pub k: u8,
	/// The strength.
	pub strength: u8,
	/// Their numbers, and the names of their files.
	pub names: BTreeMap<u32, String>,
}

impl Kind {
	/// How many are numbered from 0 on without a gap: so many can be claimed.
	pub fn groups(&self) -> u32 {
		let gapless = (0u32..)
			.zip(self.names.keys())
			.take_while(|(next, number)| next == *number);
		u32::try_from(gapless.count()).unwrap_or(u32::MAX)
	}

	/// How well it fits what is claimed, and what it is worth.
	fn rank(&self, claimed: u32) -> (usize, Reverse<usize>, u128, usize) {
		let of_claim = self.names.range(..claimed).count();
		let beyond = if claimed > 0 { self.names.len() - of_claim } else { 0 };
		let worth = u128::from(self.groups()) * ((2 * u128::from(self.k) + 1) << self.k.min(64));
		(of_claim, Reverse(beyond), worth, self.names.len())
	}
}

/// The kind that a device uses: it claims plots of one size and strength alone. The chain does not say which it was,
/// but how many are claimed: it is the kind that has most of these numbers, and fewest beyond them; so a second kind
/// made beside it is not taken for it. If none are claimed, it is the one of which most in worth can be claimed.
pub fn kind(listed: &[Listed], claimed: u32) -> Option<Kind> {
	let mut kinds: BTreeMap<(u8, u8), Kind> = BTreeMap::new();
	for file in listed.iter().filter(|file| file.state == State::Sound) {
		// Groups of more than one plot cannot be claimed yet.
		let Some(header) = file.header.filter(|header| (header.first, header.plots) == (0, 1)) else {
			continue;
		};
		let kind = kinds.entry((header.k, header.strength)).or_default();
		(kind.k, kind.strength) = (header.k, header.strength);
		kind.names.insert(header.number, file.name.clone());
	}
	kinds.into_values().max_by_key(|kind| kind.rank(claimed))
}

/// How the plots that are claimed differ from those that are here, and what to do; none if they do not, or none are.
pub fn amiss(listed: &[Listed], claimed: u32) -> Option<[String; 2]> {
	let groups = kind(listed, claimed).map_or(0, |kind| kind.groups());
	let (what, remedy) = match groups.cmp(&claimed) {
		_ if claimed == 0 => return None,
		Ordering::Equal => return None,
		Ordering::Less => (
			format!("claimed: {claimed}, and there is no sound one with number {groups}"),
			"see whether the disk is mounted; `smart-agent plot create` as before makes what is missing, `smart-agent \
			 plot claim` claims those before it alone",
		),
		Ordering::Greater => (
			format!("claimed: {claimed}, and {groups} are here"),
			"`smart-agent plot claim` claims them",
		),
	};
	Some([what, remedy.into()])
}

/// All kinds that are there, for people: also what is damaged.
pub fn kinds(listed: &[Listed]) -> Vec<PlotKind> {
	let mut kinds: BTreeMap<(u8, u8), PlotKind> = BTreeMap::new();
	// Of another device it is none of ours.
	for file in listed.iter().filter(|file| file.state != State::Foreign) {
		// The store tells it by the name if the file cannot be read.
		let Some(Header { k, strength, plots, .. }) = file.header else {
			continue;
		};
		let kind = kinds.entry((k, strength)).or_insert(PlotKind {
			k,
			strength,
			count: 0,
			damaged: 0,
			bytes: 0,
		});
		let counted = match file.state {
			State::Sound => &mut kind.count,
			_ => &mut kind.damaged,
		};
		*counted = counted.saturating_add(plots.into());
		kind.bytes = kind.bytes.saturating_add(file.bytes);
	}
	kinds.into_values().collect()
}

/// Of a list, for a device of which so many plots are claimed.
pub(super) fn inventory(listed: &[Listed], growing: bool, claimed: u32) -> Inventory {
	let kinds = kinds(listed);
	let Some(Kind { k, strength, names }) = kind(listed, claimed) else {
		return Inventory {
			kinds,
			..Inventory::default()
		};
	};
	Inventory {
		plots: Plots {
			k,
			strength,
			numbers: names.keys().copied().collect(),
			growing,
		},
		kinds,
	}
}

/// What to expect of plots of a size, until something was measured.
pub(super) fn first_rates(k: u8) -> Rates {
	let (look_us, solve_ms) = match k {
		0..=22 => (2_000, 700),
		23..=24 => (5_000, 1_500),
		25..=26 => (20_000, 3_000),
		_ => (40_000, 4_000),
	};
	Rates {
		look_us,
		solve_ms,
		..Rates::default()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_of_space_primitives::Plot;

	fn listed(number: u32, k: u8, plots: u16, state: State) -> Listed {
		let plot = Plot {
			group: [0; 32],
			index: 0,
			meta: 0,
			k,
			strength: 2,
		};
		Listed {
			name: format!("{k}-{number}"),
			bytes: u64::from(plots) << k,
			header: Some(Header::new(&plot, number, plots)),
			state,
		}
	}

	#[test]
	fn the_kind_that_is_worth_most_is_used_and_only_what_is_sound_and_alone() {
		let all = [
			listed(0, 18, 1, State::Sound),
			listed(1, 18, 1, State::Sound),
			listed(2, 18, 5, State::Sound),
			listed(0, 22, 1, State::Sound),
			listed(1, 22, 1, State::Damaged(smart_agent_store::Damage::Index)),
			listed(2, 22, 1, State::Sound),
			listed(3, 22, 1, State::Foreign),
		];
		let found = inventory(&all, false, 0);
		assert_eq!((found.plots.k, found.plots.numbers), (22, vec![0, 2]));
		assert_eq!(found.kinds.len(), 2);
		assert_eq!(
			(found.kinds[0].count, found.kinds[1].count, found.kinds[1].damaged),
			(7, 2, 1)
		);
		assert_eq!(inventory(&[], true, 0), Inventory::default());
	}

	#[test]
	fn a_second_kind_beside_the_claimed_one_is_not_looked_into() {
		let of = |k, numbers: std::ops::Range<u32>| numbers.map(move |number| listed(number, k, 1, State::Sound));
		let used = |claimed, all: Vec<Listed>| {
			let found = inventory(&all, false, claimed).plots;
			(found.k, found.numbers.len())
		};
		let both = |first, second| of(20, first).chain(of(22, second)).collect::<Vec<_>>();
		assert_eq!(used(10, both(0..10, 0..9)), (20, 10), "more bytes are no reason");
		assert_eq!(used(10, both(0..10, 0..30)), (20, 10), "nor are more plots");
		assert_eq!(used(10, both(1..10, 0..3)), (20, 9), "nor is one that is missing");
		assert_eq!(used(10, both(0..12, 0..0)), (20, 12));
		assert_eq!(
			used(0, both(0..10, 0..9)),
			(22, 9),
			"nothing is claimed: what is worth most"
		);
		assert_eq!(used(10, both(0..0, 0..3)), (22, 3), "the claimed ones are gone");
	}

	#[test]
	fn claimed_plots_that_are_not_here_are_told() {
		let all: Vec<Listed> = [0, 1, 3].map(|number| listed(number, 18, 1, State::Sound)).into();
		let told = |claimed| amiss(&all, claimed).map(|[what, _]| what);
		assert_eq!(told(4).unwrap(), "claimed: 4, and there is no sound one with number 2");
		assert_eq!(told(1).unwrap(), "claimed: 1, and 2 are here");
		assert_eq!((told(2), told(0)), (None, None));
		assert!(amiss(&[], 1).unwrap()[0].ends_with("number 0"));
	}

	/// What cannot be opened has no header.
	#[test]
	fn damaged_files_of_a_store_are_counted() {
		let folder = tempfile::tempdir().unwrap();
		let owner = smart_agent_store::Owner {
			genesis: [7; 32],
			device: [8; 32],
		};
		drop(Store::open(folder.path(), owner).unwrap());
		let name = "k18-s2-g0000000003-i00000-00001.plots";
		std::fs::write(folder.path().join("plots").join(name), b"cut off").unwrap();
		let listed = Store::open(folder.path(), owner).unwrap().list();
		assert_eq!(listed.len(), 1);
		let found = inventory(&listed, false, 0);
		assert_eq!(found.kinds.len(), 1, "{listed:?}");
		let kind = &found.kinds[0];
		assert_eq!((kind.k, kind.strength, kind.count, kind.damaged), (18, 2, 0, 1));
		assert!(found.plots.numbers.is_empty());
	}
}
