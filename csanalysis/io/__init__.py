"""Bytes to raw frames and back: the only package that opens data files."""

from csanalysis.io.readers import RawTable, read_raw, read_table

__all__ = ["RawTable", "read_raw", "read_table"]
