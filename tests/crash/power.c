/* Remembers what the disk has for sure: a copy of every file as of its last sync. Metadata counts as written at once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The path of a file below POWER_ROOT in POWER_SHADOW, with its folders made; 0 if it is elsewhere. */
static int shadow_of(const char *path, char *out) {
  const char *root = getenv("POWER_ROOT"), *shadow = getenv("POWER_SHADOW");
  if (!root || !shadow || strncmp(path, root, strlen(root)) != 0) return 0;
  snprintf(out, PATH_MAX, "%s%s", shadow, path + strlen(root));
  for (char *at = out + strlen(shadow) + 1; (at = strchr(at, '/')); at++) {
    *at = 0;
    mkdir(out, 0777);
    *at = '/';
  }
  return 1;
}

static void remember(int fd) {
  char link[64], path[PATH_MAX], copy[PATH_MAX], part[PATH_MAX + 8];
  static char block[1 << 20];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  struct stat kind;
  if (fstat(fd, &kind) != 0 || !S_ISREG(kind.st_mode)) return;
  pthread_mutex_lock(&lock);
  if (shadow_of(path, copy)) {
    snprintf(part, sizeof part, "%s.part", copy);
    int from = open(path, O_RDONLY), to = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (ssize_t n; (n = read(from, block, sizeof block)) > 0;)
      if (write(to, block, (size_t)n) != n) abort();
    close(from);
    close(to);
    rename(part, copy);
  }
  pthread_mutex_unlock(&lock);
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  int result = real(fd);
  if (result == 0) remember(fd);
  return result;
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  int result = real(fd);
  if (result == 0) remember(fd);
  return result;
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  int result = real(from, to);
  char shadow_from[PATH_MAX], shadow_to[PATH_MAX];
  if (result == 0 && shadow_of(from, shadow_from) && shadow_of(to, shadow_to)) real(shadow_from, shadow_to);
  return result;
}

int unlink(const char *path) {
  int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
  int result = real(path);
  char shadow[PATH_MAX];
  if (result == 0 && shadow_of(path, shadow)) real(shadow);
  return result;
}
