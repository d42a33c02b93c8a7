//! Who sets what is governed by number.

use super::{AsParametersAdmin, ByHolders, DirectorsForHolders};
use crate::{configs::RuntimeParameters, weights, Runtime, RuntimeEvent};
use frame_support::traits::{AsEnsureOriginWithArg, EitherOf};

/// Holders by a referendum on the track of parameters, and directors in their place until holders decide.
pub type Admins = EitherOf<ByHolders<AsParametersAdmin>, DirectorsForHolders>;

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = AsEnsureOriginWithArg<Admins>;
	type WeightInfo = weights::ChangeParameter;
}
