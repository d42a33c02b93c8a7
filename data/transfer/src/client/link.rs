//! A connection to a device: requests go out signed, answers come in within their time.

use super::{
	http::{parse, Head, MOST},
	Holder, Identity, RemoteError,
};
use crate::wire::{Claim, Deed, Fault, Hello, Session, Signed, AUTHORIZATION, CLAIM_TICKS, FAULT, TICK};
use std::{
	io::{self, ErrorKind, Read, Write},
	mem,
	net::{Shutdown, TcpStream, ToSocketAddrs},
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex, PoisonError,
	},
	time::{Duration, Instant},
};
use storage_proof_primitives::Tick;

/// Bytes of a body that says why something was refused, at most.
const MOST_FAULT: usize = 16 << 10;
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 4;

/// Ends whatever a remote does, from another thread.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Stop>);

#[derive(Default)]
struct Stop {
	/// Nothing more is asked.
	ending: AtomicBool,
	/// And what is under way is broken off.
	stopped: AtomicBool,
	stream: Mutex<Option<TcpStream>>,
}

impl Stopper {
	/// The connection ends, and none is made any more.
	pub fn stop(&self) {
		self.0.stopped.store(true, Ordering::SeqCst);
		let stream = self.0.stream.lock().unwrap_or_else(PoisonError::into_inner).take();
		if let Some(stream) = stream {
			let _ = stream.shutdown(Shutdown::Both);
		}
	}

	/// Nothing more is asked; what was asked for goes on.
	pub(super) fn finish(&self) {
		self.0.ending.store(true, Ordering::SeqCst);
	}

	/// Whether this side has broken it off.
	pub(super) fn is_stopped(&self) -> bool {
		self.0.stopped.load(Ordering::SeqCst)
	}

	/// That nothing more is asked, if so.
	pub(super) fn go_on(&self) -> Result<(), RemoteError> {
		match self.is_stopped() || self.0.ending.load(Ordering::SeqCst) {
			true => Err(RemoteError::Local("the reading was stopped".into())),
			false => Ok(()),
		}
	}

	fn follow(&self, stream: &TcpStream) {
		*self.0.stream.lock().unwrap_or_else(PoisonError::into_inner) = stream.try_clone().ok();
		if self.is_stopped() {
			self.stop();
		}
	}
}

/// Ends whatever several remotes do, from another thread: those that there are, and those that come.
#[derive(Clone, Default)]
pub struct StopAll(Arc<All>);

#[derive(Default)]
struct All {
	stopped: AtomicBool,
	each: Mutex<Vec<Stopper>>,
}

impl StopAll {
	/// All connections end, and none is made any more.
	pub fn stop(&self) {
		self.0.stopped.store(true, Ordering::SeqCst);
		let each = mem::take(&mut *self.0.each.lock().unwrap_or_else(PoisonError::into_inner));
		each.iter().for_each(Stopper::stop);
	}

	/// One more that is to end with the others; at once, if they have.
	pub fn with(&self, one: Stopper) {
		self.0.each.lock().unwrap_or_else(PoisonError::into_inner).push(one);
		if self.0.stopped.load(Ordering::SeqCst) {
			self.stop();
		}
	}
}

/// What is asked beside a deed.
#[derive(Default)]
pub(super) struct Asked<'a> {
	/// More headers: names and values.
	pub(super) headers: Vec<(&'static str, String)>,
	/// The body.
	pub(super) body: &'a [u8],
}

/// A connection.
pub(super) struct Link {
	stream: TcpStream,
	/// What came and was not used yet, from `used` on.
	came: Vec<u8>,
	used: usize,
	session: Session,
	count: u32,
	tick: Tick,
	/// When the present request has to be answered.
	until: Instant,
	waited: Duration,
	/// Whether the last request for a deed went out as a whole.
	went_out: bool,
}

impl Link {
	/// Connects to a device.
	pub(super) fn open(identity: &Identity, holder: &Holder, stopper: &Stopper) -> Result<Self, RemoteError> {
		let patience = identity.patience;
		stopper.go_on()?;
		let stream = connect(&holder.addresses, patience.connect)?;
		stopper.go_on()?;
		let _ = stream.set_nodelay(true);
		stopper.follow(&stream);
		let mut link = Self {
			stream,
			came: Vec::new(),
			used: 0,
			session: [0; 16],
			count: 0,
			tick: 0,
			until: Instant::now(),
			waited: Duration::ZERO,
			went_out: false,
		};
		link.begin(patience.answer);
		link.send(b"GET /v1/session HTTP/1.1\r\nhost: smartchain\r\n\r\n")?;
		let head = link.head()?;
		let body = link.short_body(&head)?;
		let hello: Option<Hello> = serde_json::from_slice(&body).ok();
		let hello = hello.filter(|hello| head.status == 200 && hello.version == 1);
		let hello = hello.ok_or_else(|| RemoteError::Gone("what answers speaks another protocol".into()))?;
		if hello.device() != Some(holder.device) {
			return Err(RemoteError::Gone("another device answers there".into()));
		}
		let no_session = || RemoteError::Gone("what answers names no session".into());
		link.session = hello.session().ok_or_else(no_session)?;
		link.tick = hello.tick;
		Ok(link)
	}

	fn begin(&mut self, wait: Duration) {
		(self.until, self.waited) = (Instant::now() + wait, wait);
	}

	/// Asks for a deed; the head of the answer, if it is none that refuses. Its body is to be read then.
	pub(super) fn ask(
		&mut self,
		identity: &Identity,
		holder: &Holder,
		deed: Deed,
		asked: &Asked<'_>,
		wait: Duration,
	) -> Result<Head, RemoteError> {
		self.went_out = false;
		self.count = self.count.saturating_add(1);
		let claim = Claim {
			device: holder.device,
			key: identity.signer.key(),
			slot: holder.slot,
			deed,
			session: self.session,
			count: self.count,
			expires: self.tick.saturating_add(CLAIM_TICKS),
		};
		let signature = identity.signer.sign(&claim.payload(&identity.genesis));
		let locked = || RemoteError::Local("the key does not sign; unlock it".into());
		let signed = Signed {
			signature: signature.ok_or_else(locked)?,
			claim,
		};
		let mut head = format!(
			"{} {} HTTP/1.1\r\nhost: smartchain\r\n{AUTHORIZATION}: {}\r\n",
			deed.method(),
			holder.slot.path(),
			signed.to_header()
		);
		if let Deed::Read { from, length } = deed {
			let last = from.saturating_add(length.into()).saturating_sub(1);
			head += &format!("range: bytes={from}-{last}\r\n");
		}
		if matches!(deed, Deed::Write { .. }) {
			head += &format!("content-length: {}\r\n", asked.body.len());
		}
		for (name, value) in &asked.headers {
			head += &format!("{name}: {value}\r\n");
		}
		head += "\r\n";
		self.begin(wait);
		let sent = self.send(head.as_bytes()).and_then(|()| self.send(asked.body));
		self.went_out = sent.is_ok();
		// Whoever refuses early may end the connection before all is sent: the answer says why.
		let answer = match (self.head(), sent) {
			(Ok(answer), _) => answer,
			(Err(_), Err(error)) => return Err(error),
			(Err(error), Ok(())) => return Err(error),
		};
		if let Some(tick) = answer.number(TICK) {
			self.tick = tick;
		}
		if answer.status == 200 {
			return Ok(answer);
		}
		Err(self.refusal(&answer, matches!(deed, Deed::Look)))
	}

	/// Whether the last request for a deed went out as a whole, so that the device may have answered it.
	pub(super) fn went_out(&self) -> bool {
		self.went_out
	}

	fn refusal(&mut self, head: &Head, no_body: bool) -> RemoteError {
		let body = if no_body { Ok(Vec::new()) } else { self.short_body(head) };
		let of_body = body.ok().and_then(|body| serde_json::from_slice(&body).ok());
		let of_header = || serde_json::from_str::<Fault>(head.get(FAULT)?).ok();
		match of_body.or_else(of_header) {
			Some(fault) => RemoteError::Refused(Fault::plain(fault)),
			None => RemoteError::Gone(format!("it answers {} without a reason", head.status)),
		}
	}

	fn left(&self) -> Result<Duration, RemoteError> {
		let left = self.until.saturating_duration_since(Instant::now());
		if left.is_zero() {
			return Err(self.slow());
		}
		Ok(left)
	}

	fn slow(&self) -> RemoteError {
		RemoteError::Slow {
			seconds: self.waited.as_secs(),
		}
	}

	fn fault(&self, error: &io::Error) -> RemoteError {
		match error.kind() {
			ErrorKind::WouldBlock | ErrorKind::TimedOut => self.slow(),
			_ => RemoteError::Gone(error.to_string()),
		}
	}

	fn send(&mut self, mut bytes: &[u8]) -> Result<(), RemoteError> {
		while !bytes.is_empty() {
			let left = self.left()?;
			let sent = self
				.stream
				.set_write_timeout(Some(left))
				.and_then(|()| self.stream.write(bytes));
			match sent {
				Ok(0) => return Err(RemoteError::Gone("the connection ended".into())),
				Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
				Err(error) if error.kind() == ErrorKind::Interrupted => {}
				Err(error) => return Err(self.fault(&error)),
			}
		}
		Ok(())
	}

	fn receive(&mut self, into: &mut [u8]) -> Result<usize, RemoteError> {
		loop {
			let left = self.left()?;
			let came = self
				.stream
				.set_read_timeout(Some(left))
				.and_then(|()| self.stream.read(into));
			match came {
				Ok(0) => return Err(RemoteError::Gone("the connection ended".into())),
				Ok(came) => return Ok(came),
				Err(error) if error.kind() == ErrorKind::Interrupted => {}
				Err(error) => return Err(self.fault(&error)),
			}
		}
	}

	fn head(&mut self) -> Result<Head, RemoteError> {
		loop {
			let there = self.came.get(self.used..).unwrap_or_default();
			match parse(there) {
				Ok(Some((head, used))) => {
					self.used += used;
					return Ok(head);
				}
				Ok(None) => {}
				Err(_) => return Err(RemoteError::Gone("what answers speaks another protocol".into())),
			}
			self.came.drain(..self.used);
			self.used = 0;
			let (before, room) = (self.came.len(), MOST);
			self.came.resize(before + room, 0);
			let mut came = mem::take(&mut self.came);
			let count = self.receive(came.get_mut(before..).unwrap_or_default());
			came.truncate(before + count.as_ref().map_or(0, |count| *count));
			self.came = came;
			count?;
		}
	}

	/// Fills all of it with what comes next of a body.
	pub(super) fn body(&mut self, mut into: &mut [u8]) -> Result<(), RemoteError> {
		let there = self.came.get(self.used..).unwrap_or_default();
		let count = there.len().min(into.len());
		let (first, rest) = into.split_at_mut(count);
		first.copy_from_slice(there.get(..count).unwrap_or_default());
		self.used += count;
		into = rest;
		while !into.is_empty() {
			let count = self.receive(into)?;
			into = into.get_mut(count..).unwrap_or_default();
		}
		Ok(())
	}

	fn short_body(&mut self, head: &Head) -> Result<Vec<u8>, RemoteError> {
		let length = head.length.and_then(|length| usize::try_from(length).ok());
		let length = length.filter(|length| *length <= MOST_FAULT);
		let mut body = vec![0; length.ok_or_else(|| RemoteError::Gone("its answer is too long".into()))?];
		self.body(&mut body)?;
		Ok(body)
	}
}

/// Connects to the first address that answers. All of them together have twice as long as one: whoever names many that
/// do not answer holds nobody up for longer.
fn connect(addresses: &[String], wait: Duration) -> Result<TcpStream, RemoteError> {
	let until = Instant::now() + wait.saturating_mul(2);
	let mut why = "it has no address".to_owned();
	for address in addresses {
		if until <= Instant::now() {
			return Err(RemoteError::Gone(why));
		}
		let found = match address.to_socket_addrs() {
			Ok(found) => found,
			Err(error) => {
				why = format!("{address}: {error}");
				continue;
			}
		};
		for one in found.take(MOST_ADDRESSES) {
			let left = until.saturating_duration_since(Instant::now()).min(wait);
			if left.is_zero() {
				return Err(RemoteError::Gone(why));
			}
			match TcpStream::connect_timeout(&one, left) {
				Ok(stream) => return Ok(stream),
				Err(error) => why = format!("{one}: {error}"),
			}
		}
	}
	Err(RemoteError::Gone(why))
}
