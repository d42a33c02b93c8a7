//! What a killed process leaves, and what two processes do to each other.

use crate::{challenge, copied, create, launcher, names, order, until, LARGE, OWNER};
use smart_agent_store::{container::Header, plotter::Cancel, Order, State, Store, StoreError};
use std::{
	collections::BTreeSet,
	fs,
	io::Read,
	path::Path,
	process::{Child, Command, Stdio},
	thread,
	time::{Duration, Instant},
};

/// An agent of its own, for tests that kill it: it plots into the folder that the environment names.
#[test]
#[ignore = "the other tests start it"]
fn agent() {
	let Some(folder) = std::env::var_os("STORE") else {
		return;
	};
	let store = Store::open(Path::new(&folder), OWNER).unwrap();
	let order = match std::env::var_os("GROUPS_OF_TWO") {
		Some(_) => order(0..100, 2),
		None => Order {
			k: 20,
			..order(0..100, 1)
		},
	};
	store
		.create(&order, &launcher(), &LARGE, &Cancel::default(), &mut |_| ())
		.unwrap();
}

fn start_agent(folder: &Path) -> Child {
	start_with(folder, &[])
}

fn start_with(folder: &Path, variables: &[(&str, &str)]) -> Child {
	Command::new(std::env::current_exe().unwrap())
		.args(["crashes::agent", "--exact", "--ignored", "--nocapture"])
		.env("STORE", folder)
		.envs(variables.iter().copied())
		.stdout(Stdio::null())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap()
}

fn entries(folder: &Path) -> usize {
	fs::read_dir(folder).map_or(0, |entries| entries.count())
}

/// Children of a process.
fn children(process: u32) -> Vec<u32> {
	let text = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
	// Threads have children of their own; those of all threads are the process's.
	let mut found: Vec<u32> = text.split_whitespace().filter_map(|id| id.parse().ok()).collect();
	for task in fs::read_dir(format!("/proc/{process}/task"))
		.into_iter()
		.flatten()
		.flatten()
	{
		let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
		found.extend(text.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
	}
	found.sort_unstable();
	found.dedup();
	found
}

/// Whether a process runs, and has not only not been waited for.
fn runs(process: u32) -> bool {
	fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn an_agent_that_is_killed_loses_no_plot_and_leaves_no_child() {
	let folder = tempfile::tempdir().unwrap();
	let (plots, temporary) = (folder.path().join("plots"), folder.path().join("tmp"));
	let mut there = 0;
	for round in 0..2 {
		let mut agent = start_agent(folder.path());
		until("a plot, and the next one begun", || {
			entries(&plots) > there && entries(&temporary) > 0 && !children(agent.id()).is_empty()
		});
		let child = children(agent.id());
		agent.kill().unwrap();
		agent.wait().unwrap();
		until("the child's end", || child.iter().all(|child| !runs(*child)));
		there = entries(&plots);
		let store = Store::open(folder.path(), OWNER).unwrap();
		assert_eq!(entries(&temporary), 0, "round {round}");
		assert_eq!(names(&store).len(), there);
		let verdicts = store.verify(None, &Cancel::default(), |_, _| ()).unwrap();
		assert!(
			verdicts.len() > round && verdicts.iter().all(|verdict| verdict.result.is_ok()),
			"{verdicts:?}"
		);
	}
}

/// The plots of a store whose order has groups of two: all sound, none twice, and none missing before the last.
fn plots_of(store: &Store) -> BTreeSet<(u32, u16)> {
	let listed = store.list();
	assert!(listed.iter().all(|listed| listed.state == State::Sound), "{listed:?}");
	let plots = |header: Header| (header.first..header.first + header.plots).map(move |at| (header.number, at));
	let mut there = BTreeSet::new();
	for plot in listed.iter().filter_map(|listed| listed.header).flat_map(plots) {
		assert!(there.insert(plot), "{plot:?} lies there twice");
	}
	let in_order = (0..).flat_map(|number| [(number, 0), (number, 1)]);
	assert!(there.iter().copied().eq(in_order.take(there.len())), "{there:?}");
	there
}

/// Killed while the two plots of a group are written into one file.
#[test]
fn killed_while_it_interleaves_it_loses_no_plot() {
	let folder = tempfile::tempdir().unwrap();
	let interleaving = folder.path().join("tmp/interleaving.plots");
	for round in 0..4 {
		let mut agent = start_with(folder.path(), &[("GROUPS_OF_TWO", "yes")]);
		let start = Instant::now();
		// Without a pause: it is there for some milliseconds. If that is missed, the next group comes.
		while !interleaving.exists() {
			assert!(start.elapsed() < Duration::from_secs(120), "waited for an interleaving");
			thread::yield_now();
		}
		agent.kill().unwrap();
		agent.wait().unwrap();
		let there = plots_of(&Store::open(folder.path(), OWNER).unwrap());
		// The next agent may be killed at the same group.
		assert!(there.len() >= 2, "round {round}: {there:?}");
	}
}

/// Killed at any moment: before it has begun, while it plots, converts, interleaves, renames, removes. Groups of two
/// plots, so that half of the time something lies there twice.
#[test]
fn killed_at_any_moment_it_loses_no_plot() {
	const KILLS: u64 = 12;
	// A busy machine may need more of them to come to something.
	const MOST_KILLS: u64 = 100;
	let folder = tempfile::tempdir().unwrap();
	let mut there = BTreeSet::new();
	for kill in 0..MOST_KILLS {
		let mut agent = start_with(folder.path(), &[("GROUPS_OF_TWO", "yes")]);
		// Up to 1.3 s, or some five plots, and never the same.
		thread::sleep(Duration::from_millis(u64::from(challenge(kill)[0]) * 5));
		let child = children(agent.id());
		agent.kill().unwrap();
		agent.wait().unwrap();
		until("the child's end", || child.iter().all(|child| !runs(*child)));
		let now = plots_of(&Store::open(folder.path(), OWNER).unwrap());
		assert!(there.is_subset(&now), "kill {kill}: {there:?}, and then {now:?}");
		there = now;
		if kill + 1 >= KILLS && there.len() >= 4 {
			break;
		}
	}
	assert!(there.len() >= 4, "{there:?}");
	let store = Store::open(folder.path(), OWNER).unwrap();
	let verdicts = store.verify(None, &Cancel::default(), |_, _| ()).unwrap();
	assert!(verdicts.iter().all(|verdict| verdict.result.is_ok()), "{verdicts:?}");
	assert_eq!(store.look(&challenge(0), 0, 2).plots, there.len());
}

#[test]
fn a_child_that_is_killed_costs_its_plot_alone() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let before = names(&store);
	let made = thread::scope(|scope| {
		let (store, mut killed) = (&store, false);
		let order = Order {
			k: 20,
			..order(0..1, 1)
		};
		let making = scope.spawn(move || {
			store.create(&order, &launcher(), &LARGE, &Cancel::default(), &mut |_| {
				// The child of this very thread.
				let text = fs::read_to_string("/proc/thread-self/children").unwrap();
				if let (Some(child), false) = (text.split_whitespace().next(), killed) {
					killed = Command::new("kill").args(["-9", child]).status().unwrap().success();
				}
			})
		});
		making.join().unwrap()
	});
	let error = made.unwrap_err().to_string();
	assert!(error.contains("plotting process ended with signal: 9"), "{error}");
	assert_eq!(names(&store), before);
	assert_eq!(entries(&folder.path().join("tmp")), 0);
	assert_eq!(
		create(
			&store,
			&Order {
				k: 20,
				..order(0..1, 1)
			}
		)
		.unwrap()
		.made,
		1
	);
}

#[test]
fn a_store_has_one_agent() {
	let folder = tempfile::tempdir().unwrap();
	let mut agent = start_agent(folder.path());
	until("its lock", || folder.path().join("tmp/plotting.said").exists());
	let refused = Store::open(folder.path(), OWNER).unwrap_err();
	assert!(matches!(refused, StoreError::InUse(_)), "{refused}");
	let mut second = start_agent(folder.path());
	assert!(!second.wait().unwrap().success());
	let mut said = String::new();
	second.stderr.take().unwrap().read_to_string(&mut said).unwrap();
	assert!(said.contains("InUse"), "{said}");
	agent.kill().unwrap();
	agent.wait().unwrap();
	drop(Store::open(folder.path(), OWNER).unwrap());
	// Within one process too.
	let store = Store::open(folder.path(), OWNER).unwrap();
	assert!(matches!(Store::open(folder.path(), OWNER), Err(StoreError::InUse(_))));
	drop(store);
}

#[test]
fn leftovers_go_and_what_is_not_ours_stays() {
	let folder = copied();
	for name in [
		"plotting.gplot",
		"plotting.plots",
		"interleaving.plots",
		"proof-3",
		"rates",
	] {
		fs::write(folder.path().join("tmp").join(name), "half").unwrap();
	}
	fs::write(folder.path().join("plots/notes.txt"), "mine").unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	assert_eq!(entries(&folder.path().join("tmp")), 0);
	assert_eq!(names(&store).len(), 3);
	drop(store);
	assert!(folder.path().join("plots/notes.txt").exists());
	// A folder of somebody else's files is no store.
	let other = tempfile::tempdir().unwrap();
	fs::write(other.path().join("letter"), "").unwrap();
	assert!(matches!(Store::open(other.path(), OWNER), Err(StoreError::NoStore(_))));
	assert_eq!(entries(other.path()), 1);
}

/// Killed after a group was interleaved and before its parts were removed.
#[test]
fn parts_of_a_whole_go() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	create(&store, &order(2..3, 1)).unwrap();
	drop(store);
	let whole = copied();
	let name = "k18-s2-g0000000002-i00000-00003.plots";
	fs::copy(
		whole.path().join("plots").join(name),
		folder.path().join("plots").join(name),
	)
	.unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	assert_eq!(names(&store), [name]);
	drop(store);
	// A part stays if the whole is damaged.
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	create(&store, &order(2..3, 1)).unwrap();
	drop(store);
	fs::write(folder.path().join("plots").join(name), "half").unwrap();
	assert_eq!(names(&Store::open(folder.path(), OWNER).unwrap()).len(), 2);
}
