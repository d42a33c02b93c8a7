//! Fetches what a root is of from whoever has it. It blocks.

use crate::{
	http::{request, told, Told, MOST_HEAD},
	timed::{head, Timed},
};
use smartchain_bundle::{Among, Fetch, Source, SourceError, Streams};
use std::{
	fmt,
	io::{self, ErrorKind, Read, Write},
	net::{TcpStream, ToSocketAddrs},
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::Duration,
};
use storage_proof_primitives::{Contents, Hash};

/// Addresses of a peer that are tried.
pub const MOST_ADDRESSES: usize = 4;
/// How long a connection may take to come about, and an answer to begin.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);
/// The least bytes in a second.
const RATE: u64 = 64 << 10;

/// Why something could not be fetched.
#[derive(Debug)]
pub enum FetchError {
	/// Nobody has it, or can be reached: what the last one said.
	Nobody(String),
	/// It is longer than it may be.
	TooLong,
	/// Whoever fetched wanted it no more.
	Stopped,
}

impl fmt::Display for FetchError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Nobody(why) => write!(f, "nobody gives it ({why}); try later, when who has it is reached"),
			Self::TooLong => f.write_str("it is longer than it may be; whoever ordered the job made it so"),
			Self::Stopped => f.write_str("it is not wanted any more"),
		}
	}
}

impl std::error::Error for FetchError {}

/// Ends fetching, from another thread. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<AtomicBool>);

impl Halt {
	/// Nothing more is asked for.
	pub fn halt(&self) {
		self.0.store(true, Ordering::Release);
	}

	/// Whether that was said.
	pub fn is_halted(&self) -> bool {
		self.0.load(Ordering::Acquire)
	}
}

/// Somebody who may have something, by addresses: each a host, a colon, and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
	addresses: Vec<String>,
}

/// The body of an answer: so many bytes and no more.
pub struct Body {
	stream: Timed,
	left: u64,
}

impl Read for Body {
	fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
		let most = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
		if most == 0 {
			return Ok(0);
		}
		let count = self.stream.read(into.get_mut(..most).unwrap_or_default())?;
		self.left = self.left.saturating_sub(count as u64);
		Ok(count)
	}
}

/// Asks one address for ranges.
#[derive(Clone, Debug)]
pub struct Ask {
	address: String,
	root: Hash,
	halt: Halt,
}

impl Fetch for Ask {
	type Body = Body;

	fn fetch(&mut self, from: u64, length: u64) -> io::Result<Body> {
		if self.halt.is_halted() {
			return Err(ErrorKind::ConnectionAborted.into());
		}
		let time = ANSWER.saturating_add(Duration::from_secs(length / RATE));
		let (told, stream) = asked(&self.address, &self.root, Some((from, length)), time)?;
		match (told.status, told.body) {
			(200, Some(left)) => Ok(Body { stream, left }),
			(404, _) => Err(ErrorKind::NotFound.into()),
			(status, _) => Err(io::Error::other(format!("{} answers {status}", self.address))),
		}
	}
}

impl Peer {
	/// One at these addresses, of which the first ones count.
	pub fn new(addresses: impl IntoIterator<Item = String>) -> Self {
		Self {
			addresses: addresses.into_iter().take(MOST_ADDRESSES).collect(),
		}
	}

	/// A source of what a root is of, at the first address that has it: up to `most` bytes. How many there are it says
	/// itself; what it says wrongly shows with the first group.
	///
	/// # Errors
	/// [`FetchError`]; what the last address said.
	pub fn source(&self, root: &Hash, most: u64, halt: &Halt) -> Result<Streams<Ask>, FetchError> {
		let mut last = String::from("it has no address");
		for address in &self.addresses {
			if halt.is_halted() {
				return Err(FetchError::Stopped);
			}
			let bytes = match asked(address, root, None, ANSWER) {
				Ok((
					Told {
						status: 200,
						length: Some(bytes),
						..
					},
					_,
				)) => bytes,
				Ok((told, _)) => {
					last = format!("{address} answers {}", told.status);
					continue;
				}
				Err(error) => {
					last = format!("{address}: {error}");
					continue;
				}
			};
			if bytes > most {
				last = format!("{address} says that it has {bytes} bytes");
				continue;
			}
			let ask = Ask {
				address: address.clone(),
				root: *root,
				halt: halt.clone(),
			};
			return Ok(Streams::new(Contents { root: *root, bytes }, ask));
		}
		Err(FetchError::Nobody(last))
	}
}

/// Asks an address, and reads the head of its answer.
fn asked(address: &str, root: &Hash, range: Option<(u64, u64)>, time: Duration) -> io::Result<(Told, Timed)> {
	let mut last = io::Error::from(ErrorKind::NotFound);
	for place in address.to_socket_addrs()?.take(MOST_ADDRESSES) {
		let stream = match TcpStream::connect_timeout(&place, CONNECT) {
			Ok(stream) => stream,
			Err(error) => {
				last = error;
				continue;
			}
		};
		let mut stream = Timed::new(stream, time);
		stream.write_all(request(root, range).as_bytes())?;
		let head = head(&mut stream, MOST_HEAD)?;
		let told = head.and_then(|head| told(&head)).ok_or(ErrorKind::InvalidData)?;
		return Ok((told, stream));
	}
	Err(last)
}

/// Fetches all of what a root is of, up to `most` bytes, from whoever has it: one after the other is asked. It was
/// compared with the root.
///
/// # Errors
/// [`FetchError`].
pub fn fetch(peers: &[Peer], root: &Hash, most: u64, halt: &Halt) -> Result<Vec<u8>, FetchError> {
	let mut last = FetchError::Nobody("nobody is known".into());
	for peer in peers {
		match peer.source(root, most, halt).and_then(|source| whole(source, halt)) {
			Ok(bytes) => return Ok(bytes),
			Err(FetchError::Stopped) => return Err(FetchError::Stopped),
			Err(error) => last = error,
		}
	}
	Err(last)
}

fn whole(source: Streams<Ask>, halt: &Halt) -> Result<Vec<u8>, FetchError> {
	let Contents { root, bytes } = source.contents();
	let mut all = vec![0; usize::try_from(bytes).map_err(|_| FetchError::TooLong)?];
	let mut source = Among::new(vec![source]).ok_or_else(|| FetchError::Nobody("nobody is known".into()))?;
	source
		.read(0, &mut all)
		.map_err(|error: SourceError| match halt.is_halted() {
			true => FetchError::Stopped,
			false => FetchError::Nobody(error.to_string()),
		})?;
	// Of nothing no group is compared.
	match blake3::hash(&all) == root {
		true => Ok(all),
		false => Err(FetchError::Nobody("it gives other bytes than those of the root".into())),
	}
}
