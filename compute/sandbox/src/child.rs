//! The child's half: it confines itself, and only then reads what it is to run.

use crate::{
	answer::{Answer, Fault},
	confine::{confine, Confined, Unconfined},
	limits::Limits,
	read::{Malformed, WireError},
	request::Request,
	wire::{from_parent, Hello, Message},
};
use std::{
	io::{self, Read, Write},
	process::ExitCode,
};

/// Why a child ends without an answer.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
	/// The parent did not say what it has to.
	#[error("the parent's words are none: {0}; a program that runs units starts this one by itself")]
	Parent(#[from] WireError),
	/// It cannot be confined.
	#[error(transparent)]
	Unconfined(Unconfined),
	/// Nobody hears it.
	#[error("the parent does not listen: {0}")]
	Unheard(#[from] io::Error),
	/// The engine answers what is no answer to the request.
	#[error("the engine's answer is none: {0}; this is a fault of the engine")]
	Engine(Malformed),
}

/// All that the child process does. Its `main` calls this first, before anything that starts a thread or opens a file:
/// it confines itself by what the parent says, reads the unit, has `run` run it, and answers.
///
/// While `run` runs, no file can be opened and no socket made, and nothing but this may write to the standard output.
pub fn serve(run: impl FnOnce(Request) -> Result<Answer, Fault>) -> ExitCode {
	let confine = |hello: &Hello| confine(&hello.limits, hello.parent);
	match serve_on(&mut io::stdin(), &mut io::stdout(), confine, run) {
		Ok(()) => ExitCode::SUCCESS,
		Err(broken) => {
			let _ = writeln!(io::stderr(), "{broken}");
			ExitCode::FAILURE
		}
	}
}

/// The same over any pipes, with another way to be confined: for tests.
///
/// # Errors
/// [`Broken`].
pub fn serve_on(
	input: &mut impl Read,
	output: &mut impl Write,
	confine: impl FnOnce(&Hello) -> Result<Confined, Unconfined>,
	run: impl FnOnce(Request) -> Result<Answer, Fault>,
) -> Result<(), Broken> {
	let Message::Hello(hello) = from_parent(input)? else {
		return Err(out_of_turn().into());
	};
	match confine(&hello) {
		Ok(confined) => Message::Confined(confined).write(output)?,
		Err(why) => {
			Message::Unconfined(why.clone()).write(output)?;
			return Err(Broken::Unconfined(why));
		}
	}
	let Message::Request(request) = from_parent(input)? else {
		return Err(out_of_turn().into());
	};
	let said = answer(request, &hello.limits, run)?;
	said.write(output)?;
	Ok(())
}

fn answer(
	request: Request,
	limits: &Limits,
	run: impl FnOnce(Request) -> Result<Answer, Fault>,
) -> Result<Message, Broken> {
	// What the answer is compared with, without what is large.
	let terms = Request {
		program: Vec::new(),
		input: Vec::new(),
		..request
	};
	match run(request) {
		Ok(answer) => {
			let answer = answer.wanted(terms.want);
			answer.check(&terms, limits.output).map_err(Broken::Engine)?;
			Ok(Message::Answer(answer))
		}
		Err(fault) => Ok(Message::Fault(fault)),
	}
}

fn out_of_turn() -> WireError {
	Malformed::Field("order").into()
}
