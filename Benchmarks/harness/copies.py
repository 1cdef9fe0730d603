"""Copies of the sites' warehouses, which a node alone may open, and one database that pools them."""
import pathlib
import shutil

from harness.duckdb import Database
from harness.federation import SITES, Federation

SNAPSHOT = "snapshot_1"
# Dataset -> the order in which its rows are stored, as a publication stores them.
DATASETS = {
    "patient": "person_id", "condition": "code, person_id", "observation": "code, person_id",
    "encounter": "person_id"}


def copy_warehouses(federation: Federation, directory: pathlib.Path) -> list[str]:
    """The files as ingest left them: what a node has written since is in its own log."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    paths = []
    for site in SITES:
        shutil.copy(federation.member_home(site) / "warehouse.duckdb", directory / f"{site}.duckdb")
        paths.append(str(directory / f"{site}.duckdb"))
    return paths


def pool(paths: list[str], path: str, memory_limit: str) -> None:
    """All sites in one file; `person_id` is a registration, unique over all; `site`, `person` are columns."""
    database = Database(path, memory_limit)
    for site, source in zip(SITES, paths):
        database.execute(f"ATTACH '{source}' AS {site} (READ_ONLY)")
    for dataset, order in DATASETS.items():
        parts = [
            f"SELECT d.* REPLACE (d.person_id + {index} * 100000000 AS person_id), '{site}' AS site, "
            f"q.person FROM {site}.{SNAPSHOT}.{dataset} d JOIN {site}.{SNAPSHOT}.person q USING (person_id)"
            for index, site in enumerate(SITES)
        ]
        database.execute(
            f"CREATE TABLE {dataset} AS FROM ({' UNION ALL '.join(parts)}) ORDER BY {order}")
    database.execute("CREATE SCHEMA reference")
    for table in ("age_band", "imd"):
        database.execute(f"CREATE TABLE reference.{table} AS FROM {SITES[0]}.reference.{table}")
    for site in SITES:
        database.execute(f"DETACH {site}")
    database.execute("CHECKPOINT")
    database.close()
