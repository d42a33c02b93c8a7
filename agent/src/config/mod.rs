//! The configuration file and the data folder.
