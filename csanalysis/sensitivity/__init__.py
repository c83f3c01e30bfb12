"""What would have to be true: samples of uncertain inputs, and what each input does to a metric."""
