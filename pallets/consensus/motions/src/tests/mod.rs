mod attacks;
mod closing;
mod origins;
mod quotas;
mod random;
mod voting;
mod weights;
