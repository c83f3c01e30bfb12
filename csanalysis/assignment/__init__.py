"""Which task to whom: suitability, its stability, the assignment, its boundaries and waves."""
