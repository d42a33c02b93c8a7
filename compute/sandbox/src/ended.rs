//! What became of a child: from what was heard of it, how it ended and what it said. Pure.

use crate::{
	answer::{Answer, Fault},
	confine::Unconfined,
	limits::OutOfRange,
	read::{plain, Malformed, WireError},
};

/// The most bytes of a child's complaints that are shown.
const MOST_SAID: usize = 300;
/// How the Rust library says that there is no memory, before it aborts.
const NO_MEMORY: &str = "memory allocation of ";
/// And that there is no stack.
const NO_STACK: &str = "has overflowed its stack";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
	/// A limit is none.
	#[error("the child was not started: {0}")]
	Limits(#[from] OutOfRange),
	/// The request is none.
	#[error("the child was not started: {0}; ask for what the chain's job says")]
	Request(Malformed),
	/// It cannot be started.
	#[error("the child cannot be started: {0}; install the program that runs units beside this one")]
	Start(String),
	/// It cannot be confined, and was given nothing to run.
	#[error(transparent)]
	Unconfined(#[from] Unconfined),
	/// The engine has no outcome.
	#[error(transparent)]
	Fault(#[from] Fault),
	/// Its time was over.
	#[error("the unit took longer than it may, and was ended; decline it, or allow more time")]
	Late,
	/// The agent wanted it to end.
	#[error("the unit was ended, as was wanted")]
	Stopped,
	/// It made a system call that no unit needs.
	#[error(
		"the child made a system call that is forbidden, and was ended; keep the program that did that, and report it"
	)]
	Forbidden,
	/// It wanted more memory than it may have.
	#[error("the child wanted more memory than it may have, and ended; decline the unit, or allow more memory")]
	Memory,
	/// It ran out of stack, or reached for what is not its own.
	#[error("the child ran out of stack, or reached for memory that is not its own ({0}); decline the unit")]
	Crashed(String),
	/// It complained without an end.
	#[error("the child complained without an end, and was ended; decline the unit")]
	Noisy,
	/// What it said is no answer.
	#[error("the child's answer is none: {0}; decline the unit")]
	Lied(Malformed),
	/// Somebody else ended it.
	#[error("the child was killed by somebody else, as the kernel does if memory is short; use fewer slots")]
	Killed,
	/// It ended without a word.
	#[error("the child ended without an answer ({how}; it said: {said}); decline the unit, and report this")]
	Died {
		/// Its code or signal.
		how: String,
		/// The beginning of its complaints.
		said: String,
	},
}

impl Ended {
	/// Its name in metrics.
	pub const fn name(&self) -> &'static str {
		match self {
			Self::Limits(_) => "limits",
			Self::Request(_) => "request",
			Self::Start(_) => "start",
			Self::Unconfined(_) => "unconfined",
			Self::Fault(_) => "fault",
			Self::Late => "late",
			Self::Stopped => "stopped",
			Self::Forbidden => "forbidden",
			Self::Memory => "memory",
			Self::Crashed(_) => "crashed",
			Self::Noisy => "noisy",
			Self::Lied(_) => "lied",
			Self::Killed => "killed",
			Self::Died { .. } => "died",
		}
	}
}

/// The last that was heard of a child.
#[derive(Debug)]
pub enum Heard {
	/// Its answer.
	Answer(Answer),
	/// Its fault.
	Fault(Fault),
	/// It cannot be confined.
	Unconfined(Unconfined),
	/// What it said is none of this.
	Broken(WireError),
	/// Its time was over before it said anything.
	Late,
	/// The agent wanted it to end.
	Stopped,
	/// It complained without an end.
	Noisy,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
	/// By itself, with this code.
	Code(i32),
	/// By this signal.
	Signal(i32),
	/// It did not, and was killed.
	Killed,
}

/// All that a parent knows of a child once it is gone.
#[derive(Debug)]
pub struct Seen {
	/// The last that was heard of it.
	pub heard: Heard,
	/// How it ended.
	pub exit: Exit,
	/// The beginning of its complaints.
	pub said: Vec<u8>,
}

/// What became of a unit.
///
/// # Errors
/// [`Ended`]: why nothing did.
pub fn verdict(seen: Seen) -> Result<Answer, Ended> {
	match seen.heard {
		Heard::Answer(answer) => Ok(answer),
		Heard::Fault(fault) => Err(fault.into()),
		Heard::Unconfined(why) => Err(why.into()),
		Heard::Late => Err(Ended::Late),
		Heard::Stopped => Err(Ended::Stopped),
		Heard::Noisy => Err(Ended::Noisy),
		Heard::Broken(WireError::Malformed(malformed)) => Err(Ended::Lied(malformed)),
		Heard::Broken(error @ (WireError::Closed | WireError::Io(_))) => {
			Err(silent(seen.exit, &String::from_utf8_lossy(&seen.said), &error))
		}
	}
}

/// Of a child that said nothing: how it ended tells why.
fn silent(exit: Exit, said: &str, error: &WireError) -> Ended {
	let said = plain(said, MOST_SAID);
	let how = match exit {
		Exit::Signal(libc::SIGSYS) => return Ended::Forbidden,
		Exit::Signal(libc::SIGXCPU) => return Ended::Late,
		Exit::Signal(libc::SIGKILL) => return Ended::Killed,
		Exit::Signal(signal @ (libc::SIGSEGV | libc::SIGBUS)) => return Ended::Crashed(format!("signal {signal}")),
		Exit::Signal(libc::SIGABRT) if said.contains(NO_MEMORY) => return Ended::Memory,
		Exit::Signal(libc::SIGABRT) if said.contains(NO_STACK) => return Ended::Crashed("its stack is full".into()),
		Exit::Signal(signal) => format!("signal {signal}"),
		Exit::Code(code) => format!("code {code}"),
		Exit::Killed => error.to_string(),
	};
	Ended::Died { how, said }
}
