#include "cduckdb.h"

#include <dlfcn.h>
#include <stddef.h>

#define TABLE_FUNCTION(type, name, parameters, arguments) type(*name) parameters;
#define TABLE_PROCEDURE(name, parameters, arguments) void(*name) parameters;

static struct {
    CDUCKDB_FUNCTIONS(TABLE_FUNCTION)
    CDUCKDB_PROCEDURES(TABLE_PROCEDURE)
} functions;

static bool loaded = false;

#define CALL_FUNCTION(type, name, parameters, arguments) \
    type cduckdb_##name parameters { return functions.name arguments; }
#define CALL_PROCEDURE(name, parameters, arguments) \
    void cduckdb_##name parameters { functions.name arguments; }
CDUCKDB_FUNCTIONS(CALL_FUNCTION)
CDUCKDB_PROCEDURES(CALL_PROCEDURE)

#define FIND(name)                                                \
    *(void **)&functions.name = dlsym(library, "duckdb_" #name);      \
    if (functions.name == NULL) {                                     \
        *detail = "duckdb_" #name;                                \
        dlclose(library);                                         \
        return CDUCKDB_INCOMPLETE;                                \
    }
#define FIND_FUNCTION(type, name, parameters, arguments) FIND(name)
#define FIND_PROCEDURE(name, parameters, arguments) FIND(name)

// DuckDB's allocator (jemalloc) makes itself ready at the first allocation, and two threads that do so at once
// can wait for each other for ever: let it happen here, where the caller holds a lock.
static void prepare_allocator(void) {
    duckdb_database database = NULL;
    char *error = NULL;
    if (functions.open_ext(NULL, &database, NULL, &error) == 0) functions.close(&database);
}

int cduckdb_load(const char *path, const char **detail) {
    if (loaded) return CDUCKDB_LOADED;
    void *library = dlopen(path != NULL ? path : "libduckdb.so", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        *detail = dlerror();
        return CDUCKDB_NOT_FOUND;
    }
    CDUCKDB_FUNCTIONS(FIND_FUNCTION)
    CDUCKDB_PROCEDURES(FIND_PROCEDURE)
    prepare_allocator();
    loaded = true;
    return CDUCKDB_LOADED;
}
