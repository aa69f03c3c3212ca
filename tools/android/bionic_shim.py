"""Android's x86-64 libraries in a desktop JVM: stand-ins for Android's libc, made on the machine that needs them.

    python tools/android/bionic_shim.py

prints a folder in the cache that holds the Android library of ExecuTorch, what it needs, and the stand-ins. With it the Kotlin
engine is tested on the code that an app carries, on Linux x86-64 with a C compiler and a JDK's headers. A test tool: it is
shipped nowhere, and what passes here has not run on a phone.

How it works. A JNI library of Android asks the loader for libc.so, libm.so, libdl.so and liblog.so and for symbols of version
LIBC: names that glibc does not have. The machine code behind them, though, follows the same x86-64 calling convention. So
the script reads which symbols the libraries leave undefined and writes a libc.so that has all of them, each a jump into
glibc's function of the same name. Those that differ between the two, or that glibc has not, are written out in C below.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cache
import downloads

ABI = "x86_64"

# What is not the same function in glibc, or none at all. `own_NAME` stands in for NAME.
OWN_FUNCTIONS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Old headers make stdin, stdout, stderr of this array: three FILE of bionic's size. The libraries hand us its addresses. */
#define BIONIC_FILE 152
char __sF[3 * BIONIC_FILE];
static FILE *stream(void *file) {
  long at = (char *)file - __sF;
  if (at < 0 || at >= (long)sizeof __sF) return file;
  return at < BIONIC_FILE ? stdin : at < 2 * BIONIC_FILE ? stdout : stderr;
}
int own_vfprintf(void *file, const char *format, va_list values) { return vfprintf(stream(file), format, values); }
int own_fprintf(void *file, const char *format, ...) {
  va_list values; va_start(values, format);
  int written = own_vfprintf(file, format, values);
  va_end(values); return written;
}
int own_fputc(int c, void *file) { return fputc(c, stream(file)); }
int own_fputs(const char *text, void *file) { return fputs(text, stream(file)); }
size_t own_fwrite(const void *from, size_t size, size_t count, void *file) { return fwrite(from, size, count, stream(file)); }
int own_fflush(void *file) { return fflush(file ? stream(file) : NULL); }

/* Another name, or a size to check against that glibc does not take. */
int *own___errno(void) { return &errno; }
char *own___gnu_strerror_r(int number, char *text, size_t size) { return strerror_r(number, text, size); }
/* bionic's strerror_r is POSIX's, which returns a number; glibc's of that name returns the text. */
int __xpg_strerror_r(int number, char *text, size_t size);
int own_strerror_r(int number, char *text, size_t size) { return __xpg_strerror_r(number, text, size); }
size_t own___strlen_chk(const char *text, size_t size) { return strlen(text); }
char *own___strchr_chk(const char *text, int c, size_t size) { return strchr(text, c); }
char *own___strrchr_chk(const char *text, int c, size_t size) { return strrchr(text, c); }
ssize_t own___write_chk(int file, const void *from, size_t count, size_t size) { return write(file, from, count); }
pid_t own_gettid(void) { return gettid(); }

/* bionic numbers what sysconf can be asked as the kernel's headers did; these are the ones that the libraries ask. */
long own_sysconf(int name) {
  switch (name) {
    case 0x06: return sysconf(_SC_CLK_TCK);
    case 0x27: case 0x28: return sysconf(_SC_PAGESIZE);
    case 0x60: return sysconf(_SC_NPROCESSORS_CONF);
    case 0x61: return sysconf(_SC_NPROCESSORS_ONLN);
    case 0x62: return sysconf(_SC_PHYS_PAGES);
    case 0x63: return sysconf(_SC_AVPHYS_PAGES);
    default: errno = EINVAL; return -1;
  }
}

/* Android's own: no property is set, and its log goes to standard error. */
int own___system_property_get(const char *name, char *value) { if (value) *value = 0; return 0; }
void own_android_set_abort_message(const char *message) { fprintf(stderr, "abort: %s\n", message); }
int own___android_log_write(int priority, const char *tag, const char *text) { return fprintf(stderr, "%s: %s\n", tag, text); }
int own___android_log_vprint(int priority, const char *tag, const char *format, va_list values) {
  fprintf(stderr, "%s: ", tag);
  int written = vfprintf(stderr, format, values);
  fputc('\n', stderr); return written;
}
int own___android_log_print(int priority, const char *tag, const char *format, ...) {
  va_list values; va_start(values, format);
  int written = own___android_log_vprint(priority, tag, format, values);
  va_end(values); return written;
}
void own___android_log_assert(const char *condition, const char *tag, const char *format, ...) {
  fprintf(stderr, "%s: assertion failed: %s %s\n", tag, condition ? condition : "", format ? format : ""); abort();
}
void own___assert2(const char *file, int line, const char *function, const char *message) {
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, function, message); abort();
}
"""

# glibc's function for a name; for one that it has not, a function that says so when it is called.
LOOK_UP = r"""
static void missing(void) { fputs("bionic_shim: a function was called that glibc does not have\n", stderr); abort(); }
void *bionic_real(const char *name) {
  void *found = dlsym(RTLD_DEFAULT, name);
  if (!found) found = dlsym(dlopen("libm.so.6", RTLD_NOW), name); /* the JVM need not have loaded it */
  return found ? found : (void *)missing;
}
"""

# Java's System.load finds C++'s exception handling in the JVM's libstdc++ first, and the first exception crashes. DEEPBIND
# gives a library its own libc++.
JAVA_DOOR = r"""
#include <jni.h>
JNIEXPORT jstring JNICALL Java_dev_pocketbert_engines_Bionic_open(JNIEnv *env, jclass self, jstring path) {
  const char *name = (*env)->GetStringUTFChars(env, path, NULL);
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  (*env)->ReleaseStringUTFChars(env, path, name);
  return library ? NULL : (*env)->NewStringUTF(env, dlerror());
}
"""

OWN = frozenset(re.findall(r"\bown_(\w+)\(", OWN_FUNCTIONS))
# Variables, not functions: a jump cannot stand for them. Each is a pointer of which libc.so gets a copy.
VARIABLES = frozenset({"stdin", "stdout", "stderr", "environ"})
IN_CORE = "__sF"  # a variable that libbionic_core.so defines itself
EMPTY = ("libm.so", "libdl.so", "liblog.so", "libandroid.so")  # all their symbols are looked for in libc.so, too


class NotHere(Exception):
    """This machine cannot run Android's x86-64 libraries; the message says why."""


def stand_ins() -> Path:
    """The folder, made now if this machine has none of this script's and these libraries'.

    Raises:
        NotHere: another system or processor, or no compiler, no `nm`, no JDK headers.
    """
    java_headers()
    # fetched first: the cache lets one at a time in
    libraries = {name: downloads.native_library(downloads.FBJNI, ABI, name) for name in ("libc++_shared.so", "libfbjni.so")}
    libraries["libexecutorch.so"] = downloads.executorch_library(ABI)
    key = hashlib.sha256(b"".join([Path(__file__).read_bytes(), *libraries.values()])).hexdigest()[:16]
    return cache.once(cache.CACHE / f"bionic-{key}", lambda part: build(part, libraries))


def build(folder: Path, contents: dict[str, bytes]) -> None:
    """Fills an empty folder with the libraries and their stand-ins."""
    headers = java_headers()
    libraries = [folder / name for name in contents]
    for library in libraries:
        library.write_bytes(contents[library.name])
    wanted = undefined(libraries)
    (folder / "core.c").write_text(OWN_FUNCTIONS + LOOK_UP + JAVA_DOOR)
    core_symbols = f"LIBC {{ global: {IN_CORE}; }}; CORE {{ global: own_*; bionic_real; Java_*; local: *; }};"
    compile_c(folder, "core.c", "libbionic_core.so", core_symbols, f"-I{headers}", f"-I{headers / 'linux'}", "-ldl", "-lm")
    (folder / "libc.c").write_text(trampolines(set(wanted)))
    core = folder / "libbionic_core.so"
    compile_c(folder, "libc.c", "libc.so", versions(wanted), "-nostdlib", str(core), "-Wl,-rpath,$ORIGIN")
    (folder / "empty.c").write_text("int bionic_empty;\n")
    for name in EMPTY:
        compile_c(folder, "empty.c", name, "LIBC { global: bionic_empty; local: *; };", "-nostdlib")


def java_headers() -> Path:
    """The folder with jni.h of the JDK on the path.

    Raises:
        NotHere: see build.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise NotHere(f"Android's x86-64 libraries run on Linux x86-64 only, this is {sys.platform} {platform.machine()}")
    for program in ("cc", "nm", "javac"):
        if shutil.which(program) is None:
            raise NotHere(f"{program} is not installed; the stand-ins for Android's libc are compiled")
    headers = Path(shutil.which("javac")).resolve().parents[1] / "include"
    if not (headers / "jni.h").exists():
        raise NotHere(f"{headers} has no jni.h; install a JDK with headers")
    return headers


def undefined(libraries: list[Path]) -> dict[str, str]:
    """Symbol -> its version (LIBC where none is asked for): all that the libraries want and none of them has."""
    wanted, defined = {}, set()
    for library in libraries:
        defined |= {name.partition("@")[0] for _, name in symbols(library, "--defined-only")}
        for kind, name in symbols(library, "--undefined-only"):
            if kind == "U":  # a weak one (w) may stay undefined
                symbol, _, version = name.partition("@")
                wanted[symbol] = version or wanted.get(symbol, "LIBC")
    return {symbol: version for symbol, version in sorted(wanted.items()) if symbol not in defined}


def symbols(library: Path, which: str) -> list[tuple[str, str]]:
    """(kind, name) as `nm` prints them."""
    printed = subprocess.run(["nm", "-D", which, str(library)], capture_output=True, text=True, check=True).stdout
    return [tuple(line.split()[-2:]) for line in printed.splitlines()]


def trampolines(wanted: set[str]) -> str:
    """C source of libc.so: for each function a jump through a pointer, which is filled when the library is loaded."""
    lines, filling = ["void *bionic_real(const char *);"], []
    for name in sorted(VARIABLES & wanted):
        lines.append(f"void *{name};")
        filling.append(f'  {name} = *(void **)bionic_real("{name}");')
    for name in sorted(wanted - VARIABLES - {IN_CORE}):
        if name in OWN:
            lines.append(f"void own_{name}(void);")
        lines.append(f'void *to_{name} __attribute__((visibility("hidden")));')
        lines.append(f'__asm__(".text\\n.globl {name}\\n.type {name},@function\\n{name}: jmp *to_{name}(%rip)\\n");')
        filling.append(f"  to_{name} = (void *)own_{name};" if name in OWN else f'  to_{name} = bionic_real("{name}");')
    return "\n".join([*lines, "__attribute__((constructor)) static void fill(void) {", *filling, "}\n"])


def versions(wanted: dict[str, str]) -> str:
    """The linker's version script: which symbol has which version; what is not named stays inside."""
    blocks = {"LIBC": []}
    for symbol, version in wanted.items():
        if symbol != IN_CORE:
            blocks.setdefault(version, []).append(symbol)
    texts = []
    for version, names in sorted(blocks.items(), reverse=True):
        local = " local: *;" if version == "LIBC" else ""
        texts.append(f"{version} {{ global: {' '.join(name + ';' for name in names)}{local} }};")
    return "\n".join(texts)


def compile_c(folder: Path, source: str, library: str, script: str, *options: str) -> None:
    """A shared library of that name; -fno-builtin, since a jump to memcpy must not become memcpy's own code."""
    map_file = folder / f"{library}.map"
    map_file.write_text(script + "\n")
    command = ["cc", "-O1", "-w", "-fPIC", "-fno-builtin", "-shared", f"-Wl,-soname,{library}"]
    command += [f"-Wl,--version-script={map_file}", "-o", str(folder / library), str(folder / source), *options]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    try:
        print(stand_ins())
    except (NotHere, cache.MissingTool, cache.DownloadFailed) as reason:
        sys.exit(str(reason))
