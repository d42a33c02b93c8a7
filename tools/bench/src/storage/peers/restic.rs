//! restic with a server of its own: `rclone serve restic`. It encrypts, and neither codes nor spreads.

use super::{ensure_there, server, Carried, Server, CARRIED};
use crate::storage::{
	folder::Source,
	usage::{program, run},
};
use smartchain_tests::{ports, Result};
use std::{fs, path::Path, process::Command};

fn restic(at: &Path, port: u16, arguments: &[&str]) -> Command {
	let mut command = program("restic");
	command.args(arguments);
	command.env("RESTIC_REPOSITORY", format!("rest:http://127.0.0.1:{port}/"));
	command.env("RESTIC_PASSWORD", "worth nothing");
	command.env("RESTIC_CACHE_DIR", at.join("cache"));
	command
}

/// Stores a folder, and brings it back.
///
/// # Errors
/// If it is not installed, or fails.
pub async fn carry(source: &Source) -> Result<Carried> {
	ensure_there("restic", "restic")?;
	ensure_there("rclone", "rclone")?;
	let (place, port) = (tempfile::tempdir()?, ports::free()?);
	let at = place.path();
	let mut command = server("rclone");
	command.args(["serve", "restic", "--addr", &format!("127.0.0.1:{port}")]);
	command.arg(at.join("repository"));
	let mut server = Server::start(&mut command, &at.join("log"))?;
	server.listens("rclone", port)?;
	run(&restic(at, port, &["init"]), CARRIED).await?;
	let mut backup = restic(at, port, &["backup", "--compression", "off", "--quiet"]);
	backup.arg(&source.folder);
	let (put, _) = run(&backup, CARRIED).await?;
	let back = at.join("back");
	let mut restore = restic(at, port, &["restore", "latest", "--quiet", "--target"]);
	restore.arg(&back);
	let (get, _) = run(&restore, CARRIED).await?;
	// It restores with the whole path of what was stored.
	let inner = source.folder.strip_prefix("/").unwrap_or(&source.folder);
	source.compare(&back.join(inner))?;
	fs::remove_dir_all(&back)?;
	Ok(Carried { put, get })
}
