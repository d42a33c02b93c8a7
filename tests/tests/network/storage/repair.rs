//! The chain brings a deal back to eight slots by itself: its owner is away, and those that build slots anew are killed
//! at it, the node as well.

use super::{Fair, Seller};
use crate::seconds;
use device_primitives::DeviceId;
use smartchain_tests::{
	channels::put_clock_on,
	ensure,
	storage::{self, DealOf},
	wait, Error, Network, Result,
};
use std::time::Duration;
use storage_market_primitives::{DealId, Stage, Tick};

/// How long a repair may take in which all takes its time: the last of three slots is borne for twelve minutes, and who
/// is dead may be drawn again and again.
const REPAIRED: Duration = seconds(2_700);
/// How long the next step of one may take that is hurried on.
const STEP: Duration = seconds(150);
/// How many steps there are at most: three slots, each with some draws of devices that are dead.
const STEPS: usize = 60;

/// How far somebody is that builds a slot anew, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
	/// It was drawn.
	Drawn,
	/// It has made room.
	Room,
	/// It has all of the slot, hashed.
	Sealed,
	/// The chain has its confirmation.
	Held,
}

impl Work {
	/// One after the other.
	pub(super) const ALL: [Self; 4] = [Self::Drawn, Self::Room, Self::Sealed, Self::Held];

	fn is_reached(self, seller: &Seller, id: DealId, known: &DealOf) -> bool {
		let is_drawn = known.slots.iter().map(|slot| {
			let drawn = slot.drawn.as_ref();
			drawn.is_some_and(|drawn| drawn.device == seller.device)
		});
		let Some((slot, _)) = (0_u32..).zip(is_drawn).find(|(_, is_drawn)| *is_drawn) else {
			// It has the slot, or its time was over: nothing more is to come.
			return true;
		};
		match self {
			Self::Drawn => true,
			Self::Room => seller.agent.has_room(id, slot),
			Self::Sealed => seller.agent.durable(id, slot) >= known.geometry().slot_len(),
			Self::Held => false,
		}
	}
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
	/// Nothing: eight slots are held.
	Whole,
	/// A device that lives was drawn, and builds a slot.
	Builds(DeviceId),
	/// Nothing happens before this tick: somebody who is dead is borne until then.
	Waits(Tick),
}

/// What is next for a deal; none if it is on its way.
fn next(known: &DealOf, dead: &[DeviceId], now: Tick) -> Option<Next> {
	if storage::held(known, dead).len() == known.slots.len() {
		return Some(Next::Whole);
	}
	let drawn = || known.slots.iter().filter_map(|slot| slot.drawn.as_ref());
	if let Some(builder) = drawn().find(|drawn| !dead.contains(&drawn.device)) {
		return Some(Next::Builds(builder.device));
	}
	// One that nobody has missed yet would be borne from later on.
	let holdings = known.slots.iter().filter_map(|slot| slot.holding.as_ref());
	let gone: Vec<_> = holdings.filter(|holding| dead.contains(&holding.device)).collect();
	if gone.iter().any(|holding| holding.usable()) {
		return None;
	}
	let patience = known.patience(&storage::test_times());
	let borne = gone
		.iter()
		.filter_map(|holding| holding.suspect)
		.map(|since| since + patience);
	let until = borne.chain(drawn().map(|drawn| drawn.until + 1)).max()?;
	(now < until).then_some(Next::Waits(until))
}

/// What is next, as soon as there is something.
async fn until_next(network: &Network, deal: DealId, dead: &[DeviceId], built: &[DeviceId]) -> Result<(Next, Tick)> {
	wait::until(&format!("the next step of the repair of deal {deal}"), STEP, || async {
		let rpc = network.rpc(0)?;
		let known = storage::deal(rpc, deal, None).await?;
		let known = known.ok_or_else(|| Error::new(format!("deal {deal} is gone")))?;
		ensure!(matches!(known.stage, Stage::Active), "deal {deal} has ended: {known:?}");
		let now = storage::tick(rpc).await?;
		let next = next(&known, dead, now);
		let known_already = |next: &Next| matches!(next, Next::Builds(device) if built.contains(device));
		Ok(next.filter(|next| !known_already(next)).map(|next| (next, now)))
	})
	.await
}

/// Kills who builds a slot anew once it is so far, and then the node; both are back at once.
async fn kill_at_work(fair: &mut Fair, deal: DealId, builder: DeviceId, work: Work) -> Result<()> {
	let place = fair.sellers.iter().position(|seller| seller.device == builder);
	let place = place.ok_or_else(|| Error::new("somebody was drawn who sells nothing"))?;
	let seller = &fair.sellers[place];
	let what = format!("{} to be so far with deal {deal}: {work:?}", seller.agent.name());
	wait::until(&what, STEP, || async {
		let known = fair.deal(deal).await?;
		Ok(work.is_reached(seller, deal, &known).then_some(()))
	})
	.await?;
	fair.sellers[place].die_and_return().await?;
	fair.network.restart(0).await?;
	Ok(())
}

/// Waits until a deal is whole again without these devices. The markets' clock is put on wherever somebody who is dead
/// is only borne; the first one that builds a slot is killed when it is drawn, and the node.
pub(super) async fn hurried(fair: &mut Fair, deal: DealId, dead: &[DeviceId]) -> Result<()> {
	killed_at(fair, deal, dead, Work::Drawn).await
}

/// The same, where who builds is killed when it is so far.
pub(super) async fn killed_at(fair: &mut Fair, deal: DealId, dead: &[DeviceId], work: Work) -> Result<()> {
	let mut built: Vec<DeviceId> = Vec::new();
	for _ in 0..STEPS {
		let (next, now) = until_next(&fair.network, deal, dead, &built).await?;
		match next {
			Next::Whole => return Ok(()),
			Next::Builds(builder) => {
				if built.is_empty() {
					kill_at_work(fair, deal, builder, work).await?;
				}
				built.push(builder);
			}
			Next::Waits(until) => put_clock_on(fair.rpc()?, until.saturating_sub(now)).await?,
		}
	}
	Err(Error::new(format!(
		"deal {deal} is not whole after {STEPS} steps: {:?}",
		fair.deal(deal).await?
	)))
}

/// The same in its own time, undisturbed.
pub(super) async fn patient(fair: &Fair, deal: DealId, dead: &[DeviceId]) -> Result<()> {
	wait::until(&format!("deal {deal} to be whole again"), REPAIRED, || async {
		let known = fair.deal(deal).await?;
		Ok((storage::held(&known, dead).len() == known.slots.len()).then_some(()))
	})
	.await
}
