//! What a person may want to know, and what payments and the relay wait for.

use super::Daemon;
use smart_pay_chain::Ledger;
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
				..
			} => {
				if relayed {
					self.counts.relayed += 1;
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
