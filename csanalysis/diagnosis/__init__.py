"""Where do we stand? Phase, benchmarks and team size."""
