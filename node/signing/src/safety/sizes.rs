//! How long the file is.

/// Bytes of one record's region: no smaller than a disk writes at once, so that a torn write never reaches into the
/// other one.
pub const REGION_LENGTH: usize = 4096;
/// Bytes of the whole file.
pub const FILE_LENGTH: usize = 2 * REGION_LENGTH;
