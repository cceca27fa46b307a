#!/bin/bash
# Builds and checks the Windows version of braintumor-desktop on Debian 12 (x86-64, root), from
# PyPI, Debian and npm alone: under_wine.sh [SOURCE_TREE] [WORK_FOLDER]
#
# Python:  CPython 3.11.9 for Windows is in panda3d's wheel (python311.dll, all .pyd, OpenSSL,
#          SQLite); the pure library is this machine's Python 3.11; python.exe is 1 line of C;
#          python3.dll is made of forwarders.
# Wine 8:  has no complex functions in ucrtbase.dll (numpy 2), no icuuc.dll (Qt 6.9+) and no
#          bcryptprimitives.dll (Rust): shims go into the prefix's system32, never into what is built.
# Inno:    npm's `innosetup` carries Inno Setup 6.4.1, a 32-bit program. wine32:i386 may not fit beside
#          this machine's amd64 libraries, so it gets a small i386 chroot of Debian 13.
set -euo pipefail
SRC=$(readlink -f "${1:-.}"); W=$(readlink -m "${2:-${TMPDIR:-/tmp}/braintumor-windows}")
PY311=${PY311:-$(command -v ~/.pyenv/versions/3.11.*/bin/python3.11 | head -n 1 || command -v python3.11)}
mkdir -p "$W"; cd "$W"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
export WINEPREFIX="$W/prefix" WINEARCH=win64 WINEDEBUG=-all
export WINEDLLOVERRIDES='ucrtbase=n;winemenubuilder.exe,mscoree,mshtml='
WINE=/usr/lib/wine/wine64
nice() { command nice -n 10 "$@"; }
say() { echo "== $(date +%T) $*"; }
# Standard output must be a pipe: Wine's fstat fails on a file that is open for writing only.
win() { nice "$WINE" "$@" </dev/null 2>&1 | cat; return "${PIPESTATUS[0]}"; }

say packages
if [ ! -x $WINE ] || ! { command -v x86_64-w64-mingw32-gcc && command -v debootstrap && command -v wixl; } >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends wine wine64 gcc-mingw-w64-x86-64 debootstrap wixl >/dev/null
fi

say wheels
"$PY311" -m venv host
PIP="host/bin/python -m pip --disable-pip-version-check -qq"
$PIP install pefile packaging
FOR_WINDOWS="--only-binary=:all: --platform win_amd64 --python-version 3.11 --implementation cp"
nice $PIP download --no-deps $FOR_WINDOWS -d dl "panda3d==1.10.16"
# The lock's markers are evaluated on this machine by pip: evaluate them for Windows here.
host/bin/python - "$SRC/resources/installer/requirements.txt" > lock.txt <<'P'
import re, sys
from packaging.markers import Marker
windows = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt",
           "python_version": "3.11", "python_full_version": "3.11.9", "platform_machine": "AMD64"}
for entry in re.split(r"\n(?=[a-z0-9])", open(sys.argv[1]).read()):
    head = re.match(r"([a-z0-9][^\n;]*?)(?: ; ([^\n\\]*))? \\\n", entry)
    if head and not (head[2] and not Marker(head[2]).evaluate(windows)):
        print(head[1], "\\\n", entry[head.end():])
P
nice $PIP download --require-hashes --no-deps $FOR_WINDOWS -d wheels -r lock.txt

say python
rm -rf py panda; mkdir -p py/DLLs py/Lib/site-packages
host/bin/python -m zipfile -e dl/panda3d-*.whl panda
D=panda/deploy_libs
cp $D/python311.dll py/; cp $D/VCRUNTIME140.dll py/vcruntime140.dll
cp $D/*.pyd $D/libffi-8.dll $D/libcrypto-3.dll $D/libssl-3.dll $D/sqlite3.dll py/DLLs/
rm py/DLLs/_tkinter.pyd; rm -r panda/panda3d
STDLIB=$("$PY311" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
tar -C "$STDLIB" --exclude=__pycache__ --exclude=./{site-packages,dist-packages,lib-dynload,test,idlelib,tkinter} \
    --exclude='./config-3.11*' --exclude='./_sysconfigdata*' -cf - . | tar -C py/Lib -xf -
if [ -f "$STDLIB/LICENSE.txt" ]; then cp "$STDLIB/LICENSE.txt" py/; else cp /usr/share/doc/python3.11/copyright py/LICENSE.txt; fi
cat > python.c <<'C'
#include <wchar.h>
__declspec(dllimport) int Py_Main(int, wchar_t **);
int wmain(int argc, wchar_t **argv) { return Py_Main(argc, argv); }
C
MINGW="x86_64-w64-mingw32-gcc -O2 -s -static-libgcc"
$MINGW -municode python.c py/python311.dll -o py/python.exe
host/bin/python - <<'P'
import pefile
dll = pefile.PE("py/python311.dll", fast_load=True); dll.parse_data_directories([0])
names = [e.name.decode() for e in dll.DIRECTORY_ENTRY_EXPORT.symbols if e.name]
open("python3.def", "w").write("LIBRARY python3.dll\nEXPORTS\n" + "".join(f"  {n} = python311.{n}\n" for n in names))
P
echo 'int __stdcall DllMain(void *a, unsigned b, void *c) { return 1; }' > empty.c
$MINGW -shared -nostdlib -Wl,-e,DllMain empty.c python3.def -o py/python3.dll
nice $PIP install --no-index --no-deps --find-links wheels --require-hashes -r lock.txt $FOR_WINDOWS \
    --no-compile --target py/Lib/site-packages 2>&1 | grep -v WARNING || true
# PATCH: a Python script that mends the copied tree named to it, for what is not in SOURCE_TREE yet.
rm -rf tree app; mkdir tree; git -C "$SRC" archive HEAD | tar -C tree -xf -
if [ -n "${PATCH:-}" ]; then "$PY311" "$PATCH" tree; fi
nice $PIP wheel --no-deps -w app ./tree
$PIP install --no-index --no-deps --no-compile --target py/Lib/site-packages app/*.whl

say prefix
rm -rf prefix shim; mkdir shim
DISPLAY= WINEDLLOVERRIDES='winemenubuilder.exe,mscoree,mshtml=' win wineboot -i >/dev/null || true
WINEPREFIX=$WINEPREFIX /usr/lib/wine/wineserver64 -w || true
cat > icuuc.c <<'C'
/* What Qt6Core asks of Windows's own ICU: no converter is ever found. */
#define X __declspec(dllexport)
#define NOTHING(n) X void n(void) {}
X void *ucnv_open(const char *n, int *e) { *e = 2; return 0; }
X signed char ucnv_getMaxCharSize(void *c) { return 0; }
X const char *ucnv_getName(void *c, int *e) { *e = 16; return 0; }
X int ucnv_toUCountPending(void *c, int *e) { *e = 16; return 0; }
X int ucnv_fromUCountPending(void *c, int *e) { *e = 16; return 0; }
X const char *ucnv_getStandardName(const char *n, const char *s, int *e) { *e = 16; return 0; }
X const char *ucnv_getAvailableName(int n) { return 0; }
X int ucnv_countAvailable(void) { return 0; }
NOTHING(ucnv_close) NOTHING(ucnv_reset) NOTHING(UCNV_FROM_U_CALLBACK_SUBSTITUTE)
NOTHING(UCNV_TO_U_CALLBACK_SUBSTITUTE) NOTHING(ucnv_getToUCallBack) NOTHING(ucnv_getFromUCallBack)
NOTHING(ucnv_setToUCallBack) NOTHING(ucnv_setFromUCallBack) NOTHING(ucnv_cbToUWriteUChars)
NOTHING(ucnv_cbFromUWriteUChars) NOTHING(ucnv_toUnicode) NOTHING(ucnv_fromUnicode)
C
$MINGW -shared icuuc.c -o shim/icuuc.dll
cat > bcryptprimitives.c <<'C'
/* What Rust asks of Windows for random numbers. */
int __stdcall SystemFunction036(void *buffer, unsigned long length);
__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *data, unsigned long long length) {
    while (length) {
        unsigned long part = length > 65536 ? 65536 : (unsigned long)length;
        if (!SystemFunction036(data, part)) return 0;
        data += part; length -= part;
    }
    return 1;
}
C
$MINGW -shared bcryptprimitives.c -o shim/bcryptprimitives.dll -ladvapi32
cat > ucrt_complex.c <<'C'
/* The complex functions of the Universal CRT, which Wine 8 to 10 only stubs and numpy 2 needs. */
#include <complex.h>
#include <math.h>
typedef struct { double re, im; } D;
typedef struct { float re, im; } F;
static double complex d(D z) { return __builtin_complex(z.re, z.im); }
static D D_(double complex z) { D r = {__real__ z, __imag__ z}; return r; }
static double complex f(F z) { return __builtin_complex((double)z.re, (double)z.im); }
static F F_(double complex z) { F r = {(float)__real__ z, (float)__imag__ z}; return r; }
#define REAL(n, e) \
    double x_##n(D z) { double complex c = d(z); return e; } \
    double x_##n##l(D z) { return x_##n(z); } \
    float x_##n##f(F z) { double complex c = f(z); return (float)(e); }
REAL(creal, __real__ c) REAL(cimag, __imag__ c)
REAL(carg, atan2(__imag__ c, __real__ c)) REAL(cabs, hypot(__real__ c, __imag__ c))
#define CPLX(n) \
    D x_##n(D z) { return D_(n(d(z))); } D x_##n##l(D z) { return x_##n(z); } \
    F x_##n##f(F z) { return F_(n(f(z))); }
CPLX(cexp) CPLX(ccos) CPLX(csin) CPLX(ctan) CPLX(ccosh) CPLX(csinh) CPLX(ctanh)
D x_cpow(D a, D b) { return D_(cpow(d(a), d(b))); }
D x_cpowl(D a, D b) { return x_cpow(a, b); }
F x_cpowf(F a, F b) { return F_(cpow(f(a), f(b))); }
C
host/bin/python - <<'P'
import pefile
own = {n + s for n in "creal cimag carg cabs cexp ccos csin ctan ccosh csinh ctanh cpow".split() for s in ("", "f", "l")}
path = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ucrtbase.dll"
dll = pefile.PE(path, fast_load=True); dll.parse_data_directories([0])
names = {e.name.decode() for e in dll.DIRECTORY_ENTRY_EXPORT.symbols if e.name}
with open("ucrtbase.def", "w") as out:
    out.write("LIBRARY ucrtbase.dll\nEXPORTS\n")
    for n in sorted(names | own):
        out.write(f'  "{n}" = x_{n}\n' if n in own else f'  "{n}" = "ucrtwine.{n}"\n')
content = bytearray(open(path, "rb").read())
assert content[0x40:0x50] == b"Wine builtin DLL"
content[0x40:0x60] = bytes(32)  # so that Wine loads it as any other DLL
open("shim/ucrtwine.dll", "wb").write(content)
P
$MINGW -shared ucrt_complex.c ucrtbase.def -o shim/ucrtbase.dll
cp shim/*.dll prefix/drive_c/windows/system32/

say "self-test from the source tree's wheel"
export QT_QPA_PLATFORM=offscreen
win py/python.exe -m braintumor_desktop --self-test > self-test.json || echo "self-test failed: see $W/self-test.json"

say "PyInstaller: resources/installer/build.py --only-freeze, with its self-test of the frozen app"
cd tree; win ../py/python.exe resources/installer/build.py --only-freeze > ../build.log || { grep -v api-ms-win ../build.log | tail -n 20; exit 1; }
cd ..; tail -n 6 build.log; du -sh tree/dist/braintumor-desktop

say "Inno Setup, in an i386 chroot"
if [ ! -x root32/usr/bin/wine ]; then
    rm -rf root32
    nice debootstrap --arch=i386 --variant=minbase trixie root32 >debootstrap.log
    printf '#!/bin/sh\nexit 101\n' > root32/usr/sbin/policy-rc.d; chmod +x root32/usr/sbin/policy-rc.d
    nice chroot root32 apt-get install -y -qq --no-install-recommends wine wine32 >>debootstrap.log 2>&1
fi
npm pack --silent innosetup@6.4.1 >/dev/null; rm -rf root32/w; mkdir -p root32/w/inno
tar -C root32/w/inno --strip-components=1 -xzf innosetup-6.4.1.tgz
cp -r tree/dist/braintumor-desktop root32/w/frozen
cp "$(find tree/build -name app.ico | head -n 1)" tree/resources/installer/windows/installer.iss root32/w/
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' tree/braintumor_desktop/__init__.py)
cat > root32/w/run <<C
unset WINEDLLOVERRIDES WINEPATH
export HOME=/root WINEPREFIX=/w/prefix WINEARCH=win32 WINEDEBUG=-all DISPLAY= LC_ALL=C.UTF-8
wineboot -i >/dev/null 2>&1
wine /w/inno/bin/ISCC.exe /Q '/DVersion=$VERSION' '/DFrozen=Z:\w\frozen' '/DIcon=Z:\w\app.ico' '/OZ:\w\out' 'Z:\w\installer.iss' </dev/null 2>&1 | cat
C
nice unshare --mount --propagation private bash -c 'mount --rbind /proc root32/proc; mount --rbind /dev root32/dev; exec chroot root32 bash /w/run'
mkdir -p out; rm -f out/*; cp root32/w/out/*-setup.exe out/
say "MSI, with wixl"
nice "$PY311" tree/resources/installer/windows/msi.py tree/dist/braintumor-desktop root32/w/app.ico "$VERSION" \
    "out/braintumor-desktop-$VERSION.msi"
(cd out; sha256sum -- *; ls -l)
say done
