//! What programs are told by the host.

use crate::kit::{at, output, put, run, unit, BlockType, Parts, I, T, WRITE};
use smartchain_engine::{Kind, Trap, Unit};

/// Calls function 1 with these arguments, keeps what it is told at 60, and writes memory from 60 on.
fn told(import: (&'static str, &'static str), arguments: Vec<I<'static>>, bytes: i32) -> Vec<u8> {
	told_with(import, vec![], arguments, bytes)
}

fn told_with(
	import: (&'static str, &'static str),
	before: Vec<I<'static>>,
	arguments: Vec<I<'static>>,
	bytes: i32,
) -> Vec<u8> {
	let mut body = before;
	body.push(I::I32Const(60));
	body.extend(arguments);
	body.extend([I::Call(1), I::I32Store(at(0))]);
	body.extend(put(60, bytes));
	output(&Parts::with(vec![WRITE, import], body))
}

fn numbers(values: &[i32]) -> Vec<I<'static>> {
	values.iter().map(|value| I::I32Const(*value)).collect()
}

fn words(bytes: &[u8]) -> Vec<u32> {
	bytes
		.chunks_exact(4)
		.map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
		.collect()
}

/// Stores words from a place on.
fn stored(place: i32, values: &[i32]) -> Vec<I<'static>> {
	let store = |(index, value): (i32, &i32)| [I::I32Const(place + 4 * index), I::I32Const(*value), I::I32Store(at(0))];
	(0..).zip(values).flat_map(store).collect()
}

#[test]
fn the_arguments_are_unit_and_count() {
	assert_eq!(
		words(&told(("args_sizes_get", "ii"), numbers(&[64, 68]), 12)),
		[0, 3, 9]
	);
	let got = told(("args_get", "ii"), numbers(&[64, 76]), 25);
	assert_eq!(words(&got[..16]), [0, 76, 80, 82]);
	assert_eq!(&got[16..], b"job\x003\x0064\0");
}

#[test]
fn there_is_no_environment() {
	assert_eq!(
		words(&told(("environ_sizes_get", "ii"), numbers(&[64, 68]), 12)),
		[0, 0, 0]
	);
	assert_eq!(words(&told(("environ_get", "ii"), numbers(&[64, 68]), 4)), [0]);
}

#[test]
fn all_clocks_show_the_jobs_block_time() {
	for clock in 0..4 {
		let arguments = vec![I::I32Const(clock), I::I64Const(0), I::I32Const(64)];
		let got = told(("clock_time_get", "ili"), arguments, 12);
		assert_eq!(got[4..], (unit().time * 1_000_000).to_le_bytes());
		assert_eq!(
			words(&told(("clock_res_get", "ii"), numbers(&[clock, 64]), 12)),
			[0, 1, 0]
		);
	}
	let arguments = vec![I::I32Const(4), I::I64Const(0), I::I32Const(64)];
	assert_eq!(words(&told(("clock_time_get", "ili"), arguments, 12)), [28, 0, 0]);
}

/// The same seed and unit give the same chance, in one piece or in several, and another unit other chance.
#[test]
fn chance_is_of_seed_and_unit() {
	let mut hasher = blake3::Hasher::new_derive_key("SmartChain compute unit chance v1");
	hasher.update(&[7; 32]).update(&3u32.to_le_bytes());
	let mut expected = [0; 40];
	hasher.finalize_xof().fill(&mut expected);
	let random = ("random_get", "ii");
	assert_eq!(told(random, numbers(&[64, 40]), 44)[4..], expected);
	let mut before = numbers(&[64, 13]);
	before.extend([I::Call(1), I::Drop]);
	assert_eq!(told_with(random, before, numbers(&[77, 27]), 44)[4..], expected);
	let mut body = numbers(&[64, 40]);
	body.extend([I::Call(1), I::Drop]);
	body.extend(put(64, 40));
	let module = Parts::with(vec![WRITE, random], body).module();
	let other = |unit: Unit| assert_ne!(run(&module, &unit).output, expected);
	other(Unit { number: 4, ..unit() });
	other(Unit {
		seed: [8; 32],
		..unit()
	});
	assert_eq!(run(&module, &Unit { time: 1, ..unit() }).output, expected);
	assert_eq!(words(&told(random, numbers(&[65_530, 40]), 4)), [21]);
}

#[test]
fn the_input_is_read_and_sought() {
	// Two buffers, of three bytes at 72 and of four at 75.
	let vectors = stored(16, &[72, 3, 75, 4]);
	let read = ("fd_read", "iiii");
	let got = told_with(read, vectors.clone(), numbers(&[0, 16, 2, 64]), 20);
	assert_eq!(words(&got[..8]), [0, 7]);
	assert_eq!(&got[12..19], b"0123456");
	// The rest, and then nothing.
	let mut before = vectors.clone();
	before.extend(numbers(&[0, 16, 2, 64]));
	before.extend([I::Call(1), I::Drop]);
	let got = told_with(read, before.clone(), numbers(&[0, 16, 2, 64]), 20);
	assert_eq!((words(&got[..8]), &got[12..15]), (vec![0, 3], b"789".as_slice()));
	before.extend(numbers(&[0, 16, 2, 64]));
	before.extend([I::Call(1), I::Drop]);
	assert_eq!(words(&told_with(read, before, numbers(&[0, 16, 2, 64]), 8)), [0, 0]);
	assert_eq!(words(&told_with(read, vectors, numbers(&[1, 16, 2, 64]), 4)), [8]);
}

#[test]
fn only_the_input_has_places() {
	let seek = |file: i32, offset: i64, whence: i32| {
		let arguments = vec![
			I::I32Const(file),
			I::I64Const(offset),
			I::I32Const(whence),
			I::I32Const(64),
		];
		words(&told(("fd_seek", "ilii"), arguments, 12))
	};
	assert_eq!(seek(0, 4, 0), [0, 4, 0]);
	assert_eq!(seek(0, -2, 2), [0, 8, 0]);
	assert_eq!(seek(0, 100, 1), [0, 100, 0]);
	assert_eq!(seek(0, -1, 0), [28, 0, 0]);
	assert_eq!(seek(0, 0, 3), [28, 0, 0]);
	assert_eq!(seek(1, 0, 1), [70, 0, 0]);
	assert_eq!(seek(9, 0, 1), [8, 0, 0]);
	assert_eq!(words(&told(("fd_tell", "ii"), numbers(&[0, 64]), 12)), [0, 0, 0]);
}

#[test]
fn files_are_three() {
	for file in 0..3 {
		assert_eq!(words(&told(("fd_close", "i"), numbers(&[file]), 4)), [0]);
		assert_eq!(words(&told(("fd_fdstat_set_flags", "ii"), numbers(&[file, 4]), 4)), [0]);
		let state = told(("fd_fdstat_get", "ii"), numbers(&[file, 64]), 28);
		assert_eq!((&state[..4], state[4]), ([0; 4].as_slice(), 4));
		// Reading, or writing.
		assert_eq!(state[12] & 0b100_0010, if file == 0 { 0b10 } else { 0b100_0000 });
	}
	for name in ["fd_close", "fd_sync", "fd_datasync"] {
		let expected = if name == "fd_close" { 8 } else { 52 };
		assert_eq!(words(&told((name, "i"), numbers(&[3]), 4)), [expected]);
	}
	// Whoever counts up what lies open is told that there is nothing.
	assert_eq!(words(&told(("fd_prestat_get", "ii"), numbers(&[3, 64]), 4)), [8]);
	assert_eq!(
		words(&told(("fd_prestat_dir_name", "iii"), numbers(&[3, 64, 8]), 4)),
		[8]
	);
}

/// What could reach outside is not there: files, sockets, signals.
#[test]
fn what_would_reach_outside_is_missing() {
	let open = vec![
		I::I32Const(3),
		I::I32Const(0),
		I::I32Const(64),
		I::I32Const(8),
		I::I32Const(0),
		I::I64Const(-1),
		I::I64Const(-1),
		I::I32Const(0),
		I::I32Const(80),
	];
	assert_eq!(words(&told(("path_open", "iiiiillii"), open, 4)), [52]);
	assert_eq!(words(&told(("sock_accept", "iii"), numbers(&[3, 0, 64]), 4)), [52]);
	assert_eq!(
		words(&told(("sock_send", "iiiii"), numbers(&[3, 64, 1, 0, 80]), 4)),
		[52]
	);
	assert_eq!(words(&told(("proc_raise", "i"), numbers(&[9]), 4)), [52]);
	assert_eq!(words(&told(("path_unlink_file", "iii"), numbers(&[3, 64, 8]), 4)), [52]);
	assert_eq!(words(&told(("sched_yield", ""), vec![], 4)), [0]);
}

/// Time goes by while a program sleeps, and at no other time: not where it is told that the call failed, either.
#[test]
fn sleep_is_over_at_once_and_the_clock_has_gone_on() {
	const SECOND: i32 = 1_000_000_000;
	let sleep = |events: i32, told: i32| {
		// A subscription at 256: named 5, a clock, the steady one, so long from now.
		let mut body = stored(256, &[5, 0, 0, 0, 1, 0, SECOND, 0, 0, 0, 0, 0]);
		body.push(I::I32Const(76));
		body.extend(numbers(&[256, events, 1, told]));
		body.extend([I::Call(1), I::I32Store(at(0))]);
		body.extend([I::I32Const(1), I::I64Const(0), I::I32Const(64), I::Call(2), I::Drop]);
		body.extend(put(64, 16));
		body.extend(put(512, 32));
		let clock = ("clock_time_get", "ili");
		let got = output(&Parts::with(vec![WRITE, ("poll_oneoff", "iiii"), clock], body));
		let now = u64::from_le_bytes(got[..8].try_into().expect("eight bytes"));
		(now - unit().time * 1_000_000, words(&got[8..]))
	};
	assert_eq!(sleep(512, 72), (SECOND as u64, vec![1, 0, 5, 0, 0, 0, 0, 0, 0, 0]));
	for (events, told) in [(512, -1), (-1, 72)] {
		let (passed, words) = sleep(events, told);
		assert_eq!((passed, &words[..2]), (0, &[0, 21][..]));
	}
}

#[test]
fn files_are_always_ready() {
	let poll = ("poll_oneoff", "iiii");
	// A clock in the future, the output, and a file that is none.
	let mut before = stored(256, &[5, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
	before.extend(stored(304, &[6, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0]));
	before.extend(stored(352, &[7, 0, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0]));
	let got = words(&told_with(poll, before.clone(), numbers(&[256, 68, 3, 64]), 72));
	assert_eq!(got[..2], [0, 2]);
	assert_eq!(got[2..5], [6, 0, 2 << 16]);
	assert_eq!(got[10..13], [7, 0, 8 | 1 << 16]);
	assert_eq!(words(&told_with(poll, before, numbers(&[256, 68, 0, 64]), 4)), [28]);
	let strange = stored(256, &[5, 0, 3, 0]);
	assert_eq!(words(&told_with(poll, strange, numbers(&[256, 68, 1, 64]), 4)), [28]);
}

#[test]
fn a_program_ends_itself_by_a_code() {
	let ends = |code: i32| {
		let mut body = put(64, 4);
		body.extend([I::I32Const(code), I::Call(1), I::Unreachable]);
		run(&Parts::with(vec![WRITE, ("proc_exit", "i")], body).module(), &unit())
	};
	let ok = ends(0);
	assert_eq!((ok.kind, ok.output.len()), (Kind::Ok, 4));
	let bad = ends(7);
	assert_eq!((bad.kind, bad.output.len()), (Kind::Trap(Trap::Exit(7)), 0));
	assert_eq!(ends(0x1_00).kind, Kind::Trap(Trap::Exit(1)));
	assert_eq!(ends(-1).kind, Kind::Trap(Trap::Exit(255)));
}

/// What is said on the second stream is for people: kept to a bound, and no part of the output.
#[test]
fn remarks_are_kept_apart() {
	let mut body = stored(0, &[1_024, 30_000]);
	for _ in 0..3 {
		body.extend(numbers(&[2, 0, 1, 8]));
		body.extend([I::Call(0), I::Drop]);
	}
	let outcome = run(&Parts::of(vec![], body).module(), &unit());
	assert_eq!(
		(outcome.kind, outcome.output.len(), outcome.remarks.len()),
		(Kind::Ok, 0, 64 << 10)
	);
}

/// Wild pointers are the program's own trouble: it is told, and the host stays whole.
#[test]
fn wild_pointers_are_told() {
	assert_eq!(words(&told(("args_get", "ii"), numbers(&[-4, 64]), 4)), [21]);
	assert_eq!(words(&told(("args_get", "ii"), numbers(&[64, 65_530]), 4)), [21]);
	assert_eq!(words(&told(("fd_read", "iiii"), numbers(&[0, -8, 1, 64]), 4)), [21]);
	assert_eq!(words(&told(("fd_read", "iiii"), numbers(&[0, 65_528, 2, 64]), 4)), [21]);
	assert_eq!(words(&told(("fd_read", "iiii"), numbers(&[0, 16, 1_025, 64]), 4)), [28]);
	let far = stored(16, &[-16, 17]);
	assert_eq!(
		words(&told_with(("fd_read", "iiii"), far, numbers(&[0, 16, 1, 64]), 4)),
		[21]
	);
	assert_eq!(words(&told(("clock_res_get", "ii"), numbers(&[0, -1]), 4)), [21]);
	assert_eq!(
		words(&told(("poll_oneoff", "iiii"), numbers(&[65_500, 64, 1, 128]), 4)),
		[21]
	);
}

/// Whoever asks the host for much pays for it before it is done.
#[test]
fn what_the_host_does_costs_fuel() {
	let endless = |call: Vec<I<'static>>, import: (&'static str, &'static str)| {
		let mut body = vec![I::Loop(BlockType::Empty)];
		body.extend(call);
		body.extend([I::Call(1), I::Drop, I::Br(0), I::End]);
		let outcome = run(&Parts::with(vec![WRITE, import], body).module(), &unit());
		assert_eq!((outcome.kind, outcome.fuel), (Kind::OutOfFuel, unit().fuel_limit));
	};
	endless(numbers(&[0, 65_536]), ("random_get", "ii"));
	endless(vec![], ("sched_yield", ""));
	let cost = |bytes| {
		let mut body = numbers(&[0, bytes]);
		body.extend([I::Call(1), I::Drop]);
		run(&Parts::with(vec![WRITE, ("random_get", "ii")], body).module(), &unit()).fuel
	};
	assert_eq!(cost(5_000) - cost(0), 5_000);
	assert!(cost(0) > 100);
	let reading = |length| {
		let mut body = stored(16, &[64, length]);
		body.extend(numbers(&[0, 16, 1, 32]));
		body.extend([I::Call(1), I::Drop]);
		run(&Parts::with(vec![WRITE, ("fd_read", "iiii")], body).module(), &unit()).fuel
	};
	assert_eq!(reading(16_000) - reading(0), 1_000);
	let writing = |length| run(&Parts::of(vec![T::I32], put(64, length)).module(), &unit()).fuel;
	assert_eq!(writing(16_000) - writing(0), 2_000);
	// Buffers of no length, too.
	let buffers = |call: u32, file: i32, count: i32| {
		let mut body = numbers(&[file, 64, count, 32]);
		body.extend([I::Call(call), I::Drop]);
		let outcome = run(&Parts::with(vec![WRITE, ("fd_read", "iiii")], body).module(), &unit());
		assert_eq!(outcome.kind, Kind::Ok);
		outcome.fuel
	};
	for (call, file) in [(0, 1), (0, 2), (1, 0)] {
		assert_eq!(buffers(call, file, 1_000) - buffers(call, file, 0), 16_000);
	}
}

/// Who is told that something went wrong finds the file where it was.
#[test]
fn a_call_that_fails_moves_nothing() {
	let place_after = |call: Vec<I<'static>>| {
		let mut body = stored(16, &[128, 3, -1, 2]);
		body.push(I::I32Const(60));
		body.extend(call);
		body.push(I::I32Store(at(0)));
		body.extend(numbers(&[0, 64]));
		body.extend([I::Call(3), I::Drop]);
		body.extend(put(60, 12));
		let imports = vec![WRITE, ("fd_read", "iiii"), ("fd_seek", "ilii"), ("fd_tell", "ii")];
		words(&output(&Parts::with(imports, body)))
	};
	let read = |count: i32, told: i32| place_after([numbers(&[0, 16, count, told]), vec![I::Call(1)]].concat());
	assert_eq!(read(1, 32), [0, 3, 0]);
	assert_eq!(read(1, -1), [21, 0, 0]);
	assert_eq!(read(2, 32), [21, 0, 0]);
	let seek = |told: i32| {
		place_after(vec![
			I::I32Const(0),
			I::I64Const(4),
			I::I32Const(0),
			I::I32Const(told),
			I::Call(2),
		])
	};
	assert_eq!(seek(32), [0, 4, 0]);
	assert_eq!(seek(-1), [21, 0, 0]);
	// What is not written is no output.
	let mut body = stored(16, &[128, 3]);
	body.push(I::I32Const(60));
	body.extend(numbers(&[1, 16, 1, -1]));
	body.extend([I::Call(0), I::I32Store(at(0))]);
	body.extend(put(60, 4));
	assert_eq!(words(&output(&Parts::of(vec![], body))), [21]);
}
