//! What each command does.

mod here;
mod run;
mod show;

use crate::{
	cli::{JobCommand, ProgramArguments},
	market::{acts::Act, net::Net, Jobs},
	trouble::Trouble,
	units::parcel::{Inputs, Parcel},
};
use async_trait::async_trait;
use serde::Serialize;
use smart_agent_chain::Quote as Costs;
use smart_agent_terminal::{money::Currency, Terminal};
use smartchain_unit::{Runner, Unit};
use std::path::{Path, PathBuf};

/// The account that pays, and the market with its key.
pub struct Payer {
	/// The account.
	pub account: [u8; 32],
	/// Its address.
	pub address: String,
	/// The market.
	pub net: Net,
}

/// What commands need of the program that they are a part of.
#[async_trait(?Send)]
pub trait Desk {
	/// Where is written, and who is asked.
	fn terminal(&self) -> Terminal;
	/// How amounts are written.
	fn currency(&self) -> Currency;
	/// The data folder.
	fn folder(&self) -> &Path;
	/// The account, without its key.
	///
	/// # Errors
	/// If there is none.
	fn account(&self) -> Result<[u8; 32], Trouble>;
	/// Asks whether it is meant, unless told otherwise.
	///
	/// # Errors
	/// If it is not, or nobody can be asked.
	fn agree(&self, question: &str) -> Result<(), Trouble>;
	/// What a transaction costs, in words.
	fn words(&self, costs: &Costs) -> String;
	/// Whether an account has enough.
	///
	/// # Errors
	/// If not: how much is missing where.
	fn afford(&self, costs: &Costs, address: &str) -> Result<(), Trouble>;
	/// A time such as 90d, in eras of storage.
	///
	/// # Errors
	/// What is wrong with it.
	fn eras(&self, text: &str) -> Result<u32, Trouble>;
	/// Stores a file for so many eras, after its price and a question; goes on with it if that was interrupted.
	///
	/// # Errors
	/// If it is not stored: the same again goes on.
	async fn store(&self, file: &Path, eras: u32) -> Result<(), Trouble>;
	/// The market, to be asked alone.
	///
	/// # Errors
	/// If no node is reached, or it has no such market.
	async fn asking(&self) -> Result<Net, Trouble>;
	/// The market with the account's key: the password is asked for.
	///
	/// # Errors
	/// As above; if the key cannot be unlocked.
	async fn paying(&self) -> Result<Payer, Trouble>;
}

/// Carries out a command. Whether what it looked at is right.
///
/// # Errors
/// Why it is not done, and what to do.
pub async fn carry_out(desk: &dyn Desk, command: &JobCommand) -> Result<bool, Trouble> {
	match command {
		JobCommand::Check(arguments) => return here::check(desk, &arguments.program).await,
		JobCommand::Run(arguments) => return run::run(desk, arguments).await,
		JobCommand::Ls => show::list(desk).await?,
		JobCommand::Status(of) => show::status(desk, of.job).await?,
		JobCommand::Get(arguments) => return show::get(desk, arguments).await,
		JobCommand::Cancel(of) => show::cancel(desk, of.job).await?,
		JobCommand::Appeal(of) => show::appeal(desk, of).await?,
		JobCommand::Dispute(of) => show::dispute(desk, of).await?,
		JobCommand::TopUp(arguments) => {
			let amount = desk.currency().read(&arguments.amount).map_err(Trouble::Usage)?;
			let act = Act::TopUp {
				job: arguments.job,
				amount,
			};
			signed(desk, &act, &format!("Putting in more for job {}", arguments.job)).await?;
		}
		JobCommand::Local(arguments) => return here::local(desk, arguments).await,
	}
	Ok(true)
}

/// What became of a transaction, for `--json`.
#[derive(Clone, Debug, Serialize)]
struct Told {
	block: u32,
	fee: Option<String>,
}

/// Has the chain do something: what it costs is said and agreed to first.
async fn signed(desk: &dyn Desk, act: &Act, what: &str) -> Result<(), Trouble> {
	let payer = desk.paying().await?;
	let costs = payer.net.costs(act, &payer.account).await?;
	desk.afford(&costs, &payer.address)?;
	let terminal = desk.terminal();
	terminal.say(&format!("{what}: {}.", desk.words(&costs)));
	desk.agree("Is that right?")?;
	let sent = payer.net.send(act).await?;
	let told = Told {
		block: sent.block,
		fee: sent.fee.map(|fee| fee.to_string()),
	};
	terminal.facts(&told, |_| format!("{}: block {}", act.words(), sent.block));
	Ok(())
}

/// What runs units here.
fn runner() -> Result<Runner, Trouble> {
	Runner::beside_this_program().map_err(|error| Trouble::Other(error.to_string()))
}

/// Program and inputs of a command line. It blocks.
fn parcel(arguments: &ProgramArguments) -> Result<Parcel, Trouble> {
	let inputs = match (&arguments.input, &arguments.inputs) {
		(Some(file), _) => Inputs::Shared(file.clone()),
		(None, Some(folder)) => Inputs::of_folder(folder)?,
		(None, None) => Inputs::Number,
	};
	Parcel::new(&arguments.program, inputs, arguments.units)
}

/// Pages of so many MiB.
fn pages(mib: u32) -> u32 {
	mib.saturating_mul(16)
}

/// What units of a job that there is not yet are run with here.
#[derive(Clone, Copy)]
struct Terms {
	time: u64,
	seed: [u8; 32],
	fuel: u64,
	pages: u32,
}

/// A unit of a parcel.
fn unit(parcel: &Parcel, number: u32, terms: Terms) -> Result<Unit, Trouble> {
	Ok(Unit {
		number,
		count: parcel.units,
		time: terms.time,
		seed: terms.seed,
		fuel_limit: terms.fuel,
		memory_pages: terms.pages,
		program: parcel.program.clone(),
		input: parcel.input(number)?,
	})
}

/// A folder of the command line, made if it is missing, and as others know it.
fn folder(path: &Path) -> Result<PathBuf, Trouble> {
	std::fs::create_dir_all(path).map_err(|error| Trouble::file(path, &error))?;
	path.canonicalize().map_err(|error| Trouble::file(path, &error))
}

/// Bytes as digits.
fn digits(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
