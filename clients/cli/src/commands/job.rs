//! `job`: what the compute market's commands need of this program.

use super::{put, Context};
use crate::{
	cli::PutArguments,
	failure::{Code, Failure},
	units,
};
use async_trait::async_trait;
use smart_agent_chain::{PairSigner, Quote, Signer};
use smart_agent_terminal::{money::Currency, Terminal};
use smart_jobs::{cli::JobCommand, Desk, Net, Payer, Trouble};
use std::{path::Path, process::ExitCode, sync::Arc};

/// Carries out a command: what it finds wrong ends as what `verify` finds wrong does.
pub(super) async fn run(context: &Context, command: &JobCommand) -> Result<ExitCode, Failure> {
	let is_right = smart_jobs::carry_out(context, command).await?;
	Ok(if is_right {
		ExitCode::SUCCESS
	} else {
		Code::Unsound.into()
	})
}

impl From<Trouble> for Failure {
	fn from(trouble: Trouble) -> Self {
		match trouble {
			Trouble::Usage(why) => Self::usage(why),
			Trouble::Chain(error) => error.into(),
			Trouble::Lacking(why) => Self::new(Code::Unreachable, why),
			Trouble::NotReady(why) => Self::new(Code::NotReady, why),
			Trouble::Other(why) => Self::other(why),
		}
	}
}

impl From<Failure> for Trouble {
	fn from(failure: Failure) -> Self {
		match failure.code {
			Code::Usage => Self::Usage(failure.message),
			Code::Unreachable => Self::Lacking(failure.message),
			Code::NotReady => Self::NotReady(failure.message),
			Code::Failed | Code::Unsound | Code::Interrupted => Self::Other(failure.message),
		}
	}
}

#[async_trait(?Send)]
impl Desk for Context {
	fn terminal(&self) -> Terminal {
		self.terminal
	}

	fn currency(&self) -> Currency {
		Self::currency(self)
	}

	fn folder(&self) -> &Path {
		self.folder.path()
	}

	fn account(&self) -> Result<[u8; 32], Trouble> {
		Ok(self.keystore()?.account())
	}

	fn agree(&self, question: &str) -> Result<(), Trouble> {
		Ok(Self::agree(self, question)?)
	}

	fn words(&self, costs: &Quote) -> String {
		Self::words(self, costs)
	}

	fn afford(&self, costs: &Quote, address: &str) -> Result<(), Trouble> {
		Ok(Self::afford(self, costs, address)?)
	}

	fn eras(&self, text: &str) -> Result<u32, Trouble> {
		units::eras(text).map_err(Trouble::Usage)
	}

	async fn store(&self, file: &Path, eras: u32) -> Result<(), Trouble> {
		let arguments = PutArguments {
			folder: file.to_owned(),
			eras: Some(eras),
			profile: None,
			max_ask: None,
			egress: None,
			dry_run: false,
		};
		Ok(put::run(self, &arguments).await?)
	}

	async fn asking(&self) -> Result<Net, Trouble> {
		self.genesis()?;
		Ok(Net::new(self.connect().await?, None)?)
	}

	async fn paying(&self) -> Result<Payer, Trouble> {
		let access = self.access()?;
		let signer: Arc<dyn Signer> = Arc::new(PairSigner(access.owner.pair().clone()));
		Ok(Payer {
			account: access.account(),
			address: access.owner.address(),
			net: Net::new(self.connect().await?, Some(signer))?,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn troubles_keep_their_kind() {
		for code in [Code::Usage, Code::Unreachable, Code::NotReady, Code::Failed] {
			let failure = Failure::new(code, "cause");
			assert_eq!(Failure::from(Trouble::from(failure.clone())), failure);
		}
		let other = Failure::from(Trouble::from(Failure::new(Code::Interrupted, "cause")));
		assert_eq!(other, Failure::other("cause"));
	}
}
