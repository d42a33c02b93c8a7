mod adversaries;
mod random_calls;
mod relaying;
