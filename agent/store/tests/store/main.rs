//! Stores on small plots, with real child processes, some of which are killed. The child is this very test binary: see
//! `child` below.

mod bench;
mod crashes;
mod files;
mod idle;
mod looks;
mod making;
mod slow;

use proof_of_space_primitives::Hash;
use smart_agent_store::{
	capacity::{Capacity, Measure},
	plotter::{Cancel, Launcher},
	Created, Order, Owner, Store, StoreError,
};
use std::{
	fs,
	path::{Path, PathBuf},
	sync::OnceLock,
	thread,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// The child process of the tests: what the real program does. By itself it has no job.
#[test]
#[ignore = "the other tests start it"]
fn child() {
	let code = smart_agent_plotter::child_main();
	if code != std::process::ExitCode::SUCCESS {
		std::process::exit(1);
	}
}

pub(crate) const OWNER: Owner = Owner {
	genesis: [1; 32],
	device: [2; 32],
};

pub(crate) fn launcher() -> Launcher {
	let arguments = ["child", "--exact", "--ignored", "--nocapture", "--test-threads=1"];
	Launcher {
		program: std::env::current_exe().unwrap(),
		arguments: arguments.map(Into::into).into(),
	}
}

pub(crate) fn order(numbers: std::ops::Range<u32>, plots: u16) -> Order {
	Order {
		k: 18,
		strength: 2,
		numbers,
		plots,
		cores: 2,
		nice: 5,
	}
}

/// A machine as a test wants it.
pub(crate) struct Machine(pub Capacity);

impl Measure for Machine {
	fn measure(&self, _: &Path) -> Result<Capacity, StoreError> {
		Ok(self.0)
	}
}

/// One that holds anything.
pub(crate) const LARGE: Machine = Machine(Capacity {
	disk: u64::MAX,
	memory: u64::MAX,
});

pub(crate) fn create(store: &Store, order: &Order) -> Result<Created, StoreError> {
	store.create(order, &launcher(), &LARGE, &Cancel::default(), &mut |_| ())
}

/// Challenges that look random.
pub(crate) fn challenge(number: u64) -> Hash {
	sp_crypto_hashing::blake2_256(&number.to_le_bytes())
}

/// A store that was made once for all tests: two groups of one plot, and one of three. It lies where the build has its
/// temporary files, and is made anew by each run.
fn shared() -> &'static Path {
	static SHARED: OnceLock<PathBuf> = OnceLock::new();
	SHARED.get_or_init(|| {
		let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared-store");
		let _ = fs::remove_dir_all(&folder);
		let store = Store::open(&folder, OWNER).unwrap();
		let made = [create(&store, &order(0..2, 1)), create(&store, &order(2..3, 3))].map(Result::unwrap);
		assert_eq!(made.map(|created| (created.made, created.there)), [(2, 0), (3, 0)]);
		folder
	})
}

/// A copy of the shared store.
pub(crate) fn copied() -> TempDir {
	let folder = tempfile::tempdir().unwrap();
	copy(shared(), folder.path());
	folder
}

pub(crate) fn copy(from: &Path, to: &Path) {
	fs::create_dir_all(to).unwrap();
	for entry in fs::read_dir(from).unwrap() {
		let (from, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
		match from.is_dir() {
			true => copy(&from, &to.join(name)),
			false => drop(fs::copy(&from, to.join(name)).unwrap()),
		}
	}
}

pub(crate) fn names(store: &Store) -> Vec<String> {
	store.list().into_iter().map(|listed| listed.name).collect()
}

/// Waits for something, two minutes at most.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
	let start = Instant::now();
	while !holds() {
		assert!(start.elapsed() < Duration::from_secs(120), "waited for: {what}");
		thread::sleep(Duration::from_millis(5));
	}
}
