//! The command line as it is written.
