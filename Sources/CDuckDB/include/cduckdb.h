/// DuckDB's C API, loaded at run time: only what Concordat uses.
///
/// Types and signatures are those of DuckDB 1.5's duckdb.h. Each function `duckdb_x` is called here as
/// `cduckdb_x`, so that the library's own symbols are never interposed. Call `cduckdb_load` once,
/// successfully, before any other.
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t idx_t;
typedef struct cduckdb_database *duckdb_database;
typedef struct cduckdb_connection *duckdb_connection;
typedef struct cduckdb_config *duckdb_config;
typedef struct cduckdb_prepared_statement *duckdb_prepared_statement;
typedef struct cduckdb_extracted_statements *duckdb_extracted_statements;
typedef struct cduckdb_pending_result *duckdb_pending_result;
typedef struct cduckdb_appender *duckdb_appender;
typedef struct cduckdb_logical_type *duckdb_logical_type;
typedef struct cduckdb_data_chunk *duckdb_data_chunk;
typedef struct cduckdb_vector *duckdb_vector;
typedef struct cduckdb_error_data *duckdb_error_data;

/// 48 bytes; `duckdb_fetch_chunk` takes it by value.
typedef struct {
    idx_t deprecated_column_count;
    idx_t deprecated_row_count;
    idx_t deprecated_rows_changed;
    void *deprecated_columns;
    char *deprecated_error_message;
    void *internal_data;
} duckdb_result;

typedef struct { int32_t days; } duckdb_date;
typedef struct { int64_t micros; } duckdb_timestamp;
typedef struct { int32_t months; int32_t days; int64_t micros; } duckdb_interval;
typedef struct { uint64_t lower; int64_t upper; } duckdb_hugeint;

/// A string in a vector: up to 12 bytes inline, otherwise a pointer after a four-byte prefix.
typedef struct {
    uint32_t length;
    char prefix[4];
    const char *pointer;
} duckdb_string;

/// duckdb_type
enum {
    CDUCKDB_BOOLEAN = 1, CDUCKDB_TINYINT = 2, CDUCKDB_SMALLINT = 3, CDUCKDB_INTEGER = 4, CDUCKDB_BIGINT = 5,
    CDUCKDB_UTINYINT = 6, CDUCKDB_USMALLINT = 7, CDUCKDB_UINTEGER = 8, CDUCKDB_UBIGINT = 9,
    CDUCKDB_FLOAT = 10, CDUCKDB_DOUBLE = 11, CDUCKDB_TIMESTAMP = 12, CDUCKDB_DATE = 13,
    CDUCKDB_INTERVAL = 15, CDUCKDB_HUGEINT = 16, CDUCKDB_VARCHAR = 17, CDUCKDB_DECIMAL = 19,
    CDUCKDB_TIMESTAMP_S = 20, CDUCKDB_TIMESTAMP_MS = 21,
    CDUCKDB_TIMESTAMP_NS = 22, CDUCKDB_ENUM = 23, CDUCKDB_TIMESTAMP_TZ = 31, CDUCKDB_SQLNULL = 36
};

/// duckdb_pending_state
enum {
    CDUCKDB_PENDING_READY = 0, CDUCKDB_PENDING_NOT_READY = 1, CDUCKDB_PENDING_ERROR = 2, CDUCKDB_PENDING_NO_TASKS = 3
};

/// X(return type, name, parameters, arguments): every function with a return value.
#define CDUCKDB_FUNCTIONS(X)                                                                                \
    X(const char *, library_version, (void), ())                                                            \
    X(int, create_config, (duckdb_config *out), (out))                                                      \
    X(int, set_config, (duckdb_config config, const char *name, const char *option), (config, name, option)) \
    X(int, open_ext, (const char *path, duckdb_database *out, duckdb_config config, char **error),          \
      (path, out, config, error))                                                                           \
    X(int, connect, (duckdb_database database, duckdb_connection *out), (database, out))                    \
    X(idx_t, extract_statements,                                                                            \
      (duckdb_connection connection, const char *query, duckdb_extracted_statements *out),                  \
      (connection, query, out))                                                                             \
    X(const char *, extract_statements_error, (duckdb_extracted_statements statements), (statements))       \
    X(int, prepare_extracted_statement,                                                                     \
      (duckdb_connection connection, duckdb_extracted_statements statements, idx_t index,                   \
       duckdb_prepared_statement *out),                                                                     \
      (connection, statements, index, out))                                                                 \
    X(const char *, prepare_error, (duckdb_prepared_statement statement), (statement))                      \
    X(idx_t, nparams, (duckdb_prepared_statement statement), (statement))                                   \
    X(int, bind_boolean, (duckdb_prepared_statement statement, idx_t index, bool value),                    \
      (statement, index, value))                                                                            \
    X(int, bind_int64, (duckdb_prepared_statement statement, idx_t index, int64_t value),                   \
      (statement, index, value))                                                                            \
    X(int, bind_double, (duckdb_prepared_statement statement, idx_t index, double value),                   \
      (statement, index, value))                                                                            \
    X(int, bind_date, (duckdb_prepared_statement statement, idx_t index, duckdb_date value),                \
      (statement, index, value))                                                                            \
    X(int, bind_timestamp, (duckdb_prepared_statement statement, idx_t index, duckdb_timestamp value),      \
      (statement, index, value))                                                                            \
    X(int, bind_interval, (duckdb_prepared_statement statement, idx_t index, duckdb_interval value),        \
      (statement, index, value))                                                                            \
    X(int, bind_varchar_length,                                                                             \
      (duckdb_prepared_statement statement, idx_t index, const char *value, idx_t length),                  \
      (statement, index, value, length))                                                                    \
    X(int, bind_null, (duckdb_prepared_statement statement, idx_t index), (statement, index))               \
    X(int, pending_prepared, (duckdb_prepared_statement statement, duckdb_pending_result *out),             \
      (statement, out))                                                                                     \
    X(int, pending_prepared_streaming, (duckdb_prepared_statement statement, duckdb_pending_result *out),   \
      (statement, out))                                                                                     \
    X(const char *, pending_error, (duckdb_pending_result pending), (pending))                              \
    X(int, pending_execute_task, (duckdb_pending_result pending), (pending))                                \
    X(int, execute_pending, (duckdb_pending_result pending, duckdb_result *out), (pending, out))            \
    X(const char *, result_error, (duckdb_result *result), (result))                                        \
    X(idx_t, column_count, (duckdb_result *result), (result))                                               \
    X(const char *, column_name, (duckdb_result *result, idx_t column), (result, column))                   \
    X(duckdb_logical_type, column_logical_type, (duckdb_result *result, idx_t column), (result, column))    \
    X(duckdb_data_chunk, fetch_chunk, (duckdb_result result), (result))                                     \
    X(duckdb_logical_type, create_logical_type, (int type), (type))                                         \
    X(int, get_type_id, (duckdb_logical_type type), (type))                                                 \
    X(uint8_t, decimal_scale, (duckdb_logical_type type), (type))                                           \
    X(int, decimal_internal_type, (duckdb_logical_type type), (type))                                       \
    X(int, enum_internal_type, (duckdb_logical_type type), (type))                                          \
    X(uint32_t, enum_dictionary_size, (duckdb_logical_type type), (type))                                   \
    X(char *, enum_dictionary_value, (duckdb_logical_type type, idx_t index), (type, index))                \
    X(duckdb_data_chunk, create_data_chunk, (duckdb_logical_type *types, idx_t count), (types, count))      \
    X(idx_t, data_chunk_get_size, (duckdb_data_chunk chunk), (chunk))                                       \
    X(duckdb_vector, data_chunk_get_vector, (duckdb_data_chunk chunk, idx_t column), (chunk, column))       \
    X(idx_t, vector_size, (void), ())                                                                       \
    X(void *, vector_get_data, (duckdb_vector vector), (vector))                                            \
    X(uint64_t *, vector_get_validity, (duckdb_vector vector), (vector))                                    \
    X(int, appender_create,                                                                                 \
      (duckdb_connection connection, const char *schema, const char *table, duckdb_appender *out),          \
      (connection, schema, table, out))                                                                     \
    X(int, appender_add_column, (duckdb_appender appender, const char *name), (appender, name))             \
    X(int, append_data_chunk, (duckdb_appender appender, duckdb_data_chunk chunk), (appender, chunk))       \
    X(int, appender_close, (duckdb_appender appender), (appender))                                          \
    X(int, appender_destroy, (duckdb_appender *appender), (appender))                                       \
    X(duckdb_error_data, appender_error_data, (duckdb_appender appender), (appender))                       \
    X(const char *, error_data_message, (duckdb_error_data error), (error))

/// X(name, parameters, arguments): every function without one.
#define CDUCKDB_PROCEDURES(X)                                                                               \
    X(free, (void *pointer), (pointer))                                                                     \
    X(destroy_config, (duckdb_config *config), (config))                                                    \
    X(close, (duckdb_database *database), (database))                                                       \
    X(disconnect, (duckdb_connection *connection), (connection))                                            \
    X(interrupt, (duckdb_connection connection), (connection))                                              \
    X(destroy_extracted, (duckdb_extracted_statements *statements), (statements))                           \
    X(destroy_prepare, (duckdb_prepared_statement *statement), (statement))                                 \
    X(destroy_pending, (duckdb_pending_result *pending), (pending))                                         \
    X(destroy_result, (duckdb_result *result), (result))                                                    \
    X(destroy_logical_type, (duckdb_logical_type *type), (type))                                            \
    X(destroy_data_chunk, (duckdb_data_chunk *chunk), (chunk))                                              \
    X(destroy_error_data, (duckdb_error_data *error), (error))                                              \
    X(data_chunk_reset, (duckdb_data_chunk chunk), (chunk))                                                 \
    X(data_chunk_set_size, (duckdb_data_chunk chunk, idx_t size), (chunk, size))                            \
    X(vector_ensure_validity_writable, (duckdb_vector vector), (vector))                                    \
    X(vector_assign_string_element_len, (duckdb_vector vector, idx_t index, const char *text, idx_t length), \
      (vector, index, text, length))

#define CDUCKDB_DECLARE_FUNCTION(type, name, parameters, arguments) type cduckdb_##name parameters;
#define CDUCKDB_DECLARE_PROCEDURE(name, parameters, arguments) void cduckdb_##name parameters;
CDUCKDB_FUNCTIONS(CDUCKDB_DECLARE_FUNCTION)
CDUCKDB_PROCEDURES(CDUCKDB_DECLARE_PROCEDURE)

/// What `cduckdb_load` found.
enum { CDUCKDB_LOADED = 0, CDUCKDB_NOT_FOUND = 1, CDUCKDB_INCOMPLETE = 2 };

/// Opens the library at `path` (NULL: `libduckdb.so` by the loader's own search) and fills the function
/// table. Not thread-safe: the caller serialises. After success further calls return CDUCKDB_LOADED and do
/// nothing. On failure `*detail` is the loader's message, or the name of the missing function; it is owned by
/// the loader.
int cduckdb_load(const char *path, const char **detail);
