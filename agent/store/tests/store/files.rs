//! Files of a store: listed, verified, damaged, deleted.

use crate::{challenge, copied, create, names, order, OWNER};
use smart_agent_store::{container::HEADER, plotter::Cancel, Damage, Owner, State, Store, StoreError};
use std::{
	fs::{self, File},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
};

pub(crate) const NAMES: [&str; 3] = [
	"k18-s2-g0000000000-i00000-00001.plots",
	"k18-s2-g0000000001-i00000-00001.plots",
	"k18-s2-g0000000002-i00000-00003.plots",
];

pub(crate) fn path(folder: &Path, at: usize) -> PathBuf {
	folder.join("plots").join(NAMES[at])
}

/// Flips the bits of one byte.
fn flip(path: &Path, at: u64) {
	let file = File::options().read(true).write(true).open(path).unwrap();
	let mut byte = [0];
	file.read_exact_at(&mut byte, at).unwrap();
	file.write_all_at(&[!byte[0]], at).unwrap();
}

fn damages(store: &Store) -> Vec<Option<Damage>> {
	let verdicts = store.verify(None, &Cancel::default(), |_, _| ()).unwrap();
	let damage = |result| match result {
		Ok(_) => None,
		Err(StoreError::Damaged { damage, .. }) => Some(damage),
		Err(other) => panic!("{other}"),
	};
	verdicts.into_iter().map(|verdict| damage(verdict.result)).collect()
}

#[test]
fn a_list_says_what_is_there() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let listed = store.list();
	assert_eq!(names(&store), NAMES);
	for (listed, (number, plots)) in listed.iter().zip([(0, 1), (1, 1), (2, 3)]) {
		let header = listed.header.unwrap();
		assert_eq!(
			(listed.state, header.number, header.plots),
			(State::Sound, number, plots)
		);
		assert_eq!(header.group, OWNER.plot(18, 2, number, 0).group);
		assert_eq!(listed.bytes, header.length());
		// The estimate that orders are refused by is enough, and not by far.
		let estimate = smart_agent_store::capacity::container_bytes(18, plots);
		assert!(
			(estimate * 9 / 10..=estimate).contains(&listed.bytes),
			"{} of {estimate}",
			listed.bytes
		);
	}
}

#[test]
fn a_flipped_byte_is_found_wherever_it_is() {
	let folder = copied();
	let length = fs::metadata(path(folder.path(), 0)).unwrap().len();
	let whole = fs::read(path(folder.path(), 0)).unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	assert_eq!(damages(&store), [None; 3]);
	let step = length / 97;
	for at in (0..HEADER as u64)
		.step_by(5)
		.chain((HEADER as u64..length).step_by(step as usize))
		.chain([length - 1])
	{
		flip(&path(folder.path(), 0), at);
		let found = damages(&store);
		assert!(found[0].is_some() && found[1..] == [None; 2], "byte {at}: {found:?}");
		fs::write(path(folder.path(), 0), &whole).unwrap();
	}
}

#[test]
fn what_is_damaged_is_told_and_not_looked_into() {
	let folder = copied();
	let [first, second, third] = [0, 1, 2].map(|at| path(folder.path(), at));
	let store = Store::open(folder.path(), OWNER).unwrap();
	flip(&first, 1000);
	flip(&second, fs::metadata(&second).unwrap().len() - 1);
	File::options().write(true).open(&third).unwrap().set_len(5000).unwrap();
	let found = damages(&store);
	assert_eq!(found[..2], [Some(Damage::Page(0)), Some(Damage::Index)]);
	assert!(
		matches!(found[2], Some(Damage::Length { found: 5000, .. })),
		"{found:?}"
	);
	assert!(store.list().is_empty());
	assert_eq!(store.look(&challenge(0), 0, 1).plots, 0);
	// They are set aside: no process takes them for sound again.
	for name in NAMES {
		let aside = folder.path().join("plots").join(format!("{name}.damaged"));
		assert!(aside.exists() && !aside.with_extension("").exists());
	}
	drop(store);
	let store = Store::open(folder.path(), OWNER).unwrap();
	assert!(names(&store).is_empty());
	// An order makes them anew.
	assert_eq!(create(&store, &order(0..1, 1)).unwrap().made, 1);
	assert_eq!(names(&store), NAMES[..1]);
	assert_eq!(damages(&store), [None]);
}

#[test]
fn a_store_is_there_once_it_is_made() {
	let folder = tempfile::tempdir().unwrap();
	assert!(!Store::is_there(folder.path()) && !Store::is_there(&folder.path().join("none")));
	drop(Store::make(folder.path(), OWNER).unwrap());
	assert!(Store::is_there(folder.path()));
	// That of a newer program is no folder without plots.
	fs::write(folder.path().join("store"), "SmartChain plots, version 2\n").unwrap();
	assert!(Store::is_there(folder.path()) && Store::read(folder.path(), OWNER).is_err());
}

#[test]
fn what_is_deleted_is_gone() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	store.look(&challenge(0), 0, 1);
	let cached = store.cached();
	assert!(cached > 0);
	let unknown = store.delete(&["other.plots".into()]).unwrap_err().to_string();
	assert!(unknown.contains("no file other.plots"), "{unknown}");
	let length = fs::metadata(path(folder.path(), 1)).unwrap().len();
	assert_eq!(store.delete(&[NAMES[1].into()]).unwrap(), length);
	assert!(!path(folder.path(), 1).exists() && store.cached() < cached);
	assert_eq!(names(&store), [NAMES[0], NAMES[2]]);
	drop(store);
	assert_eq!(names(&Store::open(folder.path(), OWNER).unwrap()), [NAMES[0], NAMES[2]]);
}

#[test]
fn plots_of_others_are_left_alone() {
	let folder = copied();
	let other = Owner {
		device: [3; 32],
		..OWNER
	};
	let store = Store::open(folder.path(), other).unwrap();
	assert!(store.list().iter().all(|listed| listed.state == State::Foreign));
	assert_eq!(store.look(&challenge(0), 0, 1).plots, 0);
	assert!(store.verify(None, &Cancel::default(), |_, _| ()).unwrap().is_empty());
}

#[test]
fn a_verification_is_told_and_can_be_cancelled() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let mut told = Vec::new();
	let name = [NAMES[2].to_owned()];
	store
		.verify(Some(&name), &Cancel::default(), |name, done| {
			told.push((name.to_owned(), done))
		})
		.unwrap();
	assert!(told.iter().all(|(name, _)| name == NAMES[2]) && told.is_sorted_by_key(|(_, done)| *done));
	assert_eq!(told.last().unwrap().1, 1000);
	let cancel = Cancel::default();
	cancel.cancel();
	assert!(matches!(
		store.verify(None, &cancel, |_, _| ()),
		Err(StoreError::Cancelled)
	));
}

/// A name does not say whose plot it is: one that is not ours is weeks of somebody's work.
#[test]
fn plots_of_others_are_not_written_over() {
	let folder = copied();
	let before = fs::read(path(folder.path(), 0)).unwrap();
	let other = Owner {
		device: [3; 32],
		..OWNER
	};
	let store = Store::open(folder.path(), other).unwrap();
	let error = create(&store, &order(0..2, 1)).unwrap_err();
	assert!(matches!(error, StoreError::InTheWay { count: 2, .. }), "{error}");
	assert!(error.to_string().contains("of another device"), "{error}");
	assert_eq!(fs::read(path(folder.path(), 0)).unwrap(), before);
	// Where nothing is in the way it makes its own.
	assert_eq!(create(&store, &order(7..8, 1)).unwrap().made, 1);
	// One that comes while it plots stays as well.
	let late = folder.path().join("plots/k18-s2-g0000000008-i00000-00001.plots");
	let mut once = false;
	let made = store.create(
		&order(8..9, 1),
		&crate::launcher(),
		&crate::LARGE,
		&Cancel::default(),
		&mut |_| {
			if !std::mem::replace(&mut once, true) {
				fs::write(&late, &before).unwrap();
			}
		},
	);
	assert!(matches!(made, Err(StoreError::InTheWay { .. })), "{made:?}");
	assert_eq!(fs::read(&late).unwrap(), before);
	drop(store);
	// Nor is what a newer program made.
	fs::remove_file(&late).unwrap();
	let file = File::options().write(true).open(path(folder.path(), 1)).unwrap();
	file.write_all_at(&[2], 7).unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	assert!(matches!(store.list()[1].state, State::Damaged(Damage::Version(2))));
	let error = create(&store, &order(1..2, 1)).unwrap_err();
	assert!(matches!(error, StoreError::InTheWay { count: 1, .. }), "{error}");
}

/// Of what cannot be read the name says what is missing.
#[test]
fn what_is_damaged_is_counted_by_its_name() {
	let folder = copied();
	let third = path(folder.path(), 2);
	File::options().write(true).open(&third).unwrap().set_len(50).unwrap();
	let other = folder.path().join("plots/other.plots");
	fs::write(&other, "none of ours").unwrap();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let listed = store.list();
	let header = listed[2].header.unwrap();
	assert!(matches!(listed[2].state, State::Damaged(Damage::Length { .. })));
	assert_eq!(
		(header.k, header.strength, header.number, header.first, header.plots),
		(18, 2, 2, 0, 3)
	);
	assert_eq!(listed[3].header, None);
	// It is made anew, and what was there is set aside.
	assert_eq!(create(&store, &order(2..3, 1)).unwrap().made, 1);
	fs::write(path(folder.path(), 0), "damaged").unwrap();
	drop(store);
	let store = Store::open(folder.path(), OWNER).unwrap();
	assert_eq!(create(&store, &order(0..1, 1)).unwrap().made, 1);
	let aside = folder.path().join("plots").join(format!("{}.damaged", NAMES[0]));
	assert_eq!(fs::read_to_string(aside).unwrap(), "damaged");
}

/// It is back as it was: nothing in the folder shows that it was away.
#[test]
fn plots_of_a_disk_that_was_away_are_looked_into_again() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	// A second reading, for times are coarse.
	store.refresh().unwrap();
	let there = store.look(&challenge(0), 0, 1).plots;
	let (plots, away) = (folder.path().join("plots"), folder.path().join("away"));
	fs::rename(&plots, &away).unwrap();
	assert_eq!(store.look(&challenge(0), 0, 1).plots, 0);
	assert!(store.refresh().is_err());
	fs::rename(&away, &plots).unwrap();
	store.refresh().unwrap();
	assert_eq!(store.look(&challenge(0), 0, 1).plots, there);
}

/// One looks, another makes and deletes, and whoever only lists is in nobody's way.
#[test]
fn who_looks_sees_what_another_makes_and_deletes() {
	let folder = copied();
	let looks = Store::open(folder.path(), OWNER).unwrap();
	let makes = Store::make(folder.path(), OWNER).unwrap();
	assert_eq!(create(&makes, &order(4..5, 1)).unwrap().made, 1);
	assert!(looks.refresh().unwrap());
	assert_eq!(names(&looks).len(), 4);
	assert_eq!(looks.look(&challenge(0), 0, 1).plots, 6);
	// A second reading, for times are coarse; then nothing is read.
	looks.refresh().unwrap();
	assert!(!looks.refresh().unwrap());
	// What is gone is no failure, and is not asked for again.
	makes.delete(&[NAMES[0].into()]).unwrap();
	let looked = looks.look(&challenge(0), 0, 1);
	assert_eq!((looked.plots, looked.left), (5, 1), "{looked:?}");
	assert!(looked.failed.is_empty(), "{looked:?}");
	assert_eq!(looks.look(&challenge(0), 0, 1).left, 0);
	assert!(looks.refresh().unwrap());
	assert_eq!(names(&looks).len(), 3);
	// What a look finds damaged is known from then on.
	let second = path(folder.path(), 1);
	flip(&second, fs::metadata(&second).unwrap().len() - 1);
	let fresh = Store::read(folder.path(), OWNER).unwrap();
	assert_eq!(fresh.look(&challenge(0), 0, 1).failed.len(), 1);
	assert_eq!(fresh.list()[0].state, State::Damaged(Damage::Index));
}

#[test]
fn one_makes_at_a_time_and_lists_take_no_lock() {
	let folder = copied();
	let looks = Store::open(folder.path(), OWNER).unwrap();
	let [first, second] = [0, 1].map(|_| Store::make(folder.path(), OWNER).unwrap());
	let mut tried = false;
	assert!(!looks.is_making());
	let made = first.create(
		&order(4..5, 1),
		&crate::launcher(),
		&crate::LARGE,
		&Cancel::default(),
		&mut |_| {
			if std::mem::replace(&mut tried, true) {
				return;
			}
			assert!(looks.is_making());
			let refused = create(&second, &order(5..6, 1)).unwrap_err();
			assert!(matches!(refused, StoreError::Making(_)), "{refused}");
			assert!(matches!(second.delete(&[NAMES[0].into()]), Err(StoreError::Making(_))));
			assert!(matches!(
				second.verify(None, &Cancel::default(), |_, _| ()),
				Err(StoreError::Making(_))
			));
			assert_eq!(names(&Store::read(folder.path(), OWNER).unwrap()), NAMES);
		},
	);
	assert_eq!(made.unwrap().made, 1);
	assert!(tried && !looks.is_making());
	assert!(matches!(Store::open(folder.path(), OWNER), Err(StoreError::InUse(_))));
}

/// A folder on which no disk is mounted is not made a store by who only asks.
#[test]
fn who_only_reads_makes_nothing() {
	let folder = tempfile::tempdir().unwrap();
	assert!(matches!(Store::read(folder.path(), OWNER), Err(StoreError::Nowhere(_))));
	assert!(matches!(
		Store::read(&folder.path().join("none"), OWNER),
		Err(StoreError::Nowhere(_))
	));
	assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Where the parent is missing, most often a disk is.
#[test]
fn a_folder_is_made_only_where_its_parent_is() {
	let folder = tempfile::tempdir().unwrap();
	let below = folder.path().join("disk").join("plots");
	assert!(matches!(Store::make(&below, OWNER), Err(StoreError::NoParent(_))));
	assert!(matches!(Store::open(&below, OWNER), Err(StoreError::NoParent(_))));
	assert!(!folder.path().join("disk").exists());
	drop(Store::make(&folder.path().join("plots"), OWNER).unwrap());
	assert!(Store::is_there(&folder.path().join("plots")));
}
