"""DuckDB's C API by ctypes: the same libduckdb.so that the nodes load, so that engines do not differ."""
import ctypes
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]

# As a node opens its warehouse: nothing spills, and the same limit of memory.
SETTINGS = {"temp_directory": "", "max_temp_directory_size": "0MB", "default_null_order": "nulls_last"}


class _Result(ctypes.Structure):
    """`duckdb_result`: six words of which only DuckDB knows the meaning."""

    _fields_ = [("words", ctypes.c_uint64 * 6)]


def _library() -> ctypes.CDLL:
    path = os.environ.get("CONCORDAT_DUCKDB_LIBRARY", str(ROOT / ".lib" / "libduckdb.so"))
    library = ctypes.CDLL(path)
    library.duckdb_result_error.restype = ctypes.c_char_p
    library.duckdb_value_varchar.restype = ctypes.c_void_p
    for name in ("duckdb_row_count", "duckdb_column_count"):
        getattr(library, name).restype = ctypes.c_uint64
    return library


class Database:
    """One DuckDB instance with one connection."""

    def __init__(self, path: str, memory_limit: str):
        self._library = _library()
        configuration = ctypes.c_void_p()
        self._library.duckdb_create_config(ctypes.byref(configuration))
        for name, value in {**SETTINGS, "memory_limit": memory_limit}.items():
            if self._library.duckdb_set_config(configuration, name.encode(), value.encode()) != 0:
                raise RuntimeError(f"DuckDB does not know the setting {name}")
        self._database, self._connection = ctypes.c_void_p(), ctypes.c_void_p()
        error = ctypes.c_char_p()
        state = self._library.duckdb_open_ext(
            path.encode(), ctypes.byref(self._database), configuration, ctypes.byref(error))
        self._library.duckdb_destroy_config(ctypes.byref(configuration))
        if state != 0:
            raise RuntimeError((error.value or b"cannot open").decode())
        self._library.duckdb_connect(self._database, ctypes.byref(self._connection))

    def execute(self, sql: str) -> int:
        """Runs statements to the end and drops the last one's rows; returns how many they were."""
        result = self._query(sql)
        rows = self._library.duckdb_row_count(ctypes.byref(result))
        self._library.duckdb_destroy_result(ctypes.byref(result))
        return rows

    def rows(self, sql: str) -> list[list[str | None]]:
        """The rows of a statement, every value as text."""
        result = self._query(sql)
        reference = ctypes.byref(result)
        height = self._library.duckdb_row_count(reference)
        width = self._library.duckdb_column_count(reference)
        table = [[self._text(reference, column, row) for column in range(width)] for row in range(height)]
        self._library.duckdb_destroy_result(reference)
        return table

    def close(self) -> None:
        self._library.duckdb_disconnect(ctypes.byref(self._connection))
        self._library.duckdb_close(ctypes.byref(self._database))

    def _query(self, sql: str) -> _Result:
        result = _Result()
        if self._library.duckdb_query(self._connection, sql.encode(), ctypes.byref(result)) != 0:
            message = self._library.duckdb_result_error(ctypes.byref(result)) or b"failed"
            raise RuntimeError(f"{message.decode()}\n{sql}")
        return result

    def _text(self, result, column: int, row: int) -> str | None:
        pointer = self._library.duckdb_value_varchar(
            result, ctypes.c_uint64(column), ctypes.c_uint64(row))
        if not pointer:
            return None
        text = ctypes.string_at(pointer).decode()
        self._library.duckdb_free(ctypes.c_void_p(pointer))
        return text
