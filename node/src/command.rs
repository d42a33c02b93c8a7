//! Runs what the command line asks for.

use crate::{
	chain_spec,
	cli::{Cli, Subcommand, EXAMPLES},
	fork::ForkStateCmd,
};
use clap::Command;
use futures::TryFutureExt;
use sc_cli::{
	CheckBlockCmd, CliConfiguration, ExportBlocksCmd, GenericNumber, RunCmd, SubstrateCli, TransactionPoolType,
};
use sc_service::{ChainSpec, Configuration, PartialComponents};
use smartchain_chain::Block;
use smartchain_consensus::BLOCK_BYTES;
use smartchain_service::{
	self as service,
	chain_ops::{self, ChainOpError},
	pool::Limits,
	Client, NodeOptions, Purpose,
};
use std::io;

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"SmartChain Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn executable_name() -> String {
		// Also the name of the default base path: it must not follow the name of the file.
		"smartchain".into()
	}

	fn description() -> String {
		"The SmartChain node: follows the chain, and authors and votes where it holds a director's keys.".into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		"the repository's issues".into()
	}

	fn copyright_start_year() -> i32 {
		2025
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		chain_spec::load(id)
	}

	fn setup_command(command: Command) -> Command {
		// clap wants text that lives as long as the command; the version is made at run time.
		command
			.name(Self::executable_name())
			.version(Self::impl_version())
			.author(Self::author())
			.about(Self::description())
			.long_about(Self::description())
			.after_help(format!("Support: {}", Self::support_url()))
			.after_long_help(format!("{EXAMPLES}\n\nSupport: {}", Self::support_url()))
			.propagate_version(true)
			.args_conflicts_with_subcommands(true)
			.subcommand_negates_reqs(true)
			.mut_arg("chain", |arg| {
				arg.help(
					"The chain: dev, local, testnet, local-N-M, quick-N-M, or the path of a chain specification in \
					 JSON [default: local]",
				)
				.long_help(
					"The chain: one of dev, local, testnet, or the path of a chain specification in JSON, such as \
					 export-chain-spec writes it [default: local]. Besides, local-N-M is local with N directors and \
					 M standby signers. dev and quick-N-M have test values: eras of a minute, and what devices prove \
					 fades over ten. All others have real values: eras of ten minutes, and two weeks.",
				)
			})
			// The fork-aware pool validates all that it holds anew after every block, twice a second here, and halves
			// what the node can take. Forks are short and rare: one director authors at a time.
			.mut_arg("pool_type", |arg| arg.default_value("single-state"))
			// There is no such protocol here.
			.mut_arg("no_grandpa", |arg| arg.hide(true))
	}
}

/// Parses the command line and runs what it asks for.
///
/// # Errors
/// Whatever keeps it from that; a wrong command line ends the program at once, with a hint.
pub fn run() -> sc_cli::Result<()> {
	let cli = Cli::from_args();
	match &cli.subcommand {
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(chain_spec::load_to_export(&cmd.chain)?),
		Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.sync_run(|config| {
			let parts = service::new_partial(&config, Purpose::Command)?;
			check_block(cmd, &parts.client)
		}),
		Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.sync_run(|config| {
			let parts = service::new_partial(&config, Purpose::Command)?;
			export_blocks(cmd, &parts.client)
		}),
		Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client, task_manager, ..
			} = service::new_partial(&config, Purpose::Command)?;
			Ok((cmd.run(client, config.chain_spec), task_manager))
		}),
		Some(Subcommand::ForkState(cmd)) => fork_state(cmd, &cli),
		Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				import_queue,
				other,
				..
			} = service::new_partial(&config, Purpose::Command)?;
			let import = cmd.run(client, import_queue).map_err(|error| error.to_string());
			let import = service::chain_ops::import_blocks(other, import).map_err(failed);
			Ok((import, task_manager))
		}),
		Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				backend,
				..
			} = service::new_partial(&config, Purpose::Command)?;
			// What consensus keeps beside the database (the safety file) must not be taken back.
			Ok((cmd.run(client, backend, None), task_manager))
		}),
		Some(Subcommand::PurgeChain(cmd)) => cli.create_runner(cmd)?.sync_run(|config| {
			let voter_state = service::default_voter_state_folder(&config);
			cmd.run(config.database)?;
			if voter_state.exists() {
				println!(
					"The voter's safety file in {} stays: it belongs to the key. Only if every node of this chain \
					 starts anew may it be removed.",
					voter_state.display()
				);
			}
			Ok(())
		}),
		Some(Subcommand::ChainInfo(cmd)) => cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config)),
		Some(Subcommand::VerifyFinality(cmd)) => cmd.run().map_err(sc_cli::Error::Input),
		Some(Subcommand::TryUpgrade(cmd)) => cmd.run().map_err(sc_cli::Error::Input),
		Some(Subcommand::RuntimeInfo(cmd)) => cmd.run().map_err(sc_cli::Error::Input),
		None => run_node(cli),
	}
}

/// Runs a node until it is told to end.
fn run_node(mut cli: Cli) -> sc_cli::Result<()> {
	// First, so that the operator's own filters win.
	cli.run
		.shared_params
		.log
		.insert(0, smartchain_consensus::shown::informant::SILENCE_STOCK.into());
	let options = service::ConsensusOptions {
		folder: cli.voter.voter_state_path.clone(),
		past: cli.voter.past(),
		block_bytes: usize::try_from(cli.block_kbytes).map_or(BLOCK_BYTES, |kbytes| kbytes.saturating_mul(1024)),
	};
	let warp_min_peers = cli.warp_min_peers.into();
	let compiled_runtimes = cli.compiled_runtimes.clone();
	let run = &cli.run;
	let runner = cli.create_runner(run)?;
	log::info!("{}", chain_spec::values(&*runner.config().chain_spec));
	runner.run_node_until_exit(|mut config| async move {
		config.network.min_peers_to_start_warp_sync = Some(warp_min_peers);
		let limits = pool_limits(run, &mut config)?;
		let node = NodeOptions {
			limits,
			compiled_runtimes,
		};
		service::new_full(config, options, node).map_err(sc_cli::Error::Service)
	})
}

/// Forks what a file has, or what a node's database has.
fn fork_state(cmd: &ForkStateCmd, cli: &Cli) -> sc_cli::Result<()> {
	let Some(file) = &cmd.state else {
		return cli.create_runner(cmd)?.sync_run(|config| {
			let parts = service::new_partial(&config, Purpose::Command)?;
			cmd.run_on_node(&*config.chain_spec, parts.client)
				.map_err(sc_cli::Error::Input)
		});
	};
	cmd.run_on_file(file).map_err(sc_cli::Error::Input)
}

/// The limits that the operator sets, and room above them for the SDK's pool, whose own limits are blunt.
fn pool_limits(run: &RunCmd, config: &mut Configuration) -> sc_cli::Result<Option<Limits>> {
	let mut params = run.pool_config.clone();
	if !matches!(params.pool_type, TransactionPoolType::SingleState) {
		return Ok(None);
	}
	let limits = Limits {
		count: params.pool_limit,
		kbytes: params.pool_kbytes,
	};
	let above = limits.headroom();
	(params.pool_limit, params.pool_kbytes) = (above.count, above.kbytes);
	config.transaction_pool = params.transaction_pool(run.is_dev()?);
	Ok(Some(limits))
}

fn failed(error: ChainOpError) -> sc_cli::Error {
	sc_cli::Error::Application(Box::new(error))
}

fn check_block(cmd: &CheckBlockCmd, client: &Client) -> sc_cli::Result<()> {
	let block = cmd.input.parse()?;
	let checked = chain_ops::check_block(client, block).map_err(failed)?;
	println!(
		"Block {} ({:?}) holds: its {} extrinsics were executed again in {} ms, and the state root is {:?}, as \
		 its header says",
		checked.number,
		checked.hash,
		checked.extrinsics,
		checked.took.as_millis(),
		checked.state_root,
	);
	Ok(())
}

fn export_blocks(cmd: &ExportBlocksCmd, client: &Client) -> sc_cli::Result<()> {
	let number = |number: &GenericNumber| number.parse::<u32>();
	let from = cmd.from.as_ref().map(number).transpose()?.unwrap_or(1);
	let to = cmd.to.as_ref().map(number).transpose()?;
	let open = || -> io::Result<Box<dyn io::Write>> {
		Ok(match &cmd.output {
			Some(path) => Box::new(std::fs::File::create(path)?),
			None => Box::new(io::stdout()),
		})
	};
	chain_ops::export_blocks(client, from, to, cmd.binary, open).map_err(failed)
}
