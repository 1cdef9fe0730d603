/// ODBC 3's C API as unixODBC has it, loaded at run time: only what Concordat uses.
///
/// Signatures are those of unixODBC 2.3 on 64-bit machines: lengths are 8 bytes, characters of the wide functions 2
/// (UTF-16). Each function `SQLX` is called here as `codbc_X`. Call `codbc_load` once, successfully, before any other.
#pragma once

#include <stdint.h>

/// A date as SQL_C_TYPE_DATE has it.
typedef struct { int16_t year; uint16_t month, day; } codbc_date;
/// A moment as SQL_C_TYPE_TIMESTAMP has it; the fraction in nanoseconds.
typedef struct { int16_t year; uint16_t month, day, hour, minute, second; uint32_t fraction; } codbc_timestamp;

/// X(name, parameters, arguments): every function; all give a SQLRETURN.
#define CODBC_FUNCTIONS(X)                                                                                  \
    X(AllocHandle, (int16_t kind, void *above, void **out), (kind, above, out))                             \
    X(FreeHandle, (int16_t kind, void *handle), (kind, handle))                                             \
    X(SetEnvAttr, (void *environment, int32_t name, void *value, int32_t length),                           \
      (environment, name, value, length))                                                                   \
    X(SetConnectAttr, (void *connection, int32_t name, void *value, int32_t length),                        \
      (connection, name, value, length))                                                                    \
    X(SetStmtAttr, (void *statement, int32_t name, void *value, int32_t length),                            \
      (statement, name, value, length))                                                                     \
    X(DriverConnectW,                                                                                       \
      (void *connection, void *window, const uint16_t *text, int16_t length, uint16_t *out, int16_t size,   \
       int16_t *outLength, uint16_t completion),                                                            \
      (connection, window, text, length, out, size, outLength, completion))                                 \
    X(Disconnect, (void *connection), (connection))                                                         \
    X(GetInfo, (void *connection, uint16_t kind, void *value, int16_t size, int16_t *length),               \
      (connection, kind, value, size, length))                                                              \
    X(PrepareW, (void *statement, const uint16_t *text, int32_t length), (statement, text, length))         \
    X(ExecDirectW, (void *statement, const uint16_t *text, int32_t length), (statement, text, length))      \
    X(Execute, (void *statement), (statement))                                                              \
    X(NumResultCols, (void *statement, int16_t *count), (statement, count))                                 \
    X(DescribeColW,                                                                                         \
      (void *statement, uint16_t column, uint16_t *name, int16_t size, int16_t *length, int16_t *type,      \
       uint64_t *columnSize, int16_t *digits, int16_t *nullable),                                           \
      (statement, column, name, size, length, type, columnSize, digits, nullable))                          \
    X(BindCol,                                                                                              \
      (void *statement, uint16_t column, int16_t type, void *value, int64_t size, int64_t *indicator),      \
      (statement, column, type, value, size, indicator))                                                    \
    X(Fetch, (void *statement), (statement))                                                                \
    X(GetData,                                                                                              \
      (void *statement, uint16_t column, int16_t type, void *value, int64_t size, int64_t *indicator),      \
      (statement, column, type, value, size, indicator))                                                    \
    X(FreeStmt, (void *statement, uint16_t option), (statement, option))                                    \
    X(Cancel, (void *statement), (statement))                                                               \
    X(EndTran, (int16_t kind, void *handle, int16_t completion), (kind, handle, completion))                \
    X(GetDiagRecW,                                                                                          \
      (int16_t kind, void *handle, int16_t record, uint16_t *state, int32_t *native, uint16_t *message,     \
       int16_t size, int16_t *length),                                                                      \
      (kind, handle, record, state, native, message, size, length))

#define CODBC_DECLARE(name, parameters, arguments) int16_t codbc_##name parameters;
CODBC_FUNCTIONS(CODBC_DECLARE)

/// What `codbc_load` found.
enum { CODBC_LOADED = 0, CODBC_NOT_FOUND = 1, CODBC_INCOMPLETE = 2 };

/// Opens unixODBC's driver manager at `path` (NULL: `libodbc.so.2` by the loader's own search) and fills the
/// function table. Not thread-safe: the caller serialises. After success further calls do nothing. On failure
/// `*detail` is the loader's message, or the name of the missing function; it is owned by the loader.
int codbc_load(const char *path, const char **detail);
