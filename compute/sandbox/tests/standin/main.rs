//! Stands in for an engine: serves a unit, and does what its argument names, which is harmless where it is not stopped.

use seccompiler::{apply_filter, BpfProgram, SeccompAction, SeccompFilter};
use smartchain_sandbox::{alone, limited, serve, Answer, Cause, Ending, Fault, Limits, Output, Request};
use std::{
	env,
	fs::{self, File},
	hint::black_box,
	io::{self, Read, Write},
	net::{TcpListener, TcpStream, UdpSocket},
	os::unix::{net::UnixStream, process::CommandExt},
	process::{self, Command, ExitCode},
	thread,
	time::Duration,
};

fn main() -> ExitCode {
	let mut arguments = env::args().skip(1);
	let action = arguments.next().unwrap_or_default();
	let argument = arguments.next().unwrap_or_default();
	match action.as_str() {
		"silent" => return ExitCode::SUCCESS,
		"deaf" => rest(),
		"talks" => println!("hello"),
		"threads-first" => drop(thread::spawn(rest)),
		"no-landlock" => lose(libc::SYS_landlock_create_ruleset),
		"no-seccomp" => lose(libc::SYS_seccomp),
		"layers" => return layers(&argument),
		_ => {}
	}
	serve(|request| act(&action, &argument, request))
}

/// Does not end by itself while any test waits.
fn rest() {
	thread::sleep(Duration::from_secs(600));
}

/// As on a kernel that does not have a system call.
fn lose(call: i64) {
	let arch = env::consts::ARCH.try_into().expect("an architecture that has filters");
	let missing = SeccompAction::Errno(libc::ENOSYS as u32);
	let rules = [(call, Vec::new())].into_iter().collect();
	let filter = SeccompFilter::new(rules, SeccompAction::Allow, missing, arch).expect("a filter");
	let program: BpfProgram = filter.try_into().expect("a program");
	apply_filter(&program).expect("a filter that is installed");
}

/// One layer by itself, and whether it does something without the others. It says what came of it.
fn layers(path: &str) -> ExitCode {
	let before = kind(File::open(path));
	let status = match env::args().nth(3).as_deref() {
		Some("landlock") => alone().map(drop),
		_ => limited(&Limits {
			memory: 64 << 20,
			wall: Duration::from_secs(30),
			output: 0,
			stack: 1 << 20,
			threads: false,
		}),
	};
	println!("{before} {} {}", status.is_ok(), kind(File::open(path)));
	ExitCode::SUCCESS
}

fn kind<V>(result: io::Result<V>) -> String {
	match result {
		Ok(_) => "done".into(),
		Err(error) => format!("{:?}", error.raw_os_error()),
	}
}

fn answer(output: Vec<u8>) -> Answer {
	Answer {
		ending: Ending::Ok,
		fuel: 7,
		output: Output::Bytes(output),
		remarks: Vec::new(),
	}
}

fn said(text: String) -> Result<Answer, Fault> {
	Ok(answer(text.into_bytes()))
}

fn act(action: &str, argument: &str, request: Request) -> Result<Answer, Fault> {
	match action {
		"echo" => Ok(echo(request)),
		"fault" => Err(Fault::new(Cause::Stack, "no stack is left")),
		"surroundings" => said(format!("{} {}", env::vars_os().count(), env::args().count())),
		"dear" => Ok(Answer {
			fuel: request.fuel + 1,
			..answer(Vec::new())
		}),
		"large" => Ok(answer(vec![0; 1 << 20])),
		"panic" => panic!("a fault of the engine"),
		"exit" => process::exit(3),
		"abort" => process::abort(),
		_ => attack(action, argument),
	}
}

fn echo(request: Request) -> Answer {
	let head = format!(
		"{} {} {} {} {} {:?} ",
		request.unit, request.count, request.time, request.fuel, request.pages, request.seed
	);
	let mut output = head.into_bytes();
	output.extend(request.program);
	output.extend(request.input);
	Answer {
		remarks: b"echoed".to_vec(),
		..answer(output)
	}
}

fn attack(action: &str, argument: &str) -> Result<Answer, Fault> {
	match action {
		"open" => said(kind(File::open(argument))),
		"create" => said(kind(File::create(argument))),
		"remove" => said(kind(fs::remove_file(argument))),
		"list" => said(kind(fs::read_dir(argument))),
		"connect" => said(kind(TcpStream::connect(argument))),
		"listen" => said(kind(TcpListener::bind("127.0.0.1:0"))),
		"datagram" => said(kind(UdpSocket::bind("127.0.0.1:0"))),
		"pair" => said(kind(UnixStream::pair())),
		"fork" => said(kind(Command::new("/bin/true").spawn())),
		"become" => said(kind::<()>(Err(Command::new("/bin/true").exec()))),
		"thread" => said(kind(
			thread::Builder::new()
				.name("unit".into())
				.spawn(|| 5)
				.map(thread::JoinHandle::join),
		)),
		"signal" => said(kind(signal(argument))),
		"pipe" => said(kind(io::pipe())),
		"read-output" => said(kind(rustix::io::read(io::stdout(), &mut [0; 8]).map_err(Into::into))),
		"write-input" => said(kind(rustix::io::write(io::stdin(), b"x").map_err(Into::into))),
		"memory" => hoard(),
		"memory-in-thread" => thread::spawn(hoard).join().unwrap_or_else(|_| said("panicked".into())),
		"output" => flood(io::stdout()),
		"complaints" => flood(io::stderr()),
		"late" => {
			while black_box(true) {}
			said("never".into())
		}
		"sleeps" => {
			rest();
			said("never".into())
		}
		"stack" => said(format!("{}", deep(black_box(1)))),
		"input" => {
			let mut more = Vec::new();
			let read = io::stdin().read_to_end(&mut more);
			said(format!("{} {}", kind(read), more.len()))
		}
		other => Err(Fault::new(Cause::Terms, other)),
	}
}

/// Asks whether a process is there, as a signal to it would.
fn signal(process: &str) -> io::Result<()> {
	let process = process.parse().ok().and_then(rustix::process::Pid::from_raw);
	Ok(rustix::process::test_kill_process(
		process.ok_or(io::ErrorKind::NotFound)?,
	)?)
}

/// A GiB, which is many times what it may have, and nothing that a machine does not have.
fn hoard() -> Result<Answer, Fault> {
	let mut all: Vec<Vec<u8>> = Vec::new();
	for _ in 0..1_024 {
		all.push(black_box(vec![1; 1 << 20]));
	}
	said(format!("{} MiB", all.len()))
}

fn flood(mut out: impl Write) -> Result<Answer, Fault> {
	loop {
		if out.write_all(&[b'x'; 4096]).is_err() {
			rest();
		}
	}
}

fn deep(level: u64) -> u64 {
	let room = black_box([level; 512]);
	match level {
		0 => 0,
		_ => deep(black_box(level + 1)) + room[(level % 512) as usize],
	}
}
