//! `verify`: every byte of every slot, compared with its root on chain. No key is needed, but the right to read.

use super::Context;
use crate::{
	cli::VerifyArguments,
	failure::{Code, Failure},
	holders::{Holders, Wire},
	pay::Reads,
	plain,
	progress::Gauges,
	put::short,
	reading::no_deal,
};
use serde::Serialize;
use smart_agent_terminal::{bytes, Tone};
use smart_market::{self as market, Market, Whose};
use smartchain_slots::{edge::SlotSource, meter::Meter, verify_slot, Error, SlotFault, Stored};
use smartchain_transfer::client::Holder;
use std::{ops::Range, process::ExitCode, thread};

/// A slot, for `--json`.
#[derive(Serialize)]
struct Told {
	slot: u8,
	device: Option<String>,
	sound: bool,
	/// What is wrong with it.
	#[serde(skip_serializing_if = "Option::is_none")]
	fault: Option<String>,
}

/// Counts what is read.
struct Watched<'a> {
	slots: &'a mut dyn SlotSource,
	gauges: &'a Gauges,
}

impl SlotSource for Watched<'_> {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		self.slots.length(slot)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		self.slots.read(slot, offset, buffer)?;
		self.gauges.there(slot, offset.saturating_add(buffer.len() as u64));
		self.gauges.carried(slot, buffer.len() as u64);
		Ok(())
	}
}

/// What slots are read by.
struct Reading<'a> {
	stored: &'a Stored,
	holders: &'a [Holder],
	wire: &'a Wire,
	gauges: &'a Gauges,
	meter: &'a Meter,
}

impl Reading<'_> {
	/// Reads slots at the same time: each has its own device.
	fn all(&self, wanted: Range<u8>) -> Vec<Told> {
		let all = wanted.len();
		thread::scope(|scope| {
			let running: Vec<_> = wanted
				.map(|slot| (slot, scope.spawn(move || self.one(slot, all))))
				.collect();
			let ended = running.into_iter().map(|(slot, reading)| {
				let fault = match reading.join() {
					Ok(Ok(fault)) => fault.map(|fault| fault.to_string()),
					Ok(Err(error)) => Some(error.to_string()),
					Err(_) => Some("reading it failed in this program; report that".into()),
				};
				told(slot, self.holder(slot), fault)
			});
			ended.collect()
		})
	}

	fn holder(&self, slot: u8) -> Option<&Holder> {
		self.holders.iter().find(|holder| holder.slot.slot == slot)
	}

	fn one(&self, slot: u8, all: usize) -> Result<Option<SlotFault>, Error> {
		let Some(holder) = self.holder(slot) else {
			return Ok(Some(SlotFault::Missing));
		};
		self.gauges.name(slot, short(&holder.device));
		let mut slots = self.wire.reader(holder, all);
		let mut watched = Watched {
			slots: &mut *slots,
			gauges: self.gauges,
		};
		verify_slot(self.stored, slot, &mut watched, self.meter)
	}
}

/// Reads slots, and says what is wrong.
pub(super) async fn run(context: &Context, arguments: &VerifyArguments) -> Result<ExitCode, Failure> {
	let open = context.open().await?;
	let meter = context.meter();
	let wire = context.wire(&open.access, &meter)?;
	let view = open.net.deal(arguments.deal).await?;
	let view = view.ok_or_else(|| no_deal(arguments.deal))?;
	let stored = market::stored(&view.deal)?.ok_or_else(|| {
		Failure::new(
			Code::NotReady,
			format!(
				"deal {} has no roots yet: finish it with `smart put` on the machine where it was begun",
				arguments.deal
			),
		)
	})?;
	let slots = stored.geometry().n();
	let wanted = match arguments.slot {
		Some(slot) if slot >= slots => {
			let last = slots - 1;
			return Err(Failure::usage(format!("slots are numbered from 0 to {last}")));
		}
		Some(slot) => slot..slot + 1,
		None => 0..slots,
	};
	let mut holders = market::holders(arguments.deal, &view, Whose::Held);
	let terms = context.terms(&open, (arguments.deal, &view), &mut holders).await?;
	context.pay_by((&open, &wire), terms, Reads::Slots(wanted.len()), &arguments.pay)?;
	let gauges = Gauges::new(slots, stored.slot_len());
	let shown = context.show().gauges("Reading", &gauges);
	let reading = Reading {
		stored: &stored,
		holders: &holders,
		wire: &wire,
		gauges: &gauges,
		meter: &meter,
	};
	let found = tokio::task::block_in_place(|| reading.all(wanted));
	drop(shown);
	context.complain(&wire);
	let sound = found.iter().all(|slot| slot.sound);
	context.terminal.facts(&found, |terminal| {
		let line = |slot: &Told| {
			let mark = match slot.sound {
				true => terminal.toned(Tone::Good, "✓"),
				false => terminal.toned(Tone::Bad, "✗"),
			};
			let words = slot.fault.as_deref().unwrap_or("every byte is what its root says");
			format!("{mark} slot {}: {}\n", slot.slot, plain(words))
		};
		let lines: String = found.iter().map(line).collect();
		let enough = stored.geometry().k();
		let good = found.iter().filter(|slot| slot.sound).count();
		format!(
			"{lines}{good} of {} slots are sound, {} each; {enough} bring all back",
			found.len(),
			bytes(stored.slot_len())
		)
	});
	Ok(if sound { ExitCode::SUCCESS } else { Code::Unsound.into() })
}

fn told(slot: u8, holder: Option<&Holder>, fault: Option<String>) -> Told {
	Told {
		slot,
		device: holder.map(|holder| sp_core::bytes::to_hex(&holder.device.0, false)),
		sound: fault.is_none(),
		fault,
	}
}
