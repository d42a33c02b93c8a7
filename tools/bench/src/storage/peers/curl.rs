//! Equal bytes moved by `curl` to and from nginx: no encryption, no code, no hashes.

use super::{ensure_there, server, Carried, Server, CARRIED};
use crate::storage::{
	folder::write,
	usage::{program, run, Used},
};
use futures::future::try_join_all;
use smartchain_rng::Rng;
use smartchain_tests::{ports, Result};
use std::{fs, path::Path, process::Command};
use tempfile::TempDir;

/// Slots of a deal, and those that suffice.
const SLOTS: u64 = 8;
const ENOUGH: u64 = 4;
/// Repairs at once.
pub const AT_ONCE: usize = 3;

/// nginx with files as large as slots.
pub struct Nginx {
	_server: Server,
	place: TempDir,
	port: u16,
}

impl Nginx {
	/// Starts it.
	///
	/// # Errors
	/// If it is not installed, or does not start.
	pub fn start() -> Result<Self> {
		ensure_there("nginx", "nginx")?;
		ensure_there("curl", "curl")?;
		let (place, port) = (tempfile::tempdir()?, ports::free()?);
		let at = place.path();
		fs::create_dir(at.join("files"))?;
		fs::write(at.join("nginx.conf"), configuration(at, port))?;
		let mut command = server("nginx");
		command.arg("-p").arg(at).arg("-c").arg(at.join("nginx.conf"));
		command.arg("-e").arg(at.join("error.log"));
		let mut server = Server::start(&mut command, &at.join("log"))?;
		server.listens("nginx", port)?;
		Ok(Self {
			_server: server,
			place,
			port,
		})
	}

	fn url(&self, slot: u64) -> String {
		format!("http://127.0.0.1:{}/{slot}", self.port)
	}

	/// Brings as many bytes as a deal of so many has in its slots, synced, and fetches as many as suffice.
	///
	/// # Errors
	/// If that fails.
	pub async fn carry(&self, bytes: u64) -> Result<Carried> {
		let part = self.place.path().join("part");
		write(&part, bytes.div_ceil(ENOUGH), &mut Rng::new(3))?;
		let mut put = curl();
		for slot in 0..SLOTS {
			put.arg("--upload-file").arg(&part).arg(self.url(slot));
		}
		let (mut used, _) = run(&put, CARRIED).await?;
		let mut sync = program("sync");
		sync.arg("--data");
		for slot in 0..SLOTS {
			sync.arg(self.place.path().join("files").join(slot.to_string()));
		}
		let (synced, _) = run(&sync, CARRIED).await?;
		used.wall += synced.wall;
		fs::remove_file(&part)?;
		let get = self.fetch("back").await?;
		Ok(Carried { put: used, get })
	}

	/// Fetches as many slots as suffice, after they were brought.
	async fn fetch(&self, to: &str) -> Result<Used> {
		let folder = self.place.path().join(to);
		fs::create_dir_all(&folder)?;
		let mut get = curl();
		for slot in 0..ENOUGH {
			get.arg("--output")
				.arg(folder.join(slot.to_string()))
				.arg(self.url(slot));
		}
		let (used, _) = run(&get, CARRIED).await?;
		fs::remove_dir_all(&folder)?;
		Ok(used)
	}

	/// What three repairs fetch, all three at once: seconds.
	///
	/// # Errors
	/// If that fails.
	pub async fn fetch_three(&self) -> Result<f64> {
		let names: Vec<String> = (0..AT_ONCE).map(|number| format!("repair-{number}")).collect();
		let all = try_join_all(names.iter().map(|name| self.fetch(name))).await?;
		Ok(all.iter().map(|used| used.wall).fold(0.0, f64::max))
	}
}

/// All transfers at once.
fn curl() -> Command {
	let mut command = program("curl");
	command.args([
		"--silent",
		"--show-error",
		"--fail",
		"--parallel",
		"--parallel-max",
		"8",
	]);
	command
}

fn configuration(at: &Path, port: u16) -> String {
	let at = at.display();
	let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
		.map(|kind| format!("{kind}_temp_path {at}/{kind};\n"))
		.concat();
	format!(
		"daemon off;\nuser root;\nworker_processes 2;\npid {at}/pid;\nevents {{ worker_connections 256; }}\n\
		 http {{\naccess_log off;\nsendfile on;\nclient_max_body_size 0;\n{temporary}\
		 server {{\nlisten 127.0.0.1:{port};\nroot {at}/files;\nlocation / {{ dav_methods PUT; }}\n}}\n}}\n"
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_bracket_of_the_configuration_is_closed() {
		let text = configuration(Path::new("/tmp/x"), 20_000);
		let count = |bracket| text.matches(bracket).count();
		assert_eq!(count('{'), count('}'));
		assert!(text.contains("client_body_temp_path /tmp/x/client_body;"), "{text}");
	}
}
