"""Controls and panels that recompute a scenario in JupyterLab."""
