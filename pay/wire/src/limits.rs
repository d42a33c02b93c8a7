//! How much is taken from whom, and how often is tried: numbers, and no clock of their own.

use crate::WireError;
use rand_core::{OsRng, RngCore};
use std::{
	collections::HashMap,
	net::IpAddr,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};

/// Addresses that are remembered at most.
const MAX_ADDRESSES: usize = 4_096;
/// The parts of one that a bucket counts: as many as a second has nanoseconds.
const PARTS: u128 = 1_000_000_000;

/// What a program takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
	/// For how long a connection may take to be one: WebSocket and handshake together.
	pub handshake: Duration,
	/// After so long without a frame a connection ends.
	pub silence: Duration,
	/// So often the partner is asked whether it is there.
	pub ping: Duration,
	/// After so long in which nothing could be sent a connection ends.
	pub write: Duration,
	/// For how long the connection that there is may take to answer if another one of the same key comes.
	pub ask: Duration,
	/// Frames a second that are taken from a partner; more wait in its own buffers.
	pub frames: u32,
	/// Bytes a second, likewise.
	pub bytes: u32,
	/// Frames that wait for a partner at most.
	pub queue: usize,
	/// Connections at most.
	pub sessions: usize,
	/// Handshakes at a time, at most; from one address an eighth of them.
	pub handshakes: usize,
	/// Connections a second from one address, and ten times as many at once.
	pub per_address: u32,
	/// The first wait before a partner is called again,
	pub retry_first: Duration,
	/// and the longest.
	pub retry_most: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			handshake: Duration::from_secs(10),
			silence: Duration::from_secs(45),
			ping: Duration::from_secs(15),
			write: Duration::from_secs(20),
			ask: Duration::from_secs(3),
			frames: 20_000,
			bytes: 16 << 20,
			queue: 1_024,
			sessions: 1_024,
			handshakes: 64,
			per_address: 10,
			retry_first: Duration::from_millis(200),
			retry_most: Duration::from_secs(60),
		}
	}
}

/// So many a second, and as many at once as a burst has. Whoever takes more waits.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
	/// What it holds, in parts of one.
	held: u128,
	most: u128,
	a_second: u32,
	at: Instant,
}

impl Bucket {
	/// A full one.
	pub fn new(a_second: u32, burst: u32, now: Instant) -> Self {
		let most = u128::from(burst.max(1)).saturating_mul(PARTS);
		Self {
			held: most,
			most,
			a_second: a_second.max(1),
			at: now,
		}
	}

	/// Takes some, and says how long to wait before they may be used. More than a burst are as many as a burst.
	pub fn take(&mut self, count: u32, now: Instant) -> Duration {
		self.fill(now);
		let wanted = u128::from(count).saturating_mul(PARTS).min(self.most);
		let missing = wanted.saturating_sub(self.held);
		self.held = self.held.saturating_sub(wanted);
		if missing == 0 {
			return Duration::ZERO;
		}
		let nanos = missing.div_ceil(u128::from(self.a_second));
		let wait = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
		// What is waited for fills nothing.
		self.at = self.at.checked_add(wait).unwrap_or(self.at);
		wait
	}

	/// Takes some if they are there.
	pub fn try_take(&mut self, count: u32, now: Instant) -> bool {
		self.fill(now);
		let wanted = u128::from(count).saturating_mul(PARTS);
		let enough = self.held >= wanted;
		if enough {
			self.held = self.held.saturating_sub(wanted);
		}
		enough
	}

	fn fill(&mut self, now: Instant) {
		let since = now.saturating_duration_since(self.at);
		let more = since.as_nanos().saturating_mul(u128::from(self.a_second));
		self.held = self.held.saturating_add(more).min(self.most);
		self.at = self.at.max(now);
	}

	fn is_full(&mut self, now: Instant) -> bool {
		self.fill(now);
		self.held == self.most
	}
}

/// What counts as one address: of IPv6 a network of 64 bits.
fn network_of(from: IpAddr) -> IpAddr {
	match from {
		IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
		IpAddr::V4(_) => from,
	}
}

/// Whose handshakes are under way, so that one address that never ends its own does not take all places. Copies are the
/// same.
#[derive(Clone, Debug, Default)]
pub struct Porch(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One that is under way, as long as this lives.
#[derive(Debug)]
pub struct OnPorch {
	porch: Porch,
	from: IpAddr,
}

impl Porch {
	fn all(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// One more from there; none if `most` are under way already.
	pub fn enter(&self, from: IpAddr, most: usize) -> Option<OnPorch> {
		let from = network_of(from);
		let mut all = self.all();
		let count = all.get(&from).copied().unwrap_or(0);
		if count >= most {
			return None;
		}
		all.insert(from, count.saturating_add(1));
		Some(OnPorch {
			porch: self.clone(),
			from,
		})
	}
}

impl Drop for OnPorch {
	fn drop(&mut self) {
		let mut all = self.porch.all();
		let count = all.get(&self.from).copied().unwrap_or(0);
		if count > 1 {
			all.insert(self.from, count - 1);
		} else {
			all.remove(&self.from);
		}
	}
}

/// How often each address may come. Of IPv6, networks of 64 bits are one.
#[derive(Debug)]
pub struct Doors {
	buckets: HashMap<IpAddr, Bucket>,
	a_second: u32,
}

impl Doors {
	/// So many a second from each, and ten times as many at once.
	pub fn new(a_second: u32) -> Self {
		Self {
			buckets: HashMap::new(),
			a_second,
		}
	}

	/// Whether one more may come from there now.
	pub fn may_come(&mut self, from: IpAddr, now: Instant) -> bool {
		let from = network_of(from);
		if self.buckets.len() >= MAX_ADDRESSES && !self.buckets.contains_key(&from) {
			self.buckets.retain(|_, bucket| !bucket.is_full(now));
			// So many at once are an attack from everywhere: the bound on handshakes holds.
			if self.buckets.len() >= MAX_ADDRESSES {
				self.buckets.clear();
			}
		}
		let burst = self.a_second.saturating_mul(10);
		let bucket = self
			.buckets
			.entry(from)
			.or_insert_with(|| Bucket::new(self.a_second, burst, now));
		bucket.try_take(1, now)
	}
}

/// How long to wait before a partner is called again: twice as long each time, and by chance up to half more or less,
/// so that not all come back at once to a hub that was down.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
	first: Duration,
	most: Duration,
	next: Duration,
}

impl Backoff {
	/// From the first wait to the longest.
	pub fn new(first: Duration, most: Duration) -> Self {
		Self {
			first,
			most,
			next: first,
		}
	}

	/// The next wait; `chance` is any number.
	pub fn wait(&mut self, chance: u64) -> Duration {
		let base = self.next.min(self.most);
		self.next = base.saturating_mul(2).min(self.most);
		let nanos = u64::try_from(base.as_nanos()).unwrap_or(u64::MAX);
		// Between a half and three halves.
		Duration::from_nanos((nanos / 2).saturating_add(chance % nanos.max(1)))
	}

	/// The connection was good: the next wait is the first one again.
	pub fn reset(&mut self) {
		self.next = self.first;
	}
}

/// A number that nobody can foresee, and not 0.
pub(crate) fn random_number() -> Result<u64, WireError> {
	loop {
		let mut bytes = [0; 8];
		OsRng
			.try_fill_bytes(&mut bytes)
			.map_err(|error| WireError::Random(error.to_string()))?;
		let number = u64::from_le_bytes(bytes);
		if number != 0 {
			return Ok(number);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_bucket_gives_no_more_than_its_rate_and_a_burst() {
		let start = Instant::now();
		let mut bucket = Bucket::new(100, 10, start);
		let mut now = start;
		let mut taken = 0_u32;
		while now < start + Duration::from_secs(2) {
			now += bucket.take(1, now);
			taken += 1;
		}
		assert!((200..=211).contains(&taken), "{taken}");
		// After a rest there is a burst again, and no more.
		now += Duration::from_secs(60);
		assert_eq!(bucket.take(10, now), Duration::ZERO);
		assert!(bucket.take(1, now) > Duration::ZERO);
		// Whoever asks for more than ever fits is not kept for ever.
		assert!(bucket.take(u32::MAX, now) <= Duration::from_millis(200));
	}

	#[test]
	fn addresses_have_doors_of_their_own() {
		let now = Instant::now();
		let mut doors = Doors::new(1);
		let v4 = |last: u8| IpAddr::from([192, 0, 2, last]);
		assert!((0..10).all(|_| doors.may_come(v4(1), now)));
		assert!(!doors.may_come(v4(1), now));
		assert!(doors.may_come(v4(2), now));
		assert!(doors.may_come(v4(1), now + Duration::from_secs(1)));
		let v6 = |network: u16, host: u16| IpAddr::from([0x2001, 0xdb8, 0, network, 0, 0, 0, host]);
		assert!((0..10).all(|host| doors.may_come(v6(1, host), now)));
		assert!(!doors.may_come(v6(1, 99), now), "one network is one address");
		assert!(doors.may_come(v6(2, 0), now));
		for network in 0..u16::MAX {
			doors.may_come(v6(network, 0), now);
			assert!(doors.buckets.len() <= MAX_ADDRESSES);
		}
	}

	/// Mallory begins handshakes and ends none.
	#[test]
	fn one_address_does_not_take_all_places() {
		let porch = Porch::default();
		let (mallory, alice) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
		let mut begun: Vec<OnPorch> = (0..3).filter_map(|_| porch.enter(mallory, 2)).collect();
		assert_eq!(begun.len(), 2);
		assert!(porch.enter(alice, 2).is_some());
		begun.pop();
		begun.extend(porch.enter(mallory, 2));
		assert_eq!(begun.len(), 2, "one has ended");
		begun.clear();
		assert!(porch.all().is_empty(), "who has gone is forgotten");
	}

	#[test]
	fn waits_double_up_to_the_longest_and_differ() {
		let (first, most) = (Duration::from_millis(200), Duration::from_secs(60));
		for chance in [0, 1, u64::MAX, 123_456_789_012] {
			let mut backoff = Backoff::new(first, most);
			let mut base = first;
			for _ in 0..20 {
				let wait = backoff.wait(chance);
				assert!(wait >= base / 2 && wait <= base * 3 / 2, "{wait:?} of {base:?}");
				base = (base * 2).min(most);
			}
			backoff.reset();
			assert!(backoff.wait(chance) <= first * 3 / 2);
		}
		let mut one = Backoff::new(first, most);
		assert_ne!(one.wait(1), Backoff::new(first, most).wait(100_000_000));
	}

	#[test]
	fn numbers_are_drawn() {
		assert_ne!(random_number().unwrap(), random_number().unwrap());
	}
}
