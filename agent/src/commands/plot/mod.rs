//! Plots.

mod claim;
mod create;
mod keep;
mod place;

pub(super) use place::{lost, remember, REMEDY};

use super::{Context, Failure};
use crate::{
	cli::PlotCommand,
	ledger::Wait,
	terminal::{bytes, counted, Tone},
};
use serde::Serialize;
use smart_agent_store::{Listed, State, Store};

/// A file, for `--json`.
#[derive(Debug, Serialize)]
struct File {
	name: String,
	bytes: u64,
	size: Option<u8>,
	strength: Option<u8>,
	number: Option<u32>,
	plots: Option<u16>,
	/// `sound`, `damaged` or `foreign`.
	state: &'static str,
	/// What is damaged.
	why: Option<String>,
}

impl From<&Listed> for File {
	fn from(listed: &Listed) -> Self {
		let (state, why) = match listed.state {
			State::Sound => ("sound", None),
			State::Damaged(damage) => ("damaged", Some(damage.to_string())),
			State::Foreign => ("foreign", Some("it is of another chain or device".into())),
		};
		Self {
			name: listed.name.clone(),
			bytes: listed.bytes,
			size: listed.header.map(|header| header.k),
			strength: listed.header.map(|header| header.strength),
			number: listed.header.map(|header| header.number),
			plots: listed.header.map(|header| header.plots),
			state,
			why,
		}
	}
}

/// Carries out a command.
pub async fn run(context: &Context, command: &PlotCommand) -> Result<(), Failure> {
	match command {
		PlotCommand::Create(arguments) => create::run(context, arguments).await,
		PlotCommand::List => list(context),
		PlotCommand::Verify(arguments) => keep::verify(context, arguments).await,
		PlotCommand::Delete(arguments) => keep::delete(context, arguments).await,
		PlotCommand::Claim(signing) => {
			let store = context.store(Store::read)?;
			let chain = context.connect().await?;
			claim::claim(context, &chain, signing, None, &store.list(), Wait::Block).await
		}
	}
}

fn list(context: &Context) -> Result<(), Failure> {
	// Whose plots these would be is asked before there are any.
	context.genesis()?;
	if let Some(what) = lost(context) {
		return Err(Failure::other(format!("{what}; {REMEDY}")));
	}
	let listed = match context.has_store() {
		true => context.store(Store::read)?.list(),
		false => Vec::new(),
	};
	let files: Vec<File> = listed.iter().map(File::from).collect();
	context.terminal.facts(&files, |terminal| {
		if files.is_empty() {
			let create = terminal.toned(Tone::Strong, "smart-agent plot create --fill");
			return format!(
				"There are no plots in {}. {create} makes some; on a test chain --size 18 --count 20.",
				context.config.plots.folder.display()
			);
		}
		let mut lines = String::new();
		for file in &files {
			let state = match file.state {
				"sound" => terminal.toned(Tone::Good, "sound"),
				other => format!(
					"{}: {}",
					terminal.toned(Tone::Bad, other),
					file.why.as_deref().unwrap_or_default()
				),
			};
			let length = bytes(file.bytes);
			lines.push_str(&format!("{:<48} {length:>12}  {state}\n", file.name));
		}
		let sum = files.iter().map(|file| file.bytes).sum();
		let units = claim::units(&listed, 0);
		let claimable = units.map_or(
			"none can be claimed: the one with number 0 is missing".into(),
			|units| format!("{} of size {} can be claimed", units.groups, units.k),
		);
		format!(
			"{lines}{}, {}; {claimable}",
			counted(files.len() as u64, "file"),
			bytes(sum)
		)
	});
	Ok(())
}
