//! Making plots.

use super::{
	claim::{claim, claim_call, state, Units},
	place::take,
};
use crate::{
	cli::PlotCreate,
	commands::{context::launcher, signed, Code, Context, Failure},
	keys::Owner,
	ledger::{Ledger, Wait},
	run::kind,
	status::{Making, MakingFile},
	terminal::{bytes, counted, duration, Bar},
};
use serde::Serialize;
use smart_agent_store::{
	capacity::{container_bytes, Capacity, Measure, ThisMachine},
	plotter::{Cancel, Rates},
	Created, Order, Progress, State, Store,
};
use std::{
	collections::HashSet,
	io,
	ops::Range,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

/// Sizes that lasting chains take, the largest first.
const SIZES: [u8; 2] = [28, 26];
/// Plots that a device may have.
const MOST: u64 = 1_000_000;
/// How often the bar is drawn.
const DRAW: Duration = Duration::from_millis(200);

/// What is to be done with plots that are claimed.
const NEXT: &str =
	"Next: `smart-agent run`, if no agent runs; one that found no plots when it began has to be started \
                    again. The claim counts from the second round on: a round is one question of the chain, open for \
                    some slots. Plots earn something once their space is offered: `smart-agent offer set`.";

/// For `--json`.
#[derive(Debug, Serialize)]
struct Done {
	size: u8,
	made: u64,
	there_before: u64,
	bytes_each: u64,
}

/// Carries out the command.
pub async fn run(context: &Context, arguments: &PlotCreate) -> Result<(), Failure> {
	if !arguments.no_claim && !context.has_store() {
		is_meant(context, arguments).await?;
	}
	let store = Arc::new(take(context, arguments.make_folder)?);
	let capacity = ThisMachine.measure(store.folder())?;
	let there = kind(&store.list(), 0).map(|kind| (kind.k, kind.strength));
	let k = match (arguments.size, there) {
		// More of what there is.
		(None, Some((k, _))) => k,
		_ => size(arguments, &capacity)?,
	};
	one_kind(there, (k, arguments.strength))?;
	let order = order(context, arguments, &store, &capacity, k)?;
	// Before the plan is shown: what cannot be is no plan. And before hours of work: a password that is wrong.
	store.check(&order, &ThisMachine)?;
	let owner = unlocked(context, arguments)?;
	announce(context, &order, &store);
	is_much(context, arguments, k)?;
	if owner.is_some() {
		foresee(context, &order).await;
	}
	let made = plot(context, store.clone(), order.clone()).await;
	let made = made.map_err(|failure| match failure.code {
		Code::Interrupted => Failure::new(
			Code::Interrupted,
			"ended; plots that were done stay, and the same command makes the others",
		),
		_ => failure,
	})?;
	let done = Done {
		size: k,
		made: made.made,
		there_before: made.there,
		bytes_each: container_bytes(k, 1),
	};
	let listed = store.list();
	let all = kind(&listed, 0).map_or(0, |kind| kind.names.len()) as u64;
	context.terminal.done(&outcome(&made, all, k));
	let claimed = if arguments.no_claim {
		context
			.terminal
			.say("The chain was not told; `smart-agent plot claim` does it.");
		Ok(())
	} else {
		let told = async {
			claim(
				context,
				&context.connect().await?,
				&arguments.signing,
				owner.as_ref(),
				&listed,
				Wait::Block,
			)
			.await
		};
		let told = told.await;
		if told.is_ok() {
			context.terminal.say(NEXT);
		}
		told
	};
	context.terminal.facts(&done, |_| String::new());
	claimed
		.map_err(|failure| failure.with("the plots are made and stay; `smart-agent plot claim` tells the chain later"))
}

/// The owner, unlocked before the work begins; none if nothing is to be claimed, or nobody can unlock it here.
///
/// # Errors
/// If the password is wrong.
fn unlocked(context: &Context, arguments: &PlotCreate) -> Result<Option<Owner>, Failure> {
	if arguments.no_claim {
		return Ok(None);
	}
	let later = |why: &str| {
		context.terminal.warn(&format!(
			"The plots are made, and cannot be claimed by this command: {why}. `smart-agent plot claim` does it later."
		));
	};
	let keystore = match context.keystore() {
		Ok(keystore) => keystore,
		Err(failure) => {
			later(&failure.message);
			return Ok(None);
		}
	};
	if arguments.signing.password_path().is_none() && !context.terminal.asks() {
		later("the owner's password is not given by --password-file, and there is no terminal to ask for it");
		return Ok(None);
	}
	let owner = context.owner(&keystore, &arguments.signing)?;
	if !arguments.signing.yes {
		let said = "When the plots are made, the fee is told and you are asked; --yes claims them unasked.";
		context.terminal.say(said);
	}
	Ok(Some(owner))
}

/// What came of it, of so many sound plots in all.
fn outcome(made: &Created, all: u64, k: u8) -> String {
	match made.made {
		0 => format!(
			"Nothing was to be made; there already: {} of size {k}.",
			counted(all, "plot")
		),
		new => format!("{} of size {k} made now; {all} in all.", counted(new, "plot")),
	}
}

/// Whoever fills a disk with plots of test chains is asked: they are a great many, and of no use elsewhere.
fn is_much(context: &Context, arguments: &PlotCreate, k: u8) -> Result<(), Failure> {
	if !arguments.fill || arguments.signing.yes || SIZES.contains(&k) {
		return Ok(());
	}
	let question = format!("Plots of size {k} are for test chains alone. Shall they fill the disk?");
	let agreed = context.terminal.confirm(&question);
	match agreed.map_err(|why| Failure::other(why).with("give --yes, or --count with how many there are to be"))? {
		true => Ok(()),
		false => Err(Failure::other(
			"nothing was made, as you said; `smart-agent plot create --count COUNT` makes so many",
		)),
	}
}

/// Says before hours of work that the claim at their end could not be paid or made. Without a node nobody knows.
async fn foresee(context: &Context, order: &Order) {
	let Ok(chain) = context.connect().await else { return };
	let seen = claimable(context, &chain, order).await;
	if let Err(failure) = seen {
		context.terminal.warn(&format!(
			"The claim when the plots are made: {}. They are made all the same; `smart-agent plot claim` claims them.",
			failure.message
		));
	}
}

/// Whether the plots of an order could be claimed now.
async fn claimable(context: &Context, ledger: &dyn Ledger, order: &Order) -> Result<(), Failure> {
	let claimed = state(context, ledger).await?.map(|state| state.claimed);
	if claimed == Some(order.numbers.end) {
		return Ok(());
	}
	let call = claim_call(
		context,
		Units {
			k: order.k,
			strength: order.strength,
			groups: order.numbers.end,
		},
	)?;
	let keystore = context.keystore()?;
	let quote = ledger.quote(&call, &keystore.account()).await?;
	signed::afford(&quote, &ledger.currency(), keystore.address())
}

/// A disk that is not mounted looks like a folder without plots: whoever has claimed some is asked.
async fn is_meant(context: &Context, arguments: &PlotCreate) -> Result<(), Failure> {
	// Without a node nobody knows.
	let Ok(chain) = context.connect().await else {
		return Ok(());
	};
	let claimed = state(context, &chain)
		.await
		.ok()
		.flatten()
		.map_or(0, |state| state.claimed);
	if claimed == 0 || arguments.signing.yes {
		return Ok(());
	}
	let question = format!(
		"The chain was told of {}, and none are in {} yet. Is its disk mounted, and shall they be made there?",
		counted(claimed.into(), "plot"),
		context.config.plots.folder.display()
	);
	let agreed = context.terminal.confirm(&question);
	match agreed.map_err(|why| Failure::other(why).with("give --yes"))? {
		true => Ok(()),
		false => Err(Failure::other("nothing was made, as you said")),
	}
}

/// A device claims plots of one size and strength: hours of work on others would come to nothing. And the chain says
/// how many are claimed, not which: beside as many of another kind nobody could tell.
fn one_kind(there: Option<(u8, u8)>, asked: (u8, u8)) -> Result<(), Failure> {
	match there.filter(|there| *there != asked) {
		None => Ok(()),
		Some((k, strength)) => Err(Failure::other(format!(
			"plots of size {k} and strength {strength} are here, and a device claims those of one kind alone; make \
			 more with --size {k} --strength {strength}, or delete them first with `smart-agent plot delete --all`"
		))),
	}
}

/// The size that is asked for, or the largest that fits.
fn size(arguments: &PlotCreate, capacity: &Capacity) -> Result<u8, Failure> {
	if let Some(k) = arguments.size {
		return Ok(k);
	}
	let fits = SIZES.into_iter().find(|k| capacity.plots(*k) > 0);
	fits.ok_or_else(|| {
		let fits = capacity.fits(SIZES[1]);
		Failure::other(format!(
			"this machine has neither memory nor disk for a plot of size 26, the smallest that lasting chains take ({} \
			 of memory and {} of disk are free); on a test chain {fits}, with --size",
			bytes(capacity.memory),
			bytes(capacity.disk),
		))
	})
}

fn order(
	context: &Context,
	arguments: &PlotCreate,
	store: &Store,
	capacity: &Capacity,
	k: u8,
) -> Result<Order, Failure> {
	let strength = arguments.strength;
	let numbers = match arguments.count {
		Some(count) => 0..count,
		None => fill(store, capacity, k, strength),
	};
	if numbers.is_empty() {
		return Err(Failure::other(format!(
			"no plot of size {k} fits; {}",
			capacity.fits(k)
		)));
	}
	Ok(Order {
		k,
		strength,
		numbers,
		plots: 1,
		cores: arguments.cores.unwrap_or(context.config.plots.cores),
		nice: context.config.plots.nice.into(),
	})
}

/// As many as there are of this kind and as fit beside them: gaps are filled first.
fn fill(store: &Store, capacity: &Capacity, k: u8, strength: u8) -> Range<u32> {
	let listed = store.list();
	let sound = listed
		.iter()
		.filter(|file| file.state == State::Sound)
		.filter_map(|file| file.header);
	let there = sound
		.filter(|header| (header.k, header.strength) == (k, strength))
		.count() as u64;
	let all = there.saturating_add(capacity.plots(k)).min(MOST);
	0..u32::try_from(all).unwrap_or(u32::MAX)
}

/// Says what it takes, before it begins.
fn announce(context: &Context, order: &Order, store: &Store) {
	let listed = store.list();
	let there: HashSet<u32> = listed
		.iter()
		.filter(|file| file.state == State::Sound)
		.filter_map(|file| file.header)
		.filter(|header| (header.k, header.strength) == (order.k, order.strength))
		.map(|header| header.number)
		.collect();
	let missing = order.numbers.clone().filter(|number| !there.contains(number)).count() as u64;
	let expected = Rates::load(&store.folder().join("rates")).expect(order.k, order.strength);
	let cores = u32::from(order.cores.max(1));
	let all = (expected / cores).saturating_mul(u32::try_from(missing).unwrap_or(u32::MAX));
	context.terminal.say(&format!(
		"{} of size {} to be made in {}: {} of disk, some {} on {}.",
		counted(missing, "plot"),
		order.k,
		store.folder().display(),
		bytes(missing.saturating_mul(container_bytes(order.k, 1))),
		duration(all),
		counted(order.cores.into(), "core"),
	));
	context.terminal.say(
		"A plot is a file by which the chain sees that its space is given. Ctrl-C ends this; the same command goes on.",
	);
}

/// Plots on a thread of its own, draws a bar, and tells an agent that runs how far it is; Ctrl-C ends the child and
/// keeps what is done.
async fn plot(context: &Context, store: Arc<Store>, order: Order) -> Result<Created, Failure> {
	let (cancel, latest) = (Arc::new(Cancel::default()), Arc::new(Mutex::new(None::<Progress>)));
	let launcher = launcher()?;
	let (stop, shared, mut file) = (cancel.clone(), latest.clone(), MakingFile::new(context.folder.path()));
	let mut work = tokio::task::spawn_blocking(move || {
		let mut fault = None;
		let created = store.create(&order, &launcher, &ThisMachine, &stop, &mut |progress| {
			*shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
			let told = file.tell(|started, took| making(&order, &progress, started, took));
			fault = fault.take().or(told.err());
		});
		(created, fault)
	});
	let mut bar = context.terminal.bar("Plotting");
	loop {
		tokio::select! {
			done = &mut work => {
				let (created, fault) =
					done.map_err(|error| Failure::other(format!("plotting broke off: {error}; try again")))?;
				drop(bar);
				if let Some(fault) = fault {
					context.terminal.warn(&untold(context, &fault));
				}
				return Ok(created?);
			}
			_ = tokio::signal::ctrl_c() => cancel.cancel(),
			() = tokio::time::sleep(DRAW) => {
				let progress = *latest.lock().unwrap_or_else(PoisonError::into_inner);
				draw(&mut bar, progress);
			}
		}
	}
}

/// That an agent's page could not show it is no reason to make no plots.
fn untold(context: &Context, fault: &io::Error) -> String {
	format!(
		"Status and page could not show how far this was: {fault}; see to the disk of {} and to who may write there",
		context.folder.path().display()
	)
}

/// How far all of it is, in thousandths, by an estimate for the plot at hand.
fn thousandths(progress: &Progress) -> u64 {
	let done = progress
		.made
		.saturating_mul(1_000)
		.saturating_add(progress.bar.done.into());
	(done / progress.missing.max(1)).min(1_000)
}

/// The same as a status shows it.
fn making(order: &Order, progress: &Progress, started: u64, took: Duration) -> Making {
	let count = |plots: u64| u32::try_from(plots).unwrap_or(u32::MAX);
	let (each, done) = (container_bytes(order.k, 1), thousandths(progress));
	let there = u128::from(progress.missing) * u128::from(each) * u128::from(done) / 1_000;
	let rate = there.checked_div(took.as_secs().into()).filter(|rate| *rate > 0);
	Making {
		k: order.k,
		done: count(progress.made),
		of: count(progress.missing),
		permille: u16::try_from(done).unwrap_or(1_000),
		seconds_left: progress.left.map(|left| left.as_secs()),
		started,
		bytes: progress.made.saturating_mul(each),
		bytes_per_second: rate.and_then(|rate| u64::try_from(rate).ok()),
	}
}

fn draw(bar: &mut Bar, progress: Option<Progress>) {
	let Some(progress) = progress else { return };
	let done = thousandths(&progress);
	let left = progress
		.left
		.map_or("measuring".into(), |left| format!("{} left", duration(left)));
	let plot = progress.made + 1;
	bar.tell(
		u16::try_from(done).ok(),
		&format!("plot {plot} of {}, {left}", progress.missing),
	);
}

#[cfg(test)]
mod tests {
	use super::*;

	const GIB: u64 = 1 << 30;

	fn arguments(size: Option<u8>) -> PlotCreate {
		PlotCreate {
			size,
			count: None,
			fill: true,
			strength: 2,
			cores: None,
			no_claim: true,
			make_folder: false,
			signing: Default::default(),
		}
	}

	#[test]
	fn a_second_kind_is_refused_before_it_is_made() {
		assert!(one_kind(None, (28, 2)).is_ok());
		assert!(one_kind(Some((28, 2)), (28, 2)).is_ok());
		for asked in [(26, 2), (28, 3)] {
			let said = one_kind(Some((28, 2)), asked).unwrap_err().message;
			assert!(
				said.contains("--size 28 --strength 2") && said.contains("plot delete --all"),
				"{said}"
			);
		}
	}

	#[test]
	fn what_is_there_is_told_as_it_is() {
		let of = |made, there| outcome(&Created { made, there }, 40, 18);
		assert_eq!(of(0, 20), "Nothing was to be made; there already: 40 plots of size 18.");
		assert_eq!(of(1, 39), "1 plot of size 18 made now; 40 in all.");
	}

	#[test]
	fn a_status_shows_what_the_bar_shows() {
		let order = Order {
			k: 28,
			strength: 2,
			numbers: 0..20,
			plots: 1,
			cores: 1,
			nice: 0,
		};
		let progress = |made, done| Progress {
			made,
			missing: 12,
			bar: smart_agent_store::plotter::Bar { done, left: None },
			left: Some(Duration::from_millis(2_870_900)),
		};
		let each = container_bytes(28, 1);
		let told = making(&order, &progress(3, 600), 77, Duration::from_secs(100));
		assert_eq!(
			(told.k, told.done, told.of, told.permille, told.started),
			(28, 3, 12, 300, 77)
		);
		assert_eq!((told.seconds_left, told.bytes), (Some(2_870), 3 * each));
		assert_eq!(told.bytes_per_second, Some(12 * each * 300 / 1_000 / 100));
		let at_first = making(&order, &progress(0, 0), 77, Duration::ZERO);
		assert_eq!((at_first.permille, at_first.bytes_per_second), (0, None));
		let last = making(&order, &progress(12, 1_000), 77, Duration::from_secs(1));
		assert_eq!((last.done, last.permille), (12, 1_000));
	}

	#[test]
	fn the_largest_size_that_fits_is_taken() {
		let of = |disk, memory| size(&arguments(None), &Capacity { disk, memory });
		assert_eq!(of(100 * GIB, 32 * GIB), Ok(28));
		assert_eq!(of(100 * GIB, 8 * GIB), Ok(26));
		let said = of(100 * GIB, GIB).unwrap_err().message;
		assert!(said.contains("--size") && said.contains("would fit"), "{said}");
		let asked = size(&arguments(Some(18)), &Capacity { disk: 0, memory: 0 });
		assert_eq!(
			asked,
			Ok(18),
			"the store refuses what cannot be, and says what would fit"
		);
	}
}
