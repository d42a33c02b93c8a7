//! `slots` and what is done with them, `scrub`.

use crate::{
	cli::{Signing, SlotName, SlotsCommand, SlotsWhich},
	commands::{
		signed::{self, Sent},
		Context, Failure,
	},
	keys::Owner,
	ledger::{Ledger, Wait},
	page::AskError,
	status::{unix_now, Status, StoredSlot},
	terminal::{bytes, counted, duration, Terminal, Tone},
};
use device_primitives::DeviceId;
use serde::Serialize;
use smart_agent_chain::{Call, Chain, NamedCall};
use smart_agent_storage::{
	claim_call, leave_call, place, prove_call, redeem_call, slots as asked, vouchers, Wish, MAX_CLAIMS,
};
use std::time::Duration;
use storage_market_primitives::{SlotOfDevice, Standing};

/// A slot, for `--json`. Amounts are in planck.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
	deal: u64,
	slot: u32,
	bytes: u64,
	/// As the agent that runs says; by the chain's word if none does.
	state: String,
	/// Bytes that are here; none if no agent runs.
	durable: Option<u64>,
	/// Groups of 16 KiB that are to be mended; none if no agent runs.
	rotten: Option<u64>,
	accrued: String,
	/// When it was read as a whole, in Unix time.
	scrubbed: Option<u64>,
	/// The tick at which its deal ends, or until which it can be confirmed.
	until: u32,
	why: String,
}

/// What was sent, for `--json`.
#[derive(Debug, Default, Serialize)]
struct Done {
	sent: Vec<Sent>,
}

/// Carries out a command; without one slots are listed.
///
/// # Errors
/// If this folder is not set up, no node is reached, or the chain refuses it.
pub(crate) async fn run_slots(context: &Context, command: Option<&SlotsCommand>) -> Result<(), Failure> {
	let device = DeviceId(context.device()?.id);
	let chain = context.connect().await?;
	match command {
		None => list(context, &chain, &device).await,
		Some(SlotsCommand::Leave { slot, signing }) => {
			let call = leave_call(slot.deal, slot.slot);
			one(context, &chain, signing, call, &format!("Leaving slot {slot}")).await?;
			context.terminal.say(
				"It is held, paid and asked for until another device has it: let the agent run on. `smart-agent slots` \
				 shows when it is over.",
			);
			Ok(())
		}
		Some(SlotsCommand::Prove { slot, signing }) => {
			let call = prove_call(slot.deal, slot.slot);
			one(
				context,
				&chain,
				signing,
				call,
				&format!("Having the chain ask for slot {slot}"),
			)
			.await
		}
		Some(SlotsCommand::Claim(signing)) => claim(context, &chain, &device, signing).await,
		Some(SlotsCommand::Redeem(signing)) => redeem(context, &chain, &device, signing).await,
	}
}

/// Puts down that slots are to be read: the agent that runs takes it within seconds.
///
/// # Errors
/// If this folder is not set up, or cannot be written.
pub(crate) fn run_scrub(context: &Context, which: &SlotsWhich) -> Result<(), Failure> {
	context.device()?;
	let state = context.folder.market();
	let wishes: Vec<Wish> = match which.slots.as_slice() {
		[] => vec![Wish::Scrub(None)],
		some => some
			.iter()
			.map(|slot| Wish::Scrub(Some((slot.deal, slot.slot))))
			.collect(),
	};
	for wish in &wishes {
		let placed = place(&state, wish);
		placed.map_err(|error| {
			let path = state.display();
			Failure::other(format!(
				"cannot write below {path}: {error}; see to the disk, and to who may write there"
			))
		})?;
	}
	let said = match context.ask_agent() {
		Ok(status) if status.storage.is_some() => {
			"The agent reads them now, one after the other; `smart-agent slots` shows when each was read."
		}
		Ok(_) => "The agent that runs stores nothing: set storage.enabled, and restart it.",
		Err(AskError::NotRunning(_)) => "No agent runs; the next one begins with it.",
		Err(_) => "Another agent answers here; that of this folder begins with it.",
	};
	context
		.terminal
		.facts(&serde_json::json!({ "ordered": wishes.len() }), |_| said.into());
	Ok(())
}

async fn one(context: &Context, chain: &Chain, signing: &Signing, call: NamedCall, what: &str) -> Result<(), Failure> {
	let included = signed::carry_out(context, chain, signing, &Call::Named(call), what, Wait::Block).await?;
	context
		.terminal
		.facts(&Sent::from(&included), |_| String::from("Done."));
	Ok(())
}

/// Sends several calls, after one question each; the key is unlocked once.
async fn several(
	context: &Context,
	chain: &Chain,
	signing: &Signing,
	calls: Vec<(NamedCall, String)>,
	nothing: &str,
) -> Result<(), Failure> {
	let mut done = Done::default();
	if calls.is_empty() {
		context.terminal.facts(&done, |_| nothing.into());
		return Ok(());
	}
	let owner: Owner = context.owner(&context.keystore()?, signing)?;
	for (call, what) in calls {
		let call = Call::Named(call);
		let sending = signed::carry_out_as(context, chain, signing, Some(&owner), &call, &what, Wait::Block);
		done.sent.push(Sent::from(&sending.await?));
	}
	context.terminal.facts(&done, |_| String::from("Done."));
	Ok(())
}

async fn claim(context: &Context, chain: &Chain, device: &DeviceId, signing: &Signing) -> Result<(), Failure> {
	let (best, currency) = (chain.best().await?, chain.currency());
	let all = asked(chain, device, best.hash).await?;
	let mut earned: Vec<(u64, u8, u128)> = all.iter().filter_map(earned_of).collect();
	earned.sort_by(|one, other| other.2.cmp(&one.2));
	let most = usize::try_from(MAX_CLAIMS).unwrap_or(usize::MAX);
	let calls = earned.chunks(most).map(|some| {
		let sum = some
			.iter()
			.fold(0_u128, |sum, (.., amount)| sum.saturating_add(*amount));
		let slots: Vec<(u64, u8)> = some.iter().map(|(deal, slot, _)| (*deal, *slot)).collect();
		let what = format!(
			"Claiming {} of {}, before it is split",
			currency.show(sum),
			counted(slots.len() as u64, "slot")
		);
		(claim_call(&slots), what)
	});
	several(
		context,
		chain,
		signing,
		calls.collect(),
		"Slots have earned nothing that was not claimed.",
	)
	.await
}

fn earned_of(slot: &SlotOfDevice) -> Option<(u64, u8, u128)> {
	match slot.standing {
		Standing::Held { accrued, .. } if accrued > 0 => Some((slot.deal, u8::try_from(slot.slot).ok()?, accrued)),
		_ => None,
	}
}

async fn redeem(context: &Context, chain: &Chain, device: &DeviceId, signing: &Signing) -> Result<(), Failure> {
	let (state, genesis, id) = (context.folder.market(), chain.genesis().0, device.0);
	let reading = tokio::task::spawn_blocking(move || vouchers(&state, genesis, id));
	let found = reading.await.map_err(|error| Failure::other(error.to_string()))?;
	let found = found.map_err(|error| Failure::other(error.to_string()))?;
	let currency = chain.currency();
	let calls = found.iter().filter_map(|voucher| {
		let slot = SlotName {
			deal: voucher.key.deal,
			slot: voucher.key.slot,
		};
		let what = format!(
			"Redeeming the voucher for slot {slot}, over {} in all",
			currency.show(voucher.total)
		);
		Some((redeem_call(&voucher.bytes)?, what))
	});
	several(
		context,
		chain,
		signing,
		calls.collect(),
		"There is no voucher that brings anything.",
	)
	.await
}

async fn list(context: &Context, chain: &Chain, device: &DeviceId) -> Result<(), Failure> {
	let best = chain.best().await?;
	let all = asked(chain, device, best.hash).await?;
	let asking = context.clone();
	let agent = tokio::task::spawn_blocking(move || asking.ask_agent().ok())
		.await
		.ok()
		.flatten();
	let shown: Vec<Shown> = all.iter().map(|slot| shown(slot, agent.as_ref())).collect();
	let currency = chain.currency();
	context.terminal.facts(&shown, |terminal| {
		if shown.is_empty() {
			return "This device has no slots; `smart-agent offer show` says whether it can get some.".into();
		}
		let lines = shown.iter().map(|slot| line(terminal, slot, &currency));
		let lines: Vec<String> = lines.collect();
		lines.join("\n")
	});
	Ok(())
}

fn shown(slot: &SlotOfDevice, agent: Option<&Status>) -> Shown {
	let here: Option<&StoredSlot> = agent.and_then(|status| {
		let mut all = status.storage.as_ref()?.slots.iter();
		all.find(|here| here.deal == slot.deal && u32::from(here.slot) == slot.slot)
	});
	let (word, until, accrued) = match slot.standing {
		Standing::Drawn { until, .. } => ("drawn", until, 0),
		Standing::Held {
			leaving: true, accrued, ..
		} => ("leaving", slot.ends, accrued),
		Standing::Held {
			suspect: Some(_),
			accrued,
			..
		} => ("suspect", slot.ends, accrued),
		Standing::Held { accrued, .. } => ("held", slot.ends, accrued),
	};
	Shown {
		deal: slot.deal,
		slot: slot.slot,
		bytes: slot.bytes,
		state: here.map_or_else(|| word.into(), |here| here.state.clone()),
		durable: here.map(|here| here.durable),
		rotten: here.map(|here| here.rotten),
		accrued: accrued.to_string(),
		scrubbed: here.and_then(|here| here.scrubbed),
		until,
		why: here.map(|here| here.why.clone()).unwrap_or_default(),
	}
}

fn line(terminal: &Terminal, slot: &Shown, currency: &crate::terminal::money::Currency) -> String {
	let tone = match slot.state.as_str() {
		"held" | "leaving" => Tone::Good,
		"suspect" | "missing" => Tone::Bad,
		_ => Tone::Warning,
	};
	let mut parts = vec![
		format!("{:>12}", format!("{}/{}", slot.deal, slot.slot)),
		terminal.toned(tone, &format!("{:<10}", slot.state)),
		format!("{:>10}", bytes(slot.bytes)),
	];
	if let Some(durable) = slot.durable.filter(|durable| *durable < slot.bytes) {
		parts.push(format!("{} are here", bytes(durable)));
	}
	if slot.accrued != "0" {
		let earned = slot
			.accrued
			.parse()
			.map_or_else(|_| slot.accrued.clone(), |planck| currency.show(planck));
		parts.push(format!("{earned} to be claimed"));
	}
	if let Some(rotten) = slot.rotten.filter(|rotten| *rotten > 0) {
		parts.push(format!("{rotten} groups to be mended"));
	}
	if let Some(at) = slot.scrubbed {
		let age = Duration::from_secs(unix_now().saturating_sub(at));
		parts.push(format!("read {} ago", duration(age)));
	}
	let mut text = parts.join("  ");
	if !slot.why.is_empty() {
		text.push_str(&format!("\n{:14}{}", "", slot.why));
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		status::Storage,
		terminal::{money::Currency, Colors},
	};

	fn held() -> SlotOfDevice {
		SlotOfDevice {
			deal: 17,
			slot: 3,
			bytes: 1 << 28,
			root: Some([7; 32]),
			ends: 9_000,
			standing: Standing::Held {
				proven_to: 100,
				suspect: None,
				leaving: false,
				accrued: 1_500_000_000_000,
			},
		}
	}

	#[test]
	fn what_the_agent_knows_goes_before_what_the_chain_does() {
		let slot = held();
		let told = shown(&slot, None);
		assert_eq!((told.state.as_str(), told.durable, told.until), ("held", None, 9_000));
		let mut status = Status::new(1);
		status.storage = Some(Storage {
			slots: vec![StoredSlot {
				deal: 17,
				slot: 3,
				state: "missing".into(),
				bytes: 1 << 28,
				durable: 1 << 20,
				rotten: 2,
				why: "the disk is gone".into(),
				..StoredSlot::default()
			}],
			..Storage::default()
		});
		let told = shown(&slot, Some(&status));
		let text = line(&Terminal::new(false, Colors::Never), &told, &Currency::new("STCI", 12));
		for part in [
			"17/3",
			"missing",
			"256.0 MiB",
			"1.0 MiB are here",
			"1.5 STCI to be claimed",
			"2 groups",
			"the disk is gone",
		] {
			assert!(text.contains(part), "{part} is missing in {text}");
		}
	}

	#[test]
	fn what_is_earned_is_claimed_and_nothing_else() {
		assert_eq!(earned_of(&held()), Some((17, 3, 1_500_000_000_000)));
		let drawn = SlotOfDevice {
			standing: Standing::Drawn {
				until: 5,
				attempt: 0,
				chunk: 1,
			},
			..held()
		};
		assert_eq!(earned_of(&drawn), None);
	}
}
