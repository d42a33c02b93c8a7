//! Looks and proofs, against Chia's own prover and the chain's validator.

use crate::{challenge, copied, launcher, OWNER};
use proof_of_space_primitives::{pos2::Pos2Proof, Plot, SpaceProof};
use smart_agent_store::{
	container::{write, Container, Header},
	plotter::Cancel,
	search::{Search, Way},
	source::ChiaFile,
	Find, Store,
};
use std::{collections::BTreeSet, fs, path::Path};

/// Challenges of which all chains are compared.
const CHALLENGES: u64 = 300;

#[test]
fn looks_agree_with_the_crates_prover() {
	let folder = tempfile::tempdir().unwrap();
	for (k, strength) in [(18, 2), (18, 3), (20, 2)] {
		let plot = OWNER.plot(k, strength, 0, 0);
		let (raw, made) = (folder.path().join("raw"), folder.path().join("made"));
		chia_pos2::create_v2_single_plot_group(&raw, k, strength, &plot.group, 0, 0, &[0]).unwrap();
		let header = convert(&plot, &raw, &made, 1);
		let in_parallel = folder.path().join("in parallel");
		assert_eq!(convert(&plot, &raw, &in_parallel, 3), header);
		assert_eq!(fs::read(&made).unwrap(), fs::read(&in_parallel).unwrap());
		// Nearly as many fragments as there are numbers.
		assert!(
			(1 << k) * 9 / 10 < header.fragments && header.fragments < (1 << k) * 11 / 10,
			"{header:?}"
		);
		let container = Container::open(&made).unwrap();
		assert_eq!(container.verify(|_| Ok(())).unwrap(), header.fragments);
		compare(&container, &plot, &raw);
	}
}

pub(crate) fn convert(plot: &Plot, raw: &Path, made: &Path, threads: usize) -> Header {
	let mut first = ChiaFile::open(raw, plot).unwrap();
	let readers: Vec<_> = (0..threads).map(|_| first.again().unwrap()).collect();
	let sources = readers.into_iter().map(|reader| vec![Box::new(reader) as _]).collect();
	let written = write(made, Header::new(plot, 0, 1), sources, |_| Ok(()));
	written.unwrap().durable().unwrap()
}

fn compare(container: &Container, plot: &Plot, raw: &Path) {
	let prover = chia_pos2::Prover::new(raw).unwrap();
	let (search, ways) = (Search::new(plot).unwrap(), Way::all());
	let cache = smart_agent_store::container::Cache::new(1 << 20);
	let (mut buffers, mut all) = (Default::default(), 0);
	for number in 0..CHALLENGES {
		let challenge = challenge(number);
		let chains = proof_of_space_primitives::pos2::chains(plot, &challenge).unwrap();
		let mut ours = Vec::new();
		let looked = container.four_sets(chains.sets(), &cache, &mut buffers, |_, four| {
			ours = search.chains(&chains, four).unwrap();
			// By whatever instructions, in the same order; the portable ones too, which others' processors have.
			for way in &ways {
				let same = Search::by(plot, *way).unwrap().chains(&chains, four);
				assert_eq!(same.as_ref(), Some(&ours), "{way:?}");
			}
			Ok(())
		});
		looked.unwrap();
		let theirs = prover.get_qualities_for_challenge(&challenge).unwrap();
		let theirs: BTreeSet<_> = theirs.iter().map(|found| found.chain.chain_links).collect();
		all += ours.len();
		assert_eq!(ours.len(), theirs.len(), "none twice");
		assert_eq!(ours.into_iter().collect::<BTreeSet<_>>(), theirs);
	}
	// 0.99 a challenge on average, less certain on small plots.
	assert!(all as u64 > CHALLENGES / 2, "{all}");
}

#[test]
fn proofs_of_all_plots_are_valid() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let mut solved = BTreeSet::new();
	for number in 0.. {
		let challenge = challenge(number);
		let looked = store.look(&challenge, 0, 2);
		assert!(looked.failed.is_empty(), "{looked:?}");
		assert_eq!(looked.plots, 5);
		assert!(looked.finds.is_sorted_by_key(|find| find.quality));
		for find in looked.finds {
			let plot = (find.number, find.plot.index);
			if !solved.insert(plot) {
				continue;
			}
			let proof = store.solve(&find, &challenge, &launcher(), &Cancel::default()).unwrap();
			let mut threshold = find.quality;
			assert!(Pos2Proof::judge(&find.plot, &challenge, &proof, &threshold).is_err());
			// The next one above.
			let end = threshold.iter_mut().rev().find(|byte| **byte < 255).unwrap();
			*end += 1;
			assert_eq!(
				Pos2Proof::judge(&find.plot, &challenge, &proof, &threshold),
				Ok(find.quality)
			);
		}
		if solved.len() == 5 {
			break;
		}
		assert!(number < 100, "{solved:?}");
	}
	assert_eq!(solved, BTreeSet::from([(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]));
}

#[test]
fn a_filter_leaves_groups_out() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let mut counts = [0; 6];
	for number in 0..400 {
		counts[store.look(&challenge(number), 2, 1).plots] += 1;
	}
	// Three groups, of one, one and three plots; each is up in one round of four.
	let expected = [0.42, 0.28, 0.05, 0.14, 0.09, 0.02].map(|share| share * 400.0);
	for (count, expected) in counts.into_iter().zip(expected) {
		assert!((f64::from(count) - expected).abs() < 40.0, "{counts:?}");
	}
}

#[test]
fn threads_find_the_same() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	for number in 0..10 {
		let challenge = challenge(number);
		assert_eq!(store.look(&challenge, 0, 1).finds, store.look(&challenge, 0, 8).finds);
	}
}

#[test]
fn what_is_no_chain_is_not_solved() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let plot = OWNER.plot(18, 2, 0, 0);
	let find = Find {
		plot,
		number: 0,
		fragments: std::array::from_fn(|i| 1 << (2 * i)),
		quality: [0; 32],
	};
	let error = store
		.solve(&find, &[0; 32], &launcher(), &Cancel::default())
		.unwrap_err()
		.to_string();
	assert!(error.contains("the chain has no proof"), "{error}");
	assert!(std::fs::read_dir(folder.path().join("tmp")).unwrap().next().is_none());
}
