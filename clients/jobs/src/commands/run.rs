//! `run`: what it costs, whether it is meant, and then all of it.

use super::{digits, folder, here::measured, pages, parcel, runner, Desk};
use crate::{
	cli::RunArguments,
	flow::{
		follow::{follow, Finished, Follow},
		plan::{endpoint, plan, Measured, Order, Plan},
		record::{Kept, Record, Step},
	},
	market::{acts::Act, Jobs, Known},
	trouble::Trouble,
	units::parcel::Parcel,
	words::{price, shown_fuel, shown_price},
};
use codec::Encode;
use compute_market_primitives::{Assurance, Input, Price};
use device_primitives::Endpoint;
use serde::Serialize;
use smart_agent_terminal::{bytes, duration, money::Currency};
use std::{
	net::{IpAddr, Ipv4Addr, UdpSocket},
	path::{Path, PathBuf},
	time::Duration,
};

/// What would be done, for `--json`. Amounts are in planck.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
	units: u32,
	workers_a_unit: u32,
	fuel_limit: u64,
	measured_fuel: u64,
	max_price: String,
	owners: usize,
	escrow: String,
	likely: String,
	deposit: String,
	stake: String,
	/// What whoever has a unit run again leaves,
	appeal: String,
	/// and who has an output looked for.
	dispute: String,
}

/// What was done, for `--json`. Amounts are in planck.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Done {
	job: u64,
	agreed: u32,
	escalated: u32,
	trapped: Vec<u32>,
	without: Vec<u32>,
	workers: usize,
	paid: String,
	output: Option<String>,
	bytes: Option<u64>,
	root: Option<String>,
	checked: u32,
	refuted: Vec<u32>,
	otherwise: Vec<u32>,
}

/// Orders a job, or goes on with it. Whether all of it has a result that is right.
pub(super) async fn run(desk: &dyn Desk, arguments: &RunArguments) -> Result<bool, Trouble> {
	// What cannot be is said before anything is paid for.
	let eras = arguments.store.as_deref().map(|text| desk.eras(text)).transpose()?;
	let (program, account) = (arguments.program.clone(), desk.account()?);
	let packed = tokio::task::spawn_blocking(move || -> Result<_, Trouble> {
		let parcel = parcel(&program)?;
		let print = parcel.print()?;
		Ok((parcel, print))
	});
	let (parcel, print) = packed.await.map_err(Trouble::thread)??;
	let (out, given) = (folder(&arguments.out)?, given(desk, arguments, &print)?);
	let place = place(desk.folder(), &account, &parcel, &out);
	let (mut record, parcel) = match begun(desk, arguments, &place, &given)? {
		Some(record) => (record, parcel),
		None => match ordered(desk, arguments, &place, &out, given).await? {
			Some(ordered) => ordered,
			None => return Ok(true),
		},
	};
	let step = record.kept().step;
	let right = match step {
		Step::Storing { .. } => true,
		Step::Planned | Step::Submitting { .. } | Step::Submitted { .. } | Step::Received { .. } => {
			followed(desk, account, &mut record, &parcel).await?
		}
	};
	if let Some(eras) = eras {
		store(desk, &mut record, eras, right).await?;
	}
	record.end()?;
	Ok(right)
}

/// A job to its outputs. Whether all of it has a result that is right.
async fn followed(desk: &dyn Desk, account: [u8; 32], record: &mut Record, parcel: &Parcel) -> Result<bool, Trouble> {
	let payer = desk.paying().await?;
	let finished = follow(Follow {
		market: &payer.net,
		account,
		record,
		parcel,
		runner: runner()?,
		terminal: desk.terminal(),
		currency: desk.currency(),
		agree: &|question: &str| desk.agree(question),
	})
	.await?;
	tell(desk, &finished);
	Ok(finished.is_right())
}

/// Stores all outputs, if they are as they should be. From here on the job is over: what is interrupted goes on here,
/// though the chain may not know the job any more.
async fn store(desk: &dyn Desk, record: &mut Record, eras: u32, right: bool) -> Result<(), Trouble> {
	let output = record.kept().output();
	if !right {
		desk.terminal().warn(&format!(
			"Nothing is stored, for not all is as it should be; `smart put {} --for TIME` stores what is there",
			record.kept().out.display()
		));
		return Ok(());
	}
	if let Some(job) = record.kept().step.job() {
		record.update(|kept| kept.step = Step::Storing { job })?;
	}
	desk.store(&output, eras).await
}

/// What tells this order from another one of the same program, in digits: what is read, and under which terms.
fn given(desk: &dyn Desk, arguments: &RunArguments, print: &[u8; 32]) -> Result<String, Trouble> {
	let program = &arguments.program;
	let terms = (
		max_price(desk, arguments)?,
		arguments.assurance.assurance(),
		arguments.spot_check,
	);
	let of = (print, program.fuel, program.memory, terms);
	Ok(digits(blake3::hash(&of.encode()).as_bytes()))
}

/// What is under way in a place, if it is what is given now. Another order of which nothing was sent is forgotten.
fn begun(desk: &dyn Desk, arguments: &RunArguments, place: &Path, given: &str) -> Result<Option<Record>, Trouble> {
	let Some(mut record) = Record::open(place)? else {
		return Ok(None);
	};
	let what = match record.kept().step.job() {
		Some(job) => format!("job {job} of this program is under way"),
		None => "an order of this program is under way".into(),
	};
	let out = record.kept().out.display().to_string();
	if !record.kept().is_of(given) {
		if record.kept().step == Step::Planned {
			record.forget()?;
			return Ok(None);
		}
		return Err(Trouble::Usage(format!(
			"{what} with outputs in {out}, and other inputs or options than are given now: give those again to go on \
			 with it, or another --out to order anew"
		)));
	}
	if arguments.dry_run {
		return Err(Trouble::Other(format!(
			"{what} with outputs in {out}: the same without --dry-run goes on with it"
		)));
	}
	desk.terminal().say("Going on with what was begun.");
	if record.kept().listen != arguments.serve {
		desk.terminal().warn(&format!(
			"Program and inputs were served at {}, and are at {} now: workers still look where they were told to",
			record.kept().listen,
			arguments.serve
		));
		record.update(|kept| kept.listen = arguments.serve)?;
	}
	Ok(Some(record))
}

/// The folder of a job of this program, account and place.
fn place(folder: &Path, account: &[u8; 32], parcel: &Parcel, out: &Path) -> PathBuf {
	let mut hasher = blake3::Hasher::new();
	for part in [
		&account[..],
		&parcel.named().root,
		&parcel.units.to_le_bytes(),
		out.as_os_str().as_encoded_bytes(),
	] {
		hasher.update(&(part.len() as u64).to_le_bytes());
		hasher.update(part);
	}
	folder.join("jobs").join(digits(&hasher.finalize().as_bytes()[..8]))
}

/// Measures, asks for prices and for agreement, and notes what is to be done; none if that is all that was wanted.
async fn ordered(
	desk: &dyn Desk,
	arguments: &RunArguments,
	place: &Path,
	out: &Path,
	digest: String,
) -> Result<Option<(Record, Parcel)>, Trouble> {
	let net = desk.asking().await?;
	let (given, terminal) = (arguments.program.clone(), desk.terminal());
	terminal.say("Running the first, the middle and the last unit here");
	let measuring = tokio::task::spawn_blocking(move || measured(&given)).await;
	let (parcel, checked) = measuring.map_err(Trouble::thread)??;
	if let Some(words) = checked.warning() {
		terminal.warn(&words);
	}
	let measured = Measured::of(&checked);
	std::fs::create_dir_all(place).map_err(|error| Trouble::file(place, &error))?;
	let (packing, to) = (parcel.clone(), place.to_owned());
	let input = tokio::task::spawn_blocking(move || packing.pack(&to))
		.await
		.map_err(Trouble::thread)??;
	let order = order(desk, arguments, &parcel, input)?;
	let plan = plan(&net, &order, &measured).await?;
	let known = net.known();
	if arguments.dry_run {
		terminal.facts(&planned(&plan, &measured), |_| {
			told(&desk.currency(), &known, &plan, &measured)
		});
		return Ok(None);
	}
	terminal.say(&told(&desk.currency(), &known, &plan, &measured));
	if let Some(words) = too_few(&plan) {
		terminal.warn(&words);
	}
	let costs = net.costs(&submit(&plan), &desk.account()?).await?;
	desk.afford(&costs, &smart_address(desk)?)?;
	desk.agree("Is that right?")?;
	let of = (&plan.spec, plan.max_price, plan.assurance);
	let put_in = (plan.quote.escrow, plan.deposit);
	let kept = Kept::new(of, put_in, out, arguments.serve, arguments.spot_check, digest);
	Ok(Some((Record::begin(place, kept)?, parcel)))
}

/// That a job may starve, if there are too few now who can be drawn for it.
fn too_few(plan: &Plan) -> Option<String> {
	let least = plan.assurance.least_pool();
	if plan.owners >= usize::try_from(least).unwrap_or(usize::MAX) {
		return None;
	}
	let alone = match plan.assurance {
		Assurance::Audit => ", and were right often enough to work alone",
		Assurance::Quorum | Assurance::Strict => "",
	};
	Some(format!(
		"Only {} owners can be drawn now, who compute at this price with so much of their stake free{alone}, and a job \
		 needs {least}: it may starve",
		plan.owners
	))
}

/// The account as it is written, for what is said of its money.
fn smart_address(desk: &dyn Desk) -> Result<String, Trouble> {
	Ok(format!("account 0x{}", digits(&desk.account()?)))
}

fn submit(plan: &Plan) -> Act {
	Act::Submit {
		spec: plan.spec.clone(),
		max_price: plan.max_price,
		assurance: plan.assurance,
		escrow: plan.quote.escrow,
		deposit: plan.deposit,
	}
}

/// The most that is paid for a Gfuel, if it is said.
fn max_price(desk: &dyn Desk, arguments: &RunArguments) -> Result<Option<Price>, Trouble> {
	let said = arguments.max_price.as_deref();
	let read = said.map(|text| price(&desk.currency(), text));
	read.transpose().map_err(Trouble::Usage)
}

fn order(desk: &dyn Desk, arguments: &RunArguments, parcel: &Parcel, input: Input) -> Result<Order, Trouble> {
	let max_price = max_price(desk, arguments)?;
	let [engine] = smartchain_unit::ENGINES;
	Ok(Order {
		engine,
		program: parcel.named(),
		input,
		endpoints: endpoints(desk, arguments)?,
		units: parcel.units,
		fuel: arguments.program.fuel,
		memory_pages: pages(arguments.program.memory),
		max_price,
		assurance: arguments.assurance.assurance(),
		payer: desk.account()?,
	})
}

/// By what this program is reached: what is said, or the address at which it serves. If that is every one of this
/// machine, the one by which it reaches others.
fn endpoints(desk: &dyn Desk, arguments: &RunArguments) -> Result<Vec<Endpoint>, Trouble> {
	let most = compute_market_primitives::MAX_CLIENT_ENDPOINTS as usize;
	if arguments.public.len() > most {
		return Err(Trouble::Usage(format!(
			"{most} addresses at most: give --public less often"
		)));
	}
	let given: Vec<Endpoint> = arguments
		.public
		.iter()
		.map(|text| endpoint(text))
		.collect::<Result<_, _>>()?;
	if !given.is_empty() {
		return Ok(given);
	}
	let port = arguments.serve.port();
	let ip = match arguments.serve.ip() {
		ip if ip.is_unspecified() => own_address(),
		ip => ip,
	};
	if matches!(ip, IpAddr::V4(ip) if ip.is_private()) {
		desk.terminal().warn(&format!(
			"Only workers of this network reach this machine, at {ip}: for others, have a port lead here, and say by \
			 what it is reached with --public HOST:{port}"
		));
	}
	let host = match ip {
		ip if ip.is_loopback() => "localhost".to_owned(),
		IpAddr::V4(ip) => ip.to_string(),
		IpAddr::V6(ip) => format!("[{ip}]"),
	};
	Ok(vec![endpoint(&format!("{host}:{port}"))?])
}

/// The address by which this machine reaches others; itself, if there is no way out. Nothing is sent for it.
fn own_address() -> IpAddr {
	let found = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
		socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
		socket.local_addr()
	});
	found.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip())
}

fn planned(plan: &Plan, measured: &Measured) -> Planned {
	Planned {
		units: plan.spec.units,
		workers_a_unit: plan.assurance.replicas(),
		fuel_limit: plan.spec.fuel_limit,
		measured_fuel: measured.mean,
		max_price: plan.max_price.0.to_string(),
		owners: plan.owners,
		escrow: plan.quote.escrow.to_string(),
		likely: plan.likely.to_string(),
		deposit: plan.deposit.to_string(),
		stake: plan.quote.stake.to_string(),
		appeal: plan.quote.appeal.to_string(),
		dispute: plan.quote.dispute.to_string(),
	}
}

/// What it comes to, before anything is put in.
fn told(currency: &Currency, known: &Known, plan: &Plan, measured: &Measured) -> String {
	let pooling = known.seconds(plan.terms.times.pooling);
	let appeal = known.seconds(plan.terms.times.appeal);
	format!(
		"unit 0 here: {}, {}; {} units x {} workers, each up to {}\nput in: {} for workers, likely {}; {} held for \
		 state, which comes back\nat most {}; {} owners compute at that and have {} of their stake free\nworkers are \
		 found within {}, or all comes back; results can be appealed for {}, which takes {}; to have an output looked \
		 for that nobody gives out takes {}",
		shown_fuel(measured.first),
		duration(Duration::from_millis(measured.first_millis)),
		plan.spec.units,
		plan.assurance.replicas(),
		shown_fuel(plan.spec.fuel_limit),
		currency.show(plan.quote.escrow),
		currency.show(plan.likely),
		currency.show(plan.deposit),
		shown_price(currency, plan.max_price),
		plan.owners,
		currency.show(plan.quote.stake),
		duration(Duration::from_secs(pooling)),
		duration(Duration::from_secs(appeal)),
		currency.show(plan.quote.appeal),
		currency.show(plan.quote.dispute),
	)
}

fn tell(desk: &dyn Desk, finished: &Finished) {
	let currency = desk.currency();
	let joined = finished.joined.as_ref();
	let done = Done {
		job: finished.job,
		agreed: finished.agreed,
		escalated: finished.escalated,
		trapped: finished.trapped.clone(),
		without: finished.without.clone(),
		workers: finished.workers,
		paid: finished.paid.to_string(),
		output: joined.map(|(path, ..)| path.display().to_string()),
		bytes: joined.map(|(_, bytes, _)| *bytes),
		root: joined.map(|(.., root)| digits(root)),
		checked: finished.checked,
		refuted: finished.refuted.clone(),
		otherwise: finished.otherwise.clone(),
	};
	desk.terminal().facts(&done, |_| {
		let mut text = format!(
			"job {}: {} workers; {} units agreed, {} after a dissent; {} paid",
			done.job,
			done.workers,
			done.agreed,
			done.escalated,
			currency.show(finished.paid)
		);
		if done.checked > 0 {
			text += &format!(
				"; {} run here as well, {} of them otherwise",
				done.checked,
				done.refuted.len()
			);
		}
		if !done.otherwise.is_empty() {
			text += &format!(
				"\nwhat stands comes to something else here, and nobody has found that out: {:?}",
				done.otherwise
			);
		}
		if !done.trapped.is_empty() {
			text += &format!("\nended early, without output: {:?}", done.trapped);
		}
		match (&done.output, done.bytes) {
			(Some(output), Some(count)) => text += &format!("\n{} in {output}", bytes(count)),
			_ => {
				text += &format!(
					"\nwithout a result, and paid back: {:?}; `smart job get {} FOLDER` fetches the others",
					done.without, done.job
				);
			}
		}
		text
	});
}

#[cfg(test)]
mod tests;
