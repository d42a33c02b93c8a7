//! What readers owe, and what they have promised.

use super::{held, key_of, Shared};
use crate::{calls, edge::Input};
use smart_agent_market::{Memory, SlotKey, Voucher as Kept};
use smartchain_transfer::{
	server::{Balance, Owed, Till as Paid},
	wire::{Caller, Cause, Fault, SlotId, Voucher},
};
use std::{
	collections::BTreeMap,
	future::Future,
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::{
	sync::{mpsc, oneshot},
	time::timeout,
};

/// Readers that are remembered at most. One that is forgotten owes nothing: what was unpaid is a few MiB.
const MOST_TABS: usize = 16_384;
/// How long it may take until a voucher is durable.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who waits for a voucher to be durable.
type Waiting = Vec<(Balance, oneshot::Sender<bool>)>;

/// What each reader owes, and what each slot was promised.
pub(super) struct Tabs {
	told: mpsc::Sender<Input>,
	owed: Mutex<BTreeMap<(Caller, SlotId), Balance>>,
	promised: Mutex<BTreeMap<SlotKey, Balance>>,
	waiting: Mutex<BTreeMap<SlotKey, Waiting>>,
}

impl Tabs {
	pub fn new(told: mpsc::Sender<Input>, memory: &Memory) -> Self {
		Self {
			told,
			owed: Mutex::new(BTreeMap::new()),
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

	fn promised(&self, key: SlotKey) -> Balance {
		held(&self.promised).get(&key).copied().unwrap_or(0)
	}

	/// Has a voucher made durable.
	async fn keep(&self, voucher: Kept) -> Result<(), Fault> {
		let (tell, kept) = oneshot::channel();
		let (key, total) = (voucher.key, voucher.total);
		held(&self.waiting).entry(key).or_default().push((total, tell));
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
			let checked = calls::check_voucher(&*shared.node, &shared.device, owner, slot, limit, &voucher)?;
			tabs.keep(checked).await?;
			Ok(tabs.promised(key))
		}
	}

	fn owed(&self, caller: &Caller, slot: SlotId) -> Owed {
		let tabs = &self.0.tabs;
		Owed {
			total: held(&tabs.owed).get(&(*caller, slot)).copied().unwrap_or(0),
			promised: tabs.promised(key_of(slot)),
		}
	}

	fn charge(&self, caller: &Caller, slot: SlotId, planck: Balance) {
		if planck == 0 {
			return;
		}
		let mut owed = held(&self.0.tabs.owed);
		if owed.len() >= MOST_TABS && !owed.contains_key(&(*caller, slot)) {
			owed.pop_first();
		}
		let total = owed.entry((*caller, slot)).or_default();
		*total = total.saturating_add(planck);
	}
}
