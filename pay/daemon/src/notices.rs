//! What a person may want to know, and what payments and the relay wait for.

use super::Daemon;
use smart_pay_chain::Ledger;
use smart_pay_routes::letter::Fault;
use smartchain_channel::{Notice, Place, Reason};

/// Why a lock came to nothing, as a label and a sentence.
pub(super) fn reason(reason: Reason) -> (&'static str, &'static str) {
	match reason {
		Reason::Unknown => (
			"unknown",
			"the payee does not know what it is for: ask for another invoice",
		),
		Reason::TooLate => ("too_late", "too little time was left: try again"),
		Reason::NoWay => (
			"no_way",
			"the partner knows no way on, or lacks money there: try later, or through another",
		),
		Reason::Unwanted => (
			"unwanted",
			"the payee did not want it: the invoice is over, or asks for more",
		),
		Reason::Expired => ("expired", "nobody took it in time: the payee or a partner was away"),
		Reason::Gone => ("gone", "the channel is gone"),
		Reason::Other(_) => ("other", "for a reason of the partner's own"),
		Reason::Sealed(_) => ("mangled", "for a reason that was changed on the way: try again"),
	}
}

/// The same of what a hop has sealed for the payer.
pub(super) fn fault(fault: &Fault) -> (&'static str, &'static str) {
	match fault {
		Fault::NoWay => (
			"no_way",
			"a relay knows no way on: try later, or through another partner",
		),
		Fault::Lacks => (
			"lacks",
			"a relay lacks money or room on the way on: try later, or a smaller amount",
		),
		Fault::Away => ("away", "the payee or a relay was away: try again when it is back"),
		Fault::Dearer(_) => (
			"dearer",
			"a relay takes more, or wants more time, than it had said: try again",
		),
		Fault::Unknown => reason(Reason::Unknown),
		Fault::Unwanted => reason(Reason::Unwanted),
		Fault::TooLate => reason(Reason::TooLate),
	}
}

impl<L: Ledger> Daemon<L> {
	pub(super) async fn on_notice(&mut self, notice: Notice) {
		if self.stream_notice(&notice) {
			return;
		}
		match notice {
			Notice::Arrived { channel, lock, packet } => {
				let place = Place { channel, id: lock.id };
				self.arrived(place, lock, packet).await;
			}
			Notice::Received {
				channel,
				amount,
				relayed,
				lock,
				..
			} => {
				if relayed {
					self.counts.relayed += 1;
					let place = lock.map(|id| Place { channel, id });
					let earned = place.and_then(|place| self.carried.remove(&place)).unwrap_or(0);
					self.counts.fees_planck = self.counts.fees_planck.saturating_add(earned);
				} else {
					self.counts.received += 1;
					self.counts.received_planck = self.counts.received_planck.saturating_add(amount);
					tracing::debug!("Channel {channel}: {amount} planck received");
				}
			}
			Notice::Paid {
				channel, lock, amount, ..
			} => self.paid(channel, lock, amount),
			Notice::Failed { channel, lock, reason } => self.failed(Place { channel, id: lock }, reason),
			Notice::DataLost(channel) => {
				self.counts.data_lost += 1;
				tracing::warn!(
					"Channel {channel}: this store is older than what the partner holds; nothing is signed in it \
					until the \
					 partner has said where to go on. Was a copy of the store put back?"
				);
			}
			Notice::Rekeyed { channel, side } => {
				let ours = self.party.sheet(channel).is_some_and(|sheet| sheet.side() == side);
				let whose = if ours { "this side" } else { "the partner" };
				tracing::info!("Channel {channel}: {whose} has another key, by a final block");
			}
			Notice::Resumed(channel) => tracing::info!("Channel {channel}: the partner has said where to go on"),
			Notice::Closing(channel) => tracing::info!("Channel {channel} is closed alone by this side"),
			Notice::Disputed { channel, deadline } => {
				self.counts.disputes += 1;
				tracing::warn!("Channel {channel}: the partner closes alone; it is answered until tick {deadline}");
			}
			Notice::Gone(channel) => {
				self.greeted.remove(&channel);
				self.by_file.remove(&channel);
				self.contacts.remove(&channel);
				if !self.tower.watches(channel) {
					self.interest.remove(channel);
				}
				tracing::info!("Channel {channel} is gone; what it held was paid out");
			}
		}
	}
}
