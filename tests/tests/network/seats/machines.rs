//! Machines that prove what they have, each an agent beside a node. The strongest get the seats, whoever is gone loses
//! its own, and whoever says more than it has is cut.
//!
//! # The chain
//! `quick-3-3` with six candidates besides its three directors, and owners with money of their own: nine that ask
//! the faucet at once would be in each other's way. Its times are shorter still, so that all of it shows within two
//! minutes: an era is one turn, and what was proven fades over one minute. In a minute a device expects [`WINS`] wins
//! of space: an estimate is right to an eighth then, and a claim is cut from 16 expected ones on. Nobody claims
//! compute: its windows come at times that nobody can foresee.
//!
//! # What is demanded
//! Wins are drawn. So the test waits for what has to come about, and demands of numbers what no luck can change, or
//! what is several deviations away: where sizes decide of a seat, one is twice the other.
//!
//! # What it takes
//! Nine nodes and nine agents, and two proofs a second, each a fifth of a second of a core: two cores are enough.

use crate::seconds;
use device_primitives::DeviceId;
use futures::future::try_join_all;
use pallet_resource_proofs::Call;
use proof_lottery_primitives::{Claimed, Credit, Resource, SpaceScheme};
use serde_json::{json, Value};
use smartchain_runtime::{
	constants::{
		currency::{BOND, UNITS},
		time::TURN_LENGTH,
	},
	genesis::{director, DIRECTOR_ENDOWMENT},
	AccountId, Runtime, RuntimeCall,
};
use smartchain_tests::{
	agent::{self, Owner},
	chain_spec, devices, ensure,
	network::{seeds, Plan},
	node::process,
	state,
	tx::{self, Account},
	wait, Agent, Network, Result, Rpc,
};
use std::{
	collections::BTreeSet,
	path::Path,
	time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// The directors that the chain starts with.
const DIRECTORS: u32 = 3;
/// The other candidates.
const CANDIDATES: u32 = 6;
/// The plots that each machine has, directors first.
const PLOTS: [u32; (DIRECTORS + CANDIDATES) as usize] = [1, 1, 1, 8, 2, 9, 4, 10, 1];
/// Those with most plots: the seats are theirs in the end.
const STRONGEST: [usize; DIRECTORS as usize] = [3, 5, 7];
/// The strongest of all: its agent is killed.
const KILLED: usize = 7;
/// One that claims more than it has: as much as one of the strongest.
const LIAR: usize = 4;
/// So many plots it claims.
const LIE: u32 = 8;
/// Wins of space that a device expects in tau.
const WINS: u32 = 30;
/// What an owner has: deposits and fees are a few STCI.
const MONEY: u128 = 100 * UNITS;
/// How long a transaction may take to be in a block.
const IN_BLOCK: Duration = seconds(30);

/// The chain's specification, as a file in this folder.
fn chain(owners: &[Owner], folder: &Path) -> Result<String> {
	let nodes: Vec<_> = seeds(DIRECTORS, CANDIDATES).iter().map(|seed| director(seed)).collect();
	let owners = owners.iter().map(|owner| (owner.account().id().clone(), MONEY));
	let balances: Vec<(AccountId, u128)> = nodes
		.iter()
		.map(|(account, _)| (account.clone(), DIRECTOR_ENDOWMENT))
		.chain(owners)
		.collect();
	let bonds: Vec<_> = nodes.iter().map(|(account, _)| (account, BOND)).collect();
	let others: Vec<_> = nodes[DIRECTORS as usize..]
		.iter()
		.map(|(account, keys)| (account, account, keys))
		.collect();
	// Rounds of space are two turns: there is time to make all proofs of one, though all machines are this one.
	let proofs = json!({
		"tau": 120,
		"assuredFrom": 24,
		"space": { "round": 2 * TURN_LENGTH, "answer": 20, "wins": WINS },
		"compute": { "odds": 4, "winsPerBlock": 9 },
	});
	let change = json!({
		"balances": { "balances": balances },
		"session": { "nonAuthorityKeys": others },
		"candidates": { "candidates": bonds },
		"poca": { "eraLength": TURN_LENGTH },
		"resourceProofs": { "parameters": proofs },
	});
	let form = chain_spec::with_change(&format!("quick-{DIRECTORS}-{DIRECTORS}"), &change, folder)?;
	chain_spec::raw(&form, folder)
}

/// An agent, and the candidate that its device counts for.
struct Machine {
	agent: Agent,
	candidate: Account,
	device: DeviceId,
}

impl Machine {
	/// Registered, with its plots and its claim, linked with the candidate of the node beside it, and running.
	async fn make(rpc: &Rpc, mut agent: Agent, candidate: Account, plots: u32, claims: u32) -> Result<Self> {
		let device = agent.init(0).await?;
		agent.plot(plots, claims == plots).await?;
		if claims != plots {
			// No agent says what is not so: the owner signs it by a wallet.
			let claim = Claimed::Space {
				scheme: SpaceScheme::Pos2,
				k: agent::K,
				strength: agent::STRENGTH,
				groups: claims,
			};
			let call = RuntimeCall::ResourceProofs(Call::<Runtime>::declare { device, claim });
			tx::carry_out(rpc, agent.owner(), call, IN_BLOCK).await?;
		}
		agent.offer(candidate.id()).await?;
		devices::accept(rpc, &candidate, device).await?;
		let claimed = devices::lottery(rpc, device, Resource::Space).await?;
		ensure!(
			claimed.as_ref().is_some_and(|space| space.claimed == claims),
			"{} claims {claims} plots: {claimed:?}",
			agent.name()
		);
		agent.run().await?;
		Ok(Self {
			agent,
			candidate,
			device,
		})
	}

	fn account(&self) -> &AccountId {
		self.candidate.id()
	}

	/// Waits until its page shows this.
	async fn until_shown(&self, what: &str, shown: impl Fn(&Value) -> bool) -> Result<()> {
		let what = format!("the page of {} to show {what}", self.agent.name());
		wait::until(&what, seconds(30), || async {
			Ok(shown(&self.agent.status().await?).then_some(()))
		})
		.await
	}
}

/// Who holds the seats in each final block, one after the other.
struct Seats {
	rpc: Rpc,
	looked: Mutex<Looked>,
}

/// The last final block that was looked at.
struct Looked {
	number: u32,
	holders: BTreeSet<AccountId>,
	/// How often seats have changed hands.
	changes: u32,
}

impl Seats {
	/// From the chain's first block on.
	async fn new(rpc: &Rpc) -> Result<Self> {
		let holders = holders(rpc, 0).await?;
		let looked = Looked {
			number: 0,
			holders,
			changes: 0,
		};
		Ok(Self {
			rpc: rpc.clone(),
			looked: Mutex::new(looked),
		})
	}

	/// Waits until this holds of those who hold the seats. In each block on the way one seat at the most has changed
	/// hands, for so many may in an era of three directors.
	async fn until(&self, what: &str, limit: Duration, holds: impl Fn(&BTreeSet<AccountId>) -> bool) -> Result<()> {
		wait::until(what, limit, || async {
			let mut looked = self.looked.lock().await;
			looked.follow(&self.rpc).await?;
			Ok(holds(&looked.holders).then_some(()))
		})
		.await
	}
}

impl Looked {
	async fn follow(&mut self, rpc: &Rpc) -> Result<()> {
		for number in self.number + 1..=rpc.finalized().await?.number {
			let holders = holders(rpc, number).await?;
			let newcomers = holders.difference(&self.holders).count();
			ensure!(
				newcomers <= 1 && holders.len() == DIRECTORS as usize,
				"block {number} gives {newcomers} of {} seats to others",
				holders.len()
			);
			self.changes += newcomers as u32;
			(self.number, self.holders) = (number, holders);
		}
		Ok(())
	}
}

async fn holders(rpc: &Rpc, number: u32) -> Result<BTreeSet<AccountId>> {
	let hash = rpc.hash_at(number).await?;
	Ok(state::directors_at(rpc, hash).await?.into_iter().collect())
}

/// The network, its machines, and the folder of its chain.
struct World {
	// Agents end before the network, in whose folder their logs are: fields are dropped in this order.
	machines: Vec<Machine>,
	network: Network,
	seats: Seats,
	_folder: TempDir,
}

impl World {
	/// `tell` is told how far it is.
	async fn start(tell: &impl Fn(&str)) -> Result<Self> {
		let owners: Vec<Owner> = PLOTS.iter().map(|_| Owner::generate()).collect();
		let folder = tempfile::tempdir()?;
		let seeds = seeds(DIRECTORS, CANDIDATES);
		let plan = Plan {
			validators: 0,
			seeds: seeds.clone(),
			chain: chain(&owners, folder.path())?,
			..Plan::default()
		};
		let network = Network::start(plan).await?;
		let seats = Seats::new(network.rpc(0)?).await?;
		tell("nine nodes run");
		let mut making = Vec::new();
		for (index, ((seed, owner), plots)) in seeds.iter().zip(owners).zip(PLOTS).enumerate() {
			let (name, node) = (format!("agent-{}", index + 1), network.node(index));
			let agent = Agent::new(&name, owner, node.config().rpc, network.dir())?;
			let claims = if index == LIAR { LIE } else { plots };
			making.push(Machine::make(node.rpc()?, agent, Account::dev(seed), plots, claims));
		}
		let machines = try_join_all(making).await?;
		Ok(Self {
			network,
			machines,
			seats,
			_folder: folder,
		})
	}

	/// The accounts of some candidates.
	fn accounts(&self, machines: &[usize]) -> BTreeSet<AccountId> {
		machines
			.iter()
			.map(|machine| self.machines[*machine].account().clone())
			.collect()
	}

	/// What a machine counts for.
	async fn competence(&self, machine: usize) -> Result<u64> {
		devices::competence(self.network.rpc(0)?, self.machines[machine].device).await
	}

	/// The strongest take the seats of those that the chain began with, one an era.
	async fn the_strongest_become_directors(&self) -> Result<()> {
		let strongest = self.accounts(&STRONGEST);
		let before = self.accounts(&[0, 1, 2]);
		ensure!(
			self.seats.looked.lock().await.holders == before,
			"the chain begins with its own directors"
		);
		self.seats
			.until("the strongest to have the seats", seconds(150), |holders| {
				*holders == strongest
			})
			.await?;
		let changes = self.seats.looked.lock().await.changes;
		ensure!(changes >= DIRECTORS, "three seats changed hands in {changes} elections");
		for index in STRONGEST {
			let machine = &self.machines[index];
			let candidate = machine.account().to_string();
			machine
				.until_shown("its plots and its link", |shown| {
					let lotteries = shown["lotteries"].as_array().into_iter().flatten();
					let mut space = lotteries.filter(|lottery| lottery["resource"] == "space");
					// Who has bad luck is cut, too.
					let claimed = |claimed: &Value| (1..=PLOTS[index].into()).contains(&claimed.as_u64().unwrap_or(0));
					space.any(|space| claimed(&space["claimed"]) && claimed(&space["counting"]))
						&& shown["plots"]["kinds"][0]["count"] == PLOTS[index]
						&& shown["link"]["candidate"] == candidate.as_str()
						&& shown["link"]["state"] == "counts"
						&& shown["competence"]["value"].as_u64() > Some(0)
				})
				.await?;
		}
		Ok(())
	}

	/// The strongest agent is killed. Its node goes on, signs and votes; what it had proven fades, and its seat goes to
	/// another by election.
	async fn one_that_is_killed_falls(&mut self) -> Result<()> {
		let before = self.competence(KILLED).await?;
		ensure!(before > 0, "it counts for something");
		self.machines[KILLED].agent.kill();
		let account = self.machines[KILLED].account().clone();
		let others: Vec<usize> = STRONGEST.into_iter().filter(|machine| *machine != KILLED).collect();
		let others = self.accounts(&others);
		wait::until("what it had proven to fade", seconds(150), || async {
			Ok((self.competence(KILLED).await? < before / 2).then_some(()))
		})
		.await?;
		self.seats
			.until("the killed one to have no seat any more", seconds(120), |holders| {
				!holders.contains(&account) && holders.is_superset(&others)
			})
			.await?;
		ensure!(
			!state::is_absent(self.network.rpc(0)?, &account).await?,
			"its node is there: it was not absence that cost the seat"
		);
		Ok(())
	}

	/// Its own agent says that more is claimed than there is: now, since a claim may soon be cut to just what is there.
	async fn one_that_claims_too_much_is_told(&self) -> Result<()> {
		self.machines[LIAR]
			.until_shown("that more is claimed than there is", |shown| {
				let mut problems = shown["problems"].as_array().into_iter().flatten();
				problems.any(|problem| problem["code"] == "claim-space")
			})
			.await
	}

	/// The liar's claim is cut to what it wins, and it counts for less than the weakest of those that have as much as
	/// it said.
	async fn one_that_claims_too_much_is_cut(&self) -> Result<()> {
		let (rpc, liar) = (self.network.rpc(0)?, &self.machines[LIAR]);
		let has = Credit::of(PLOTS[LIAR]);
		wait::until(
			"the claim to be cut, and no more to count than there is",
			seconds(150),
			|| async {
				let space = devices::lottery(rpc, liar.device, Resource::Space).await?;
				let cut = space.filter(|space| space.claimed <= LIE / 2 && space.assured <= has);
				let honest = self.competence(STRONGEST[0]).await?;
				let counts = self.competence(LIAR).await? <= honest / 2;
				Ok(cut.filter(|_| counts).map(|_| ()))
			},
		)
		.await?;
		let space = devices::lottery(rpc, liar.device, Resource::Space).await?;
		eprintln!(
			"of {LIE} plots that it claimed and {} that it has: {space:?}",
			PLOTS[LIAR]
		);
		self.seats
			.until("the liar to have no seat", seconds(60), |holders| {
				!holders.contains(liar.account())
			})
			.await
	}

	/// What all of it took of this machine.
	fn tell_load(&self) -> Result<()> {
		let nodes = self.network.nodes().iter().filter_map(|node| node.pid());
		let agents = self.machines.iter().filter_map(|machine| machine.agent.pid());
		for (what, pids) in [("nodes", nodes.collect::<Vec<_>>()), ("agents", agents.collect())] {
			let (mut bytes, mut time) = (0, 0.0);
			for pid in &pids {
				bytes += process::memory(*pid)?;
				time += process::cpu_seconds(*pid)?;
			}
			eprintln!(
				"{} {what}: {} MiB of memory, {time:.0} s of a processor, proofs not counted",
				pids.len(),
				bytes >> 20
			);
		}
		Ok(())
	}

	async fn finish(self) -> Result<()> {
		state::assert_invariants(self.network.rpc(0)?).await?;
		for mut machine in self.machines {
			machine.agent.finish().await?;
		}
		self.network.finish().await
	}
}

/// Three directors and six candidates, each a node with an agent beside it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn the_strongest_direct_the_dead_fall_and_liars_are_cut() {
	let name = "the_strongest_direct_the_dead_fall_and_liars_are_cut";
	wait::bounded(name, seconds(300), async {
		let started = Instant::now();
		let tell = |what: &str| eprintln!("{what} after {:.0?}", started.elapsed());
		let mut world = World::start(&tell).await?;
		tell("nine agents run");
		world.one_that_claims_too_much_is_told().await?;
		world.the_strongest_become_directors().await?;
		tell("the strongest have the seats");
		world.one_that_is_killed_falls().await?;
		tell("the killed one has lost its own");
		world.one_that_claims_too_much_is_cut().await?;
		tell("the liar is cut");
		world.tell_load()?;
		world.finish().await
	})
	.await;
}
