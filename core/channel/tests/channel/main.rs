//! Tests of the machine: a world with a seed in which parties are killed, messages lost and partners lie.

mod adversaries;
mod chain;
mod exhaustive;
mod golden;
mod keys;
mod loss;
mod random;
mod relays;
mod rules;
mod streams;
mod world;
