"""Benchmarks: programs that compare, never tests with a clock in them."""
