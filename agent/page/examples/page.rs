//! Serves the agent's page with a status from a file, for those who work on the page, and for its test in a browser.
//!
//! `page FILE [PORT]` prints where the page is. Times of the file are shifted so that it was written just now. Each
//! line of the standard input is a status as well, in JSON, that takes the place of the one before (its times are
//! shifted by as much); the program ends with its input.

use smart_agent_page::{
	page::PageServer,
	status::{unix_now, Status, StatusHandle},
};
use std::{error::Error, io::BufRead};

fn main() -> Result<(), Box<dyn Error>> {
	let mut arguments = std::env::args().skip(1);
	let file = arguments.next().ok_or("which file? `page FILE [PORT]`")?;
	let port: u16 = arguments.next().map_or(Ok(0), |port| port.parse())?;
	let status: Status = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
	let shift = unix_now().saturating_sub(status.at);
	let handle = StatusHandle::in_memory(shifted(serde_json::to_value(status)?, shift)?);

	let runtime = tokio::runtime::Runtime::new()?;
	let server = runtime.block_on(PageServer::bind(([127, 0, 0, 1], port).into(), handle.clone()))?;
	println!("http://{}", server.address());
	runtime.spawn(server.serve(std::future::pending()));
	for line in std::io::stdin().lock().lines() {
		let next = shifted(serde_json::from_str(&line?)?, shift)?;
		handle.update(|status| *status = next);
	}
	Ok(())
}

/// The status with all of its times so many seconds later.
fn shifted(mut status: serde_json::Value, seconds: u64) -> Result<Status, serde_json::Error> {
	shift(&mut status, seconds);
	serde_json::from_value(status)
}

fn shift(value: &mut serde_json::Value, seconds: u64) {
	match value {
		serde_json::Value::Object(fields) => {
			for (name, field) in fields {
				match field.as_u64() {
					Some(time) if matches!(name.as_str(), "at" | "since" | "started") => {
						*field = time.saturating_add(seconds).into();
					}
					_ => shift(field, seconds),
				}
			}
		}
		serde_json::Value::Array(list) => list.iter_mut().for_each(|item| shift(item, seconds)),
		_ => {}
	}
}
