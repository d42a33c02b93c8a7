//! The owner's phrase and the device's key, on disk and in memory.
