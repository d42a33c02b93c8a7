//! What a folder will take, to the byte, before a byte of it is read.

use crate::{
	edge::Source,
	manifest::{Kind, Pager, FOOTER, PAGE_ITEM},
	seal, Error, Geometry, Profile,
};

/// What a source holds. If nobody writes to it, [`put`](crate::put) makes a volume of exactly that length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
	/// Files, folders and links.
	pub entries: u64,
	/// Bytes of the files and links.
	pub data: u64,
	/// Bytes of the sealed volume; `None` if the end of a stream is not known.
	pub volume_len: Option<u64>,
}

impl Plan {
	/// Looks at all entries of a source, and reads none.
	///
	/// Errors: what the source says; paths that no volume takes; more entries than a volume has.
	pub fn of(source: &mut dyn Source) -> Result<Self, Error> {
		let (mut pager, mut entries, mut data, mut manifest) = (Pager::default(), 0_u64, 0_u64, FOOTER);
		let mut open = false;
		while let Some(meta) = source.entry()? {
			let length = meta.entry_len()?;
			if pager.is_full(length) {
				pager.end()?;
			}
			pager.add(length);
			entries += 1;
			manifest = manifest.saturating_add(length as u64);
			match (meta.kind, meta.size) {
				(Kind::Folder, _) => {}
				(_, Some(size)) => data = data.saturating_add(size),
				(_, None) => open = true,
			}
		}
		pager.end()?;
		let plain = data
			.saturating_add(manifest)
			.saturating_add(u64::from(pager.pages()) * PAGE_ITEM);
		Ok(Self {
			entries,
			data,
			volume_len: (!open).then(|| seal::sealed_len(plain)),
		})
	}

	/// How it would lie in slots by a profile.
	pub fn geometry(&self, profile: Profile) -> Geometry {
		Geometry::of(profile, self.volume_len)
	}

	/// Bytes of each slot by a geometry; `None` if the end of a stream is not known.
	///
	/// Errors: [`Error::TooLong`].
	pub fn slot_len(&self, geometry: Geometry) -> Result<Option<u64>, Error> {
		self.volume_len.map(|length| geometry.slot_len(length)).transpose()
	}
}
