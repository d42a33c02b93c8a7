//! `status`: a deal, slot by slot.

use super::{
	list::{when, Line},
	Context,
};
use crate::{
	failure::Failure,
	plain,
	reading::no_deal,
	units::{minute, shown_price},
};
use serde::Serialize;
use smart_agent_terminal::{bytes, columns, duration, money::Currency, Tone};
use smart_market::{stage_words, DealView, Known, Market, Tab};
use smart_vouchers::{Bill, Paid, Place};
use smartchain_transfer::client::address;
use std::{collections::BTreeMap, time::Duration};
use storage_market_primitives::{DealId, Stage, Tick};

/// A deal with its slots, for `--json`. Amounts are in planck.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
	#[serde(flatten)]
	line: Line,
	slot_bytes: u64,
	/// Planck for a GiB and era, at most.
	max_ask: String,
	reserve: String,
	/// What each device has left for its slot.
	collateral: String,
	/// Whether the roots are committed.
	rooted: bool,
	redraws: u8,
	slots_of: Vec<Slot>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Slot {
	slot: u32,
	/// `held`, `suspect`, `leaving`, `drawn` or `waits`.
	state: &'static str,
	device: Option<String>,
	addresses: Vec<String>,
	/// Planck for a GiB and era.
	ask: Option<String>,
	/// The tick up to which it has proven that it holds the slot.
	proven_to: Option<Tick>,
	/// About how many seconds ago that was.
	proven_ago: Option<u64>,
	misses: Option<u8>,
	/// Who builds it anew, or takes it over.
	next: Option<String>,
	/// Draws for it in a row that came to nothing.
	failures: u8,
	/// What its device may be paid for what it gives out; none if nothing was put in for that.
	#[serde(skip_serializing_if = "Option::is_none")]
	egress: Option<Egress>,
}

/// What a slot's device may be paid for what it gives out, and was, in planck.
#[derive(Serialize)]
struct Egress {
	/// By the chain.
	paid: String,
	left: String,
	/// By vouchers of this machine, what was paid of it included.
	promised: String,
}

impl Egress {
	fn of(tab: &Tab, promised: u128) -> Option<Self> {
		(tab.limit > 0).then(|| Self {
			paid: tab.paid.to_string(),
			left: tab.left().to_string(),
			promised: promised.to_string(),
		})
	}
}

fn hex(device: &[u8; 32]) -> String {
	sp_core::bytes::to_hex(device, false)
}

/// Shows a deal.
pub(super) async fn run(context: &Context, deal: DealId) -> Result<(), Failure> {
	let net = context.asking().await?;
	let view = net.deal(deal).await?.ok_or_else(|| no_deal(deal))?;
	let (known, now) = (net.known(), net.now().await?.tick);
	let tabs = net.tabs(deal).await?;
	let promised = promised(context, &known, deal);
	let of = &view.deal;
	let told = Told {
		line: Line::of(deal, &view, &known, now),
		slot_bytes: of.order.geometry.slot_len(),
		max_ask: of.order.max_ask.0.to_string(),
		reserve: of.reserve.amount().to_string(),
		collateral: of.collateral.to_string(),
		rooted: of.rooted,
		redraws: of.redraws,
		slots_of: slots_of(&view, (&tabs, &promised), &known, now),
	};
	context.terminal.facts(&told, |terminal| {
		let currency = context.currency();
		let until = match of.stage {
			Stage::Active => minute(when(&known, now, of.ends)),
			Stage::Placing { until } | Stage::Uploading { until } | Stage::Ended { until, .. } => {
				format!("{} for this stage", minute(when(&known, now, until)))
			}
		};
		let shape = &of.order.geometry;
		let held = format!(
			"{} of {} can be relied on; any {} bring all back",
			of.usable(),
			shape.slots,
			shape.enough
		);
		let tone = match of.usable() {
			usable if usable >= u32::from(shape.slots) => Tone::Good,
			usable if usable > u32::from(shape.enough) => Tone::Warning,
			_ => Tone::Bad,
		};
		let lines = [
			("Deal", format!("{deal}, {}", stage_words(&of.stage))),
			("Slots", terminal.toned(tone, &held)),
			(
				"Volume",
				format!("{} in slots of {}", bytes(shape.volume_len), bytes(shape.slot_len())),
			),
			("Until", until),
			(
				"Money",
				format!(
					"{} for devices, {} for repairs are left; at {} at most",
					currency.show(of.escrow.amount()),
					currency.show(of.reserve.amount()),
					shown_price(&currency, of.order.max_ask)
				),
			),
		];
		let egress = egress_words(&currency, &tabs, &told.slots_of);
		format!("{}\n{}{egress}", columns(&lines), table(&told.slots_of, &known))
	});
	Ok(())
}

/// What this machine has promised to devices of a deal. Who has no keys here has promised nothing; what cannot be read
/// is told.
fn promised(context: &Context, known: &Known, deal: DealId) -> BTreeMap<Place, Bill> {
	let Ok(keystore) = context.keystore() else {
		return BTreeMap::new();
	};
	let path = context.folder.paid(&known.genesis, &keystore.account(), deal);
	Paid::peek(&path).unwrap_or_else(|error| {
		context.terminal.warn(&plain(&error.to_string()));
		BTreeMap::new()
	})
}

/// What devices were paid for what they gave out, slot by slot; nothing if nobody has put in anything for it.
fn egress_words(currency: &Currency, tabs: &[Tab], slots: &[Slot]) -> String {
	let all = |of: fn(&Tab) -> u128| tabs.iter().fold(0, |sum: u128, tab| sum.saturating_add(of(tab)));
	if all(|tab| tab.limit) == 0 {
		return String::new();
	}
	let mut text = format!(
		"\nFor what devices give out {} were paid and {} are left:\n{:>4}  {:>22}  {:>22}  promised by this machine\n",
		currency.show(all(|tab| tab.paid)),
		currency.show(all(Tab::left)),
		"slot",
		"paid",
		"left"
	);
	for (slot, tab) in slots.iter().zip(tabs) {
		let promised = slot.egress.as_ref().and_then(|egress| egress.promised.parse().ok());
		text.push_str(&format!(
			"{:>4}  {:>22}  {:>22}  {}\n",
			slot.slot,
			currency.show(tab.paid),
			currency.show(tab.left()),
			currency.show(promised.unwrap_or(0))
		));
	}
	text
}

/// What is known of each slot.
fn slots_of(
	view: &DealView,
	(tabs, promised): (&[Tab], &BTreeMap<Place, Bill>),
	known: &Known,
	now: Tick,
) -> Vec<Slot> {
	let slots = view.deal.slots.iter().zip(0_u32..).map(|(slot, at)| {
		let (holding, drawn) = (slot.holding.as_ref(), slot.drawn.as_ref());
		let device = holding
			.map(|holding| holding.device)
			.or(drawn.map(|drawn| drawn.device));
		let state = match (holding, drawn) {
			(Some(holding), _) if holding.suspect.is_some() => "suspect",
			(Some(holding), _) if holding.leaving => "leaving",
			(Some(_), _) => "held",
			(None, Some(_)) => "drawn",
			(None, None) => "waits",
		};
		let reach = view.devices.iter().find(|reach| Some(reach.device) == device);
		let ago = |tick: Tick| known.seconds(now.saturating_sub(tick));
		let place = holding.and_then(|holding| Some((u8::try_from(at).ok()?, holding.device)));
		let promised = place.and_then(|place| promised.get(&place));
		let tab = usize::try_from(at).ok().and_then(|at| tabs.get(at));
		Slot {
			slot: at,
			state,
			device: device.map(|device| hex(&device.0)),
			addresses: reach
				.map(|reach| reach.endpoints.iter().filter_map(address).collect())
				.unwrap_or_default(),
			ask: holding
				.map(|holding| holding.ask)
				.or(drawn.map(|drawn| drawn.ask))
				.map(|ask| ask.0.to_string()),
			proven_to: holding.map(|holding| holding.proven_to),
			proven_ago: holding.map(|holding| ago(holding.proven_to)),
			misses: holding.map(|holding| holding.misses),
			next: holding.and(drawn).map(|drawn| hex(&drawn.device.0)),
			failures: slot.failures,
			egress: tab.and_then(|tab| Egress::of(tab, promised.map_or(0, |bill| bill.promised))),
		}
	});
	slots.collect()
}

fn table(slots: &[Slot], known: &Known) -> String {
	let mut text = format!(
		"{:>4}  {:<8}  {:<12}  {:<14}  {:>6}  where\n",
		"slot", "state", "device", "last proof", "misses"
	);
	for slot in slots {
		let proof = slot
			.proven_ago
			.map(|ago| format!("{} ago", duration(Duration::from_secs(ago))));
		let device = slot.device.as_deref().and_then(|device| device.get(..10));
		let mut place = slot.addresses.join(", ");
		if let Some(next) = slot.next.as_deref().and_then(|next| next.get(..10)) {
			place.push_str(&format!("; {next}… is to take it over"));
		}
		if slot.failures > 0 && slot.state == "waits" {
			place.push_str(&format!(
				"{} draws in a row found nobody; it is looked on, each era ({}) at least",
				slot.failures,
				duration(Duration::from_secs(known.seconds(known.era)))
			));
		}
		text.push_str(&format!(
			"{:>4}  {:<8}  {:<12}  {:<14}  {:>6}  {}\n",
			slot.slot,
			slot.state,
			device.map(|device| format!("{device}…")).unwrap_or_default(),
			proof.unwrap_or_default(),
			slot.misses.map(|misses| misses.to_string()).unwrap_or_default(),
			plain(&place),
		));
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_devices_were_paid_is_told_slot_by_slot() {
		let currency = Currency::new(smart_agent_chain::SYMBOL, smart_agent_chain::DECIMALS);
		let tab = |limit, paid| Tab { limit, paid };
		assert_eq!(egress_words(&currency, &[tab(0, 0); 8], &[]), "");
		let slot = |tab: &Tab| Slot {
			slot: 0,
			state: "held",
			device: None,
			addresses: Vec::new(),
			ask: None,
			proven_to: None,
			proven_ago: None,
			misses: None,
			next: None,
			failures: 0,
			egress: Egress::of(tab, 1_500_000_000_000),
		};
		let tabs = [tab(3_000_000_000_000, 1_000_000_000_000)];
		let text = egress_words(&currency, &tabs, &[slot(&tabs[0])]);
		for words in ["1 STCI were paid", "2 STCI are left", "1.5 STCI"] {
			assert!(text.contains(words), "{words}: {text}");
		}
		let told = serde_json::to_value(slot(&tabs[0])).unwrap();
		assert_eq!(told["egress"]["left"], "2000000000000");
		assert!(serde_json::to_value(slot(&tab(0, 0))).unwrap().get("egress").is_none());
	}

	#[test]
	fn a_slot_that_waits_says_why() {
		let known = Known {
			genesis: [0; 32],
			chain: "local".into(),
			test_chain: true,
			slot_ms: 500,
			era: 1_200,
			existential_deposit: 1,
			deposits: Default::default(),
		};
		let slot = |state, device: Option<String>, failures| Slot {
			slot: 3,
			state,
			device,
			addresses: vec!["localhost:9000".into()],
			ask: None,
			proven_to: None,
			proven_ago: Some(61),
			misses: Some(1),
			next: None,
			failures,
			egress: None,
		};
		let text = table(
			&[slot("held", Some(hex(&[0xab; 32])), 0), slot("waits", None, 8)],
			&known,
		);
		assert!(text.contains("0xabababab…") && text.contains("1 min 1 s ago"), "{text}");
		assert!(
			text.contains("8 draws in a row") && text.contains("10 min 0 s"),
			"{text}"
		);
	}
}
