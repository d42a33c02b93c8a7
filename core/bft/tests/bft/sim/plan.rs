//! What a simulated run is made of, drawn from its seed.

use smartchain_bft::VoterIndex;
use smartchain_rng::Rng;

/// How a Byzantine voter behaves. All of them sign what they like with their own key only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
	/// Two honest nodes under one identity, each with its own state.
	pub twins: bool,
	/// As a director it makes several blocks a slot, on several parents, each for some of the nodes.
	pub equivocating_director: bool,
	/// It votes for every block that it sees, in both phases, whatever the rules.
	pub votes_for_all: bool,
	/// Each of its votes goes to some of the nodes only.
	pub split_votes: bool,
	/// Each of its votes is sent late.
	pub withheld_votes: bool,
	/// It gathers certificates, completes them with its own vote, and shows them late, to some.
	pub hidden_certificates: bool,
	/// It makes blocks of slots to come.
	pub future_slots: bool,
	/// It sends others' old votes again.
	pub replays: bool,
	/// It makes certificates with forged and doubled signers.
	pub forges: bool,
	/// It votes under the 51% rule as well, whatever the block.
	pub relaxes: bool,
	/// As a director it seals one header this many times: the most of it for one node, and the one with the highest
	/// hash for the rest. It makes nothing else.
	pub siblings: usize,
	/// It votes for blocks that nobody made, as often as a peer may send anything, other ones for each node.
	pub invents: bool,
}

impl Behaviour {
	/// Does nothing at all.
	pub const SILENT: Self = Self {
		twins: false,
		equivocating_director: false,
		votes_for_all: false,
		split_votes: false,
		withheld_votes: false,
		hidden_certificates: false,
		future_slots: false,
		replays: false,
		forges: false,
		relaxes: false,
		siblings: 0,
		invents: false,
	};

	/// One header, sealed as often as it takes to fill every place of a height in a database.
	pub const SIBLINGS: Self = Self {
		siblings: 33,
		..Self::SILENT
	};

	/// Votes without end.
	pub const INVENTS: Self = Self {
		invents: true,
		..Self::SILENT
	};

	/// Everything at once, but being twins.
	pub const ALL: Self = Self {
		twins: false,
		equivocating_director: true,
		votes_for_all: true,
		split_votes: true,
		withheld_votes: false,
		hidden_certificates: true,
		future_slots: true,
		replays: true,
		forges: true,
		relaxes: true,
		siblings: 0,
		invents: false,
	};

	fn random(rng: &mut Rng) -> Self {
		let mut bit = || rng.percent(50);
		Self {
			twins: bit() && bit(),
			equivocating_director: bit(),
			votes_for_all: bit(),
			split_votes: bit(),
			withheld_votes: bit(),
			hidden_certificates: bit(),
			future_slots: bit(),
			replays: bit(),
			forges: bit(),
			relaxes: bit(),
			siblings: 0,
			invents: false,
		}
	}
}

/// What the edge sends again when the core says so. The protocol sends all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resends {
	pub blocks: bool,
	pub votes: bool,
	pub certificates: bool,
}

/// What an edge does with votes that others sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassesOn {
	/// All nodes are connected, and each vote is sent to all of them by its voter.
	Nothing,
	/// Each vote that is new here; how many messages a peer may send a second is limited.
	Everything,
	/// Each that the core wants; only what it does not counts against a peer.
	Wanted,
}

/// Somebody sets the clock of a machine.
#[derive(Clone, Copy, Debug)]
pub struct ClockStep {
	/// Which one; all of them if none.
	pub node: Option<usize>,
	/// When.
	pub at_ms: u64,
	/// How far, and which way.
	pub by_ms: i64,
	/// For how long; for good if there is no such time.
	pub for_ms: Option<u64>,
}

/// Voters whose machines fail at once. Others have their seats from the next change on.
#[derive(Clone, Debug)]
pub struct Gone {
	/// Who.
	pub voters: Vec<VoterIndex>,
	/// When.
	pub at_ms: u64,
	/// When they are back; never, where there is no such time. They follow then, without a seat where they were
	/// replaced.
	pub back_ms: Option<u64>,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Plan {
	pub seed: u64,
	pub voters: u16,
	/// Who is Byzantine, and how.
	pub byzantine: Vec<(VoterIndex, Behaviour)>,
	/// Slots in a director's turn.
	pub turn: u64,
	/// From here on the network is good and nobody crashes.
	pub settled_ms: u64,
	pub latency_ms: (u64, u64),
	pub loss_percent: u64,
	/// The same of votes, where that is more.
	pub vote_loss_percent: u64,
	pub duplicate_percent: u64,
	/// Clocks are off by up to so much, either way.
	pub skew_ms: u64,
	/// How likely a partition begins in a slot.
	pub partition_percent: u64,
	/// How likely an honest node crashes in a slot.
	pub crash_percent: u64,
	/// How likely all crash at once in a slot.
	pub blackout_percent: u64,
	/// Some voters, and an observer, come late.
	pub late: bool,
	/// Certificates are sent when they are made, not only when nothing progresses.
	pub gossip_certificates: bool,
	pub resends: Resends,
	/// The block of the lock, with its ancestors, and its certificate survive a crash, as the edge has to see to.
	pub keeps_lock: bool,
	/// The proof of what ended the last set, and that block with its ancestors, survive a crash once the voter has
	/// voted in the next set, as the edge has to see to.
	pub keeps_ends: bool,
	/// The voter's state is written before the vote is sent, as the edge has to see to.
	pub writes_first: bool,
	/// How likely a block changes the voters, where it may. (They stay who they are; the sets are others all the same.)
	pub change_percent: u64,
	/// The relaxed quorum of every set, and after how long the 51% rule comes into force.
	pub relaxed_quorum: Option<VoterIndex>,
	pub relax_after_ms: u64,
	/// Who is gone at once, and for how long.
	pub gone: Option<Gone>,
	/// Two sides that hear nothing of one another from the start until the network settles: who is on the second.
	pub split: Vec<VoterIndex>,
	/// No block is made once the network has settled; the last one must become final all the same.
	pub rests: bool,
	/// A voter that starts listens to its peers before it casts anything.
	pub listens: bool,
	/// So it does in the next set, if it has cast nothing in the last one.
	pub listens_again: bool,
	/// How many blocks of an author and slot are imported although nobody asked for them; any number if none.
	pub unasked_blocks: Option<usize>,
	/// How many blocks of one height a database has a place for; any number if none.
	pub places_a_height: Option<usize>,
	pub passes_on: PassesOn,
	/// Clocks that are set.
	pub clocks: Vec<ClockStep>,
	/// A node whose clock was set doubts it until others bear it out.
	pub doubts: bool,
	/// How likely a machine that crashes loses its disk, and of how many that may happen to.
	pub wipe_percent: u64,
	pub most_wiped: usize,
	/// A voter with a new safety file is silent until a block above the horizon is final.
	pub horizons: bool,
	/// An old copy of its disk takes the place of a voter's, when it has signed since.
	pub restores: bool,
}

impl Plan {
	/// No faults at all.
	pub fn calm(voters: u16, seed: u64) -> Self {
		Self {
			seed,
			voters,
			byzantine: Vec::new(),
			turn: 12,
			settled_ms: 5_000,
			latency_ms: (20, 100),
			loss_percent: 0,
			vote_loss_percent: 0,
			duplicate_percent: 0,
			skew_ms: 0,
			partition_percent: 0,
			crash_percent: 0,
			blackout_percent: 0,
			late: false,
			gossip_certificates: false,
			resends: Resends {
				blocks: true,
				votes: true,
				certificates: true,
			},
			keeps_lock: true,
			keeps_ends: true,
			writes_first: true,
			change_percent: 0,
			relaxed_quorum: None,
			relax_after_ms: 5_000,
			gone: None,
			split: Vec::new(),
			rests: false,
			listens: false,
			listens_again: true,
			unasked_blocks: None,
			places_a_height: None,
			passes_on: PassesOn::Nothing,
			clocks: Vec::new(),
			doubts: true,
			wipe_percent: 0,
			most_wiped: 0,
			horizons: true,
			restores: false,
		}
	}

	/// All that may go wrong with networks, clocks and machines; nobody is Byzantine.
	pub fn faulty(voters: u16, seed: u64) -> Self {
		let mut rng = Rng::new(seed.wrapping_mul(31).wrapping_add(u64::from(voters)));
		let slow = rng.percent(30);
		Self {
			turn: *rng.pick(&[2, 4, 12]).unwrap_or(&12),
			settled_ms: rng.range(6_000, 20_000),
			latency_ms: (
				rng.range(5, 50),
				if slow {
					rng.range(500, 2_500)
				} else {
					rng.range(60, 400)
				},
			),
			loss_percent: *rng.pick(&[0, 5, 20, 50]).unwrap_or(&0),
			duplicate_percent: rng.below(20),
			skew_ms: 300,
			partition_percent: *rng.pick(&[0, 5, 15]).unwrap_or(&0),
			crash_percent: *rng.pick(&[0, 3, 10]).unwrap_or(&0),
			blackout_percent: *rng.pick(&[0, 0, 4]).unwrap_or(&0),
			late: rng.percent(30),
			gossip_certificates: rng.percent(30),
			listens: true,
			..Self::calm(voters, seed)
		}
	}

	/// The same, with as many Byzantine voters as the protocol bears, each behaving at random.
	pub fn hostile(voters: u16, seed: u64) -> Self {
		let mut rng = Rng::new(seed ^ 0xbad);
		let behaviours = std::iter::repeat_with(|| Behaviour::random(&mut rng))
			.take(64)
			.collect::<Vec<_>>();
		let mut next = behaviours.iter();
		Self::faulty(voters, seed).with_byzantine(|| *next.next().unwrap_or(&Behaviour::ALL))
	}

	/// As many Byzantine voters as the protocol bears.
	pub fn with_byzantine(mut self, mut behaviour: impl FnMut() -> Behaviour) -> Self {
		let mut rng = Rng::new(self.seed ^ 0xeb11);
		while self.byzantine.len() < usize::from((self.voters - 1) / 3) {
			let voter = rng.below(u64::from(self.voters)) as VoterIndex;
			if self.byzantine.iter().all(|(v, _)| *v != voter) {
				self.byzantine.push((voter, behaviour()));
			}
		}
		self
	}

	/// The same, with as many Byzantine voters as the protocol bears, each behaving so.
	pub fn against(voters: u16, seed: u64, behaviour: Behaviour) -> Self {
		Self::faulty(voters, seed).with_byzantine(|| behaviour)
	}

	/// The same, with so many honest voters gone at once, for good, some time before the network settles; this many
	/// relaxed votes end a set.
	pub fn losing(self, count: usize, relaxed_quorum: Option<VoterIndex>) -> Self {
		let mut rng = Rng::new(self.seed ^ 0x901e);
		let mut voters = Vec::new();
		while voters.len() < count {
			let voter = rng.below(u64::from(self.voters)) as VoterIndex;
			if !voters.contains(&voter) && self.byzantine.iter().all(|(other, _)| *other != voter) {
				voters.push(voter);
			}
		}
		Self {
			relaxed_quorum,
			relax_after_ms: *rng.pick(&[3_000, 10_000, 30_000]).unwrap_or(&30_000),
			gone: Some(Gone {
				voters,
				at_ms: rng.range(0, self.settled_ms),
				back_ms: None,
			}),
			..self
		}
	}

	/// The same, with so many Byzantine voters and no more.
	pub fn with_so_many(mut self, byzantine: usize) -> Self {
		self.byzantine.truncate(byzantine);
		self
	}

	/// The same, with voters that change: often, or now and then.
	pub fn changing(self) -> Self {
		let mut rng = Rng::new(self.seed ^ 0xc4a6);
		Self {
			change_percent: *rng.pick(&[3, 10, 40]).unwrap_or(&10),
			..self
		}
	}

	/// Whether voters change at all.
	pub fn changes(&self) -> bool {
		self.change_percent > 0
	}

	/// Until when finality must be back: the slots of all Byzantine directors in a row, twice, and some seconds to
	/// exchange what was missed.
	pub fn deadline_ms(&self) -> u64 {
		let gone = self.gone.as_ref().map_or(0, |gone| gone.voters.len() as u64);
		let absent = self.byzantine.len() as u64 + gone + 1;
		let usual = self.settled_ms + absent * self.turn * super::SLOT_MS * 2 + 20_000;
		let Some(gone) = &self.gone else { return usual };
		// A change may have been ahead when they went; then it takes two, and each takes the rule.
		usual.max(gone.back_ms.unwrap_or(0)) + 2 * (self.relax_after_ms + absent * self.turn * super::SLOT_MS) + 20_000
	}
}
