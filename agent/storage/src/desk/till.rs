//! What readers owe, and what they have promised.

use super::{held, key_of, Shared};
use crate::{calls, input::Input};
use smart_agent_market::{Memory, SlotKey, Voucher as Kept};
use smartchain_transfer::{
	server::{Balance, Owed, Till as Paid},
	wire::{Caller, Cause, Fault, SlotId, Voucher},
};
use std::{
	collections::{BTreeMap, BTreeSet},
	future::Future,
	mem,
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::{
	sync::{mpsc, oneshot},
	time::timeout,
};

/// How long it may take until a voucher is durable.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who waits for a voucher to be durable.
type Waiting = Vec<(Balance, oneshot::Sender<bool>)>;

/// What is owed for each slot, and what each was promised. Vouchers are over all that is read of a slot, whoever reads:
/// so is what is owed. Both are of slots that are here, and of those whose vouchers are not redeemed.
pub(super) struct Tabs {
	told: mpsc::Sender<Input>,
	owed: Mutex<BTreeMap<SlotKey, Balance>>,
	/// Slots of which more is owed than was told last.
	charged: Mutex<BTreeSet<SlotKey>>,
	promised: Mutex<BTreeMap<SlotKey, Balance>>,
	waiting: Mutex<BTreeMap<SlotKey, Waiting>>,
}

impl Tabs {
	pub fn new(told: mpsc::Sender<Input>, memory: &Memory) -> Self {
		Self {
			told,
			owed: Mutex::new(memory.debts().collect()),
			charged: Mutex::new(BTreeSet::new()),
			promised: Mutex::new(memory.promised().collect()),
			waiting: Mutex::new(BTreeMap::new()),
		}
	}

	/// A voucher is durable, or could not be made so.
	pub fn kept(&self, key: SlotKey, total: Balance, durable: bool) {
		if durable {
			let mut promised = held(&self.promised);
			let best = promised.entry(key).or_default();
			*best = (*best).max(total);
		}
		let waiting = held(&self.waiting).remove(&key);
		if let Some(waiting) = waiting {
			let (told, left): (Waiting, Waiting) = waiting.into_iter().partition(|(wanted, _)| *wanted <= total);
			for (_, tell) in told {
				let _ = tell.send(durable);
			}
			if !left.is_empty() {
				held(&self.waiting).insert(key, left);
			}
		}
	}

	/// What is owed in all for slots of which something was given out since this was asked last.
	pub fn debts(&self) -> Vec<(SlotKey, Balance)> {
		let charged = mem::take(&mut *held(&self.charged));
		let owed = held(&self.owed);
		let total = |key: SlotKey| Some((key, *owed.get(&key)?));
		charged.into_iter().filter_map(total).collect()
	}

	/// So much was paid for a slot: no less was read of it, and promised.
	pub fn paid(&self, key: SlotKey, paid: Balance) {
		if paid == 0 {
			return;
		}
		for sums in [&self.owed, &self.promised] {
			let mut sums = held(sums);
			let sum = sums.entry(key).or_default();
			*sum = (*sum).max(paid);
		}
	}

	/// Nothing is owed for a slot any more.
	pub fn settled(&self, key: SlotKey) {
		held(&self.owed).remove(&key);
		held(&self.promised).remove(&key);
	}

	fn promised(&self, key: SlotKey) -> Balance {
		held(&self.promised).get(&key).copied().unwrap_or(0)
	}

	/// Has a voucher made durable.
	async fn keep(&self, voucher: Kept) -> Result<(), Fault> {
		let (tell, kept) = oneshot::channel();
		let (key, total) = (voucher.key, voucher.total);
		{
			let mut waiting = held(&self.waiting);
			let all = waiting.entry(key).or_default();
			// Whoever has waited for too long waits no more.
			all.retain(|(_, tell)| !tell.is_closed());
			all.push((total, tell));
		}
		if self.promised(key) >= total {
			// It was shown twice at the same time, and is durable by now.
			return Ok(());
		}
		let sent = self.told.send(Input::Voucher(voucher)).await;
		let kept = timeout(PATIENCE, kept).await;
		match (sent, kept) {
			(Ok(()), Ok(Ok(true))) => Ok(()),
			_ => Err(Fault::new(
				Cause::Busy,
				"the voucher could not be written down, and does not count; show it again",
			)),
		}
	}
}

/// The till.
pub(crate) struct Till(pub(super) Arc<Shared>);

impl Paid for Till {
	fn show(
		&self,
		caller: &Caller,
		slot: SlotId,
		voucher: &Voucher,
	) -> impl Future<Output = Result<Balance, Fault>> + Send {
		// Whoever has it may show it: it pays for the slot, whoever reads.
		let _ = caller;
		let (shared, voucher) = (self.0.clone(), voucher.clone());
		async move {
			let (key, tabs) = (key_of(slot), &shared.tabs);
			let before = tabs.promised(key);
			if voucher.total <= before {
				return Ok(before);
			}
			let known = shared.deal(slot.deal).await.map_err(|()| Fault::unsure())?;
			let known = known.ok_or_else(Fault::no_such_slot)?;
			let (owner, limit) = (&known.view.deal.owner, known.limit(slot));
			let genesis = shared.node.genesis();
			let checked = calls::check_voucher(&genesis, &shared.device, owner, slot, limit, &voucher)?;
			tabs.keep(checked).await?;
			Ok(tabs.promised(key))
		}
	}

	fn owed(&self, caller: &Caller, slot: SlotId) -> Owed {
		// One reader of several pays what none of them has paid: the voucher is the same owner's.
		let _ = caller;
		let (tabs, key) = (&self.0.tabs, key_of(slot));
		Owed {
			total: held(&tabs.owed).get(&key).copied().unwrap_or(0),
			promised: tabs.promised(key),
		}
	}

	fn charge(&self, caller: &Caller, slot: SlotId, planck: Balance) {
		let _ = caller;
		if planck == 0 {
			return;
		}
		let key = key_of(slot);
		{
			let mut owed = held(&self.0.tabs.owed);
			let total = owed.entry(key).or_default();
			*total = total.saturating_add(planck);
		}
		held(&self.0.tabs.charged).insert(key);
	}
}
