//! What calls and hooks cost, each at its worst: jobs with pools of 64, and as many units out as there can be.

mod shop;

pub use shop::{engage, BenchmarkHelper};

use crate::*;
use compute_market_primitives::{Assurance, Decline, JobId, OutputReport, MAX_BATCH, MAX_POOL, MAX_TICKETS};
use frame_benchmarking::v2::*;
use frame_support::{assert_ok, traits::Get, weights::Weight, BoundedVec};
use frame_system::RawOrigin;
use queues::Queue;
use shop::{much, offer, other, outcome, rich, sign, spec, unit, Shop, ASK, NOW, UNITS};

#[benchmarks]
mod benches {
	use super::*;

	/// All of its tickets go, and come again; another device's move.
	#[benchmark]
	fn set_worker() {
		let shop = Shop::<T>::open(2);
		let (device, owner, _) = shop.machines[0].clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, Some(offer::<T>()));

		assert_eq!(
			Workers::<T>::get(device).map(|worker| worker.tickets),
			Some(MAX_TICKETS)
		);
	}

	#[benchmark]
	fn add_stake() {
		let shop = Shop::<T>::open(1);
		let (device, owner, _) = shop.machines[0].clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, unit::<T>());
	}

	/// One part has left, another leaves.
	#[benchmark]
	fn withdraw_stake() {
		let shop = Shop::<T>::open(1);
		let (device, owner, _) = shop.machines[0].clone();
		assert_ok!(Pallet::<T>::do_withdraw_stake(&owner, device, unit::<T>()));
		Workers::<T>::mutate(device, |worker| {
			worker.as_mut().expect("set").leaving = Some((unit::<T>(), NOW));
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, unit::<T>());

		assert!(Workers::<T>::get(device).is_some_and(|worker| worker.leaving.is_some()));
	}

	#[benchmark]
	fn submit_job() {
		T::BenchmarkHelper::set_tick(NOW);
		let user = rich::<T>("user", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(user), spec::<T>(UNITS), ASK, Assurance::Quorum);

		assert_eq!(LastJob::<T>::get(), 1);
	}

	#[benchmark]
	fn top_up() {
		let shop = Shop::<T>::open(3);
		let id = shop.running(1);
		shop.change(id, |job| job.short = Some(NOW));

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.user.clone()), id, unit::<T>());

		assert!(Jobs::<T>::get(id).is_some_and(|job| job.queued));
	}

	/// All that is out misses members.
	#[benchmark]
	fn cancel_job() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.out(id, 0..MAX_OPEN, 3, State::Revealed(outcome()));
		Boards::<T>::mutate(id, |board| board.wanting = board.open.clone());
		shop.change(id, |job| job.short = Some(NOW));

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.user.clone()), id);

		assert!(Jobs::<T>::get(id).is_some_and(|job| job.given_up));
	}

	/// It is the last of three.
	#[benchmark]
	fn commit(n: Linear<1, 32>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.out(id, 0..n, 3, State::Fault);
		last_works::<T>(id, n);
		let (commit, signature) = shop.commits(id, n);

		#[extrinsic_call]
		_(RawOrigin::Authorized, commit, signature);

		assert_eq!(SettlingEnds::<T>::get().1, u64::from(n));
	}

	#[benchmark]
	fn check_commit(n: Linear<1, 32>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.out(id, 0..n, 3, State::Fault);
		last_works::<T>(id, n);
		let (commit, signature) = shop.commits(id, n);

		#[block]
		{
			assert!(Pallet::<T>::check_commit(&commit, &signature).is_ok());
		}
	}

	#[benchmark]
	fn reveal(n: Linear<1, 32>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.to_reveal(id, n);
		let reveal = shop.reveals(id, n);

		#[extrinsic_call]
		_(RawOrigin::Authorized, reveal);

		assert_eq!(SettlingEnds::<T>::get().1, u64::from(n));
	}

	#[benchmark]
	fn check_reveal(n: Linear<1, 32>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.to_reveal(id, n);
		let reveal = shop.reveals(id, n);

		#[block]
		{
			assert!(Pallet::<T>::check_reveal(&reveal).is_ok());
		}
	}

	#[benchmark]
	fn decline(n: Linear<1, 32>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.out(id, 0..MAX_BATCH, 3, State::Working);
		let (commit, _) = shop.commits(id, n);
		let (device, _, lottery) = shop.machines[2].clone();
		let units = commit.units.iter().map(|said| said.at).collect();
		let decline = Decline {
			device,
			job: id,
			units: BoundedVec::truncate_from(units),
		};
		let signature = sign(&lottery, &decline.payload(&Pallet::<T>::genesis()));

		#[extrinsic_call]
		_(RawOrigin::Authorized, decline, signature);

		assert_eq!(SettlingEnds::<T>::get().1, u64::from(n));
	}

	#[benchmark]
	fn claim(n: Linear<1, 32>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let jobs: Claims = BoundedVec::truncate_from((0..n).map(|_| shop.running(1)).collect());
		let owner = shop.machines[MAX_POOL as usize - 1].1.clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), jobs);
	}

	#[benchmark]
	fn dispute_output() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.user.clone()), id, 0);

		assert!(Results::<T>::get(id, 0).is_some_and(|agreed| agreed.check.is_some()));
	}

	#[benchmark]
	fn report_output() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(1);
		assert_ok!(Pallet::<T>::do_dispute(&shop.user, id, 0));
		let check = LastJob::<T>::get();
		shop.staff(check);
		shop.out(check, 0..1, 3, State::Fault);
		last_works::<T>(check, 1);
		let (device, _, lottery) = shop.machines[2].clone();
		let report = OutputReport {
			prober: device,
			job: id,
			unit: 0,
			disputed: NOW,
			served: None,
		};
		let signature = sign(&lottery, &report.payload(&Pallet::<T>::genesis()));

		#[extrinsic_call]
		_(RawOrigin::Authorized, report, signature);

		assert_eq!(SettlingEnds::<T>::get().1, 1);
	}

	#[benchmark]
	fn appeal() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.user.clone()), id, 0);

		assert!(Results::<T>::get(id, 0).is_some_and(|agreed| agreed.check.is_some()));
	}

	#[benchmark]
	fn accept_job() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.user.clone()), id);

		assert!(Jobs::<T>::get(id).is_some_and(|job| job.received));
	}

	#[benchmark]
	fn close_job() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(MAX_CLEARED);
		Faults::<T>::insert(id, UnitBits::truncate_from(alloc::vec![u8::MAX; 512]));
		T::BenchmarkHelper::set_tick(NOW + T::Terms::get().times.kept + 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("closer", 0)), id);

		assert!(!Jobs::<T>::contains_key(id));
	}

	#[benchmark]
	fn pay() {
		let shop = Shop::<T>::open(0);
		assert_ok!(Pallet::<T>::put_in(&shop.user, unit::<T>()));
		let payee = rich::<T>("payee", 0);
		Unpaid::<T>::insert(&payee, unit::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.user.clone()), payee);
	}

	#[benchmark]
	fn follow_beacon() {
		Shop::<T>::open(0);

		#[block]
		{
			Pallet::<T>::follow_beacon();
		}

		assert_eq!(Beacons::<T>::get().turn, 11);
	}

	/// All three are.
	#[benchmark]
	fn late() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.out(id, 0..MAX_OPEN, 3, State::Working);
		Due::<T>::insert(NOW, DueUnits::truncate_from((0..64).map(|at| (id, at)).collect()));
		T::BenchmarkHelper::set_tick(NOW + 1);

		#[block]
		{
			Pallet::<T>::deadlines_within(T::WeightInfo::late());
		}

		assert_eq!(SettlingEnds::<T>::get().1, 1);
	}

	#[benchmark]
	fn hidden() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.to_reveal(id, 1);
		Queue::<Revealing<T>, RevealingEnds<T>, _>::push(deadline(id));
		DueNext::<T>::put(NOW + 1);
		T::BenchmarkHelper::set_tick(NOW + 1);

		#[block]
		{
			Pallet::<T>::deadlines_within(T::WeightInfo::hidden());
		}

		assert_eq!(SettlingEnds::<T>::get().1, 1);
	}

	#[benchmark]
	fn give_up() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.out(id, 0..MAX_OPEN, 3, State::Revealed(outcome()));
		Boards::<T>::mutate(id, |board| board.wanting = board.open.clone());
		shop.change(id, |job| job.short = Some(NOW));
		Queue::<Shorts<T>, ShortsEnds<T>, _>::push(deadline(id));
		DueNext::<T>::put(NOW + 1);
		T::BenchmarkHelper::set_tick(NOW + 1);

		#[block]
		{
			Pallet::<T>::deadlines_within(T::WeightInfo::give_up());
		}

		assert!(Jobs::<T>::get(id).is_some_and(|job| job.given_up));
	}

	#[benchmark]
	fn call_back() {
		let shop = Shop::<T>::open(3);
		let id = shop.done(1);
		shop.change(id, |job| {
			job.calls_back = true;
			// Nobody can appeal any more.
			job.stage = Stage::Done(0);
		});
		Queue::<Callbacks<T>, CallbacksEnds<T>, _>::push(deadline(id));
		DueNext::<T>::put(NOW + 1);
		T::BenchmarkHelper::set_tick(NOW + 1);

		#[block]
		{
			Pallet::<T>::deadlines_within(Weight::MAX);
		}

		assert!(Jobs::<T>::get(id).is_some_and(|job| !job.calls_back));
	}

	/// A third is wrong.
	#[benchmark]
	fn settle(n: Linear<3, 21>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.out(id, 0..MAX_OPEN, n as u8, State::Revealed(outcome()));
		let wrong = n.div_euclid(3).saturating_sub(1) as usize;
		Units::<T>::mutate(id, 0, |unit| {
			let unit = unit.as_mut().expect("out");
			unit.phase = Phase::Revealing {
				until: NOW,
				begun: true,
			};
			for replica in unit.replicas.iter_mut().take(wrong) {
				replica.state = State::Revealed(other());
			}
		});
		Pallet::<T>::settle_soon(id, 0);

		#[block]
		{
			Pallet::<T>::settle_within(Weight::MAX);
		}

		assert!(SettlingEnds::<T>::get() == (1, 1));
	}

	#[benchmark]
	fn end_check() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(1);
		assert_ok!(Pallet::<T>::do_appeal(&shop.user, id, 0));
		let check = LastJob::<T>::get();
		shop.staff(check);
		shop.out(check, 0..1, 13, State::Revealed(other()));
		Units::<T>::mutate(check, 0, |unit| {
			unit.as_mut().expect("out").phase = Phase::Revealing {
				until: NOW,
				begun: true,
			};
		});

		#[block]
		{
			Pallet::<T>::go_on(check, 0);
		}

		assert!(!Jobs::<T>::contains_key(check));
	}

	/// Too few fit.
	#[benchmark]
	fn draw_pool() {
		let shop = Shop::<T>::open(2);
		shop.ordered(UNITS);
		Drawable::<T>::put((0, 0));
		Pooling::<T>::mutate(0, |waiting| waiting.as_mut().expect("waits").turn = 10);

		#[block]
		{
			Pallet::<T>::pools_within(Weight::MAX);
		}

		assert_eq!(PoolingEnds::<T>::get(), (1, 2));
	}

	/// A pool of 64 is drawn, ticket by ticket: what each costs, with its part of the end.
	#[benchmark]
	fn look() {
		let shop = Shop::<T>::open(MAX_POOL);
		shop.ordered(UNITS);
		Pooling::<T>::mutate(0, |waiting| waiting.as_mut().expect("waits").turn = 10);
		let least = T::WeightInfo::draw_pool().saturating_add(T::WeightInfo::look());

		#[block]
		{
			Pallet::<T>::pools_within(least);
		}
	}

	/// As many units are out as can be, but for those that are given out to three members each.
	#[benchmark]
	fn visit(n: Linear<0, 63>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		let given = n.div_ceil(3);
		shop.out(id, 0..MAX_OPEN - given, 3, State::Revealed(outcome()));
		shop.change(id, |job| job.queued = true);
		Queue::<Runnable<T>, RunnableEnds<T>, _>::push(id);

		#[block]
		{
			Pallet::<T>::dispatch_within(Weight::MAX);
		}

		assert_eq!(RunnableEnds::<T>::get(), (1, 2));
		assert_eq!(Jobs::<T>::get(id).map(|job| job.open), Some(MAX_OPEN));
	}

	/// There is money for all that misses members.
	#[benchmark]
	fn visit_busy(n: Linear<0, 256>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.wanting(id, n, 0b111);
		for (device, ..) in &shop.machines {
			Workers::<T>::mutate(device, |worker| {
				let worker = worker.as_mut().expect("set");
				worker.busy = worker.offer.slots.into();
			});
		}

		#[block]
		{
			Pallet::<T>::dispatch_within(Weight::MAX);
		}

		assert_eq!(Boards::<T>::get(id).wanting.len(), n as usize);
		assert_eq!(RunnableEnds::<T>::get(), (1, 2));
	}

	#[benchmark]
	fn visit_asked(n: Linear<0, 256>) {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.running(UNITS);
		shop.wanting(id, n, u64::MAX);

		#[block]
		{
			Pallet::<T>::dispatch_within(Weight::MAX);
		}

		assert_eq!(SettlingEnds::<T>::get().1, u64::from(n));
		assert_eq!(RunnableEnds::<T>::get(), (1, 2));
	}

	#[benchmark]
	fn draw_recent() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(1);
		shop.result(id, 0, true);
		assert_ok!(Pallet::<T>::put_in(&shop.user, much::<T>().div_euclid(4)));
		Pool::<T>::put(much::<T>().div_euclid(4));

		shop.change(id, |job| job.suspects = 0b111);

		#[block]
		{
			Pallet::<T>::draw_whether(id, 0, &[1; 32]);
		}

		assert!(Results::<T>::get(id, 0).is_some_and(|agreed| agreed.check.is_some()));
	}

	#[benchmark]
	fn order() {
		let shop = Shop::<T>::open(MAX_POOL);
		let id = shop.done(1);
		Queue::<Recent<T>, RecentEnds<T>, _>::push(RecentUnit {
			job: id,
			unit: 0,
			turn: 1,
		});
		DrawnNext::<T>::put(1);
		T::BenchmarkHelper::automine();

		#[block]
		{
			Pallet::<T>::order_within(Weight::MAX);
		}

		assert!(Results::<T>::get(id, 0).is_some_and(|agreed| agreed.check.is_some()));
	}
}

fn deadline(job: JobId) -> Deadline {
	Deadline {
		job,
		unit: 0,
		until: NOW,
	}
}

/// The last of three works still, of so many units.
fn last_works<T: Config>(id: JobId, units: u32) {
	for at in 0..units {
		Units::<T>::mutate(id, at, |unit| {
			unit.as_mut().expect("out").replicas[2].state = State::Working;
		});
	}
}
