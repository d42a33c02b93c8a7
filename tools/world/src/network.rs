//! The network: who is connected to whom, when a message arrives, and how many bytes each node sends and receives.

use crate::{
	plan::{Links, Plan, Us},
	regions::{self, RTT_MS},
	rng::Rng,
	wire::{framed, SEGMENT},
};

/// The median of the jitter is this share of the way's own time, in a thousand, and this much more.
const JITTER_SHARE: f64 = 0.02;
const JITTER_US: f64 = 200.0;
/// The jitter is log-normal: this is the standard deviation of its logarithm. One message in a hundred is later than
/// the median by 6.4 times the median of the jitter.
const JITTER_SIGMA: f64 = 0.8;
/// One message in so many loses a packet, which comes again one round trip later; what follows on the connection waits
/// for it.
const LOST_ONE_IN: u64 = 1_000;
/// Segments that TCP sends before the first acknowledgement (RFC 6928).
const INITIAL_WINDOW: usize = 10;

/// What a node sent and received while it was measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
	/// Bytes sent, with the framing.
	pub sent: u64,
	/// Bytes received, with the framing.
	pub received: u64,
	/// Of the bytes sent, those of blocks, pushed or asked for.
	pub blocks: u64,
	/// Messages sent.
	pub messages: u64,
}

/// The network.
pub struct Network {
	links: Links,
	regions: Vec<usize>,
	peers: Vec<Vec<usize>>,
	/// When each uplink is free.
	uplink_free: Vec<Us>,
	/// When the last message of each connection arrived: they do not overtake each other.
	last: Vec<Us>,
	nanos_per_byte: u64,
	slow_start: bool,
	rng: Rng,
	/// Messages sent before this time are counted.
	measured_until: Us,
	/// By node.
	pub traffic: Vec<Traffic>,
}

impl Network {
	/// The network of a plan, in which these nodes are down.
	pub fn new(plan: &Plan, is_down: &[bool], measured_until: Us, rng: &mut Rng) -> Self {
		let nodes = plan.voters;
		Self {
			links: plan.links,
			regions: regions::of_voters(nodes, rng),
			peers: connect(is_down, plan.degree(), rng),
			uplink_free: vec![0; nodes],
			last: vec![0; nodes * nodes],
			nanos_per_byte: 8_000 / plan.uplink_mbit.max(1),
			slow_start: plan.slow_start,
			rng: Rng::new(rng.next_u64()),
			measured_until,
			traffic: vec![Traffic::default(); nodes],
		}
	}

	/// The peers of a node.
	pub fn peers(&self, node: usize) -> &[usize] {
		&self.peers[node]
	}

	/// Sends so many bytes and returns when they have arrived as a whole.
	pub fn send(&mut self, now: Us, from: usize, to: usize, bytes: usize, is_block: bool) -> Us {
		let framed = framed(bytes) as u64;
		if now < self.measured_until {
			let sender = &mut self.traffic[from];
			sender.sent += framed;
			sender.messages += 1;
			sender.blocks += if is_block { framed } else { 0 };
			self.traffic[to].received += framed;
		}
		let way = match self.links {
			Links::Fixed(us) => us,
			Links::World => {
				let sent = now.max(self.uplink_free[from]) + framed * self.nanos_per_byte / 1_000;
				self.uplink_free[from] = sent;
				sent - now + self.way(from, to, bytes)
			}
		};
		let last = &mut self.last[from * self.peers.len() + to];
		*last = (now + way).max(*last);
		*last
	}

	/// The time from the last bit's sending to its arrival.
	fn way(&mut self, from: usize, to: usize, bytes: usize) -> Us {
		let rtt = RTT_MS[self.regions[from]][self.regions[to]] * 1_000;
		let one_way = rtt / 2;
		let jitter = (one_way as f64 * JITTER_SHARE + JITTER_US) * (JITTER_SIGMA * self.gaussian()).exp();
		let lost = if self.rng.below(LOST_ONE_IN) == 0 { rtt } else { 0 };
		let window = if self.slow_start {
			rtt * more_round_trips(bytes)
		} else {
			0
		};
		one_way + jitter as Us + lost + window
	}

	/// Normally distributed (Box-Muller).
	fn gaussian(&mut self) -> f64 {
		let mut uniform = || (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
		let (radius, angle) = (1.0 - uniform(), uniform());
		(-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
	}
}

/// The round trips that a message waits for acknowledgements, where the window begins anew and doubles with each.
fn more_round_trips(bytes: usize) -> u64 {
	let (mut window, mut sent, mut trips) = (INITIAL_WINDOW, INITIAL_WINDOW, 0);
	while sent < bytes.div_ceil(SEGMENT) {
		window *= 2;
		sent += window;
		trips += 1;
	}
	trips
}

/// A random graph among the nodes that are up: each is on `degree / 2` random rings of all (so that it is connected),
/// and an odd degree takes a random match more. Where rings coincide a node has fewer peers; those are filled up at
/// random.
fn connect(is_down: &[bool], degree: usize, rng: &mut Rng) -> Vec<Vec<usize>> {
	let nodes = is_down.len();
	let mut order: Vec<usize> = (0..nodes).filter(|node| !is_down[*node]).collect();
	let up = order.len();
	let mut linked = vec![vec![false; nodes]; nodes];
	let mut link = |a: usize, b: usize| {
		if a != b {
			linked[a][b] = true;
			linked[b][a] = true;
		}
	};
	if degree + 1 >= up {
		for (i, a) in order.iter().enumerate() {
			order[i + 1..].iter().for_each(|b| link(*a, *b));
		}
	}
	for _ in 0..degree / 2 {
		regions::shuffle(&mut order, rng);
		for i in 0..up {
			link(order[i], order[(i + 1) % up]);
		}
	}
	// As often as it takes, within reason, to find those who still lack a peer.
	for _ in 0..50 {
		let count = |node: usize| linked[node].iter().filter(|linked| **linked).count();
		let mut lacking: Vec<usize> = order.iter().copied().filter(|node| count(*node) < degree).collect();
		regions::shuffle(&mut lacking, rng);
		for pair in lacking.chunks_exact(2) {
			linked[pair[0]][pair[1]] = true;
			linked[pair[1]][pair[0]] = true;
		}
	}
	linked
		.iter()
		.map(|row| {
			let mut peers: Vec<usize> = (0..nodes).filter(|peer| row[*peer]).collect();
			// Peers are ordered by their random ids.
			regions::shuffle(&mut peers, rng);
			peers
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn all_that_are_up_are_connected_with_the_degree_asked_for() {
		let mut is_down = vec![false; 99];
		is_down[3] = true;
		for degree in [1, 2, 7, 25, 97, 200] {
			let peers = connect(&is_down, degree, &mut Rng::new(4));
			assert!(peers[3].is_empty());
			for (node, of_node) in peers.iter().enumerate().filter(|(node, _)| *node != 3) {
				let wanted = degree.min(97);
				assert!(of_node.len().abs_diff(wanted) <= 1, "{degree}: {}", of_node.len());
				assert!(of_node.iter().all(|peer| peers[*peer].contains(&node) && *peer != 3));
			}
		}
	}

	#[test]
	fn messages_do_not_overtake_and_the_uplink_takes_one_at_a_time() {
		let mut rng = Rng::new(1);
		let mut network = Network::new(&Plan::new(21), &[false; 21], Us::MAX, &mut rng);
		let mut before = 0;
		for i in 0..1_000 {
			let arrived = network.send(i, 0, 1, 150, false);
			assert!(arrived >= before);
			before = arrived;
		}
		let bytes = 1_000 * framed(150) as u64;
		assert_eq!(network.traffic[0].sent, bytes);
		assert_eq!(network.traffic[1].received, bytes);
		// 100 Mbit/s are 80 ns a byte.
		assert_eq!(network.uplink_free[0], bytes / 1_000 * 80 / 1_000 * 1_000);
	}

	#[test]
	fn a_window_of_ten_segments_doubles_each_round_trip() {
		let trips = |segments: usize| more_round_trips(segments * SEGMENT);
		assert_eq!([1, 10, 11, 30, 31, 70].map(trips), [0, 0, 1, 1, 2, 2]);
	}
}
