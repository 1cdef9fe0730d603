#include "codbc.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

#define TABLE(name, parameters, arguments) int16_t(*name) parameters;
static struct { CODBC_FUNCTIONS(TABLE) } functions;

static bool loaded = false;

#define CALL(name, parameters, arguments) \
    int16_t codbc_##name parameters { return functions.name arguments; }
CODBC_FUNCTIONS(CALL)

#define FIND(name, parameters, arguments)                        \
    *(void **)&functions.name = dlsym(library, "SQL" #name);     \
    if (functions.name == NULL) {                                \
        *detail = "SQL" #name;                                   \
        dlclose(library);                                        \
        return CODBC_INCOMPLETE;                                 \
    }

int codbc_load(const char *path, const char **detail) {
    if (loaded) return CODBC_LOADED;
    // Global: drivers take functions of the driver manager's companions from it.
    void *library = dlopen(path != NULL ? path : "libodbc.so.2", RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        *detail = dlerror();
        return CODBC_NOT_FOUND;
    }
    CODBC_FUNCTIONS(FIND)
    loaded = true;
    return CODBC_LOADED;
}
