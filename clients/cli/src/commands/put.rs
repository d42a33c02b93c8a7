//! `put`: what it costs, whether it is meant, and then all of it.

use super::{
	context::{unix_time, Open},
	Context,
};
use crate::{
	cli::PutArguments,
	config::Loss,
	failure::{Code, Failure},
	holders::Holders,
	pay,
	put::{self, Done, Job},
	store::{Kept, Record, Step},
	units::{minute, price, shown_price},
};
use serde::Serialize;
use smart_agent_terminal::{bytes, columns, money::Currency, Tone, ERAS_A_DAY, ERAS_A_MONTH};
use smart_market::{for_slots, max_ask, Act, Asks, Estimate, KeyBox, Known, Market, Net};
use smartchain_slots::{edge::Folder, Plan, BOX};
use std::{
	os::unix::ffi::OsStrExt,
	path::{Path, PathBuf},
};
use storage_market_primitives::{DealId, Geometry, Order, Quote};

/// Bytes of a GiB.
const GIB: u128 = 1 << 30;

/// What would be done, for `--json`. Amounts are in planck.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
	entries: u64,
	bytes: u64,
	volume_bytes: u64,
	slots: u8,
	enough: u8,
	slot_bytes: u64,
	eras: u32,
	/// Planck for a GiB and era, at most.
	max_ask: String,
	/// Owners of devices with room.
	owners: usize,
	pay: String,
	likely: String,
	reserve: String,
	deposit: String,
	/// For what devices give out.
	egress: String,
	fees: String,
	total: String,
	spendable: String,
}

/// What was done, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
	deal: DealId,
	held: u32,
	slots: u32,
	volume_bytes: u64,
	carried: u64,
	/// The tick at which what is paid for ends.
	ends: u32,
	/// About when that is, in seconds since 1970.
	until: u64,
	/// What was put in, in planck.
	put_in: Option<String>,
}

/// An order with its price.
struct Offer {
	plan: Plan,
	order: Order,
	asks: Asks,
	quote: Quote,
	/// For what is given out of each slot, in planck.
	egress: u128,
	estimate: Estimate,
	spendable: u128,
	missing: u128,
}

impl Offer {
	/// What is put in, but for the deposit, in planck.
	fn put_in(&self) -> u128 {
		self.quote.total().saturating_add(self.estimate.egress)
	}
}

/// Stores a folder, or goes on with it.
pub(super) async fn run(context: &Context, arguments: &PutArguments) -> Result<(), Failure> {
	let source = arguments.folder.canonicalize().map_err(|error| {
		Failure::usage(format!(
			"cannot read {}: {error}; name a folder or file that is there",
			arguments.folder.display()
		))
	})?;
	let (genesis, keystore) = (context.genesis()?, context.keystore()?);
	apart(&source, context.folder.path())?;
	let place = context.folder.put(&genesis, &keystore.account(), &source);
	if let Some(record) = Record::open(&place)? {
		return resume(context, arguments, record, &source).await;
	}
	let Some(eras) = arguments.eras else {
		return Err(Failure::usage(
			"nothing of this folder is on its way, so say for how long it is to be stored: --for 90d",
		));
	};
	let net = context.asking().await?;
	let offer = offer(context, &net, arguments, &source, eras).await?;
	if arguments.dry_run {
		context
			.terminal
			.facts(&planned(&offer), |_| told(context, &net.known(), &offer));
		return Ok(());
	}
	context.terminal.say(&told(context, &net.known(), &offer));
	affordable(context, &offer, keystore.address())?;
	if offer.asks.owners() < usize::from(offer.order.geometry.slots) {
		context.terminal.warn(&format!(
			"{} owners of devices have room and {} slots want one each: it may come to nothing, and all is given \
			 back then",
			offer.asks.owners(),
			offer.order.geometry.slots
		));
	}
	if let Some(words) = too_little(&context.currency(), &offer) {
		context.terminal.warn(&words);
	}
	context.agree("Is that right?")?;
	let access = context.access()?;
	let (_, key_box) = access.new_key()?;
	let kept = Kept {
		genesis,
		account: access.account(),
		source: source.as_os_str().as_bytes().to_vec(),
		order: offer.order,
		most: offer.put_in().saturating_add(offer.estimate.deposit),
		egress: offer.egress,
		key_box,
		step: Step::Planned,
	};
	let record = Record::begin(&place, kept)?;
	let open = Open {
		net: context.signing(&access).await?,
		access,
	};
	work(context, open, record, &source, Some(offer.put_in())).await
}

/// What is said if something is put in for what devices give out, and it is too little.
fn too_little(currency: &Currency, offer: &Offer) -> Option<String> {
	match offer.egress {
		0 => None,
		each => pay::too_little(currency, each, offer.order.geometry.slots),
	}
}

/// Refuses a folder in which this program keeps what it does: that changes while it is stored, so that the deal would
/// be paid for and come to nothing.
fn apart(source: &Path, data: &Path) -> Result<(), Failure> {
	let data = data.canonicalize().unwrap_or_else(|_| data.to_owned());
	if !data.starts_with(source) && !source.starts_with(&data) {
		return Ok(());
	}
	Err(Failure::usage(format!(
		"{} and {}, where this program keeps its keys and how far it is, lie in each other: it would change while it \
		 is stored. Store the folders beside it one by one, or move it and name it with --data",
		source.display(),
		data.display()
	)))
}

/// Goes on with what was begun.
async fn resume(context: &Context, arguments: &PutArguments, record: Record, source: &Path) -> Result<(), Failure> {
	let order = record.kept().order;
	let of = match record.kept().deal() {
		Some(deal) => format!("deal {deal}"),
		None => "a deal that was being opened".into(),
	};
	if arguments.dry_run {
		return Err(Failure::other(format!(
			"{of} with this folder is on its way: `smart put` without --dry-run goes on with it"
		)));
	}
	if arguments.egress.is_some() {
		context
			.terminal
			.warn("What was put in for what devices give out stays as it was begun; `smart top-up` adds to it later.");
	}
	let other = arguments.eras.is_some_and(|eras| eras != order.eras)
		|| arguments
			.profile
			.is_some_and(|loss| loss.profile().shape() != shape(&order));
	let open = context.open().await?;
	let known = open.net.known();
	context.terminal.say(&format!(
		"Going on with {of}: {} over {} slots for {}, at {} at most.",
		bytes(order.geometry.volume_len),
		order.geometry.slots,
		lasting(&known, order.eras),
		shown_price(&context.currency(), order.max_ask),
	));
	if other {
		context.terminal.warn(
			"It was ordered with another time or profile than is given now, and that stays; `smart extend` adds time \
			 later.",
		);
	}
	work(context, open, record, source, None).await
}

const fn shape(order: &Order) -> (u8, u8) {
	(order.geometry.enough, order.geometry.slots)
}

async fn work(
	context: &Context,
	open: Open,
	record: Record,
	source: &Path,
	put_in: Option<u128>,
) -> Result<(), Failure> {
	let key = open.access.open(&record.kept().key_box)?;
	let meter = context.meter();
	let holders = context.wire(&open.access, &meter)?;
	let job = Job {
		market: &open.net,
		holders: &holders,
		record,
		source,
		key: &key,
		meter: &meter,
		show: context.show(),
	};
	let done = put::run(job).await?;
	holders.keep();
	tell(context, &open.net, &done, put_in).await
}

async fn tell(context: &Context, net: &Net, done: &Done, put_in: Option<u128>) -> Result<(), Failure> {
	let now = net.now().await?.tick;
	let until = unix_time().saturating_add(net.known().seconds(done.ends.saturating_sub(now)));
	let stored = Stored {
		deal: done.deal,
		held: done.held,
		slots: done.slots,
		volume_bytes: done.volume_len,
		carried: done.carried,
		ends: done.ends,
		until,
		put_in: put_in.map(|planck| planck.to_string()),
	};
	context.terminal.facts(&stored, |terminal| {
		let cost = put_in.map(|planck| format!("{} at most, ", context.currency().show(planck)));
		let deal = terminal.toned(Tone::Strong, &format!("deal {}", done.deal));
		let mut text = format!(
			"{deal} active {}/{}, {}, {}until {}",
			done.held,
			done.slots,
			bytes(done.volume_len),
			cost.unwrap_or_default(),
			minute(until)
		);
		if done.held < done.slots {
			text.push_str(
				"\nWhat no device has confirmed the chain has built anew by others; `smart status` shows it.",
			);
		}
		text
	});
	Ok(())
}

/// Plans, and asks for the price.
async fn offer(
	context: &Context,
	net: &Net,
	arguments: &PutArguments,
	source: &Path,
	eras: u32,
) -> Result<Offer, Failure> {
	let (currency, account) = (context.currency(), context.keystore()?.account());
	let plan = plan(context, source).await?;
	let volume_len = plan
		.volume_len
		.ok_or_else(|| Failure::other("what is stored has no end"))?;
	let loss: Loss = arguments.profile.unwrap_or(context.config.store.profile);
	let geometry = Geometry::of(loss.profile(), volume_len);
	let offers = context.show().waiting("Asking for prices", net.offers()).await?;
	let asks = Asks::of(&offers, geometry.slot_len());
	let most = match &arguments.max_ask {
		Some(text) => price(&currency, text).map_err(Failure::usage)?,
		None => max_ask(&asks).ok_or_else(|| {
			Failure::new(
				Code::Unreachable,
				format!(
					"no device has room for a slot of {}: wait for some, take a profile with smaller slots, or order \
					 all the same with --max-ask",
					bytes(geometry.slot_len())
				),
			)
		})?,
	};
	let order = Order {
		geometry,
		max_ask: most,
		eras,
		factor: context.config.store.factor,
	};
	let quote = net.price(&order).await?.map_err(Failure::other)?;
	let deposit = net.known().deposits.of_deal(geometry.slots);
	let egress = egress(&currency, arguments.egress.as_deref(), geometry.slots)?;
	let act = Act::Open {
		order,
		// Of the length that it will have: fees are by length.
		key_box: KeyBox::truncate_from(vec![0; BOX]),
		total: quote.total(),
		deposit,
		egress,
	};
	let costs = net.costs(&act, &account).await?;
	// Roots go out in a transaction of their own, of about the same length; a few redraws may follow.
	let fees = costs.fee.saturating_mul(2);
	Ok(Offer {
		plan,
		order,
		estimate: Estimate {
			egress: for_slots(egress, geometry.slots),
			..Estimate::of(&order, &asks, &quote, deposit, fees)
		},
		asks,
		quote,
		egress,
		spendable: costs.spendable,
		missing: costs
			.missing
			.saturating_add(if costs.missing > 0 { costs.fee } else { 0 }),
	})
}

/// What each slot gets of what is put in for what devices give out, in planck.
fn egress(currency: &Currency, given: Option<&str>, slots: u8) -> Result<u128, Failure> {
	let Some(given) = given else {
		return Ok(0);
	};
	let each = currency.read(given).map_err(Failure::usage)? / u128::from(slots.max(1));
	match each {
		0 => Err(Failure::usage(
			"--egress is less than a planck for each slot; put in more, or leave it out",
		)),
		each => Ok(each),
	}
}

/// Looks at all names, without reading a byte.
async fn plan(context: &Context, source: &Path) -> Result<Plan, Failure> {
	let source: PathBuf = source.into();
	let looking = tokio::task::spawn_blocking(move || {
		let mut folder = Folder::open(&source)?;
		let plan = Plan::of(&mut folder)?;
		Ok::<_, smartchain_slots::Error>((plan, folder.skipped()))
	});
	let looked = context.show().waiting("Looking at what is to be stored", looking).await;
	let (plan, skipped) =
		looked.map_err(|error| Failure::other(format!("looking at the folder failed: {error}")))??;
	if skipped > 0 {
		context.terminal.warn(&format!(
			"{skipped} entries are neither files, folders nor links, and are left out"
		));
	}
	if plan.entries == 0 {
		return Err(Failure::usage("there is nothing in it to be stored"));
	}
	Ok(plan)
}

fn affordable(context: &Context, offer: &Offer, of: &str) -> Result<(), Failure> {
	if offer.missing == 0 {
		return Ok(());
	}
	let currency = context.currency();
	Err(Failure::other(format!(
		"{of} lacks {}: it may spend {}, and this takes {}; send the difference there, or ask for less (--for, \
		 --max-ask, --profile)",
		currency.exact(offer.missing),
		currency.show(offer.spendable),
		currency.show(offer.estimate.total()),
	)))
}

fn planned(offer: &Offer) -> Planned {
	let (order, estimate) = (&offer.order, &offer.estimate);
	Planned {
		entries: offer.plan.entries,
		bytes: offer.plan.data,
		volume_bytes: order.geometry.volume_len,
		slots: order.geometry.slots,
		enough: order.geometry.enough,
		slot_bytes: order.geometry.slot_len(),
		eras: order.eras,
		max_ask: order.max_ask.0.to_string(),
		owners: offer.asks.owners(),
		pay: estimate.pay.to_string(),
		likely: estimate.likely.to_string(),
		reserve: estimate.reserve.to_string(),
		deposit: estimate.deposit.to_string(),
		egress: estimate.egress.to_string(),
		fees: estimate.fees.to_string(),
		total: estimate.total().to_string(),
		spendable: offer.spendable.to_string(),
	}
}

/// A time in words, on a chain whose eras may be shorter than those of the calendar.
pub(super) fn lasting(known: &Known, eras: u32) -> String {
	let ticks = eras.saturating_mul(known.era);
	let days = match (eras / ERAS_A_DAY, eras % ERAS_A_DAY) {
		(days, 0) => format!("{days} days"),
		_ => format!("{eras} eras"),
	};
	let real = known.seconds(ticks);
	let nominal = u64::from(eras).saturating_mul(600);
	if real == nominal {
		return days;
	}
	let shown = smart_agent_terminal::duration(std::time::Duration::from_secs(real));
	format!("{days} of this chain, whose eras are short ({shown})")
}

/// What a GiB and month is likely to cost, in words; none of what is small or short.
fn each(currency: &Currency, offer: &Offer) -> String {
	let a_month = u128::from(ERAS_A_MONTH);
	let volume = u128::from(offer.order.geometry.volume_len);
	let gib_months = volume.saturating_mul(offer.order.eras.into()) / a_month;
	let planck = (gib_months > 0).then(|| offer.estimate.likely.saturating_mul(GIB) / gib_months);
	let words = planck.map(|planck| format!(", {} a GiB and month", currency.show(planck)));
	words.unwrap_or_default()
}

/// What is put in for fetching, in words.
fn fetching(currency: &Currency, offer: &Offer) -> String {
	match offer.egress {
		0 => "nothing is put in for it: each slot can be read twice a day".into(),
		each => format!(
			"{} to pay devices for what they give out, {} a slot; what is left comes back",
			currency.show(offer.estimate.egress),
			currency.show(each)
		),
	}
}

/// The price, before it is spent.
fn told(context: &Context, known: &Known, offer: &Offer) -> String {
	let (order, estimate, currency) = (&offer.order, &offer.estimate, context.currency());
	let geometry = &order.geometry;
	let spare = geometry.slots - geometry.enough;
	let bears = match spare {
		0 => "if it is lost, all is lost".into(),
		_ => format!("any {} bring all back, {spare} may be lost at once", geometry.enough),
	};
	let until = unix_time().saturating_add(known.seconds(order.eras.saturating_mul(known.era)));
	columns(&[
		(
			"What",
			format!(
				"{} files and folders, {} ({} encrypted)",
				offer.plan.entries,
				bytes(offer.plan.data),
				bytes(geometry.volume_len)
			),
		),
		(
			"Where",
			format!(
				"{} slots of {} with as many owners; {bears}",
				geometry.slots,
				bytes(geometry.slot_len())
			),
		),
		(
			"For",
			format!("{}, until about {}", lasting(known, order.eras), minute(until)),
		),
		(
			"At most",
			format!(
				"{} for devices, at {}",
				currency.show(estimate.pay),
				shown_price(&currency, order.max_ask)
			),
		),
		(
			"Likely",
			format!(
				"{} of that{}; the rest comes back in the end",
				currency.show(estimate.likely),
				each(&currency, offer)
			),
		),
		(
			"Besides",
			format!(
				"{} in reserve, and {} for the chain's memory; both come back in the end, but for what repairs take",
				currency.show(estimate.reserve),
				currency.show(estimate.deposit)
			),
		),
		("Fetching", fetching(&currency, offer)),
		("Fees", format!("about {}", currency.show(estimate.fees))),
		(
			"In all now",
			format!(
				"{} of {}",
				currency.show(estimate.total()),
				currency.show(offer.spendable)
			),
		),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_put_in_for_fetching_is_shared_out() {
		let currency = Currency::new(smart_agent_chain::SYMBOL, smart_agent_chain::DECIMALS);
		assert_eq!(egress(&currency, None, 8).unwrap(), 0);
		assert_eq!(egress(&currency, Some("0.8"), 8).unwrap(), 100_000_000_000);
		for wrong in ["0.000000000007", "0", "x"] {
			assert!(egress(&currency, Some(wrong), 8).is_err(), "{wrong}");
		}
	}

	/// The home folder, with the data folder in it.
	#[test]
	fn a_folder_with_the_programs_own_data_is_refused_before_it_is_paid_for() {
		let home = tempfile::tempdir().unwrap();
		let data = home.path().join(".local/share/smart");
		std::fs::create_dir_all(data.join("puts")).unwrap();
		std::fs::create_dir(home.path().join("photos")).unwrap();
		let home = home.path().canonicalize().unwrap();
		for refused in [
			home.clone(),
			home.join(".local"),
			data.canonicalize().unwrap(),
			data.join("puts"),
		] {
			let said = apart(&refused.canonicalize().unwrap(), &data).unwrap_err();
			assert!(said.message.contains("--data"), "{}", said.message);
		}
		apart(&home.join("photos"), &data).unwrap();
		// Of nearly the same name.
		apart(&home.join(".local/share/smart2"), &data).unwrap();
	}
}
