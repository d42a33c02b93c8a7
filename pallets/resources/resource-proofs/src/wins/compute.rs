//! Wins of compute: announced in time, verified when there is time.
//!
//! To verify one the chain runs its segment, which is a millisecond and more: too much for all wins of a window in the
//! few slots in which they have to be told. So they are told in these slots, signed, for the price of a signature's
//! check; they wait in a queue; and each block with room to spare runs one or a few. What is false costs the device all
//! that it left, and its place: a lie is found out for certain, since each announcement is run.
//!
//! An announcement does not say the result: whoever lies about a segment would lie about that, too.

use super::Won;
use crate::{
	pallet::{EntryOf, WindowOf},
	Announcements, Config, Entries, Error, Event, HoldReason, Pallet, Parameters, Struck, WaitingFor, WeightInfo,
	Windows, AHEAD, LOG_TARGET,
};
use codec::Encode;
use device_primitives::DeviceId;
use frame_support::{
	ensure,
	pallet_prelude::{TransactionSource, TransactionValidityWithRefund},
	traits::{fungible::hold::Balanced, Get, OnUnbalanced},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::EraClock;
use proof_lottery_primitives::{Kept, LotterySignature, Resource, SegmentDraw, SegmentWin};
use proof_of_compute_primitives::{is_lie, scratchpad, Kernel, Scratchpad};
use sp_runtime::{
	traits::Zero,
	transaction_validity::{TransactionValidityError, UnknownTransaction},
	DispatchResult,
};

/// An announcement of which all is checked but its signature.
struct Checked<T: Config> {
	entry: EntryOf<T>,
	window: WindowOf<T>,
	draw: SegmentDraw<Kernel>,
	/// How many wins of this window the device may announce.
	most: u32,
}

impl<T: Config> Pallet<T> {
	/// What segments of a device are run over in a window, and judged by: what it claimed when that was opened. None if
	/// it claimed nothing, or if nobody can win.
	pub(crate) fn draw(window: &WindowOf<T>, kept: &Kept) -> Option<SegmentDraw<Kernel>> {
		let round = &window.round;
		Some(SegmentDraw {
			kernel: window.kernel,
			challenge: round.challenge,
			threshold: round.terms.threshold(kept.estimator().units_at(round.opened))?,
		})
	}

	/// Everything but the signature, the cheapest first.
	fn check_announcement(win: &SegmentWin) -> Result<Checked<T>, Error<T>> {
		let window = Self::open_window(win.window)?;
		let round = &window.round;
		Self::check_room(Resource::Compute)?;
		ensure!(
			WaitingFor::<T>::get().len() < T::MaxWaiting::get().into(),
			Error::QueueIsFull
		);
		let entry = Self::entry(&DeviceId(win.device))?;
		let compute = entry.compute.as_ref().ok_or(Error::NotDeclared)?;
		let units = compute.kept.estimator().units_at(round.opened);
		ensure!(win.segment < units, Error::NotClaimed);
		let draw = Self::draw(&window, &compute.kept).ok_or(Error::NoWin)?;
		let most = round.terms.most_announced(units);
		if compute.window == round.number {
			ensure!(!compute.announced.contains(&win.segment), Error::AlreadyWon);
			let announced = u32::try_from(compute.announced.len()).unwrap_or(u32::MAX);
			ensure!(announced < most, Error::TooManyWins);
		}
		Ok(Checked {
			entry,
			window,
			draw,
			most,
		})
	}

	/// Whether a win may be announced, for the pool and the block.
	pub(crate) fn authorize_compute(
		source: TransactionSource,
		win: &SegmentWin,
		signature: &LotterySignature,
	) -> TransactionValidityWithRefund {
		let Checked { window, draw, most, .. } = Self::check_announcement(win).map_err(|error| match error {
			// A block passes it over. A pool would ban it, and has to know nothing of it but that it may come again.
			Error::QueueIsFull if source != TransactionSource::InBlock => UnknownTransaction::Custom(AHEAD).into(),
			error => TransactionValidityError::from(error),
		})?;
		let key = Self::key_in(&DeviceId(win.device), Resource::Compute, &window.round)?;
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		ensure!(win.verify(&genesis, &draw, &key, signature), Error::<T>::BadSignature);
		// The pool cannot count. But no two transactions in it provide the same: with as many second tags as wins may
		// be announced, it holds no more than these. Of two wins that fall on one tag the pool refuses
		// the second as of too low a priority, until a block has the first: whoever sends it has to send it again.
		let place = win.segment.checked_rem(most).unwrap_or(0);
		let tags = alloc::vec![
			("SegmentWin", win).encode(),
			("SegmentWins", win.device, win.window, place).encode(),
		];
		Self::valid(tags, window.round.until, Weight::zero())
	}

	/// Queues a win whose signature has been verified.
	pub(crate) fn do_announce(win: &SegmentWin) -> DispatchResult {
		let Checked { mut entry, window, .. } = Self::check_announcement(win)?;
		let number = window.round.number;
		if let Some(compute) = entry.compute.as_mut() {
			if compute.window != number {
				compute.announced.clear();
				compute.window = number;
			}
			compute
				.announced
				.try_push(win.segment)
				.map_err(|_| Error::<T>::TooManyWins)?;
			compute.pending = compute.pending.saturating_add(1);
		}
		let device = DeviceId(win.device);
		Entries::<T>::insert(device, entry);
		Windows::<T>::mutate(number, |window| {
			if let Some(window) = window {
				window.pending = window.pending.saturating_add(1);
			}
		});
		WaitingFor::<T>::mutate(|waiting| {
			Announcements::<T>::insert(waiting.end, win);
			waiting.end = waiting.end.saturating_add(1);
		});
		Self::count_win(Resource::Compute);
		Self::deposit_event(Event::WinAnnounced {
			device,
			window: win.window,
			segment: win.segment,
		});
		Ok(())
	}

	/// What it costs at the most to run a segment: it is a lie, or it wins and its candidate is told.
	fn weight_of_segment() -> Weight {
		Self::weight_of_true_segment(true).max(T::WeightInfo::strike())
	}

	/// What it costs to run a segment that wins.
	fn weight_of_true_segment(told: bool) -> Weight {
		Self::and_telling(T::WeightInfo::verify_segment(), told)
	}

	/// Runs segments that were announced, as many as parameters say and as there is room for, each at its worst;
	/// returns what that has cost.
	pub(crate) fn verify_announced(left: Weight) -> Weight {
		let each = Self::weight_of_segment();
		let mut used = T::WeightInfo::on_idle();
		// Where not even one segment has room no scratchpad is made.
		if used.saturating_add(each).any_gt(left) || WaitingFor::<T>::get().is_empty() {
			return used.min(left);
		}
		let most = Parameters::<T>::get().compute.verified.min(T::MaxVerified::get());
		let mut pad = scratchpad();
		for _ in 0..most {
			let mut waiting = WaitingFor::<T>::get();
			if used.saturating_add(each).any_gt(left) || waiting.is_empty() {
				break;
			}
			let win = Announcements::<T>::take(waiting.next);
			waiting.next = waiting.next.saturating_add(1);
			WaitingFor::<T>::put(waiting);
			let took = match win {
				Some(win) => Self::verify_one(&win, &mut pad),
				None => {
					log::error!(target: LOG_TARGET, "An announcement that waits is not there");
					each
				}
			};
			used = used.saturating_add(took);
		}
		used
	}

	/// Runs a segment, and returns what that has cost.
	fn verify_one(win: &SegmentWin, pad: &mut Scratchpad) -> Weight {
		let untold = Self::weight_of_true_segment(false);
		let Some(window) = Self::take_from_window(win.window) else {
			log::error!(target: LOG_TARGET, "Window {} of an announcement is not there", win.window);
			return untold;
		};
		let device = DeviceId(win.device);
		// A device that was struck has none any more: what else it announced costs nothing.
		let Some(mut entry) = Entries::<T>::get(device) else {
			return untold;
		};
		let Some(compute) = entry.compute.as_mut() else {
			return untold;
		};
		compute.pending = compute.pending.saturating_sub(1);
		// The one that was signed: no claim changes by which a win that waits is judged. See `oldest_open`.
		let told = match Self::draw(&window, &compute.kept) {
			Some(draw) if is_lie(win, &draw, pad) => {
				Self::strike(win, entry);
				return T::WeightInfo::strike();
			}
			Some(_) => {
				let won = Won {
					resource: Resource::Compute,
					unit: win.segment,
				};
				let active = Self::is_active(&device);
				Self::credit(&device, &mut entry, won, &window.round, active)
			}
			None => {
				log::error!(target: LOG_TARGET, "Nothing was claimed in window {} that is announced", win.window);
				false
			}
		};
		let leaves = entry.leaving && entry.pending() == 0;
		Entries::<T>::insert(device, entry);
		if leaves {
			Self::device_leaves(&device);
			// As much as of one that is struck goes.
			return Self::weight_of_segment();
		}
		Self::weight_of_true_segment(told)
	}

	/// The window of an announcement that waits no more. It is forgotten with the last one, if it is not the latest.
	fn take_from_window(number: u64) -> Option<WindowOf<T>> {
		let mut window = Windows::<T>::get(number)?;
		window.pending = window.pending.saturating_sub(1);
		let latest = crate::NextWindow::<T>::get().checked_sub(1) == Some(number);
		if window.pending == 0 && !latest {
			Windows::<T>::remove(number);
		} else {
			Windows::<T>::insert(number, &window);
		}
		Some(window)
	}

	/// A device told of a win that is none: it loses what was left for its lotteries, and is out for good.
	fn strike(win: &SegmentWin, mut entry: EntryOf<T>) {
		let device = DeviceId(win.device);
		Self::note(Self::end_link(&device, &mut entry));
		let due = Self::strike_out_of_all(&mut entry);
		let (slashed, missing) = T::Currency::slash(&HoldReason::Lottery.into(), &entry.owner, due);
		T::OnSlash::on_unbalanced(slashed);
		Entries::<T>::remove(device);
		Struck::<T>::insert(device, T::EraClock::current_era());
		Self::deposit_event(Event::DeviceStruck {
			device,
			window: win.window,
			segment: win.segment,
			slashed: due.saturating_sub(missing),
		});
	}
}
