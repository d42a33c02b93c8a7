//! The steps of `init` that the chain sees: money, registration, lotteries.

use super::{local::Secrets, stuck};
use crate::{
	cli::InitArguments,
	commands::{context::waiting, context::KnownDevice, signed, Code, Context, Failure},
	keys::{self, Owner},
	ledger::{used_up, Ledger, Wait},
	run::measure,
	terminal::money::Currency,
	terminal::{code, Tone},
};
use device_primitives::{DeviceId, Endpoints};
use proof_lottery_primitives::{Resource, MAX_CLAIM};
use smart_agent_chain::{AccountId, Call, Claimed, PairSigner};
use std::time::Duration;

/// How often an account is looked at that money is on its way to.
const LOOK: Duration = Duration::from_secs(1);
/// A device that has won within this time may have an agent still.
const LATELY: Duration = Duration::from_secs(86_400);
/// How long compute is measured.
const MEASURE: Duration = Duration::from_secs(2);
/// What the faucet sends beyond what is needed, in units of the currency: for plots, a link, and fees.
const FAUCET_EXTRA: u128 = 10;
/// And besides where units of jobs are to be computed: for what is at stake then.
const FAUCET_STAKE: u128 = 200;

/// What lotteries are.
const LOTTERIES: &str = "\
By lotteries the chain finds out what a machine has: uptime, that it is there; compute, how many segments it runs
in a window; space, how many plots it keeps. Wins there make its score.";

/// The steps, and what they share.
pub(super) struct Steps<'a> {
	context: &'a Context,
	ledger: &'a dyn Ledger,
	arguments: &'a InitArguments,
	secrets: Secrets,
	device: &'a KnownDevice,
	currency: Currency,
}

/// Whether the device is registered, or may be: a key that was used never is again, and to try costs a fee.
///
/// # Errors
/// If it never will be, with what to do.
pub(super) async fn may_register(ledger: &dyn Ledger, device: &KnownDevice) -> Result<(), Failure> {
	if ledger.device(&device.id).await?.is_some() {
		return Ok(());
	}
	match used_up(ledger.key_use(&device.id).await?) {
		None => Ok(()),
		Some([what, remedy]) => Err(stuck(format!(
			"{what} (`{}`, {}); {remedy}",
			device.name,
			device.id_text()
		))),
	}
}

/// How long ago the device has won last; none if that was not lately, or never.
///
/// # Errors
/// If the node is not reached.
pub(super) async fn won_lately(ledger: &dyn Ledger, device: &KnownDevice) -> Result<Option<Duration>, Failure> {
	let proofs = ledger.proofs(&device.id).await?;
	let lotteries = proofs.map_or(Vec::new(), |proofs| proofs.lotteries);
	let wins = lotteries.iter().filter(|lottery| lottery.wins.0 > 0);
	let Some(last) = wins.map(|lottery| lottery.last_win).max() else {
		return Ok(None);
	};
	let slots = ledger.best().await?.slot.saturating_sub(last);
	let ago = Duration::from_millis(slots.saturating_mul(ledger.facts().slot_ms));
	Ok((ago < LATELY).then_some(ago))
}

/// Segments to claim: as given, as configured, as claimed, or as measured.
pub(super) async fn segments(
	context: &Context,
	ledger: &dyn Ledger,
	arguments: &InitArguments,
	device: &KnownDevice,
) -> Result<u32, Failure> {
	let configured = Some(context.config.compute.segments).filter(|segments| *segments > 0);
	if let Some(segments) = arguments.segments.or(configured) {
		// The chain would refuse it after its fee.
		return match segments {
			0..=MAX_CLAIM => Ok(segments),
			_ => Err(Failure::new(
				Code::Usage,
				format!(
					"{segments} segments are more than a device may claim, {MAX_CLAIM}; claim fewer: --segments COUNT"
				),
			)),
		};
	}
	if ledger.device(&device.id).await?.is_some() {
		// Whoever stayed out when it was registered stays out.
		let lotteries = ledger
			.proofs(&device.id)
			.await?
			.map_or(Vec::new(), |proofs| proofs.lotteries);
		let compute = lotteries.iter().find(|lottery| lottery.resource == Resource::Compute);
		return Ok(compute.map_or(0, |lottery| lottery.claimed));
	}
	let window = measure::window(&ledger.facts());
	Ok(measure::claim(
		measure::segments_a_second(context.config.compute.cores, MEASURE),
		window,
	))
}

impl<'a> Steps<'a> {
	pub fn new(
		context: &'a Context,
		ledger: &'a dyn Ledger,
		arguments: &'a InitArguments,
		secrets: Secrets,
		device: &'a KnownDevice,
	) -> Self {
		let currency = ledger.currency();
		Self {
			context,
			ledger,
			arguments,
			secrets,
			device,
			currency,
		}
	}

	fn account(&self) -> [u8; 32] {
		self.secrets.keystore.account()
	}

	fn id(&self) -> DeviceId {
		DeviceId(self.device.id)
	}

	/// What is still to be sent, with a stand-in for what the device signs: the length is what counts for a quote.
	async fn ahead(&self, segments: u32) -> Result<Vec<Call>, Failure> {
		let mut ahead = Vec::new();
		match self.ledger.device(&self.device.id).await? {
			None => ahead.push(
				self.registration(
					self.context
						.device_secret()?
						.possession(&self.ledger.facts().genesis.into(), self.account()),
				)?,
			),
			Some(device) if device.owner != AccountId::new(self.account()) => {
				let owner: [u8; 32] = device.owner.into();
				return Err(stuck(format!(
					"the device {} is registered, and owned by {}; `smart-agent device renew NAME` makes the key of \
					 another device and keeps this one's, then `smart-agent init` registers it",
					self.device.id_text(),
					keys::address(&owner),
				)));
			}
			Some(_) => (),
		}
		ahead.extend(self.claims(segments).await?);
		Ok(ahead)
	}

	fn registration(&self, possession: device_primitives::DeviceSignature) -> Result<Call, Failure> {
		let endpoints = crate::commands::device::endpoints(&self.context.config.device.endpoints)?;
		Ok(Call::Register {
			key: self.device.key,
			possession,
			enrolment: None,
			attestation: None,
			endpoints: Endpoints::try_from(endpoints)
				.map_err(|_| stuck("a device has at most 4 endpoints; name fewer"))?,
		})
	}

	/// The lotteries that the device is to be in and is not yet, or with other claims.
	async fn claims(&self, segments: u32) -> Result<Vec<Call>, Failure> {
		let proofs = self.ledger.proofs(&self.device.id).await?;
		let claimed = |resource: Resource| {
			let mut lotteries = proofs.iter().flat_map(|proofs| &proofs.lotteries);
			let lottery = lotteries.find(|lottery| lottery.resource == resource);
			lottery.map(|lottery| lottery.claimed)
		};
		let mut claims = Vec::new();
		if self.context.config.uptime.enabled && claimed(Resource::Uptime).is_none() {
			claims.push(Claimed::Uptime);
		}
		if segments > 0 && claimed(Resource::Compute) != Some(segments) {
			claims.push(Claimed::Compute { segments });
		}
		let device = self.id();
		Ok(claims
			.into_iter()
			.map(|claim| Call::Declare { device, claim })
			.collect())
	}

	/// Says what everything costs, and waits until the account has it.
	pub async fn fund(&mut self, segments: u32) -> Result<(), Failure> {
		let ahead = self.ahead(segments).await?;
		if !ahead.is_empty() {
			// Before anybody sends STCI here: who does not know the password could not use them.
			self.secrets.owner(self.context, self.arguments)?;
		}
		let mut needed = 0u128;
		let (mut held, mut paid, mut fees) = (0u128, 0u128, 0u128);
		for call in &ahead {
			let quote = self.ledger.quote(call, &self.account()).await?;
			needed = needed.saturating_add(quote.total());
			held = held.saturating_add(quote.held);
			paid = paid.saturating_add(quote.paid);
			fees = fees.saturating_add(quote.fee);
		}
		if needed == 0 {
			return Ok(());
		}
		let (show, terminal) = (|planck| self.currency.show(planck), &self.context.terminal);
		let mut said = format!(
			"\n{} takes {}:",
			heading(&ahead, held),
			terminal.toned_error(Tone::Strong, &self.currency.up(needed))
		);
		for (planck, what) in [
			(held, "are held, and come back when it retires"),
			(paid, "are paid for its key"),
			(fees, "are fees"),
		] {
			if planck > 0 {
				said.push_str(&format!("\n  {} {what}", show(planck)));
			}
		}
		terminal.say(&said);
		if held > 0 {
			terminal.say(LOTTERIES);
		}
		let missing = self.missing(needed).await?;
		if missing == 0 {
			terminal.done(&format!("{} has enough.", self.secrets.keystore.address()));
			return Ok(());
		}
		if self.arguments.faucet {
			self.ask_faucet(missing).await?;
		}
		self.wait_for(needed).await
	}

	async fn missing(&self, needed: u128) -> Result<u128, Failure> {
		let prices = self.ledger.prices()?;
		let account = self.ledger.account(&self.account()).await?;
		let there = account.spendable(prices.existential_deposit);
		// An account without anything also needs what keeps it alive.
		let alive = prices.existential_deposit.saturating_sub(account.free);
		Ok(needed
			.saturating_sub(there)
			.saturating_add(if there < needed { alive } else { 0 }))
	}

	async fn ask_faucet(&self, missing: u128) -> Result<(), Failure> {
		let facts = self.ledger.facts();
		if !facts.test_chain {
			return Err(stuck(format!(
				"{} is no test chain: nobody gives STCI away there; send {} to {} instead",
				facts.chain,
				self.currency.up(missing),
				self.secrets.keystore.address(),
			)));
		}
		let prices = self.ledger.prices()?;
		let unit = 10u128.saturating_pow(self.currency.decimals.into());
		let at_stake = if self.context.config.work.enabled {
			FAUCET_STAKE
		} else {
			0
		};
		let amount = [
			prices.space_deposit,
			prices.link_deposit,
			unit.saturating_mul(FAUCET_EXTRA + at_stake),
		]
		.into_iter()
		.fold(missing, u128::saturating_add);
		let call = Call::Transfer {
			to: AccountId::new(self.account()),
			amount,
		};
		let faucet = PairSigner(keys::faucet()?);
		let what = format!("//Faucet sends {}", self.currency.show(amount));
		let sent = waiting(
			&self.context.terminal,
			&what,
			self.ledger.send(&call, &faucet, Wait::Block),
		)
		.await;
		let sent = sent.map_err(|error| {
			Failure::from(error).with(
				"the account //Faucet has something on chains with test values alone (`scripts/run dev`, or --chain \
				 quick-N-M); there others may use it at once: try again",
			)
		})?;
		self.context.terminal.done(&format!("{what}: in block {}", sent.number));
		Ok(())
	}

	/// Waits for money, for as long as it takes. On a terminal a line is written over; elsewhere what was said is said
	/// again only once it has changed.
	async fn wait_for(&self, needed: u128) -> Result<(), Failure> {
		let terminal = &self.context.terminal;
		let address = self.secrets.keystore.address();
		let mut bar = terminal.bar("Waiting");
		let (mut before, mut trouble) = (None, String::new());
		loop {
			match self.missing(needed).await {
				Ok(0) => break,
				Ok(missing) => {
					trouble.clear();
					if before.is_none() {
						self.ask_for(missing);
					}
					if before.is_some_and(|before| before > missing) {
						terminal.say(&format!(
							"Something has come; {} are missing.",
							self.currency.up(missing)
						));
					}
					before = Some(missing);
					if terminal.draws() {
						bar.tell(None, &format!("{} are missing at {address}", self.currency.up(missing)));
					}
				}
				// It comes back by itself.
				Err(failure) if failure.code == Code::Unreachable => {
					if terminal.draws() {
						bar.tell(None, &failure.message);
					} else if trouble != failure.message {
						terminal.say(&failure.message);
					}
					trouble = failure.message;
				}
				Err(failure) => return Err(failure),
			}
			tokio::time::sleep(LOOK).await;
		}
		drop(bar);
		terminal.done(&format!("{address} has enough."));
		Ok(())
	}

	/// Says what is to be sent, and where.
	fn ask_for(&self, missing: u128) {
		let terminal = &self.context.terminal;
		let address = self.secrets.keystore.address();
		let code = if terminal.asks() {
			code(address).unwrap_or_default()
		} else {
			String::new()
		};
		let amount = terminal.toned_error(Tone::Strong, &self.currency.up(missing));
		let address = terminal.toned_error(Tone::Strong, address);
		let faucet = if self.ledger.facts().test_chain && !self.arguments.faucet {
			" On a test chain `smart-agent init --faucet` has them sent."
		} else {
			""
		};
		terminal.say(&format!(
			"{code}Send {amount} to {address}\nThis goes on when they are there. Or end it with Ctrl-C, and run it \
			 again later.{faucet}"
		));
	}

	/// Registers the device, if it is not.
	pub async fn register(&mut self) -> Result<(), Failure> {
		if self.ledger.device(&self.device.id).await?.is_some() {
			self.context
				.terminal
				.done(&format!("The device `{}` is registered.", self.device.name));
			return Ok(());
		}
		let genesis = self.ledger.facts().genesis.into();
		let secret = self.context.device_secret()?;
		let call = self.registration(secret.possession(&genesis, self.account()))?;
		let what = format!("Registering the device `{}`", self.device.name);
		self.send(&call, &what).await
	}

	/// Enters the lotteries that it is not in, changes claims that are others, and names all that it is in.
	pub async fn lotteries(&mut self, segments: u32) -> Result<Vec<String>, Failure> {
		for call in self.claims(segments).await? {
			let what = match &call {
				Call::Declare {
					claim: Claimed::Compute { segments },
					..
				} => format!("Claiming {segments} segments a window in the lottery of compute"),
				_ => "Entering the lottery of uptime".into(),
			};
			self.send(&call, &what).await?;
		}
		let proofs = self.ledger.proofs(&self.device.id).await?;
		let lotteries = proofs.into_iter().flat_map(|proofs| proofs.lotteries);
		Ok(lotteries.map(|lottery| name(lottery.resource).to_owned()).collect())
	}

	async fn send(&mut self, call: &Call, what: &str) -> Result<(), Failure> {
		let owner: Owner = self.secrets.owner(self.context, self.arguments)?;
		signed::send(self.context, self.ledger, &owner, call, what, Wait::Block).await?;
		Ok(())
	}
}

/// What these calls do.
pub(super) fn heading(ahead: &[Call], held: u128) -> &'static str {
	match ahead.iter().any(|call| matches!(call, Call::Register { .. })) {
		true => "To register this machine and enter its lotteries",
		false if held > 0 => "To enter the lotteries that this machine is not in yet",
		false => "To change what this machine claims",
	}
}

/// A lottery's name.
pub(super) fn name(resource: Resource) -> &'static str {
	match resource {
		Resource::Space => "space",
		Resource::Compute => "compute",
		Resource::Uptime => "uptime",
	}
}
