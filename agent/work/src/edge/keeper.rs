//! The thread that has the journal: to sync takes time, and nobody else waits for it.

use crate::{
	input::{Input, Written},
	LOG_TARGET,
};
use smart_agent_journal::Log;
use smart_agent_tasks::Record;
use std::{
	io,
	sync::mpsc::{sync_channel, Receiver, SyncSender},
	thread::{self, JoinHandle},
};
use tokio::sync::mpsc;

/// What waits to be written at most.
const MAX_WAITING: usize = 1_024;

/// What is to be written.
enum Order {
	Write(Record),
	Rewrite(Vec<Record>),
}

/// Has the journal written. The default one has ended.
#[derive(Default)]
pub(super) struct Keeper {
	orders: Option<SyncSender<Order>>,
	thread: Option<JoinHandle<()>>,
}

impl Keeper {
	/// Starts the thread.
	pub fn start(journal: Log<Record>, told: mpsc::Sender<Input>) -> io::Result<Self> {
		let (orders, taken) = sync_channel(MAX_WAITING);
		let write = move || write(journal, &taken, &told);
		let thread = thread::Builder::new().name("tasks".into()).spawn(write)?;
		Ok(Self {
			orders: Some(orders),
			thread: Some(thread),
		})
	}

	/// Whether it was taken.
	fn order(&self, order: Order) -> bool {
		let sent = self.orders.as_ref().map(|orders| orders.try_send(order));
		matches!(sent, Some(Ok(())))
	}

	/// A record is to be written, and nobody waits for it: what of it is lost is done again.
	pub fn note(&self, record: Record) {
		let _ = self.write(record);
	}

	/// A record is to be written; says whether that will be heard of.
	pub fn write(&self, record: Record) -> bool {
		self.order(Order::Write(record))
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

fn write(mut journal: Log<Record>, orders: &Receiver<Order>, told: &mpsc::Sender<Input>) {
	// Whoever ordered is gone if telling fails: the rest is written all the same.
	let tell = |written| drop(told.blocking_send(Input::Written(written)));
	while let Ok(order) = orders.recv() {
		match order {
			Order::Write(record) => {
				let written = journal.append(&record);
				if let Err(error) = &written {
					tracing::error!(target: LOG_TARGET, "The journal cannot be written, and nothing is sent: {error}");
				}
				if let Record::Kept(answer) = record {
					tell(Written::Answer(answer.key, written.is_ok()));
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
