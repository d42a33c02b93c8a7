//! The parent's half: it starts a child for one unit, speaks with it, and ends it.

use crate::{
	answer::Answer,
	ended::{verdict, Ended, Exit, Heard, Seen},
	limits::Limits,
	read::{Malformed, WireError},
	request::Request,
	wire::{from_child, write_request, Hello, Message},
};
use std::{
	ffi::OsString,
	io::{self, Read},
	os::unix::process::ExitStatusExt,
	path::{Path, PathBuf},
	process::{self, Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
	sync::{
		atomic::{AtomicBool, Ordering},
		mpsc::{channel, Receiver, RecvTimeoutError, Sender},
		Arc,
	},
	thread,
	time::{Duration, Instant},
};

/// How often a parent looks whether it is to end the child.
const LOOK: Duration = Duration::from_millis(50);
/// How long a child that closed its output may take to end.
const GRACE: Duration = Duration::from_secs(2);
/// How often a parent looks whether it has ended.
const ENDS: Duration = Duration::from_millis(2);
/// How many bytes of complaints are kept.
const KEPT: usize = 4 << 10;
/// After how many a child is ended.
const MOST_SAID: usize = 1 << 20;

/// A program that serves units: see [`serve`](crate::serve).
#[derive(Clone, Debug)]
pub struct Worker {
	program: PathBuf,
	arguments: Vec<OsString>,
}

/// Ends a unit from another thread. It is for good.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// What a child did.
enum Event {
	Confined,
	Heard(Heard),
}

impl Stop {
	/// Ends whatever runs with this.
	pub fn stop(&self) {
		self.0.store(true, Ordering::Release);
	}

	/// Whether it was said.
	pub fn is_stopped(&self) -> bool {
		self.0.load(Ordering::Acquire)
	}
}

impl Worker {
	/// Of a program, whose path is absolute: the child starts in the root folder.
	pub fn new(program: &Path) -> Self {
		Self {
			program: program.to_owned(),
			arguments: Vec::new(),
		}
	}

	/// With one more argument.
	pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
		self.arguments.push(argument.into());
		self
	}

	/// Runs a unit in a child, and waits for it. The child ends with this call, and with the thread that made it. Its
	/// environment is empty; three pipes are all that it has.
	///
	/// # Errors
	/// [`Ended`]: why there is no answer.
	pub fn run(&self, limits: &Limits, request: &Request, stop: &Stop) -> Result<Answer, Ended> {
		limits.check()?;
		request.check().map_err(Ended::Request)?;
		let deadline = Instant::now() + limits.wall;
		let mut child = Command::new(&self.program)
			.args(&self.arguments)
			.env_clear()
			.current_dir("/")
			.stdin(Stdio::piped())
			.stdout(Stdio::piped())
			.stderr(Stdio::piped())
			.spawn()
			.map_err(|error| Ended::Start(format!("{}: {error}", self.program.display())))?;
		let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
		let (Some(input), Some(output), Some(errors)) = pipes else {
			reap(&mut child, Duration::ZERO);
			return Err(Ended::Start("it has no pipes".into()));
		};
		let hello = Hello {
			parent: process::id(),
			limits: limits.clone(),
		};
		let seen = thread::scope(|scope| {
			let (events, heard) = channel();
			let (go, gone) = channel();
			let noise = events.clone();
			scope.spawn(move || listen(output, limits.output, request, &events));
			scope.spawn(move || talk(input, hello, request, &gone));
			let said = scope.spawn(move || complaints(errors, &noise));
			let heard = watch(&heard, &go, deadline, stop);
			// Its talker, if it still waits, has nothing to say any more.
			drop(go);
			let grace = match heard {
				// How it ends tells why it said nothing.
				Heard::Broken(WireError::Closed | WireError::Io(_)) => GRACE,
				_ => Duration::ZERO,
			};
			let exit = reap(&mut child, grace);
			let said = said.join().unwrap_or_default();
			Seen { heard, exit, said }
		});
		verdict(seen)
	}
}

/// Waits for the last that is heard of a child.
fn watch(heard: &Receiver<Event>, go: &Sender<()>, deadline: Instant, stop: &Stop) -> Heard {
	loop {
		let left = deadline.saturating_duration_since(Instant::now());
		if stop.is_stopped() {
			return Heard::Stopped;
		}
		if left.is_zero() {
			return Heard::Late;
		}
		match heard.recv_timeout(left.min(LOOK)) {
			// If the talker is gone, the child is, and the listener tells.
			Ok(Event::Confined) => drop(go.send(())),
			Ok(Event::Heard(heard)) => return heard,
			Err(RecvTimeoutError::Timeout) => {}
			Err(RecvTimeoutError::Disconnected) => return Heard::Broken(WireError::Closed),
		}
	}
}

/// Says the limits, and the unit once the child is confined. If the child does not listen, the listener tells why.
fn talk(mut input: ChildStdin, hello: Hello, request: &Request, gone: &Receiver<()>) {
	let said = Message::Hello(hello).write(&mut input);
	if said.is_ok() && gone.recv().is_ok() {
		let _ = write_request(request, &mut input);
	}
}

/// Hears what a child says: that it is confined, and then one thing more.
fn listen(mut output: ChildStdout, most: u32, request: &Request, events: &Sender<Event>) {
	let mut confined = false;
	loop {
		let heard = match from_child(&mut output, most) {
			Ok(Message::Confined(_)) if !confined => {
				confined = true;
				if events.send(Event::Confined).is_err() {
					return;
				}
				continue;
			}
			Ok(Message::Unconfined(why)) if !confined => Heard::Unconfined(why),
			Ok(Message::Answer(answer)) if confined => match answer.check(request, most) {
				Ok(()) => Heard::Answer(answer),
				Err(malformed) => Heard::Broken(malformed.into()),
			},
			Ok(Message::Fault(fault)) if confined => Heard::Fault(fault),
			Ok(_) => Heard::Broken(Malformed::Field("order").into()),
			Err(error) => Heard::Broken(error),
		};
		let _ = events.send(Event::Heard(heard));
		return;
	}
}

/// Hears what a child complains of, and keeps the beginning.
fn complaints(mut errors: ChildStderr, events: &Sender<Event>) -> Vec<u8> {
	let (mut kept, mut count, mut buffer) = (Vec::new(), 0_usize, [0; KEPT]);
	loop {
		let found = match errors.read(&mut buffer) {
			Ok(found) => found,
			Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
			Err(_) => return kept,
		};
		if found == 0 {
			return kept;
		}
		count = count.saturating_add(found);
		let room = KEPT - kept.len();
		kept.extend(buffer.iter().take(found.min(room)));
		if count > MOST_SAID {
			let _ = events.send(Event::Heard(Heard::Noisy));
			return kept;
		}
	}
}

/// Gives a child so long to end, then ends it.
fn reap(child: &mut Child, grace: Duration) -> Exit {
	let until = Instant::now() + grace;
	while Instant::now() < until {
		if let Ok(Some(status)) = child.try_wait() {
			return exit_of(status);
		}
		thread::sleep(ENDS);
	}
	if let Ok(Some(status)) = child.try_wait() {
		return exit_of(status);
	}
	let _ = child.kill();
	let _ = child.wait();
	Exit::Killed
}

fn exit_of(status: ExitStatus) -> Exit {
	match (status.code(), status.signal()) {
		(Some(code), _) => Exit::Code(code),
		(_, Some(signal)) => Exit::Signal(signal),
		_ => Exit::Killed,
	}
}
