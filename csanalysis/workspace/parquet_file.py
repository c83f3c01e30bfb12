"""Long results as parquet: written page by page, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from csanalysis.io.writers import replacing
from csanalysis.labels import both


def write_parquet(path: str | Path, pages: Iterable[pd.DataFrame], about: Mapping[str, str]) -> Path:
    """Write pages of the same columns into one parquet file.

    Parameters
    ----------
    path : str or Path
    pages : iterable of DataFrame
        One at a time in memory.
    about : mapping of str to str
        Kept in the metadata of the file, each key behind ``csanalysis.``.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If there is no page.
    OSError
        If the file cannot be written; an older one stays as it was.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(both("parquet.no_folder", folder=path.parent))
    told = {f"csanalysis.{key}": value for key, value in about.items()}
    with replacing(path) as temporary, ExitStack() as open_files:
        writer = None
        for page in pages:
            table = pa.Table.from_pandas(page, preserve_index=False).replace_schema_metadata(told)
            if writer is None:
                writer = open_files.enter_context(parquet.ParquetWriter(temporary, table.schema))
            writer.write_table(table)
        if writer is None:
            raise ValueError(both("parquet.no_pages", path=path))
    return path
