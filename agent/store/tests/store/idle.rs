//! What a store costs that nobody looks into.

use crate::{challenge, copied, files::path, until, OWNER};
use smart_agent_store::{container::CACHE, Store};
use std::{
	fs,
	path::Path,
	process::Command,
	time::{Duration, Instant},
};

/// Small plots that the store has.
const PLOTS: usize = 1_003;
/// Bytes of memory that the list may take for each of them.
const EACH: usize = 512;
/// KiB that the process may grow by.
const GROWTH: u64 = 8 << 10;

/// A thousand small plots, which are one file under many names. In a process of its own: the others open files too.
#[test]
fn a_thousand_plots_cost_little() {
	let folder = copied();
	let plots = folder.path().join("plots");
	for number in 0..PLOTS - 3 {
		fs::hard_link(path(folder.path(), 0), plots.join(format!("copy-{number:04}.plots"))).unwrap();
	}
	let measured = Command::new(std::env::current_exe().unwrap())
		.args(["idle::idle", "--exact", "--ignored", "--nocapture"])
		.env("STORE", folder.path())
		.output()
		.unwrap();
	let said = String::from_utf8_lossy(&measured.stdout).into_owned();
	print!("{said}");
	assert!(
		measured.status.success(),
		"{}",
		String::from_utf8_lossy(&measured.stderr)
	);
	assert!(said.contains("a thousand plots:"), "{said}");
}

#[test]
#[ignore = "the test above starts it"]
fn idle() {
	let Some(folder) = std::env::var_os("STORE") else {
		return;
	};
	let entries = |of: &str| fs::read_dir(format!("/proc/self/{of}")).unwrap().count();
	let (files, threads) = (entries("fd"), entries("task"));
	let (memory, start) = (status("VmRSS:"), Instant::now());
	let store = Store::open(Path::new(&folder), OWNER).unwrap();
	let opened = start.elapsed();
	let listed = store.list();
	assert_eq!((listed.len(), store.cached()), (PLOTS, 0));
	let grown = status("VmRSS:").saturating_sub(memory);
	// Beside what was there, the lock alone is open, before a look and after it.
	assert_eq!(entries("fd"), files + 1);
	let looked = store.look(&challenge(0), 0, 2);
	assert_eq!((looked.plots, looked.failed.len()), (PLOTS + 2, 0));
	assert_eq!(entries("fd"), files + 1);
	until("the threads' end", || {
		store.looking() == 0 && entries("task") == threads
	});
	// To the byte, for indices: two bytes a page, and a place for each 32.
	let pages = listed
		.iter()
		.filter_map(|listed| listed.header)
		.map(|header| header.pages() as usize);
	let indices: usize = pages.map(|pages| 2 * pages + 8 * pages.div_ceil(32)).sum();
	assert_eq!(store.cached(), indices);
	assert!(
		indices < CACHE && store.list_bytes() < PLOTS * EACH,
		"{}",
		store.list_bytes()
	);
	let after = status("VmRSS:").saturating_sub(memory);
	println!(
		"a thousand plots: opened in {} ms; the list takes {} KiB, indices {} KiB, the process {grown} KiB more, and \
		 {after} after a look",
		opened.as_millis(),
		store.list_bytes() >> 10,
		indices >> 10,
	);
	assert!(after < GROWTH && opened < Duration::from_secs(60));
	// Nothing runs while nobody asks.
	let used = || {
		let stat = fs::read_to_string("/proc/self/stat").unwrap();
		let (_, after) = stat.rsplit_once(')').unwrap();
		let ticks: Vec<u64> = after.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
		ticks.iter().sum::<u64>()
	};
	let before = used();
	std::thread::sleep(Duration::from_secs(1));
	assert!(used() <= before + 1, "ticks of 10 ms: {before}, then {}", used());
}

/// A figure of this process, in KiB.
fn status(name: &str) -> u64 {
	let text = fs::read_to_string("/proc/self/status").unwrap();
	let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
	line.split_whitespace().next().unwrap().parse().unwrap()
}
