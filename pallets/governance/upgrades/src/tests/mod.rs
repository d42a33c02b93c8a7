mod attacks;
mod random;
mod waiting;
