//! `run`: what the daemon needs before its work, and how it is told to end.

use super::{Code, Context, Failure};
use std::{
	env,
	os::{
		linux::net::SocketAddrExt,
		unix::{ffi::OsStrExt, net::SocketAddr, net::UnixDatagram},
	},
};
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

/// Logs go to the standard error: a service's journal takes them from there.
///
/// # Errors
/// If the configured level is none.
pub(super) fn logs(context: &Context) -> Result<(), Failure> {
	let level = &context.config.log.level;
	let wrong = |why: String| {
		Failure::new(
			Code::Usage,
			format!("log.level is `{level}`: {why}; write error, warn, info, debug or trace, or info,chain=debug"),
		)
	};
	let filter = EnvFilter::try_new(level).map_err(|error| wrong(error.to_string()))?;
	// systemd's journal has times of its own.
	let journal = env::var_os("JOURNAL_STREAM").is_some();
	let builder = tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(std::io::stderr)
		.with_ansi(context.terminal.draws());
	let set = match journal {
		true => builder.without_time().try_init(),
		false => builder.try_init(),
	};
	set.map_err(|error| Failure::other(format!("cannot log: {error}")))
}

/// Tells systemd how far the service is, if it was started by that: `READY=1`, `STOPPING=1`.
pub(super) fn notify(state: &str) {
	let Some(name) = env::var_os("NOTIFY_SOCKET") else { return };
	let address = match name.as_bytes() {
		[b'@', rest @ ..] => SocketAddr::from_abstract_name(rest),
		path => SocketAddr::from_pathname(std::path::Path::new(std::ffi::OsStr::from_bytes(path))),
	};
	let sent = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
	if let Err(error) = sent {
		tracing::warn!("systemd could not be told {state}: {error}; see NotifyAccess of the unit");
	}
}

/// Waits until somebody wants an end: Ctrl-C, or a service's stop.
///
/// # Errors
/// If signals cannot be had.
pub(super) async fn told_to_end() -> Result<(), Failure> {
	let of = |kind| signal(kind).map_err(|error| Failure::other(format!("cannot listen for signals: {error}")));
	let (mut interrupt, mut terminate) = (of(SignalKind::interrupt())?, of(SignalKind::terminate())?);
	tokio::select! {
		_ = interrupt.recv() => (),
		_ = terminate.recv() => (),
	}
	notify("STOPPING=1");
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::time::Duration;

	/// In a process of its own there would be more to set up; the name is this test's alone.
	#[test]
	fn systemd_is_told() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("notify");
		let socket = UnixDatagram::bind(&path).unwrap();
		socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
		env::set_var("NOTIFY_SOCKET", &path);
		notify("READY=1");
		env::remove_var("NOTIFY_SOCKET");
		let mut buffer = [0; 64];
		let length = socket.recv(&mut buffer).unwrap();
		assert_eq!(&buffer[..length], b"READY=1");
		// Without a socket there is nobody to tell.
		notify("READY=1");
	}
}
