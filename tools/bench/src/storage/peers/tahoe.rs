//! Tahoe-LAFS: a grid of an introducer, eight servers and a client, 4 of 8, on this machine. Its start is not measured.
//! `tahoe run` ends when its standard input closes, so that each keeps one.

use super::{server, Carried, Server, CARRIED, OFTEN, START_LIMIT};
use crate::storage::{
	folder::Source,
	python,
	usage::{program, run},
};
use smartchain_tests::{ports, Error, Result};
use std::{
	fs,
	path::{Path, PathBuf},
	process::Command,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Servers, each of which takes a share.
const SERVERS: usize = 8;
/// How long a command may take that carries nothing.
const SOON: Duration = Duration::from_secs(120);
/// The name of the folder that all others are linked from.
const ALIAS: &str = "bench";

/// A grid that runs.
pub struct Grid {
	tahoe: PathBuf,
	/// Ended before their folders go.
	nodes: Vec<Server>,
	place: TempDir,
}

impl Grid {
	/// Makes and starts it, and waits until it takes a file.
	///
	/// # Errors
	/// If Tahoe-LAFS is not installed, or the grid does not come about.
	pub async fn start() -> Result<Self> {
		let tahoe = python::program("tahoe")?;
		let mut grid = Self {
			tahoe,
			nodes: Vec::new(),
			place: tempfile::tempdir()?,
		};
		let folder = grid.made("create-introducer", "introducer", &[], true).await?;
		grid.starts("introducer")?;
		let furl = read_soon(&folder.join("private").join("introducer.furl"))?;
		let introducer = format!("--introducer={}", furl.trim());
		for number in 0..SERVERS {
			let name = format!("server-{number}");
			grid.made("create-node", &name, &[&introducer, "--webport=none"], true)
				.await?;
			grid.starts(&name)?;
		}
		let web = format!("--webport=tcp:{}:interface=127.0.0.1", ports::free()?);
		let shares = ["--shares-needed=4", "--shares-happy=8", "--shares-total=8"];
		let mut options = vec![introducer.as_str(), web.as_str()];
		options.extend(shares);
		grid.made("create-client", "client", &options, false).await?;
		grid.starts("client")?;
		grid.until_ready().await?;
		Ok(grid)
	}

	fn folder(&self, name: &str) -> PathBuf {
		self.place.path().join(name)
	}

	/// Makes the folder of a node; whoever serves has a port.
	async fn made(&self, kind: &str, name: &str, options: &[&str], serves: bool) -> Result<PathBuf> {
		let folder = self.folder(name);
		let mut command = program(&self.tahoe);
		command.arg(kind).args(options);
		if serves {
			let port = ports::free()?;
			command.arg(format!("--port=tcp:{port}:interface=127.0.0.1"));
			command.arg(format!("--location=tcp:127.0.0.1:{port}"));
		}
		command.arg(&folder);
		run(&command, SOON).await?;
		Ok(folder)
	}

	fn starts(&mut self, name: &str) -> Result<()> {
		let mut command = server(&self.tahoe);
		command.arg("run").arg(self.folder(name));
		let log = self.folder(&format!("{name}.log"));
		self.nodes.push(Server::start(&mut command, &log)?);
		Ok(())
	}

	/// A command of the client.
	fn client(&self, arguments: &[&str]) -> Command {
		let mut command = program(&self.tahoe);
		command
			.arg("--node-directory")
			.arg(self.folder("client"))
			.args(arguments);
		command
	}

	/// A file is taken only if all eight servers are known.
	async fn until_ready(&self) -> Result<()> {
		let small = self.folder("small");
		fs::write(&small, [7; 100])?;
		let began = Instant::now();
		loop {
			let mut put = self.client(&["put"]);
			put.arg(&small);
			match run(&put, SOON).await {
				Ok(_) => break,
				Err(error) if began.elapsed() > START_LIMIT => {
					return Err(error.while_doing("the grid takes no file"));
				}
				Err(_) => tokio::time::sleep(OFTEN.saturating_mul(10)).await,
			}
		}
		run(&self.client(&["create-alias", ALIAS]), SOON).await.map(|_| ())
	}

	/// Stores a folder, or the only file of it, and brings it back.
	///
	/// # Errors
	/// If that fails.
	pub async fn carry(&self, source: &Source) -> Result<Carried> {
		let back = self.folder("back");
		let carried = match source.file() {
			Some(file) => self.carry_file(source, &file, &back).await?,
			None => self.carry_folder(source, &back).await?,
		};
		fs::remove_dir_all(&back)?;
		Ok(carried)
	}

	async fn carry_file(&self, source: &Source, file: &Path, back: &Path) -> Result<Carried> {
		let mut command = self.client(&["put"]);
		command.arg(file);
		let (put, said) = run(&command, CARRIED).await?;
		let said = String::from_utf8_lossy(&said);
		let cap = said.split_whitespace().find(|word| word.starts_with("URI:"));
		let cap = cap.ok_or_else(|| Error::new(format!("tahoe put names no file: {said}")))?;
		fs::create_dir_all(back.join("0"))?;
		let mut command = self.client(&["get", cap]);
		command.arg(back.join("0").join("0"));
		let (get, _) = run(&command, CARRIED).await?;
		source.compare(back)?;
		Ok(Carried { put, get })
	}

	async fn carry_folder(&self, source: &Source, back: &Path) -> Result<Carried> {
		let mut command = self.client(&["cp", "--recursive"]);
		command.arg(&source.folder).arg(format!("{ALIAS}:"));
		let (put, _) = run(&command, CARRIED).await?;
		fs::create_dir_all(back)?;
		let name = source.folder.file_name().unwrap_or_default();
		let mut command = self.client(&["cp", "--recursive"]);
		command.arg(format!("{ALIAS}:{}", name.to_string_lossy())).arg(back);
		let (get, _) = run(&command, CARRIED).await?;
		source.compare(&back.join(name))?;
		Ok(Carried { put, get })
	}
}

/// What a file says as soon as it is there.
fn read_soon(path: &Path) -> Result<String> {
	let began = Instant::now();
	loop {
		match fs::read_to_string(path) {
			Ok(text) if !text.trim().is_empty() => return Ok(text),
			_ if began.elapsed() > START_LIMIT => {
				return Err(Error::new(format!("the introducer writes no {}", path.display())));
			}
			_ => std::thread::sleep(OFTEN),
		}
	}
}
