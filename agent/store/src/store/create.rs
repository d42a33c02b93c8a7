//! Makes the plots of an order, one after the other. What is there already is not made again, so that an order that was
//! cut short is resumed by giving it again.

use super::{range, Kept, State, Store};
use crate::{
	capacity::{container_bytes, plotting_memory, raw_bytes, Measure},
	container::{write, Container, Header, Pages, Sources, Written, MAX_PLOTS},
	error::StoreError,
	plotter::{parent, run, stacks, Bar, Cancel, Job, Launcher, Limits, Rates, Task},
};
use proof_of_space_primitives::{pos2, Hash};
use std::{
	collections::HashMap,
	fs,
	ops::Range,
	path::PathBuf,
	sync::{Arc, TryLockError},
	time::{Duration, Instant},
};

/// Which plots are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
	/// Their size.
	pub k: u8,
	/// Their strength.
	pub strength: u8,
	/// The numbers of their groups. Numbers that are claimed are consecutive.
	pub numbers: Range<u32>,
	/// How many plots a group has. They lie in one file as soon as all are there, and are looked into together.
	pub plots: u16,
	/// Cores that plotting takes.
	pub cores: u16,
	/// How much it stands back for others, 0 to 19.
	pub nice: i32,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
	/// Plots that are there, of those that were missing.
	pub made: u64,
	/// Plots that were missing.
	pub missing: u64,
	/// How far the present one is.
	pub bar: Bar,
	/// What all that is left takes, if it goes on like this.
	pub left: Option<Duration>,
}

/// What an order came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Created {
	/// Plots made now.
	pub made: u64,
	/// Plots that were there before.
	pub there: u64,
}

impl Store {
	/// Whether an order can be made here, as far as can be told before: size, names of files, disk and memory. It makes
	/// nothing; what was left half made is removed, for its place is free.
	///
	/// # Errors
	/// `Making` if another process makes plots; what speaks against it, and what would fit.
	pub fn check(&self, order: &Order, machine: &dyn Measure) -> Result<(), StoreError> {
		self.possible(order)?;
		let _alone = self.layout.making()?;
		self.prepare(order, machine).map(drop)
	}

	/// Makes room for an order: what was left half made is removed. What is missing of it, which the machine can hold.
	/// Whoever calls this keeps other processes from making plots.
	fn prepare(&self, order: &Order, machine: &dyn Measure) -> Result<Vec<(u32, u16)>, StoreError> {
		self.rescan()?;
		self.drop_parts()?;
		let others = self.others(order);
		if others > 0 {
			return Err(self.in_the_way(others));
		}
		let missing = self.missing(order);
		if !missing.is_empty() {
			let room = machine.measure(&self.layout.folder)?;
			room.check(order.k, needed(order, missing.len() as u64))?;
		}
		Ok(missing)
	}

	/// Whether any plots are like that.
	fn possible(&self, order: &Order) -> Result<(), StoreError> {
		pos2::check(&self.owner.plot(order.k, order.strength, 0, 0))?;
		if !(1..=MAX_PLOTS).contains(&order.plots) || order.numbers.is_empty() {
			return Err(StoreError::Order { most: MAX_PLOTS });
		}
		Ok(())
	}

	/// Makes what is missing of an order, if the machine can hold it. `tell` hears how far it is, several times a
	/// second.
	pub fn create(
		&self,
		order: &Order,
		launcher: &Launcher,
		machine: &dyn Measure,
		cancel: &Cancel,
		tell: &mut dyn FnMut(Progress),
	) -> Result<Created, StoreError> {
		self.possible(order)?;
		let _one_at_a_time = match self.plotting.try_lock() {
			Ok(guard) => guard,
			Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
			// The one before panicked; what it left in the folder is cleaned below.
			Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
		};
		let _alone = self.layout.making()?;
		let missing = self.prepare(order, machine)?;
		let all = u64::from(order.numbers.end - order.numbers.start) * u64::from(order.plots);
		let mut created = Created {
			made: 0,
			there: all - missing.len() as u64,
		};
		let mut next = missing.iter().peekable();
		let began = Instant::now();
		for number in order.numbers.clone() {
			while let Some((_, index)) = next.next_if(|(of, _)| *of == number) {
				let made = created.made;
				self.plot(order, number, *index, launcher, cancel, &mut |bar| {
					tell(progress(made, missing.len() as u64, bar, began.elapsed()));
				})?;
				created.made += 1;
			}
			self.interleave(order, number, cancel)?;
		}
		Ok(created)
	}

	/// How many files have names of an order's plots, and must stay: another device's or chain's, as names do not tell
	/// whose they are, or a newer program's.
	fn others(&self, order: &Order) -> usize {
		let is_other = |kept: &&Kept| {
			let stays = kept.state != State::Sound && !kept.may_go();
			let of_order = |header: &Header| {
				(header.k, header.strength) == (order.k, order.strength) && order.numbers.contains(&header.number)
			};
			stays && kept.header().is_some_and(|header| of_order(&header))
		};
		self.kept().iter().filter(is_other).count()
	}

	/// Plots of an order that no sound container has: numbers of groups and indices.
	fn missing(&self, order: &Order) -> Vec<(u32, u16)> {
		let mut groups: HashMap<Hash, Vec<Range<u32>>> = HashMap::new();
		for kept in self.sound() {
			groups.entry(kept.header.group).or_default().push(range(&kept.header));
		}
		let mut missing = Vec::new();
		for number in order.numbers.clone() {
			let group = self.owner.plot(order.k, order.strength, number, 0).group;
			let there = groups.get(&group).map_or(&[][..], Vec::as_slice);
			let is_there = |index: &u16| there.iter().any(|range| range.contains(&u32::from(*index)));
			missing.extend(
				(0..order.plots)
					.filter(|index| !is_there(index))
					.map(|index| (number, index)),
			);
		}
		missing
	}

	/// Makes one plot.
	fn plot(
		&self,
		order: &Order,
		number: u32,
		index: u16,
		launcher: &Launcher,
		cancel: &Cancel,
		tell: &mut dyn FnMut(Bar),
	) -> Result<(), StoreError> {
		let Order { k, strength, .. } = *order;
		let place = |name: &str| self.layout.temporary.join(name);
		let (raw, made, said) = (place("plotting.gplot"), place("plotting.plots"), place("plotting.said"));
		let mut rates = Rates::load(&self.layout.rates);
		let job = Job {
			parent: parent(),
			plot: self.owner.plot(k, strength, number, index),
			limits: Limits {
				memory: plotting_memory(k) / 4 * 5 + stacks(),
				cores: order.cores,
				nice: order.nice,
			},
			task: Task::Plot {
				number,
				raw: raw.clone(),
				made: made.clone(),
			},
		};
		let ran = run(launcher, &job, &said, rates.expect(k, strength), cancel, tell);
		let adopted = ran.and_then(|used| {
			let header = Container::open(&made)?.header;
			self.adopt(&made, &header)?;
			Ok(used)
		});
		match adopted {
			Ok(used) => {
				rates.measure(k, strength, used);
				rates.save(&self.layout.rates, &place("rates"))
			}
			Err(error) => {
				// Neither need be there.
				let _ = (fs::remove_file(raw), fs::remove_file(made));
				Err(error)
			}
		}
	}

	/// Puts the plots of a group into one file, if all are there and lie in several.
	fn interleave(&self, order: &Order, number: u32, cancel: &Cancel) -> Result<(), StoreError> {
		if order.plots < 2 {
			return Ok(());
		}
		let first = self.owner.plot(order.k, order.strength, number, 0);
		let mut parts: Vec<Arc<Container>> = self.sound();
		parts.retain(|part| part.header.group == first.group && range(&part.header).end <= order.plots.into());
		parts.sort_unstable_by_key(|part| part.header.first);
		// Each begins where the one before ends.
		let end = parts.iter().try_fold(0, |end, part| {
			let range = range(&part.header);
			(range.start == end).then_some(range.end)
		});
		if parts.len() < 2 || end != Some(order.plots.into()) {
			return Ok(());
		}
		let made: PathBuf = self.layout.temporary.join("interleaving.plots");
		let pages = parts.iter().map(|part| Ok(Box::new(Pages::open(part)?) as _));
		let sources = pages.collect::<Result<Sources<'_>, StoreError>>()?;
		let header = Header::new(&first, number, order.plots);
		let written = write(&made, header, vec![sources], |_| cancel.check());
		let adopted = written
			.and_then(Written::durable)
			.and_then(|header| self.adopt(&made, &header));
		if adopted.is_err() {
			let _ = fs::remove_file(&made);
		}
		adopted?;
		self.drop_parts()
	}
}

/// Bytes of disk that an order takes beyond what is there: the plots, and for a while the plotter's own file or a group
/// that is written a second time.
fn needed(order: &Order, missing: u64) -> u64 {
	let twice = match order.plots {
		1 => 0,
		plots => container_bytes(order.k, plots),
	};
	missing * container_bytes(order.k, 1) + raw_bytes(order.k).max(twice)
}

/// How far an order is that has taken `took` so far.
fn progress(made: u64, missing: u64, bar: Bar, took: Duration) -> Progress {
	let done = 1000 * made + u64::from(bar.done);
	debug_assert!(done <= 1000 * missing);
	let of_this = bar.left.filter(|_| bar.done > 0).map(|left| {
		// A whole plot takes as long as this one: what is left of it, by what is left of it.
		let plot = left * 1000 / (1000 - u32::from(bar.done)).max(1);
		left + plot * u32::try_from(missing - made - 1).unwrap_or(u32::MAX)
	});
	// A plot that has just begun says nothing yet, and small ones have always just begun: those before it say it.
	let of_all = || {
		let each = took.as_nanos().checked_div(done.into()).filter(|_| made > 0)?;
		let left = each.checked_mul((1000 * missing).saturating_sub(done).into())?;
		u64::try_from(left).ok().map(Duration::from_nanos)
	};
	let left = of_this.or_else(of_all);
	Progress {
		made,
		missing,
		bar,
		left,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_left_is_of_all_plots() {
		let bar = Bar {
			done: 500,
			left: Some(Duration::from_secs(10)),
		};
		let left = |made| progress(made, 4, bar, Duration::ZERO).left.unwrap().as_secs();
		assert_eq!((left(0), left(3)), (70, 10));
	}

	#[test]
	fn plots_before_tell_what_one_that_has_just_begun_does_not() {
		let began = Bar { done: 0, left: None };
		let left = |made| progress(made, 4, began, Duration::from_secs(30)).left;
		assert_eq!((left(0), left(3)), (None, Some(Duration::from_secs(10))));
	}
}
