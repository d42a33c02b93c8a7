//! What the last words and the end of a child tell.

use smartchain_sandbox::{
	verdict,
	wire::{Malformed, WireError},
	Answer, Cause, Ended, Ending, Exit, Fault, Heard, Layer, Output, Seen, Unconfined,
};

fn of(heard: Heard, exit: Exit, said: &str) -> Result<Answer, Ended> {
	verdict(Seen {
		heard,
		exit,
		said: said.as_bytes().to_vec(),
	})
}

fn silent(exit: Exit, said: &str) -> Ended {
	of(Heard::Broken(WireError::Closed), exit, said).unwrap_err()
}

#[test]
fn how_a_silent_child_ended_tells_why() {
	let no_memory = "memory allocation of 1048576 bytes failed";
	let no_stack = "thread 'main' has overflowed its stack";
	for (exit, said, expected) in [
		(Exit::Signal(libc::SIGSYS), "", "forbidden"),
		(Exit::Signal(libc::SIGXCPU), "", "late"),
		(Exit::Signal(libc::SIGKILL), "", "killed"),
		(Exit::Signal(libc::SIGSEGV), "", "crashed"),
		(Exit::Signal(libc::SIGBUS), "", "crashed"),
		(Exit::Signal(libc::SIGABRT), no_memory, "memory"),
		(Exit::Signal(libc::SIGABRT), no_stack, "crashed"),
		(Exit::Signal(libc::SIGABRT), "", "died"),
		(Exit::Code(0), no_memory, "died"),
		(Exit::Killed, "", "died"),
	] {
		let ended = silent(exit, said);
		assert_eq!(ended.name(), expected, "{exit:?} {said}: {ended}");
	}
}

#[test]
fn what_was_said_counts_before_how_it_ended() {
	let forbidden = Exit::Signal(libc::SIGSYS);
	let answer = Answer {
		ending: Ending::Ok,
		fuel: 1,
		output: Output::Bytes(Vec::new()),
		remarks: Vec::new(),
	};
	assert_eq!(of(Heard::Answer(answer.clone()), forbidden, "").unwrap(), answer);
	let unconfined = Unconfined {
		layer: Layer::Calls,
		words: String::new(),
	};
	for (heard, expected) in [
		(Heard::Fault(Fault::new(Cause::Host, "x")), "fault"),
		(Heard::Unconfined(unconfined), "unconfined"),
		(Heard::Late, "late"),
		(Heard::Stopped, "stopped"),
		(Heard::Noisy, "noisy"),
		(Heard::Broken(Malformed::Magic.into()), "lied"),
	] {
		assert_eq!(of(heard, forbidden, "").unwrap_err().name(), expected);
	}
}

/// Painter of complaints: escapes, and more words than anybody reads.
#[test]
fn the_painter_of_complaints_paints_nothing() {
	let said = format!("\u{1b}[2J\u{202e}red{}", "a".repeat(5_000));
	let Ended::Died { said, .. } = silent(Exit::Code(1), &said) else {
		panic!("it did not die");
	};
	assert!(
		said.len() <= 300 && said.starts_with("\u{fffd}[2J\u{fffd}red"),
		"{said}"
	);
}

#[test]
fn all_say_what_to_do() {
	for ended in [
		Ended::Late,
		Ended::Forbidden,
		Ended::Memory,
		Ended::Noisy,
		Ended::Killed,
		Ended::Crashed("signal 11".into()),
		Ended::Lied(Malformed::Magic),
		silent(Exit::Code(1), "x"),
	] {
		let text = ended.to_string();
		assert!(text.contains(", and ") || text.contains("; "), "{text}");
	}
}
