//! Whatever is set, taken back and waited for, in whatever order.

use crate::mock::*;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
	Set(u32),
	Cancel,
	Delay(u32),
	Migrate(bool),
	Wait(u32),
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		(2u32..9).prop_map(Step::Set),
		Just(Step::Cancel),
		(0u32..40).prop_map(Step::Delay),
		any::<bool>().prop_map(Step::Migrate),
		(1u32..20).prop_map(Step::Wait),
	]
}

proptest! {
	/// In force is what was set last and not taken back, from its block on; the model is an option and three numbers.
	#[test]
	fn in_force_is_what_the_model_says(steps in proptest::collection::vec(step(), 1..25)) {
		let mut outcome = Ok(());
		run(|| outcome = follow(&steps));
		outcome?;
	}
}

fn follow(steps: &[Step]) -> Result<(), TestCaseError> {
	let (mut now, mut waits, mut expected, mut changed) = (1u32, None::<(u32, u32)>, 1u32, 0u32);
	Delay::set(120);
	Migrating::set(false);
	for step in steps {
		match *step {
			Step::Set(version) => {
				let set = set(code(version));
				prop_assert_eq!(set.is_ok(), !Migrating::get() && changed != now);
				if set.is_ok() {
					waits = Some((now + Delay::get().max(1), version));
				}
			}
			Step::Cancel => {
				let cancelled = Upgrades::cancel(RuntimeOrigin::root());
				prop_assert_eq!(cancelled.is_ok(), waits.take().is_some());
			}
			Step::Delay(blocks) => Delay::set(blocks),
			Step::Migrate(on) => Migrating::set(on),
			Step::Wait(blocks) => {
				for _ in 0..blocks {
					now += 1;
					block(now);
					if let Some((due, version)) = waits.filter(|_| !Migrating::get()) {
						if now >= due {
							(expected, waits, changed) = (version, None, now);
						}
					}
					prop_assert_eq!(in_force(), code(expected));
				}
			}
		}
		prop_assert!(Upgrades::do_try_state().is_ok());
	}
	Delay::set(120);
	Migrating::set(false);
	Ok(())
}
