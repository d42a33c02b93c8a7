//! What is compiled ahead is found by the hash of its code, and needs no code any more.

use sc_executor::RuntimeVersionOf;
use sc_service::config::ExecutorConfiguration;
use smartchain_service::runtime::executor::{RuntimeExecutor, Shelf, MOST_AHEAD};
use sp_core::traits::{CallContext, CodeExecutor, NoneFetchRuntimeCode, RuntimeCode};
use sp_runtime::traits::{BlakeTwo256, Hash};
use sp_state_machine::BasicExternalities;
use std::{
	fs,
	os::unix::fs::MetadataExt,
	path::{Path, PathBuf},
};

#[test]
fn a_shelf_keeps_what_came_last() {
	let shelf = Shelf::<usize>::default();
	let key = |number: usize| vec![number as u8];
	for number in 0..MOST_AHEAD + 2 {
		shelf.put(key(number), number);
	}
	let kept: Vec<_> = (0..MOST_AHEAD + 2)
		.filter_map(|number| shelf.get(&key(number)))
		.collect();
	assert_eq!(kept, (2..MOST_AHEAD + 2).collect::<Vec<_>>());
	// To look at it was to use it, in this order. Put there again it is the newest, and there once.
	shelf.put(key(2), 12);
	shelf.put(key(8), 8);
	assert_eq!(
		(shelf.get(&key(2)), shelf.get(&key(3)), shelf.get(&key(8))),
		(Some(12), None, Some(8))
	);
}

#[test]
fn what_is_in_use_stays_however_many_come_and_go() {
	let shelf = Shelf::<usize>::default();
	shelf.put(vec![0], 0);
	for number in 1..20 {
		// Each block calls the runtime in force, whichever waits.
		assert_eq!(shelf.get(&[0]), Some(0), "before {number}");
		shelf.put(vec![number as u8], number);
	}
	assert_eq!((shelf.get(&[18]), shelf.get(&[19])), (Some(18), Some(19)));
	assert_eq!(shelf.get(&[17]), None);
}

/// Code that can only be run if it was compiled before: nobody has its bytes.
fn nobody_has(hash: Vec<u8>) -> RuntimeCode<'static> {
	RuntimeCode {
		code_fetcher: &NoneFetchRuntimeCode,
		heap_pages: None,
		hash,
	}
}

#[test]
fn what_is_compiled_ahead_is_what_calls_find() {
	let Some(code) = smartchain_runtime::WASM_BINARY else {
		eprintln!("built with SKIP_WASM_BUILD: there is no runtime to compile");
		return;
	};
	let executor = RuntimeExecutor::new(&ExecutorConfiguration::default(), None);
	// As the client names it: the hash of the value in state.
	let hash = codec::Encode::encode(&BlakeTwo256::hash(code));
	let ask = |executor: &RuntimeExecutor, hash: &[u8]| {
		let mut state = BasicExternalities::default();
		let code = nobody_has(hash.to_vec());
		executor
			.call(&mut state, &code, "Core_version", &[], CallContext::Offchain)
			.0
	};
	assert!(ask(&executor, &hash).is_err(), "it is not compiled yet");
	let version = executor.compile_ahead(code).expect("it is a runtime");
	assert_eq!(version.spec_version, smartchain_runtime::VERSION.spec_version);
	// Clones share it: the client has another than the task that compiles.
	let clone = executor.clone();
	assert!(ask(&clone, &hash).is_ok());
	let mut state = BasicExternalities::default();
	assert!(clone.runtime_version(&mut state, &nobody_has(hash)).is_ok());
	assert!(ask(&clone, &[0; 32]).is_err(), "and no other");
}

#[test]
fn what_is_no_runtime_is_refused_with_a_reason() {
	let executor = RuntimeExecutor::new(&ExecutorConfiguration::default(), None);
	let refused = executor.compile_ahead(b"no runtime").expect_err("it is none");
	assert!(refused.to_string().contains("cannot be compiled"), "{refused}");
}

/// What is in a folder and those below it: names, and what tells a file from one that took its place.
fn files(folder: &Path) -> Vec<(PathBuf, u64, u64)> {
	let mut found = Vec::new();
	for entry in fs::read_dir(folder).expect("it is there") {
		let entry = entry.expect("it is there");
		let about = entry.metadata().expect("it is there");
		if about.is_dir() {
			found.extend(files(&entry.path()));
		} else {
			found.push((entry.path(), about.ino(), about.len()));
		}
	}
	found.sort();
	found
}

/// Those of compiled code, which have no extension; others count how often they are used.
fn compiled(folder: &Path) -> Vec<(PathBuf, u64, u64)> {
	let mut files = files(folder);
	files.retain(|(path, ..)| path.extension().is_none());
	files
}

#[test]
fn what_is_kept_is_compiled_once_and_damage_is_compiled_anew() {
	let Some(code) = smartchain_runtime::WASM_BINARY else {
		eprintln!("built with SKIP_WASM_BUILD: there is no runtime to compile");
		return;
	};
	let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled-runtimes");
	if folder.exists() {
		fs::remove_dir_all(&folder).expect("what an earlier run left");
	}
	fs::create_dir_all(&folder).expect("a folder");
	let start = || RuntimeExecutor::new(&ExecutorConfiguration::default(), Some(&folder));
	start().compile_ahead(code).expect("it is a runtime");
	let first = compiled(&folder);
	assert_eq!(first.len(), 1, "{first:?}");
	// Whoever compiles puts a new file in the place of what is there.
	start().compile_ahead(code).expect("it is a runtime");
	assert_eq!(compiled(&folder), first, "it was compiled again");
	let (path, _, length) = &first[0];
	let file = fs::OpenOptions::new().write(true).open(path).expect("it is there");
	file.set_len(length / 2).expect("it is cut");
	let version = start().compile_ahead(code).expect("it is a runtime");
	assert_eq!(version.spec_version, smartchain_runtime::VERSION.spec_version);
	assert_eq!(compiled(&folder)[0].2, *length, "what was cut is whole again");
	fs::remove_dir_all(&folder).expect("it is there");
}
