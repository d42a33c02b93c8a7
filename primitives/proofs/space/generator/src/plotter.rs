//! A plotter and prover of a few lines on the validator's own parts: slow, in memory, for small plots. It knows the
//! numbers of each fragment, so that nothing has to be solved, and it proves any index, which Chia's crate does not.

use proof_of_space_primitives::{
	pos2::{chains, tables, Chains, Entry, Table, Tables, LINKS, SETS},
	Hash, Plot,
};
use std::collections::BTreeMap;

/// A plot in memory: what each fragment is made of.
pub struct Plotted {
	pub plot: Plot,
	tables: Tables,
	fragments: BTreeMap<u64, [u32; 8]>,
}

/// An entry, and its halves in the table before.
struct Made {
	entry: Entry,
	halves: [u32; 2],
}

impl Plotted {
	pub fn new(plot: Plot) -> Self {
		let tables = tables(&plot).expect("a plot that is possible");
		let numbers = (0..1u32 << plot.k).map(|x| Made {
			entry: tables.entry(x),
			halves: [x, x],
		});
		let numbers: Vec<Made> = numbers.collect();
		let first = pairs(&tables, &plot, Table::First, &numbers);
		let second = pairs(&tables, &plot, Table::Second, &first);
		let third = pairs(&tables, &plot, Table::Third, &second);
		let halves = |table: &[Made], of: [u32; 2]| of.map(|half| table[half as usize].halves);
		let mut fragments = BTreeMap::new();
		for made in &third {
			let [a, b] = halves(&second, made.halves);
			let [[a, b], [c, d]] = [halves(&first, a), halves(&first, b)];
			let [[a, b], [c, d], [e, f], [g, h]] = [a, b, c, d];
			let xs = [a, b, c, d, e, f, g, h];
			fragments.entry(tables.fragment(&xs)).or_insert(xs);
		}
		Self {
			plot,
			tables,
			fragments,
		}
	}

	pub fn len(&self) -> usize {
		self.fragments.len()
	}

	/// The chains that are left of those for this challenge if only these fragments are kept.
	pub fn chains(&self, challenge: &Hash, keeps: impl Fn(u64) -> bool) -> Vec<[u64; LINKS]> {
		self.search(challenge, LINKS, keeps)
	}

	/// Chains of all links but the last, with each fragment of the last set: of these the last filter decides.
	pub fn nearly(&self, challenge: &Hash) -> Vec<[u64; LINKS]> {
		let chains = chains(&self.plot, challenge).expect("a plot that is possible");
		let mut found = Vec::new();
		for begun in self.search(challenge, LINKS - 1, |_| true) {
			let start = chains.set_of(begun[0]).expect("a fragment of a set");
			let range = chains.fragments_of((start + LINKS - 1) % SETS).expect("one of four");
			found.extend(self.fragments.range(range).map(|(last, _)| {
				let mut chain = begun;
				chain[LINKS - 1] = *last;
				chain
			}));
		}
		found
	}

	/// Those of them whose last hash ends with all zeros, and is too high for a chain all the same.
	pub fn too_high(&self, challenge: &Hash) -> Vec<[u64; LINKS]> {
		/// Zeros that the last hash ends with.
		const LAST_ZEROS: u32 = 12;
		let chains = chains(&self.plot, challenge).expect("a plot that is possible");
		let is_too_high = |chain: &[u64; LINKS]| {
			let hash = |last, (at, fragment): (usize, &u64)| chains.hash(&self.tables, at, last, *fragment);
			let [begun @ .., end] = chain;
			let last = begun
				.iter()
				.enumerate()
				.try_fold(0, hash)
				.expect("a chain has so many links");
			let ends = hash(last, (LINKS - 1, end)).expect("a chain has so many links");
			ends.trailing_zeros() >= LAST_ZEROS && chains.link(&self.tables, LINKS - 1, last, *end).is_none()
		};
		self.nearly(challenge).into_iter().filter(is_too_high).collect()
	}

	/// The bytes that prove a chain.
	pub fn proof(&self, chain: &[u64; LINKS]) -> Vec<u8> {
		let numbers: Vec<u32> = chain.iter().flat_map(|fragment| self.fragments[fragment]).collect();
		crate::packed(self.plot.k, &numbers)
	}

	fn search(&self, challenge: &Hash, links: usize, keeps: impl Fn(u64) -> bool) -> Vec<[u64; LINKS]> {
		let chains = chains(&self.plot, challenge).expect("a plot that is possible");
		let sets: Vec<Vec<u64>> = (0..SETS)
			.map(|set| {
				let range = chains.fragments_of(set).expect("one of four");
				let fragments = self.fragments.range(range).map(|(fragment, _)| *fragment);
				fragments.filter(|fragment| keeps(*fragment)).collect()
			})
			.collect();
		let mut search = Search {
			tables: &self.tables,
			chains: &chains,
			sets: &sets,
			links,
			found: Vec::new(),
		};
		for start in 0..SETS {
			search.extend(start, 0, 0, [0; LINKS]);
		}
		search.found
	}
}

struct Search<'a> {
	tables: &'a Tables,
	chains: &'a Chains,
	sets: &'a [Vec<u64>],
	links: usize,
	found: Vec<[u64; LINKS]>,
}

impl Search<'_> {
	/// Goes on from a chain of `at` links, depth first.
	fn extend(&mut self, start: usize, at: usize, last: u64, chain: [u64; LINKS]) {
		if at == self.links {
			self.found.push(chain);
			return;
		}
		let sets = self.sets;
		for fragment in &sets[(start + at) % SETS] {
			if let Some(hash) = self.chains.link(self.tables, at, last, *fragment) {
				let mut chain = chain;
				chain[at] = *fragment;
				self.extend(start, at + 1, hash, chain);
			}
		}
	}
}

/// All pairs of a table.
fn pairs(tables: &Tables, plot: &Plot, table: Table, before: &[Made]) -> Vec<Made> {
	// The entries by their places, which are exactly what a left one asks for.
	let mut order: Vec<u32> = (0..before.len() as u32).collect();
	order.sort_unstable_by_key(|at| before[*at as usize].entry.place);
	let mut begins = vec![0u32; (1 << plot.k) + 1];
	for made in before {
		begins[made.entry.place as usize + 1] += 1;
	}
	for place in 1..begins.len() {
		begins[place] += begins[place - 1];
	}
	let section_bits = plot.k - 2;
	let mut found = Vec::new();
	for (left_at, left) in before.iter().enumerate() {
		let section = tables.partner(tables.section(&left.entry));
		for key in 0..1 << tables.key_bits(table) {
			let target = tables.target(table, &left.entry, key);
			let place = (section << section_bits | key << tables.target_bits(table) | target) as usize;
			for right_at in &order[begins[place] as usize..begins[place + 1] as usize] {
				let right = &before[*right_at as usize];
				if let Ok(entry) = tables.pair(table, &left.entry, &right.entry) {
					let halves = match table {
						Table::First => [left.halves[0], right.halves[0]],
						_ => [left_at as u32, *right_at],
					};
					found.push(Made { entry, halves });
				}
			}
		}
	}
	found
}
