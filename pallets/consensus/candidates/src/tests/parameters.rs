//! The governed parameters.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, Perbill};

#[test]
fn the_admin_sets_all_parameters_at_once() {
	run(|| {
		let values = ParameterValues {
			seats: 9,
			..parameters()
		};
		assert_noop!(
			Nodes::set_parameters(origin(1), values.clone()),
			DispatchError::BadOrigin
		);
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), values.clone()));
		assert_eq!(Parameters::<Test>::get(), values);
		assert_eq!(events(), vec![Event::ParametersSet { parameters: values }]);
	});
}

#[test]
fn a_value_out_of_its_range_is_named() {
	run(|| {
		type E = Error<Test>;
		let refused = |change: fn(&mut ParameterValues), error: E| {
			let mut values = parameters();
			change(&mut values);
			assert_noop!(Nodes::set_parameters(RuntimeOrigin::root(), values), error);
		};
		refused(|values| values.seats = 0, E::BadSeats);
		refused(|values| values.seats = 26, E::BadSeats);
		refused(|values| values.min_directors = 0, E::BadMinDirectors);
		refused(|values| values.min_directors = 8, E::BadMinDirectors);
		refused(|values| values.standby_signers = 8, E::BadStandbySigners);
		refused(|values| values.standby_compute_nodes = 26, E::BadStandbyComputeNodes);
		refused(|values| values.min_bond = 0, E::BadMinBond);
		refused(|values| values.min_backing = 0, E::BadMinBacking);
		refused(|values| values.max_terms = 0, E::BadMaxTerms);
		refused(|values| values.able_from = Perbill::zero(), E::BadAbleFrom);
		refused(|values| values.isolate_after = 0, E::BadIsolateAfter);
		refused(|values| values.isolate_after = 256, E::BadIsolateAfter);
		refused(|values| values.removal_eras = 0, E::BadRemovalEras);
		refused(|values| values.removal_eras = MAX_ERAS + 1, E::BadRemovalEras);
		refused(|values| values.bar_eras = 0, E::BadBarEras);
		refused(|values| values.bar_eras = MAX_ERAS + 1, E::BadBarEras);
	});
}

#[test]
fn the_ends_of_the_ranges_are_in_them() {
	run(|| {
		let low = ParameterValues {
			seats: 1,
			min_directors: 1,
			standby_signers: 0,
			standby_compute_nodes: 0,
			min_bond: 1,
			min_backing: 1,
			min_total_backing: 0,
			competence_weight: Perbill::zero(),
			max_terms: 1,
			able_from: Perbill::from_parts(1),
			isolate_after: 1,
			removal_eras: 1,
			bar_eras: 1,
			first_slash: Perbill::zero(),
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), low));
		let high = ParameterValues {
			seats: 25,
			min_directors: 25,
			standby_signers: 25,
			standby_compute_nodes: 25,
			min_bond: u128::MAX,
			min_backing: u128::MAX,
			min_total_backing: u128::MAX,
			competence_weight: Perbill::one(),
			max_terms: u32::MAX,
			able_from: Perbill::one(),
			isolate_after: 255,
			removal_eras: MAX_ERAS,
			bar_eras: MAX_ERAS,
			first_slash: Perbill::one(),
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), high));
	});
}

#[test]
fn a_chain_has_the_parameters_of_its_runtime_until_others_are_set() {
	run(|| {
		Parameters::<Test>::kill();
		assert_eq!(Parameters::<Test>::get(), DefaultParameters::get());
	});
}
