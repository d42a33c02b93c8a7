//! Whether somebody else needs the machine.

use std::{fs, path::Path, thread};

/// When units are begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
	/// Only while others leave half of the processors alone.
	pub idle: bool,
	/// Only while no battery is used up.
	pub mains: bool,
}

/// What a machine is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
	/// Processes that run or want to, in hundredths, over a minute.
	pub hundredths: u32,
	/// Processors.
	pub cores: u32,
	/// Whether it runs on a battery.
	pub battery: bool,
}

impl Load {
	/// That of this machine; none if its system does not say.
	pub fn now() -> Option<Self> {
		let text = fs::read_to_string("/proc/loadavg").ok()?;
		let cores = thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
		Some(Self {
			hundredths: hundredths(&text)?,
			cores,
			battery: on_battery(Path::new("/sys/class/power_supply")),
		})
	}

	/// Whether units may be begun by this, while so many of ours run: they are a part of the load.
	pub fn lets(&self, when: When, ours: u32) -> bool {
		let others = self.hundredths.saturating_sub(ours.saturating_mul(100));
		let is_used = others > self.cores.saturating_mul(50);
		!(when.idle && is_used || when.mains && self.battery)
	}
}

/// `0.52 …` of `/proc/loadavg`.
fn hundredths(text: &str) -> Option<u32> {
	let (whole, rest) = text.split_whitespace().next()?.split_once('.')?;
	let rest = format!("{rest:0<2}");
	let (whole, rest): (u32, u32) = (whole.parse().ok()?, rest.get(..2)?.parse().ok()?);
	whole.checked_mul(100)?.checked_add(rest)
}

/// Whether a battery is used up, as the kernel has it: one discharges.
fn on_battery(supplies: &Path) -> bool {
	let Ok(places) = fs::read_dir(supplies) else {
		return false;
	};
	let said = |path: &Path, name: &str| fs::read_to_string(path.join(name)).unwrap_or_default();
	places.flatten().any(|place| {
		let path = place.path();
		said(&path, "type").trim() == "Battery" && said(&path, "status").trim() == "Discharging"
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn who_else_works_is_seen() {
		let idle = When {
			idle: true,
			mains: false,
		};
		let load = |hundredths| Load {
			hundredths,
			cores: 4,
			battery: false,
		};
		assert!(load(200).lets(idle, 0) && !load(201).lets(idle, 0));
		assert!(load(400).lets(idle, 2), "two of these are ours");
		assert!(!load(401).lets(idle, 2));
		let always = When {
			idle: false,
			mains: false,
		};
		assert!(load(10_000).lets(always, 0));
		let battery = Load {
			battery: true,
			..load(0)
		};
		assert!(battery.lets(idle, 0));
		assert!(!battery.lets(When { mains: true, ..idle }, 0));
	}

	#[test]
	fn what_the_kernel_says_is_read() {
		assert_eq!(hundredths("0.52 0.58 0.59 3/890 12345\n"), Some(52));
		assert_eq!(hundredths("12.5 1"), Some(1_250));
		for wrong in ["", "x", "1", "-1.00", "1.x"] {
			assert_eq!(hundredths(wrong), None, "{wrong}");
		}
		let place = tempfile::tempdir().unwrap();
		assert!(!on_battery(place.path()));
		let battery = place.path().join("BAT0");
		fs::create_dir(&battery).unwrap();
		fs::write(battery.join("type"), "Battery\n").unwrap();
		fs::write(battery.join("status"), "Discharging\n").unwrap();
		assert!(on_battery(place.path()));
		fs::write(battery.join("status"), "Full\n").unwrap();
		assert!(!on_battery(place.path()));
	}
}
