//! Making plots: refused, resumed, cancelled, told.

use crate::{copied, create, launcher, names, order, Machine, LARGE, OWNER};
use smart_agent_store::{
	capacity::{container_bytes, plotting_memory, raw_bytes, Capacity},
	plotter::{Cancel, Launcher},
	Order, Store, StoreError,
};
use std::{fs, thread, time::Duration};

#[test]
fn refused_if_the_machine_is_too_small() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let needed = 3 * container_bytes(18, 1) + raw_bytes(18);
	let with = |disk, memory| {
		let machine = Machine(Capacity { disk, memory });
		store.create(&order(0..3, 1), &launcher(), &machine, &Cancel::default(), &mut |_| ())
	};
	let disk = with(needed - 1, u64::MAX).unwrap_err();
	assert!(
		matches!(disk, StoreError::Disk { .. }) && disk.to_string().contains("2 plots of size 18 would fit"),
		"{disk}"
	);
	let memory = with(u64::MAX, plotting_memory(18) - 1).unwrap_err();
	assert!(matches!(memory, StoreError::Memory { .. }), "{memory}");
	assert!(memory.to_string().contains("no plot of any size would fit"), "{memory}");
	assert!(names(&store).is_empty());
	assert_eq!(with(needed, plotting_memory(18)).unwrap().made, 3);
	// What is there needs nothing more.
	assert_eq!(with(0, 0).unwrap().there, 3);
}

#[test]
fn orders_that_make_no_sense_are_refused() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	for (order, words) in [
		(order(0..0, 1), "at least one group"),
		(order(0..1, 0), "1 to 1024 plots"),
		(order(0..1, 1025), "1 to 1024 plots"),
		(
			Order {
				k: 17,
				..order(0..1, 1)
			},
			"size 17",
		),
		(
			Order {
				strength: 1,
				..order(0..1, 1)
			},
			"strength 1",
		),
	] {
		let error = create(&store, &order).unwrap_err().to_string();
		assert!(error.contains(words), "{error}");
	}
}

#[test]
fn an_order_is_resumed() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let created = create(&store, &order(0..4, 1)).unwrap();
	// Group 2 has its first plot already, within a file of three.
	assert_eq!((created.made, created.there), (1, 3));
	assert_eq!(names(&store)[3], "k18-s2-g0000000003-i00000-00001.plots");
	// A group that grows is interleaved anew.
	let created = create(&store, &order(2..3, 4)).unwrap();
	assert_eq!((created.made, created.there), (1, 3));
	assert_eq!(names(&store)[2], "k18-s2-g0000000002-i00000-00004.plots");
	assert_eq!(names(&store).len(), 4);
	assert!(store
		.verify(None, &Cancel::default(), |_, _| ())
		.unwrap()
		.iter()
		.all(|verdict| verdict.result.is_ok()));
}

#[test]
fn progress_is_told_and_rates_are_measured() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let mut told = Vec::new();
	store
		.create(
			&order(0..2, 1),
			&launcher(),
			&LARGE,
			&Cancel::default(),
			&mut |progress| told.push(progress),
		)
		.unwrap();
	assert!(told
		.iter()
		.all(|progress| progress.missing == 2 && progress.bar.done < 1000));
	assert!(told.is_sorted_by_key(|progress| progress.made) && told.last().unwrap().made == 1);
	let rates = fs::read_to_string(folder.path().join("rates")).unwrap();
	assert!(
		rates.lines().nth(1).is_some_and(|line| line.starts_with("18 2 ")),
		"{rates}"
	);
}

#[test]
fn cancelled_it_leaves_what_was_done() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let cancel = Cancel::default();
	let cancelled = store.create(&order(0..50, 1), &launcher(), &LARGE, &cancel, &mut |progress| {
		if progress.made == 1 {
			cancel.cancel();
		}
	});
	assert!(matches!(cancelled, Err(StoreError::Cancelled)), "{cancelled:?}");
	assert_eq!(names(&store).len(), 1);
	assert!(fs::read_dir(folder.path().join("tmp")).unwrap().next().is_none());
	let error = store
		.create(&order(0..50, 1), &launcher(), &LARGE, &cancel, &mut |_| ())
		.unwrap_err();
	assert_eq!(error.to_string(), "cancelled; what was done before stays");
}

#[test]
fn one_plot_at_a_time() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let cancel = Cancel::default();
	thread::scope(|scope| {
		let mut started = false;
		let (store, cancel) = (&store, &cancel);
		let first = scope.spawn(move || {
			store.create(&order(0..1, 1), &launcher(), &LARGE, cancel, &mut |_| {
				if !started {
					started = true;
					assert!(matches!(create(store, &order(5..6, 1)), Err(StoreError::Busy)));
				}
			})
		});
		first.join().unwrap().unwrap();
	});
	assert_eq!(names(&store).len(), 1);
}

#[test]
fn a_child_that_fails_says_why() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let with = |program: &str, arguments: &[&str]| {
		let launcher = Launcher {
			program: program.into(),
			arguments: arguments.iter().map(Into::into).collect(),
		};
		let made = store.create(&order(0..1, 1), &launcher, &LARGE, &Cancel::default(), &mut |_| ());
		made.unwrap_err().to_string()
	};
	let error = with("/bin/sh", &["-c", "echo no room >&2; exit 3"]);
	assert!(
		error.contains("plotting process ended with exit status: 3: no room"),
		"{error}"
	);
	assert!(with("/no/such/program", &[]).starts_with("cannot start /no/such/program"));
	// It says that all is well, and made nothing.
	assert!(with("/bin/true", &[]).contains("cannot open"));
	assert!(names(&store).is_empty() && fs::read_dir(folder.path().join("tmp")).unwrap().next().is_none());
}

/// A plotter beyond its limit of memory fails; the agent goes on.
#[test]
fn memory_has_a_limit() {
	use smart_agent_store::plotter::{run, Job, Limits, Task};
	let folder = tempfile::tempdir().unwrap();
	let place = |name: &str| folder.path().join(name);
	let mut job = Job {
		parent: std::process::id() as i32,
		plot: OWNER.plot(20, 2, 0, 0),
		limits: Limits {
			memory: 50 << 20,
			cores: 1,
			nice: 0,
		},
		task: Task::Plot {
			number: 0,
			raw: place("raw"),
			made: place("made"),
		},
	};
	let run = |job: &Job| {
		run(
			&launcher(),
			job,
			&place("said"),
			Duration::ZERO,
			&Cancel::default(),
			&mut |_| (),
		)
	};
	let error = run(&job).unwrap_err().to_string();
	assert!(error.contains("memory or disk ran out"), "{error}");
	assert!(!place("made").exists());
	job.limits.memory = plotting_memory(20) / 4 * 5 + (64 << 20);
	run(&job).unwrap();
	assert!(place("made").exists());
	// Whoever is not its parent is not obeyed.
	job.parent += 1;
	let error = run(&job).unwrap_err().to_string();
	assert!(error.contains("the process that wanted it is gone"), "{error}");
}
