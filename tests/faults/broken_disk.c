/* A disk that breaks on demand, preloaded into a server: while the file $FAULTS_SWITCH says "fsync" or "write", that call
   on a town's file fails with EIO; while it says "read-only", writing fails with EROFS. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int wanted(const char *what) {
    char said[16] = {0};
    const char *name = getenv("FAULTS_SWITCH");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, said, sizeof said - 1);
    close(file);
    return length > 0 && strncmp(said, what, strlen(what)) == 0;
}

static int of_town_a(int file) {
    char link[64], path[4096] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    return readlink(link, path, sizeof path - 1) > 0 && strstr(path, "/towns/a/town.sqlite") != NULL;
}

static int breaks(int file, const char *what) {
    if (!of_town_a(file)) return 0;
    if (wanted(what)) { errno = EIO; return 1; }
    if (wanted("read-only") && strcmp(what, "write") == 0) { errno = EROFS; return 1; }
    return 0;
}

#define PASS_ON(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

int fsync(int file) { return breaks(file, "fsync") ? -1 : PASS_ON(fsync, file); }
int fdatasync(int file) { return breaks(file, "fsync") ? -1 : PASS_ON(fdatasync, file); }
ssize_t write(int file, const void *from, size_t count) { return breaks(file, "write") ? -1 : PASS_ON(write, file, from, count); }
ssize_t pwrite(int file, const void *from, size_t count, off_t at) { return breaks(file, "write") ? -1 : PASS_ON(pwrite, file, from, count, at); }
ssize_t pwrite64(int file, const void *from, size_t count, off64_t at) { return breaks(file, "write") ? -1 : PASS_ON(pwrite64, file, from, count, at); }
