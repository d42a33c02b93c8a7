//! What the figures were measured on.

use std::{fs, process::Command};

fn output(program: &str, args: &[&str]) -> Option<String> {
	let output = Command::new(program)
		.args(args)
		.output()
		.ok()
		.filter(|output| output.status.success())?;
	Some(String::from_utf8_lossy(&output.stdout).trim().to_string()).filter(|text| !text.is_empty())
}

fn field(file: &str, name: &str) -> Option<String> {
	let text = fs::read_to_string(file).ok()?;
	let line = text.lines().find(|line| line.starts_with(name))?;
	Some(line.split_once(':')?.1.trim().to_string())
}

/// The machine, the toolchain and the commit of the working directory, a name and a value each.
pub fn describe() -> Vec<(&'static str, String)> {
	let unknown = || "unknown".to_string();
	let cores = std::thread::available_parallelism().map_or_else(|_| unknown(), |cores| cores.to_string());
	let memory = field("/proc/meminfo", "MemTotal")
		.and_then(|total| total.split_whitespace().next()?.parse::<f64>().ok())
		.map_or_else(unknown, |kilobytes| format!("{:.0} GB", kilobytes * 1024.0 / 1e9));
	let commit = output("git", &["rev-parse", "--short=12", "HEAD"]).map(|commit| {
		let changed = output("git", &["status", "--porcelain", "--untracked-files=no"]).is_some();
		if changed {
			format!("{commit} and changes")
		} else {
			commit
		}
	});
	vec![
		("date", output("date", &["-u", "+%F %R UTC"]).unwrap_or_else(unknown)),
		("CPU", field("/proc/cpuinfo", "model name").unwrap_or_else(unknown)),
		("cores", cores),
		("memory", memory),
		("kernel", output("uname", &["-sr"]).unwrap_or_else(unknown)),
		("rustc", output("rustc", &["--version"]).unwrap_or_else(unknown)),
		("commit", commit.unwrap_or_else(unknown)),
	]
}
