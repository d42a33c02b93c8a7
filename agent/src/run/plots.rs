//! The plots as the run sees them.

use crate::status::PlotKind;
use proof_of_space_primitives::Hash;
use smart_agent_store::{
	plotter::{Cancel, Launcher},
	Find, Listed, Looked, State, Store, StoreError,
};
use smartchain_provider::{Plots, Rates};
use std::{collections::BTreeMap, sync::Arc, time::Instant};

/// A store of plots. All of it blocks.
pub trait PlotStore: Send + Sync {
	/// All containers.
	fn list(&self) -> Vec<Listed>;

	/// Looks into all plots that are up, until a moment at the latest.
	fn look(&self, challenge: &Hash, filter_bits: u8, threads: usize, until: Instant, cancel: &Cancel) -> Looked;

	/// The proof of a find, verified.
	///
	/// # Errors
	/// If the solver fails, or its proof does not hold.
	fn solve(&self, find: &Find, challenge: &Hash, cancel: &Cancel) -> Result<Vec<u8>, StoreError>;

	/// Deletes containers for good.
	///
	/// # Errors
	/// If the disk refuses.
	fn delete(&self, names: &[String]) -> Result<(), StoreError>;

	/// Whether more are being made.
	fn is_growing(&self) -> bool {
		false
	}
}

/// A real store.
pub struct StorePlots {
	/// The store.
	pub store: Arc<Store>,
	/// How the solver's process is started.
	pub launcher: Launcher,
}

impl PlotStore for StorePlots {
	fn list(&self) -> Vec<Listed> {
		self.store.list()
	}

	fn look(&self, challenge: &Hash, filter_bits: u8, threads: usize, until: Instant, cancel: &Cancel) -> Looked {
		self.store
			.look_until(challenge, filter_bits, threads, Some(until), cancel)
	}

	fn solve(&self, find: &Find, challenge: &Hash, cancel: &Cancel) -> Result<Vec<u8>, StoreError> {
		self.store.solve(find, challenge, &self.launcher, cancel)
	}

	fn delete(&self, names: &[String]) -> Result<(), StoreError> {
		self.store.delete(names).map(drop)
	}
}

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inventory {
	/// The kind that is claimed, and its groups.
	pub plots: Plots,
	/// The names of the files of these groups.
	pub names: BTreeMap<u32, String>,
	/// All kinds, for people.
	pub kinds: Vec<PlotKind>,
}

/// Of a list. A device claims plots of one kind: the one of which there is most on the disk.
pub(super) fn inventory(listed: &[Listed], growing: bool) -> Inventory {
	let mut kinds: BTreeMap<(u8, u8), PlotKind> = BTreeMap::new();
	for container in listed {
		// Of what cannot be read nobody knows the kind; of another device it is none of ours.
		let Some(header) = container.header.filter(|_| container.state != State::Foreign) else {
			continue;
		};
		let kind = kinds.entry((header.k, header.strength)).or_insert(PlotKind {
			k: header.k,
			strength: header.strength,
			count: 0,
			damaged: 0,
			bytes: 0,
		});
		let counted = match container.state {
			State::Sound => &mut kind.count,
			_ => &mut kind.damaged,
		};
		*counted = counted.saturating_add(header.plots.into());
		kind.bytes = kind.bytes.saturating_add(container.bytes);
	}
	let kinds: Vec<PlotKind> = kinds.into_values().collect();
	let most = kinds
		.iter()
		.filter(|kind| kind.count > 0)
		.max_by_key(|kind| (kind.bytes, kind.k));
	let Some((k, strength)) = most.map(|kind| (kind.k, kind.strength)) else {
		return Inventory {
			kinds,
			..Inventory::default()
		};
	};
	let mut names = BTreeMap::new();
	for container in listed.iter().filter(|container| container.state == State::Sound) {
		let Some(header) = container.header else { continue };
		// Groups of more than one plot cannot be claimed yet.
		let claimable = (header.first, header.plots) == (0, 1);
		if (header.k, header.strength) == (k, strength) && claimable {
			names.insert(header.number, container.name.clone());
		}
	}
	Inventory {
		plots: Plots {
			k,
			strength,
			numbers: names.keys().copied().collect(),
			growing,
		},
		names,
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
	use smart_agent_store::container::Header;

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
	fn the_kind_with_most_bytes_is_claimed_and_only_what_is_sound_and_alone() {
		let all = [
			listed(0, 18, 1, State::Sound),
			listed(1, 18, 1, State::Sound),
			listed(2, 18, 5, State::Sound),
			listed(0, 22, 1, State::Sound),
			listed(1, 22, 1, State::Damaged(smart_agent_store::Damage::Index)),
			listed(2, 22, 1, State::Sound),
			listed(3, 22, 1, State::Foreign),
		];
		let found = inventory(&all, false);
		assert_eq!((found.plots.k, found.plots.numbers), (22, vec![0, 2]));
		assert_eq!(found.names[&2], "22-2");
		assert_eq!(found.kinds.len(), 2);
		assert_eq!(
			(found.kinds[0].count, found.kinds[1].count, found.kinds[1].damaged),
			(7, 2, 1)
		);
		assert_eq!(inventory(&[], true), Inventory::default());
	}
}
