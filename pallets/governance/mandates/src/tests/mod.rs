//! Tests by topic.

mod emergencies;
mod mandates;
mod stewards;
