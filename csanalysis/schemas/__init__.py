"""The data contract of a workspace: one pandera model per table, and the rules between tables."""
