//! Speeds, printed side by side from one run. On an otherwise idle machine:
//!
//! ```text
//! cargo test --release -p smart-agent-store --test store -- --ignored --nocapture bench::
//! ```
//! The environment may name other sizes: `BENCH_K`, `BENCH_PLOTS`, `BENCH_FOLDER` (kept between runs).

use crate::{challenge, launcher, LARGE, OWNER};
use proof_of_space_primitives::pos2;
use smart_agent_store::{
	container::{Buffers, Cache, Container, CACHE},
	plotter::Cancel,
	search::{Search, Way},
	Order, Store,
};
use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

/// Challenges that each plot is looked into with.
const LOOKS: u64 = 10;
/// Bits of the chain's filter.
const FILTER_BITS: u8 = 4;
/// Plots that are converted again.
const CONVERTED: u64 = 10;

fn variable(name: &str, otherwise: u64) -> u64 {
	std::env::var(name)
		.ok()
		.and_then(|value| value.parse().ok())
		.unwrap_or(otherwise)
}

fn millis(time: Duration, of: u64) -> f64 {
	time.as_secs_f64() * 1e3 / of as f64
}

#[test]
#[ignore = "measures; see above"]
fn plotting_and_looks() {
	let (k, plots) = (variable("BENCH_K", 20) as u8, variable("BENCH_PLOTS", 100));
	let temporary = tempfile::tempdir().unwrap();
	let folder = std::env::var_os("BENCH_FOLDER").map_or(temporary.path().to_owned(), PathBuf::from);
	let (raws, stores) = (folder.join("raw"), folder.join("store"));
	fs::create_dir_all(&raws).unwrap();
	let store = Store::open(&stores, OWNER).unwrap();
	let (mut bare, mut ours) = (Vec::new(), Vec::new());
	// In turn, so that what else the machine does meets both alike.
	for number in 0..plots as u32 {
		let plot = OWNER.plot(k, 2, number, 0);
		let raw = raws.join(format!("k{k}-{number}"));
		if !raw.exists() {
			let start = Instant::now();
			chia_pos2::create_v2_single_plot_group(&raw, k, 2, &plot.group, 0, 0, &[0]).unwrap();
			bare.push(start.elapsed());
		}
		let order = Order {
			k,
			strength: 2,
			numbers: number..number + 1,
			plots: 1,
			cores: u16::MAX,
			nice: 0,
		};
		let start = Instant::now();
		let created = store
			.create(&order, &launcher(), &LARGE, &Cancel::default(), &mut |_| ())
			.unwrap();
		if created.made == 1 {
			ours.push(start.elapsed());
		}
	}
	plotted(k, bare, ours);
	let size = |path: &Path| {
		fs::read_dir(path)
			.unwrap()
			.map(|entry| entry.unwrap().metadata().unwrap().len())
	};
	let (raw_size, our_size) = (size(&raws).sum::<u64>(), size(&stores.join("plots")).sum::<u64>());
	println!("files: crate {raw_size} bytes, ours {our_size}");
	converted(k, plots.min(CONVERTED), &raws, temporary.path());
	looked(k, plots, &store, &raws);
}

/// What the plotter's file costs to be turned into a container, by one thread and by all.
fn converted(k: u8, plots: u64, raws: &Path, folder: &Path) {
	let made = folder.join("converted");
	let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
	for threads in [1, cores] {
		let start = Instant::now();
		for number in 0..plots as u32 {
			let (plot, raw) = (OWNER.plot(k, 2, number, 0), raws.join(format!("k{k}-{number}")));
			crate::looks::convert(&plot, &raw, &made, threads);
		}
		let taken = millis(start.elapsed(), plots);
		println!("converting k{k}, {threads} threads: {taken:.1} ms a plot, the disk's part included");
	}
}

fn plotted(k: u8, mut bare: Vec<Duration>, mut ours: Vec<Duration>) {
	if bare.is_empty() || ours.is_empty() {
		println!("plotting k{k}: all plots were there");
		return;
	}
	let total = |times: &[Duration]| times.iter().sum::<Duration>();
	let (all_bare, all_ours) = (total(&bare), total(&ours));
	bare.sort_unstable();
	ours.sort_unstable();
	println!(
		"plotting k{k}, {} plots: crate {:.0} ms a plot (fastest {:.0}), ours {:.0} (fastest {:.0}); {:.3} of the \
		 crate's speed, by the fastest {:.3}",
		ours.len(),
		millis(all_bare, bare.len() as u64),
		millis(bare[0], 1),
		millis(all_ours, ours.len() as u64),
		millis(ours[0], 1),
		millis(all_bare, bare.len() as u64) / millis(all_ours, ours.len() as u64),
		bare[0].as_secs_f64() / ours[0].as_secs_f64(),
	);
}

/// One challenge after the other, each looked for in all plots by one after the other.
fn looked(k: u8, plots: u64, store: &Store, raws: &Path) {
	let provers: Vec<_> = (0..plots)
		.map(|n| chia_pos2::Prover::new(&raws.join(format!("k{k}-{n}"))).unwrap())
		.collect();
	// From memory, all of them: a disk would be measured otherwise, and not the same for both.
	for folder in [raws, &store.folder().join("plots")] {
		for entry in fs::read_dir(folder).unwrap() {
			fs::read(entry.unwrap().path()).unwrap();
		}
	}
	let mut times: [Vec<Duration>; 4] = Default::default();
	let (mut their_chains, mut our_chains, mut up) = (0, 0, 0);
	for number in 0..LOOKS {
		let challenge = challenge(number);
		let found = |bits, threads| store.look(&challenge, bits, threads);
		let mut theirs = || {
			for prover in &provers {
				their_chains += prover.get_qualities_for_challenge(&challenge).unwrap().len();
			}
		};
		times[0].push(timed(&mut theirs));
		times[1].push(timed(&mut || our_chains += found(0, 1).finds.len()));
		times[2].push(timed(&mut || drop(found(0, 2))));
		times[3].push(timed(&mut || up += found(FILTER_BITS, 1).plots));
	}
	assert_eq!(their_chains, our_chains);
	let of = |figure: &dyn Fn(&[Duration]) -> f64| {
		let [theirs, ours, two, filtered] = times.each_ref().map(|times| figure(times));
		let besides = |figure: f64| format!("{figure:.4} ({:.1} times as many)", theirs / figure);
		format!(
			"crate {theirs:.4} ms a plot, ours {}, with two threads {}, with a filter of 16 {}",
			besides(ours),
			besides(two),
			besides(filtered)
		)
	};
	let sorted = |times: &[Duration]| {
		let mut times = times.to_vec();
		times.sort_unstable();
		times
	};
	let median = of(&|times| millis(sorted(times)[times.len() / 2], plots));
	println!("looks k{k}, {plots} plots, medians of {LOOKS} challenges: {median}");
	let mean = of(&|times| millis(times.iter().sum(), plots * LOOKS));
	println!("looks, by the mean: {mean}; the filter left {up} of {}", plots * LOOKS);
	println!(
		"looks, by the fastest: {}",
		of(&|times| millis(sorted(times)[0], plots))
	);
	parts(k, store);
}

fn timed(run: &mut dyn FnMut()) -> Duration {
	let start = Instant::now();
	run();
	start.elapsed()
}

/// The two parts of a look: to read the four sets, and to search them for chains; by each way that works here. Medians,
/// for what else the machine does falls on few of them.
fn parts(k: u8, store: &Store) {
	let (cache, ways) = (Cache::new(CACHE), Way::all());
	let (mut read, mut cold, mut searched) = (Vec::new(), Vec::new(), vec![Vec::new(); ways.len()]);
	let mut buffers = Buffers::default();
	for listed in store
		.list()
		.iter()
		.filter(|listed| listed.header.is_some_and(|header| header.k == k))
	{
		let container = Container::open(&store.folder().join("plots").join(&listed.name)).unwrap();
		let plot = container.header.plot(0);
		for number in 0..=LOOKS {
			let chains = pos2::chains(&plot, &challenge(number)).unwrap();
			let (start, mut searches) = (Instant::now(), Duration::ZERO);
			let result = container.four_sets(chains.sets(), &cache, &mut buffers, |_, four| {
				let start = Instant::now();
				for (way, times) in ways.iter().zip(&mut searched) {
					let search = || drop(Search::by(&plot, *way).unwrap().chains(&chains, four).unwrap());
					times.push(timed(&mut { search }));
				}
				searches = start.elapsed();
				Ok(())
			});
			result.unwrap();
			// The first look also reads the index.
			let rest = start.elapsed() - searches;
			if number == 0 { &mut cold } else { &mut read }.push(rest);
		}
	}
	let median = |times: &mut Vec<Duration>| {
		times.sort_unstable();
		millis(times[times.len() / 2], 1)
	};
	let (read, cold) = (median(&mut read), median(&mut cold));
	println!("of a look, the four sets: {read:.4} ms in the median, and {cold:.4} with the index, once");
	for (way, times) in ways.iter().zip(&mut searched) {
		println!(
			"of a look, the search by {way:?}: {:.4} ms in the median",
			median(times)
		);
	}
}

/// The validator of chains beside Chia's own, on a win of the size that counts.
#[test]
#[ignore = "measures; see above"]
fn validations() {
	let known = proof_of_space_primitives::vectors::first();
	let vector = known.iter().find(|vector| vector.plot.k == 28).unwrap();
	let plot = &vector.plot;
	let least = |validate: &dyn Fn() -> bool| {
		let once = || {
			let start = Instant::now();
			assert!(validate());
			start.elapsed()
		};
		(0..1_000).map(|_| once()).min().unwrap()
	};
	let ours = least(&|| vector.judge().is_ok());
	let theirs = least(&|| {
		chia_pos2::validate_proof_v2(
			&plot.group,
			plot.index,
			plot.k,
			plot.strength,
			plot.meta,
			&vector.challenge,
			&vector.proof,
		)
		.is_some()
	});
	println!(
		"validation k28: ours {:.1} us, the crate's {:.1} us, {:.2} x",
		millis(ours, 1) * 1e3,
		millis(theirs, 1) * 1e3,
		ours.as_secs_f64() / theirs.as_secs_f64()
	);
}
