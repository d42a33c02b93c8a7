//! Where plots lie, and whether the disk is there: a folder on a disk that is not mounted looks like one without plots.

use crate::{
	commands::{Context, Failure},
	keys,
};
use smart_agent_store::{mounts, Store};
use std::path::{Path, PathBuf};

/// The file of the data folder that names the folders which have held plots, a line each.
const KNOWN: &str = "plots.known";
/// Bytes of it, at most.
const MOST_BYTES: u64 = 64 << 10;
/// Folders that are remembered, at most: the last ones.
const MOST_FOLDERS: usize = 16;

/// What to do about a folder that has held plots and holds none now.
pub(crate) const REMEDY: &str = "is the disk mounted? Mount it, and start the agent again; if the plots are gone for \
                                 good, `smart-agent plot create` begins anew there with --make-folder besides";

fn known(context: &Context) -> Vec<String> {
	let text = keys::read_bounded(&context.folder.path().join(KNOWN), MOST_BYTES);
	text.map_or(Vec::new(), |text| text.lines().map(str::to_owned).collect())
}

/// The configured folder as a line of the file.
fn line(context: &Context) -> String {
	let folder = &context.config.plots.folder;
	let absolute: PathBuf = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
	absolute.display().to_string().replace('\n', " ")
}

/// Remembers that the configured folder holds plots, so that they are missed if they are not there.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn remember(context: &Context) -> Result<(), Failure> {
	let (mut known, line) = (known(context), line(context));
	if known.contains(&line) {
		return Ok(());
	}
	known.push(line);
	let first = known.len().saturating_sub(MOST_FOLDERS);
	let text = known.split_off(first).join("\n") + "\n";
	Ok(keys::replace(&context.folder.path().join(KNOWN), text.as_bytes())?)
}

/// That the configured folder holds no store now, and has held plots or belongs to a disk that is not mounted; none if
/// all is as it should be.
pub(crate) fn lost(context: &Context) -> Option<String> {
	if context.has_store() {
		return None;
	}
	let folder = context.config.plots.folder.display();
	if let Some(place) = mounts::missing(&context.config.plots.folder) {
		let place = place.display();
		return Some(format!(
			"{folder} has no plots, and by /etc/fstab a disk belongs at {place}, where none is mounted"
		));
	}
	let has_held = known(context).contains(&line(context));
	has_held.then(|| format!("{folder} has held plots, and there is no store of plots now"))
}

/// Takes the store to make plots. A folder is made only where its parent is, and not where plots are missing, unless
/// that is wanted.
///
/// # Errors
/// If the disk seems not to be mounted; those of the store.
pub(super) fn take(context: &Context, make_folder: bool) -> Result<Store, Failure> {
	if make_folder {
		let folder: &Path = &context.config.plots.folder;
		std::fs::create_dir_all(folder).map_err(|error| {
			Failure::other(format!(
				"cannot make {}: {error}; see to the disk and to who may write there",
				folder.display()
			))
		})?;
	} else if let Some(what) = lost(context) {
		return Err(Failure::other(format!("{what}; {REMEDY}")));
	}
	let store = context.store(Store::make)?;
	remember(context)?;
	Ok(store)
}
