//! The thread that has the journal: to sync takes time, and nobody else waits for it.

use super::{
	input::{Input, Written},
	LOG_TARGET,
};
use smart_agent_journal::Journal;
use smartchain_provider::{Answer, Record};
use std::{
	io,
	sync::mpsc::{sync_channel, Receiver, SyncSender},
	thread::{self, JoinHandle},
};
use tokio::sync::mpsc;

/// What waits to be written at most: there is one such thing for each answer.
const MAX_WAITING: usize = 256;

/// What is to be written.
enum Order {
	Keep(Answer),
	Forget(Answer),
	Rewrite(Vec<Record>),
}

/// Has the journal written.
pub(super) struct Keeper {
	orders: Option<SyncSender<Order>>,
	thread: Option<JoinHandle<()>>,
}

impl Keeper {
	/// Starts the thread.
	pub fn start(journal: Journal, told: mpsc::Sender<Input>) -> io::Result<Self> {
		let (orders, taken) = sync_channel(MAX_WAITING);
		let write = move || write(journal, &taken, &told);
		let thread = thread::Builder::new().name("journal".into()).spawn(write)?;
		Ok(Self {
			orders: Some(orders),
			thread: Some(thread),
		})
	}

	/// One that has ended.
	pub fn ended() -> Self {
		Self {
			orders: None,
			thread: None,
		}
	}

	/// Whether it was taken.
	fn order(&self, order: Order) -> bool {
		let sent = self.orders.as_ref().map(|orders| orders.try_send(order));
		matches!(sent, Some(Ok(())))
	}

	/// An answer is to be kept; says whether that will be heard of.
	pub fn keep(&self, answer: Answer) -> bool {
		self.order(Order::Keep(answer))
	}

	/// One need not be kept any more. If there is no room it is forgotten when the journal is written anew.
	pub fn forget(&self, answer: Answer) {
		let _ = self.order(Order::Forget(answer));
	}

	/// Everything is written anew; says whether that will be heard of.
	pub fn rewrite(&self, records: Vec<Record>) -> bool {
		self.order(Order::Rewrite(records))
	}

	/// Waits until all that was ordered is written. It blocks.
	pub fn end(&mut self) {
		self.orders = None;
		if let Some(thread) = self.thread.take() {
			let _ = thread.join();
		}
	}
}

fn write(mut journal: Journal, orders: &Receiver<Order>, told: &mpsc::Sender<Input>) {
	// Whoever ordered is gone if telling fails: the rest is written all the same.
	let tell = |written| drop(told.blocking_send(Input::Written(written)));
	while let Ok(order) = orders.recv() {
		match order {
			Order::Keep(answer) => {
				let key = answer.key;
				let written = journal.append(&Record::Kept(answer));
				if let Err(error) = &written {
					tracing::error!(target: LOG_TARGET, "An answer cannot be kept, and is not sent: {error}");
				}
				tell(Written::Kept {
					key,
					durable: written.is_ok(),
				});
			}
			Order::Forget(answer) => {
				if let Err(error) = journal.append(&Record::Forgotten(answer.key, answer.until)) {
					tracing::debug!(target: LOG_TARGET, "An answer is not forgotten: {error}");
				}
			}
			Order::Rewrite(records) => {
				let failed = journal.rewrite(&records).err();
				tell(Written::Anew(failed.map(|error| error.to_string())));
				continue;
			}
		}
		if journal.is_due() {
			tell(Written::Due);
		}
	}
}
