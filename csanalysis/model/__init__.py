"""The Customer Success model: dataset, scenario, demand and supply. Frozen and pure."""
