//! The parameters that a chain starts with.

use crate::{Config, GenesisConfig, Parameters};

impl<T: Config> GenesisConfig<T> {
	/// Genesis is no block: a chain that could not run as it was configured must not start, so it panics.
	pub(crate) fn build_or_panic(&self) {
		let Some(parameters) = self.parameters else {
			return;
		};
		if let Err(error) = parameters.check::<T>() {
			panic!("genesis has a parameter of resource proofs out of its range: {error:?}");
		}
		Parameters::<T>::put(parameters);
	}
}
