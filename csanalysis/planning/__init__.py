"""Plans under uncertain demand: heads and commitments by quarter, chosen before demand is known."""
