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

int cduckdb_load(const char *path, const char **detail) {
    if (loaded) return CDUCKDB_LOADED;
    void *library = dlopen(path != NULL ? path : "libduckdb.so", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        *detail = dlerror();
        return CDUCKDB_NOT_FOUND;
    }
    CDUCKDB_FUNCTIONS(FIND_FUNCTION)
    CDUCKDB_PROCEDURES(FIND_PROCEDURE)
    loaded = true;
    return CDUCKDB_LOADED;
}
